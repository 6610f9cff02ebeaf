"""The safety label of every response of a project: by its rule, or as adjudicators decided.

Millions of them fit into memory, since a label is one number: its severity, and its harm categories as bits.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.adjudication.queries import outcomes
from app.agreement.columns import read_columns
from app.agreement.consensus.majority import majority_safety
from app.agreement.consensus.safety import safety_labels
from app.agreement.measures.counts import Counts
from app.agreement.queries import SEVERITY, finished_answers, kept_consensus, safety_vote
from app.agreement.report.answers import N_SEVERITIES
from app.annotations.models import Annotation
from app.items.models import ItemResponse
from app.projects.models import ConsensusRule, Project
from app.projects.queries import taxonomy_of
from app.projects.taxonomy import MOST_CATEGORIES, Taxonomy
from app.queues.models import Dimension
from app.releases.filters import NO_FILTERS, ReleaseFilters, answer_conditions
from app.releases.reading.plan import Part
from app.releases.rows.filters import weakness_of
from app.releases.rows.pku import LabelledResponse, Weakness

SEVERITY_FACTOR = 1 << MOST_CATEGORIES
NONE, AWAITING, FEW_ANSWERS, UNCERTAIN = -1, -2, -3, -4
"""Codes of a response that has no label yet, of one that adjudicators have to settle, and of one whose label
does not do for this release."""

WEAKNESSES: dict[int, Weakness] = {FEW_ANSWERS: "few_answers", UNCERTAIN: "uncertain"}
CODES_OF_WEAK = {weakness: code for code, weakness in WEAKNESSES.items()}

Codes = dict[int, int]
"""By item id."""


class SafetyLabels(NamedTuple):
    """`response_ids`: ascending; `codes`: of each its label."""

    response_ids: NDArray[np.int64]
    codes: NDArray[np.int32]

    def codes_of(self, response_ids: Sequence[int]) -> list[int]:
        if not self.response_ids.size:
            return [NONE] * len(response_ids)
        asked = np.asarray(response_ids, np.int64)
        places = np.minimum(self.response_ids.searchsorted(asked), self.response_ids.size - 1)
        codes: list[int] = np.where(self.response_ids[places] == asked, self.codes[places], NONE).tolist()
        return codes

    def packed(self) -> bytes:
        """As a file to load them from."""
        file = BytesIO()
        np.savez(file, response_ids=self.response_ids, codes=self.codes)
        return file.getvalue()

    @classmethod
    def load(cls, path: Path) -> "SafetyLabels":
        with np.load(path) as kept:
            return cls(kept["response_ids"], kept["codes"])


def labelled(text: str, source: str, code: int, taxonomy: Taxonomy) -> LabelledResponse:
    return LabelledResponse(text, source, *meaning_of(code, taxonomy))


@lru_cache(maxsize=100_000)
def meaning_of(
    code: int, taxonomy: Taxonomy
) -> tuple[bool | None, frozenset[str], int | None, bool, Weakness | None]:
    """The fields of a labelled response from `is_safe` on."""
    if code < 0:
        return None, frozenset(), None, code == AWAITING, WEAKNESSES.get(code)
    severity, mask = divmod(code, SEVERITY_FACTOR)
    return severity == 0, frozenset(taxonomy.names_in(mask)), severity, False, None


def code_of(severity: int, harm_categories: Iterable[str], taxonomy: Taxonomy) -> int:
    return severity * SEVERITY_FACTOR + taxonomy.mask_of(harm_categories)


def safety_labels_of(
    session: Session, project: Project, parts: Iterable[Part], filters: ReleaseFilters = NO_FILTERS
) -> SafetyLabels:
    """`parts`: all those of QA pairs. A response whose annotations are not complete, or too few, has none."""
    ids, codes = [np.empty(0, np.int64)], [np.empty(0, np.int32)]
    for part in parts:
        found = labels_in(session, project, part, filters)
        item_ids, response_ids = members_in(session, part)
        is_found = np.isin(item_ids, np.fromiter(found, np.int64, len(found)))
        ids.append(response_ids[is_found])
        codes.append(np.array([found[item_id] for item_id in item_ids[is_found].tolist()], np.int32))
    every = np.concatenate(ids)
    order = every.argsort(kind="stable")
    return SafetyLabels(every[order], np.concatenate(codes)[order])


def labels_in(session: Session, project: Project, part: Part, filters: ReleaseFilters) -> Codes:
    """Where only some answers count, decisions do on what these are about."""
    if project.consensus_rule == ConsensusRule.POSTERIOR:
        found = codes_by_posterior(session, project, part)
    else:
        found = codes_by_vote(session, project, part, filters)
    decided = decided_codes(session, project.id, part)
    if filters.restrict_answers:
        decided = {item_id: code for item_id, code in decided.items() if item_id in found}
    labels = found | decided
    return without_weak(session, project, part, filters, labels) if filters.restrict_support else labels


def without_weak(
    session: Session, project: Project, part: Part, filters: ReleaseFilters, labels: Codes
) -> Codes:
    """With the code of what is wrong in place of those that rest on too little."""
    answers = finished_answers(project.id, Dimension.SAFETY, part.ids).where(*answer_conditions(filters))
    n_answers = Counter(session.scalars(select(answers.subquery().c.item_id)))
    kept = kept_consensus(session, project.id, Dimension.SAFETY, part.ids)
    harmful = {row.item_id: row.posterior[0] for row in kept}

    def checked(item_id: int, code: int) -> int:
        chance = harmful.get(item_id)
        certainty = 1 - chance if chance is not None and code < SEVERITY_FACTOR else chance
        weakness = weakness_of(n_answers[item_id], certainty, filters)
        return CODES_OF_WEAK[weakness] if weakness and code >= 0 else code

    return {item_id: checked(item_id, code) for item_id, code in labels.items()}


def codes_by_vote(session: Session, project: Project, part: Part, filters: ReleaseFilters) -> Codes:
    """NONE among them."""
    answers = finished_answers(project.id, Dimension.SAFETY, part.ids).where(*answer_conditions(filters))
    item_ids, severity, mask = read_columns(session, answers.add_columns(SEVERITY, Annotation.harm_mask))
    votes = severity * SEVERITY_FACTOR + mask
    order = np.lexsort((votes, item_ids))
    item_ids, in_order = item_ids[order], votes[order].tolist()
    starts = np.flatnonzero(np.diff(item_ids, prepend=0))
    ends = np.append(starts, len(in_order))[1:]
    taxonomy = taxonomy_of(session, project.id)
    return {
        item_id: majority_code(tuple(in_order[start:end]), project.quorum, taxonomy)
        for item_id, start, end in zip(item_ids[starts].tolist(), starts.tolist(), ends.tolist(), strict=True)
    }


@lru_cache(maxsize=100_000)
def majority_code(votes: tuple[int, ...], quorum: int, taxonomy: Taxonomy) -> int:
    """`votes`: a code each, ascending; few answers to an item make few distinct ones."""
    said = [divmod(vote, SEVERITY_FACTOR) for vote in votes]
    label = majority_safety(
        [safety_vote(severity, taxonomy.names_in(mask)) for severity, mask in said],
        taxonomy.category_names,
        quorum,
    )
    return NONE if label is None else code_of(label.severity, label.harm_categories, taxonomy)


def codes_by_posterior(session: Session, project: Project, part: Part) -> Codes:
    kept = list(kept_consensus(session, project.id, Dimension.SAFETY, part.ids))
    if not kept:
        return {}
    # Models that were fitted before the taxonomy got its newest harm categories say nothing of these.
    longest = max(len(row.posterior) for row in kept)
    padded = [[*row.posterior, *[0.0] * (longest - len(row.posterior))] for row in kept]
    posterior = np.array(padded, np.float64)
    harmful, severity = posterior[:, :1], posterior[:, 1 : 1 + N_SEVERITIES]
    safe = np.concatenate([1 - harmful, harmful], axis=1)
    labels = safety_labels(safe, severity, posterior[:, 1 + N_SEVERITIES :])
    bits = (1 << np.arange(labels.harm_categories.shape[1])) @ labels.harm_categories.T
    codes = (labels.severity * SEVERITY_FACTOR + bits).tolist()
    return {
        row.item_id: code for row, code in zip(kept, codes, strict=True) if row.n_answers >= project.quorum
    }


def decided_codes(session: Session, project_id: int, part: Part) -> Codes:
    """What adjudicators said."""
    decided = outcomes(session, project_id, Dimension.SAFETY, part.ids)
    taxonomy = taxonomy_of(session, project_id)
    return {
        item_id: AWAITING if label is None else code_of(label["severity"], label["harm_categories"], taxonomy)
        for item_id, label in decided.items()
    }


def members_in(session: Session, part: Part) -> list[Counts]:
    """(item ids, response ids), of items of all kinds."""
    ids = ItemResponse.item_id.between(*part.ids)
    return read_columns(session, select(ItemResponse.item_id, ItemResponse.response_id).where(ids))
