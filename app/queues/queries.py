"""Reads about queues, their members and how far they are."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, case, cast, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, contains_eager, joinedload

from app.accounts.models import Role, User
from app.errors import Forbidden, NotFound
from app.i18n import gettext as _
from app.projects.models import Project
from app.projects.queries import taxonomies_of, taxonomy_of
from app.projects.taxonomy import Taxonomy
from app.queues.models import (
    FIGURES,
    Queue,
    QueueItem,
    QueueMember,
    QueuePurpose,
    queue_progress,
)


@dataclass(frozen=True, slots=True)
class Progress:
    """`n_items`: wanted for labels, not as gold alone; `n_done`: those with all their annotations;
    `n_leased`: live leases; `n_wanted`: annotations that all items need together; `n_surplus`: answers kept
    beyond what was wanted. Broken items count in `n_broken` alone, with their leases and surplus;
    `n_waiting` wait for the stage before."""

    n_items: int
    n_done: int
    n_submitted: int
    n_leased: int
    n_wanted: int
    n_surplus: int
    n_broken: int
    n_waiting: int


@dataclass(frozen=True, slots=True)
class Stages:
    """What waits for what around a queue. `before`: the one it comes after; `not_by`: the one whose
    annotators are kept away; `after` and `kept_away`: those that say the same of this one."""

    before: Queue | None
    not_by: Queue | None
    after: list[Queue]
    kept_away: list[Queue]


@dataclass(frozen=True, slots=True)
class MemberAtWork:
    """`is_active`: a member; `may_sign_in`: not deactivated. `n_today`: since midnight UTC. The caps are
    their own, None for the queue's."""

    annotator_id: int
    username: str
    is_active: bool
    may_sign_in: bool
    n_submitted: int
    n_today: int
    n_skips_in_row: int
    max_total: int | None
    max_a_day: int | None

    @property
    def can_work(self) -> bool:
        return self.is_active and self.may_sign_in


def queue_of(session: Session, queue_id: int) -> Queue:
    """With its project. Raises NotFound."""
    queue = session.scalar(select(Queue).where(Queue.id == queue_id).options(joinedload(Queue.project)))
    if queue is None:
        raise NotFound(_("There is no such queue."))
    return queue


def taxonomy_of_queue(session: Session, queue_id: int) -> Taxonomy:
    """Its project's. Raises NotFound."""
    return taxonomy_of(session, queue_of(session, queue_id).project_id)


def queues_of_project(session: Session, project_id: int) -> Sequence[Queue]:
    return session.scalars(select(Queue).where(Queue.project_id == project_id).order_by(Queue.id)).all()


def stages_of(session: Session, queue: Queue) -> Stages:
    others = queues_of_project(session, queue.project_id)
    by_id = {other.id: other for other in others}
    return Stages(
        before=by_id.get(queue.after_queue_id or 0),
        not_by=by_id.get(queue.not_by_queue_id or 0),
        after=[other for other in others if other.after_queue_id == queue.id],
        kept_away=[other for other in others if other.not_by_queue_id == queue.id],
    )


def all_queues(session: Session) -> Sequence[Queue]:
    """By project, with it."""
    return session.scalars(
        select(Queue)
        .join(Queue.project)
        .options(contains_eager(Queue.project))
        .order_by(Project.name, Queue.id)
    ).all()


def queues_of_annotator(session: Session, annotator_id: int) -> Sequence[Queue]:
    return session.scalars(
        select(Queue)
        .join(QueueMember, QueueMember.queue_id == Queue.id)
        .where(QueueMember.annotator_id == annotator_id, QueueMember.is_active)
        .options(joinedload(Queue.project))
        .order_by(Queue.id)
    ).all()


def queues_that_grant(session: Session, project_id: int, annotator_id: int, name: str) -> Sequence[Queue]:
    """Trainings and exams of the project that this annotator is a member of, trainings first."""
    return session.scalars(
        select(Queue)
        .join(QueueMember, QueueMember.queue_id == Queue.id)
        .where(Queue.project_id == project_id, Queue.grants == name)
        .where(QueueMember.annotator_id == annotator_id, QueueMember.is_active)
        .order_by(Queue.purpose == QueuePurpose.EXAM, Queue.id)
    ).all()


def member_ids(session: Session, queue_id: int) -> set[int]:
    return set(
        session.scalars(
            select(QueueMember.annotator_id).where(QueueMember.queue_id == queue_id, QueueMember.is_active)
        )
    )


def people_to_choose(session: Session, queue_id: int) -> Sequence[User]:
    """Everyone who may become a member, and those members who may not sign in any more; by name."""
    members = select(QueueMember.annotator_id).where(QueueMember.queue_id == queue_id, QueueMember.is_active)
    return session.scalars(
        select(User)
        .where(User.role != Role.ADMIN, User.is_active | User.id.in_(members))
        .order_by(User.username)
    ).all()


