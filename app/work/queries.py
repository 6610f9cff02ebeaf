"""What an annotator has answered, and what of it can still be changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_
from sqlalchemy.orm import Session

from app.annotations.models import Annotation, Verdict
from app.assignments.models import ANSWERED, IS_ANSWERED, Assignment, AssignmentStatus
from app.errors import Conflict, NotFound
from app.i18n import gettext as _
from app.items.models import Item, Prompt
from app.queues.models import Dimension, Queue, QueuePurpose, QueueState


class NotChangeable(Conflict):
    """It is not answered, or was for longer than the queue lets people change it."""


@dataclass(frozen=True, slots=True)
class Done:
    """One assignment that I answered. `prompt`: its first 200 characters; `answers`: the newest ones, one a
    step."""

    assignment_id: int
    item_id: int
    queue_name: str
    prompt: str
    closed_at: datetime
    is_surplus: bool
    is_changeable: bool
    answers: list[Annotation] = field(default_factory=list)


def work_of(
    session: Session, annotator_id: int, before: tuple[datetime, int] | None, limit: int
) -> list[Done]:
    """The newest first. `before`: `closed_at` and id of the last one that was shown."""
    page = (
        select(
            Assignment.id,
            Assignment.item_id,
            Queue.name,
            func.left(Prompt.text, 200),
            Assignment.closed_at,
            Assignment.status == AssignmentStatus.SURPLUS,
            is_changeable(),
        )
        .join(Queue, Queue.id == Assignment.queue_id)
        .join(Item, Item.id == Assignment.item_id)
        .join(Prompt, Prompt.id == Item.prompt_id)
        .where(Assignment.annotator_id == annotator_id, IS_ANSWERED)
        .order_by(Assignment.closed_at.desc(), Assignment.id.desc())
        .limit(limit)
    )
    if before is not None:
        page = page.where(tuple_(Assignment.closed_at, Assignment.id) < before)
    found = {row.id: Done(*row) for row in session.execute(page)}
    for answer in newest_answers(session, list(found)):
        found[answer.assignment_id].answers.append(answer)
    return list(found.values())


def newest_answers(session: Session, assignment_ids: Sequence[int]) -> Sequence[Annotation]:
    """In the order they were given."""
    return session.scalars(
        select(Annotation)
        .where(Annotation.assignment_id.in_(assignment_ids), Annotation.superseded_at.is_(None))
        .order_by(Annotation.id)
    ).all()


def changeable_answer(
    session: Session, assignment_id: int, annotator_id: int, dimension: Dimension
) -> Annotation:
    """The newest version. Raises NotFound for what this annotator never answered, NotChangeable."""
    found = session.execute(
        select(
            Annotation,
            is_changeable(),
        )
        .join(Assignment, Assignment.id == Annotation.assignment_id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .where(
            Assignment.id == assignment_id,
            Assignment.annotator_id == annotator_id,
            Annotation.dimension == dimension,
            Annotation.superseded_at.is_(None),
        )
    ).one_or_none()
    if found is None:
        raise NotFound(_("There is no such answer of yours."))
    answer, can_be_changed = found
    if not can_be_changed:
        raise NotChangeable(
            _("This answer can't be changed any more. If it is wrong, ask an admin about the item.")
        )
    return answer


def is_changeable() -> ColumnElement[bool]:
    """Of an assignment with its queue. The first step of one that is still open can be changed too; in a
    training or an exam the first answer is what counts, and a queue that is closed is only read."""
    span = func.make_interval(0, 0, 0, 0, 0, Queue.edit_minutes)
    answered_at = func.coalesce(Assignment.closed_at, func.now())
    return (
        Assignment.status.in_((*ANSWERED, AssignmentStatus.OPEN))
        & (answered_at > func.now() - span)
        & (Queue.purpose == QueuePurpose.PRODUCTION)
        & (Queue.state != QueueState.CLOSED)
    )


def as_posted(answer: Annotation) -> dict[str, Any]:
    """An answer as its form would send it."""
    order = answer.displayed_order or [0]
    place_of = {position: place for place, position in enumerate(order)}
    posted: dict[str, Any] = {
        "confidence": answer.confidence,
        "rationale": answer.rationale or "",
        "evidence": [
            {"place": place_of[span["position"]], "start": span["start"], "end": span["end"]}
            for span in answer.evidence or []
        ],
    }
    if answer.dimension == Dimension.SAFETY:
        return posted | {
            "is_safe": "true" if answer.is_safe else "false",
            "harm_categories": answer.harm_categories,
            "severity": answer.severity,
        }
    posted |= {"verdict": answer.verdict, "strength": answer.strength}
    if answer.verdict != Verdict.ORDERED or answer.ranks is None:
        return posted | {"preferred": answer.verdict}
    ranks = [answer.ranks[position] for position in order]
    posted |= {f"rank_{place}": rank for place, rank in enumerate(ranks)}
    first_is = {True: "first", False: "second"}
    if len(ranks) == 2:
        posted["preferred"] = "tie" if ranks[0] == ranks[1] else first_is[ranks[0] < ranks[1]]
    return posted
