"""Which rows a release leaves out because they are withdrawn, or because its filters say so.

Pure functions over what a row is made of, beside the rules that every row must fulfil (`rules.py`).
"""

from collections.abc import Sequence
from hashlib import sha256

from app.agreement.report.answers import N_PREFERENCES
from app.releases.filters import ReleaseFilters
from app.releases.judgements import JudgedItem
from app.releases.rows import LabelledResponse, QAPair, ResponsePair, Support, text_checksum
from app.releases.rules import DropReason, PairReasons
from app.withdrawals.queries import Withdrawn


def is_withdrawn(prompt: str, responses: Sequence[str], withdrawn: Withdrawn) -> bool:
    """The prompt, or one of these responses to it. Texts are hashed only where any are withdrawn."""
    if withdrawn.prompts and sha256(prompt.encode()).digest() in withdrawn.prompts:
        return True
    return bool(withdrawn.responses) and any(
        bytes.fromhex(text_checksum(prompt, response)) in withdrawn.responses for response in responses
    )


def is_item_withdrawn(prompt_sha256: bytes, item: JudgedItem, withdrawn: Withdrawn) -> bool:
    return prompt_sha256 in withdrawn.prompts or not withdrawn.responses.isdisjoint(
        bytes.fromhex(response) for response in item.responses
    )


def why_qa_pair_filtered(pair: QAPair, filters: ReleaseFilters) -> DropReason | None:
    """None: release it."""
    reason = _support_reason(pair.response.support, filters)
    return reason or _label_reason((pair.response,), filters)


def why_pair_filtered(pair: ResponsePair, filters: ReleaseFilters) -> PairReasons:
    """What a preference rests on counts for the rows that carry it; in those of two labels, for both too."""
    responses = (pair.response_0, pair.response_1)
    of_labels = _label_reason(responses, filters)
    helpful = _support_reason(pair.better_support, filters) or of_labels
    harmless = _support_reason(pair.safer_support, filters) or of_labels
    dual = helpful or harmless
    for response in responses:
        dual = dual or _support_reason(response.support, filters)
    return PairReasons(
        dual=dual,
        helpful=helpful,
        harmless=harmless,
        single=_support_reason(pair.single_support, filters) or of_labels,
    )


def why_item_filtered(
    item: JudgedItem, labels: Sequence[LabelledResponse], filters: ReleaseFilters
) -> DropReason | None:
    """None: release its judgements and their shares. `labels`: of its responses, as they are released."""
    support = Support(len(item.judgements), certainty_of(item))
    return _support_reason(support, filters) or _label_reason(labels, filters)


def certainty_of(item: JudgedItem) -> float | None:
    """As in `app.agreement.models.ItemConsensus`: of the least certain pair, where responses are ranked."""
    if not item.posterior:
        return None
    if len(item.responses) == 1:
        return max(item.posterior[0], 1 - item.posterior[0])
    starts = range(0, len(item.posterior), N_PREFERENCES)
    return min(max(item.posterior[start : start + N_PREFERENCES]) for start in starts)


def first_reasons(*found: PairReasons) -> PairReasons:
    """Of each dataset the first reason there is."""
    return PairReasons(
        dual=next((each.dual for each in found if each.dual), None),
        helpful=next((each.helpful for each in found if each.helpful), None),
        harmless=next((each.harmless for each in found if each.harmless), None),
        single=next((each.single for each in found if each.single), None),
    )


def _support_reason(support: Support | None, filters: ReleaseFilters) -> DropReason | None:
    n_answers, certainty = (0, None) if support is None else (support.n_answers, support.certainty)
    if filters.min_answers is not None and n_answers < filters.min_answers:
        return DropReason.FILTERED_ANSWERS
    if filters.min_certainty is not None and (certainty is None or certainty < filters.min_certainty):
        return DropReason.FILTERED_CERTAINTY
    return None


def _label_reason(labels: Sequence[LabelledResponse], filters: ReleaseFilters) -> DropReason | None:
    if not filters.restrict_labels or any(_is_asked_for(label, filters) for label in labels):
        return None
    if filters.include_safe and labels and all(label.is_safe for label in labels):
        return None
    return DropReason.FILTERED_LABEL


def _is_asked_for(label: LabelledResponse, filters: ReleaseFilters) -> bool:
    has_category = not filters.categories or not label.harm_categories.isdisjoint(filters.categories)
    has_severity = not filters.severities or label.severity in filters.severities
    return label.is_safe is False and has_category and has_severity