def is_member(session: Session, queue_id: int, annotator_id: int) -> bool:
    member = session.get(QueueMember, (queue_id, annotator_id))
    return member is not None and member.is_active


def works_in_project(session: Session, project_id: int, annotator_id: int) -> bool:
    """Is this person a member of any of its queues?"""
    membership = (
        exists()
        .where(QueueMember.annotator_id == annotator_id, QueueMember.is_active)
        .where(QueueMember.queue_id == Queue.id, Queue.project_id == project_id)
    )
    return bool(session.scalar(select(membership)))


def members_at_work(session: Session, queue_id: int) -> list[MemberAtWork]:
    """By name; those who are members no more at the end."""
    is_today = QueueMember.day == func.current_date()
    rows = session.execute(
        select(
            QueueMember.annotator_id,
            User.username,
            QueueMember.is_active,
            User.is_active,
            QueueMember.n_submitted,
            case((is_today, QueueMember.n_today), else_=0),
            QueueMember.n_skips_in_row,
            QueueMember.max_total,
            QueueMember.max_a_day,
        )
        .join(User, User.id == QueueMember.annotator_id)
        .where(QueueMember.queue_id == queue_id)
        .order_by(QueueMember.is_active.desc(), User.username)
    )
    return [MemberAtWork(*row) for row in rows]


def member_of(session: Session, queue_id: int, annotator_id: int) -> QueueMember:
    """Also one who is a member no more. Raises NotFound."""
    member = session.get(QueueMember, (queue_id, annotator_id))
    if member is None:
        raise NotFound(_("This person is no member of the queue."))
    return member


def restricted_among(session: Session, user: User, item_ids: Sequence[int]) -> set[int]:
    """Those that are expected, in any queue, to touch what their project shows only to others."""
    rows = session.execute(
        select(QueueItem.item_id, func.bit_or(QueueItem.harm_mask), Project.id, Project.restricted)
        .join(Queue, Queue.id == QueueItem.queue_id)
        .join(Project, Project.id == Queue.project_id)
        .where(QueueItem.item_id.in_(item_ids), Project.restricted != [])
        .group_by(QueueItem.item_id, Project.id)
    )
    found = rows.all()
    taxonomies = taxonomies_of(session, {row.id for row in found})
    return {
        item_id
        for item_id, mask, project_id, restricted in found
        if mask & taxonomies[project_id].withheld_mask(restricted, user.cleared)
    }


def refuse_restricted(session: Session, user: User, item_id: int) -> None:
    """Raises Forbidden for someone, of whatever role, who is not cleared for what the item may touch."""
    if restricted_among(session, user, [item_id]):
        raise not_cleared()


def withheld_from(session: Session, user: User, queue_id: int) -> int:
    """The harm categories, as bits, that the queue's project does not show to this person."""
    project_id, restricted = session.execute(
        select(Project.id, Project.restricted)
        .join(Queue, Queue.project_id == Project.id)
        .where(Queue.id == queue_id)
    ).one()
    return taxonomy_of(session, project_id).withheld_mask(restricted, user.cleared) if restricted else 0


def touches(item_id: ColumnElement[int] | InstrumentedAttribute[int], mask: int) -> ColumnElement[bool]:
    """Is the item expected, in any queue, to touch one of the harm categories of the mask?"""
    expected = select(QueueItem.item_id).where(
        QueueItem.item_id == item_id, QueueItem.harm_mask.bitwise_and(mask) != 0
    )
    return expected.exists()


def not_cleared() -> Forbidden:
    return Forbidden(
        _("This item may touch a topic that its project shows only to people who are cleared for it.")
    )


def topics_withheld(session: Session, user: User) -> dict[str, list[str]]:
    """By harm category: the projects where this person works that show it only to others."""
    rows = session.execute(
        select(Project.name, Project.restricted)
        .where(
            exists()
            .where(QueueMember.annotator_id == user.id, QueueMember.is_active)
            .where(QueueMember.queue_id == Queue.id, Queue.project_id == Project.id)
        )
        .order_by(Project.name)
    )
    found: dict[str, list[str]] = {}
    for project_name, restricted in rows:
        for name in set(restricted) - set(user.cleared):
            found.setdefault(name, []).append(project_name)
    return found


def progress_by_queue(session: Session, queue_ids: Sequence[int]) -> dict[int, Progress]:
    """For each of the queues, one with no items included."""
    sums = [cast(func.sum(queue_progress.c[name]), BigInteger) for name in FIGURES]
    queue_id = queue_progress.c.queue_id
    rows = session.execute(select(queue_id, *sums).where(queue_id.in_(queue_ids)).group_by(queue_id)).all()
    found = {queue_id: Progress(*figures) for queue_id, *figures in rows}
    return {queue_id: found.get(queue_id, Progress(0, 0, 0, 0, 0, 0, 0, 0)) for queue_id in queue_ids}
