"""Which rows a release leaves out because they are withdrawn, or because its filters say so.

Pure functions over what a row is made of, beside the rules that every row must fulfil (`rules.py`).
"""

from collections.abc import Sequence
from hashlib import sha256

from app.agreement.report.answers import N_PREFERENCES
from app.releases.filters import ReleaseFilters
from app.releases.judgements import JudgedItem
from app.releases.rows import LabelledResponse, Weakness, text_checksum
from app.releases.rules import OTHER_STATES, DropReason
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


def weakness_of(n_answers: int, certainty: float | None, filters: ReleaseFilters) -> Weakness | None:
    """Of a label or preference made of so many answers. `certainty`: the chance that the posterior of the
    item gives to what it says, None where none was kept."""
    if filters.min_answers is not None and n_answers < filters.min_answers:
        return "few_answers"
    if filters.min_certainty is not None and (certainty is None or certainty < filters.min_certainty):
        return "uncertain"
    return None


def why_labels_filtered(labels: Sequence[LabelledResponse], filters: ReleaseFilters) -> DropReason | None:
    """Of a row by the labels of its one or two responses, of an item by those of all. None: release it."""
    if not filters.restrict_labels or any(_is_asked_for(label, filters) for label in labels):
        return None
    if filters.include_safe and all(label.is_safe for label in labels):
        return None
    return DropReason.FILTERED_LABEL


def why_item_filtered(
    item: JudgedItem, labels: Sequence[LabelledResponse], filters: ReleaseFilters
) -> DropReason | None:
    """None: release its judgements and their shares."""
    weakness = weakness_of(len(item.judgements), certainty_of(item), filters)
    return OTHER_STATES[weakness] if weakness else why_labels_filtered(labels, filters)


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
