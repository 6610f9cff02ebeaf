"""Which rows a release leaves out: what is withdrawn, what no reader can use, and what its filters name.

Pure functions over what a row is made of; `rules.py` has those that hold for every release.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from app.agreement.report.answers import N_PREFERENCES
from app.releases.filters import NO_FILTERS, ReleaseFilters
from app.releases.rows.judgements import DECIMALS, JudgedItem
from app.releases.rows.pku import LabelledResponse, QAPair, ResponsePair, Weakness, text_checksum
from app.releases.rows.rules import (
    OTHER_STATES,
    DropReason,
    PairReasons,
    why_pair_dropped,
    why_prompt_dropped,
    why_qa_pair_dropped,
)
from app.withdrawals.queries import Withdrawn


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a release is of: all that passes `filters` and is not `withdrawn`."""

    filters: ReleaseFilters = NO_FILTERS
    withdrawn: Withdrawn = Withdrawn()  # noqa: RUF009 (frozen)


ALL_WANTED = Wanted()


def why_prompt_left_out(prompt: str, wanted: Wanted) -> DropReason | None:
    """None, here and below: release it."""
    if is_withdrawn(prompt, (), wanted.withdrawn):
        return DropReason.WITHDRAWN
    return why_prompt_dropped(prompt)


def why_qa_pair_left_out(pair: QAPair, category_names: tuple[str, ...], wanted: Wanted) -> DropReason | None:
    if is_withdrawn(pair.prompt, (pair.response.text,), wanted.withdrawn):
        return DropReason.WITHDRAWN
    reason = why_qa_pair_dropped(pair, category_names)
    return reason or why_labels_filtered((pair.response,), wanted.filters)


def why_pair_left_out(
    pair: ResponsePair, category_names: tuple[str, ...], reader_tokens: int, wanted: Wanted
) -> PairReasons:
    responses = (pair.response_0, pair.response_1)
    if is_withdrawn(pair.prompt, [response.text for response in responses], wanted.withdrawn):
        return PairReasons(*[DropReason.WITHDRAWN] * 4)
    found = why_pair_dropped(pair, category_names, reader_tokens)
    filtered = why_labels_filtered(responses, wanted.filters)
    if filtered is None:
        return found
    return PairReasons(*[reason or filtered for reason in found])


def why_item_left_out(
    item: JudgedItem, prompt: str, responses: Sequence[LabelledResponse], wanted: Wanted
) -> DropReason | None:
    """Its judgements and their shares. `responses`: all of its own."""
    if is_withdrawn(prompt, [response.text for response in responses], wanted.withdrawn):
        return DropReason.WITHDRAWN
    if wanted.filters.restrict_support and (
        weakness := weakness_of(len(item.judgements), certainty_of(item), wanted.filters)
    ):
        return OTHER_STATES[weakness]
    return why_labels_filtered(responses, wanted.filters)


def is_withdrawn(prompt: str, responses: Sequence[str], withdrawn: Withdrawn) -> bool:
    """The prompt, or one of these responses to it. Texts are hashed only where any are withdrawn."""
    if withdrawn.prompts and sha256(prompt.encode()).digest() in withdrawn.prompts:
        return True
    return bool(withdrawn.responses) and any(
        bytes.fromhex(text_checksum(prompt, response)) in withdrawn.responses for response in responses
    )


def weakness_of(n_answers: int, certainty: float | None, filters: ReleaseFilters) -> Weakness | None:
    """Of a label or preference made of so many answers. `certainty`: the chance that the posterior of the
    item gives to what it says, to as many decimals as releases tell; None where none was kept."""
    if filters.min_answers is not None and n_answers < filters.min_answers:
        return "few_answers"
    least = filters.min_certainty
    if least is not None and (certainty is None or round(certainty, DECIMALS) < least):
        return "uncertain"
    return None


def why_labels_filtered(labels: Sequence[LabelledResponse], filters: ReleaseFilters) -> DropReason | None:
    """Of a row by the labels of its one or two responses, of an item by those of all. None: release it."""
    if not filters.restrict_labels or any(_is_asked_for(label, filters) for label in labels):
        return None
    if filters.include_safe and all(label.is_safe for label in labels):
        return None
    return DropReason.FILTERED_LABEL


def certainty_of(item: JudgedItem) -> float | None:
    """As in `app.agreement.models.ItemConsensus`: of the least certain pair, where responses are ranked."""
    if not item.posterior:
        return None
    if len(item.responses) == 1:
        return max(item.posterior[0], 1 - item.posterior[0])
    starts = range(0, len(item.posterior), N_PREFERENCES)
    return min(max(item.posterior[start : start + N_PREFERENCES]) for start in starts)


def _is_asked_for(label: LabelledResponse, filters: ReleaseFilters) -> bool:
    has_category = not filters.categories or not label.harm_categories.isdisjoint(filters.categories)
    has_severity = not filters.severities or label.severity in filters.severities
    return label.is_safe is False and has_category and has_severity
