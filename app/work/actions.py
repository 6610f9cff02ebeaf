"""Changing an answer: a newer version is stored beside it, and the old one says until when it stood."""

from typing import Any

from sqlalchemy import func, update
from sqlalchemy.orm import Session

from app.annotations.actions import ranking_values, safety_values, store
from app.annotations.forms import Ranking, SafetyLabel
from app.annotations.models import Annotation
from app.annotations.queries import is_stored
from app.assignments.eligibility import Membership
from app.queues.models import Dimension
from app.work.queries import changeable_answer


def revise_safety_label(
    session: Session, member: Membership, assignment_id: int, label: SafetyLabel, key: str | None = None
) -> None:
    """Sent again with the same `key` it is stored once. Raises NotChangeable."""
    values = safety_values(session, member, assignment_id, label)
    revise(session, member, assignment_id, Dimension.SAFETY, values, key)


def revise_ranking(
    session: Session,
    member: Membership,
    assignment_id: int,
    dimension: Dimension,
    ranking: Ranking,
    key: str | None = None,
    *,
    keeps_contradiction: bool = False,
) -> None:
    """Raises NotChangeable, or ContradictsLabels unless `keeps_contradiction`."""
    values = ranking_values(
        session, member, assignment_id, dimension, ranking, keeps_contradiction=keeps_contradiction
    )
    revise(session, member, assignment_id, dimension, values, key)


def revise(
    session: Session,
    member: Membership,
    assignment_id: int,
    dimension: Dimension,
    values: dict[str, Any],
    key: str | None,
) -> None:
    """The member's lock is held, so nobody changes or voids the answer meanwhile."""
    if is_stored(session, assignment_id, dimension, key):
        return
    newest = changeable_answer(session, assignment_id, member.annotator_id, dimension)
    session.execute(
        update(Annotation).where(Annotation.id == newest.id).values(superseded_at=func.clock_timestamp())
    )
    store(session, member, assignment_id, dimension, values, key)
