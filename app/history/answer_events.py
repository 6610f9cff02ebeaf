"""What annotators did with an item: held, uncovered and answered it, flagged labels of it, asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.annotations.models import Annotation
from app.assignments.models import Assignment, AssignmentStatus
from app.comments.models import Comment
from app.flags.models import LabelFlag
from app.history.events import LETTERS, Event
from app.i18n import gettext as _
from app.items.models import ItemResponse
from app.queues.models import Queue
from app.wellbeing.models import PROMPT, Reveal


@dataclass(frozen=True, slots=True)
class Lease:
    """An assignment. `void_reason`: None where it is not voided."""

    who: str
    queue: str
    status: str
    skip_reason: str | None
    void_reason: str | None
    created_at: datetime
    closed_at: datetime | None
    voided_at: datetime | None


def leases_of(session: Session, item_id: int) -> list[Lease]:
    rows = session.execute(
        select(User.username, Queue.name, Assignment.status, Assignment.skip_reason, Assignment.void_reason)
        .add_columns(Assignment.created_at, Assignment.closed_at, Assignment.voided_at)
        .join(User, User.id == Assignment.annotator_id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .where(Assignment.item_id == item_id)
        .order_by(Assignment.id)
    )
    return [Lease(*row) for row in rows]


def lease_events(leases: Sequence[Lease]) -> Iterator[Event]:
    for lease in leases:
        yield Event(lease.created_at, _("Leased"), lease.who, lease.queue)


def end_events(leases: Sequence[Lease]) -> Iterator[Event]:
    for lease in leases:
        if lease.closed_at is not None:
            yield Event(lease.closed_at, end_of(lease), lease.who, lease.queue)
        if lease.voided_at is not None:
            what = _("The answer of %(person)s was voided") % {"person": lease.who}
            yield Event(lease.voided_at, what, queue=lease.queue, words=lease.void_reason)


def end_of(lease: Lease) -> str:
    if lease.skip_reason is not None:
        return _("Skipped: %(reason)s") % {"reason": _(lease.skip_reason.replace("_", " "))}
    return {
        AssignmentStatus.SURPLUS: _("Submitted when no place was free; kept as surplus"),
        AssignmentStatus.EXPIRED: _("The lease ran out"),
        AssignmentStatus.RELEASED: _("Given back, or taken back"),
    }.get(AssignmentStatus(lease.status), _("Submitted"))


def reveal_events(session: Session, item_id: int) -> Iterator[Event]:
    rows = session.execute(
        select(Reveal.revealed_at, Reveal.position, User.username, Queue.name)
        .join(Assignment, Assignment.id == Reveal.assignment_id)
        .join(User, User.id == Assignment.annotator_id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .where(Assignment.item_id == item_id)
        .order_by(Reveal.revealed_at, Reveal.position)
    )
    for row in rows:
        is_prompt = row.position == PROMPT
        what = _("Uncovered the prompt") if is_prompt else _("Uncovered response %(name)s")
        yield Event(row.revealed_at, what % {"name": LETTERS[row.position]}, row.username, row.name)


def answer_events(session: Session, item_id: int) -> Iterator[Event]:
    """Each version of each answer."""
    rows = session.execute(
        select(Annotation, User.username, Queue.name)
        .join(Assignment, Assignment.id == Annotation.assignment_id)
        .join(User, User.id == Assignment.annotator_id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .where(Assignment.item_id == item_id)
        .order_by(Annotation.id)
    )
    seen = set()
    for answer, who, queue in rows:
        step = (answer.assignment_id, answer.dimension)
        what = _("Changed the answer") if step in seen else _("Answered")
        seen.add(step)
        yield Event(answer.created_at, what, who, queue, answer=answer)


def flag_events(session: Session, item_id: int) -> Iterator[Event]:
    """On labels of this item's responses: by annotators of it, or of a response set that has the response."""
    flagged, here = aliased(ItemResponse), aliased(ItemResponse)
    rows = session.execute(
        select(LabelFlag.created_at, LabelFlag.reason, here.position, User.username, Queue.name)
        .join(Assignment, Assignment.id == LabelFlag.assignment_id)
        .join(User, User.id == Assignment.annotator_id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .join(flagged, (flagged.item_id == Assignment.item_id) & (flagged.position == LabelFlag.position))
        .join(here, here.response_id == flagged.response_id)
        .where(here.item_id == item_id)
        .order_by(LabelFlag.created_at)
    )
    for row in rows:
        what = _("Flagged the safety label of response %(name)s") % {"name": LETTERS[row.position]}
        yield Event(row.created_at, what, row.username, row.name, words=row.reason)


def comment_events(session: Session, item_id: int) -> Iterator[Event]:
    rows = session.execute(
        select(Comment.created_at, Comment.text, User.username, Queue.name)
        .add_columns((Comment.author_id != Assignment.annotator_id).label("is_answer"))
        .join(Assignment, Assignment.id == Comment.assignment_id)
        .join(User, User.id == Comment.author_id)
        .join(Queue, Queue.id == Assignment.queue_id)
        .where(Assignment.item_id == item_id)
        .order_by(Comment.id)
    )
    for row in rows:
        what = _("Answered the question") if row.is_answer else _("Asked")
        yield Event(row.created_at, what, row.username, row.name, words=row.text)
