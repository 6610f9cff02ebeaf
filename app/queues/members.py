"""Who works on a queue, and what they may get there."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from app.accounts.actions import set_opted_out
from app.accounts.models import Role, User
from app.audit.actions import differing, record
from app.audit.models import Action
from app.errors import Refused
from app.groups.queries import ids_in_group
from app.i18n import gettext as _
from app.projects.models import Project
from app.projects.queries import taxonomies_of
from app.queues.actions import refuse_closed
from app.queues.forms import MemberCaps
from app.queues.models import Lane, Queue, QueueMember


def set_members(session: Session, queue_id: int, annotator_ids: Iterable[int]) -> None:
    """Exactly these people work on the queue. Raises Refused for someone who can't label, QueueClosed."""
    refuse_closed(session.get_one(Queue, queue_id))
    wanted = set(annotator_ids)
    # Locked, so that nobody opts out of a topic, and no project restricts one, between this reading and the
    # row that is to hold it.
    able = session.scalars(
        select(User.id).where(User.id.in_(wanted), User.role != Role.ADMIN).with_for_update(read=True)
    ).all()
    if len(able) < len(wanted):
        raise Refused(_("Only annotators and adjudicators can be members of a queue."))
    lock_project_of(session, queue_id)
    left = session.scalars(
        update(QueueMember)
        .where(
            QueueMember.queue_id == queue_id, QueueMember.is_active, QueueMember.annotator_id.not_in(wanted)
        )
        .values(is_active=False)
        .returning(QueueMember.annotator_id)
    ).all()
    joined = add_members(session, queue_id, able)
    if joined or left:
        change = {"joined": sorted(joined), "left": sorted(left)}
        record(session, Action.CHANGED, "queue members", queue_id=queue_id, after=change)


def add_group(session: Session, queue_id: int, group_id: int) -> None:
    """Whoever is in the group now, and may label, works on the queue too. Raises QueueClosed."""
    refuse_closed(session.get_one(Queue, queue_id))
    able = session.scalars(
        select(User.id)
        .where(User.id.in_(ids_in_group(session, group_id)), User.role != Role.ADMIN, User.is_active)
        .order_by(User.id)
        .with_for_update(read=True)
    ).all()
    lock_project_of(session, queue_id)
    joined = add_members(session, queue_id, able)
    if joined:
        change = {"joined": sorted(joined), "left": [], "group": group_id}
        record(session, Action.CHANGED, "queue members", queue_id=queue_id, after=change)


def join_queues(session: Session, annotator_id: int, queue_ids: Sequence[int]) -> None:
    """Someone who may label, and is locked or new, becomes a member of these queues too."""
    for queue_id in queue_ids:
        lock_project_of(session, queue_id)
        joined = add_members(session, queue_id, [annotator_id])
        if joined:
            change = {"joined": list(joined), "left": []}
            record(session, Action.CHANGED, "queue members", queue_id=queue_id, after=change)


def leave_queues(session: Session, annotator_id: int) -> None:
    """They are a member of no queue any more; what they answered stays."""
    left = session.scalars(
        update(QueueMember)
        .where(QueueMember.annotator_id == annotator_id, QueueMember.is_active)
        .values(is_active=False)
        .returning(QueueMember.queue_id)
    ).all()
    for queue_id in sorted(left):
        record(session, Action.CHANGED, "queue members", queue_id=queue_id, after={"left": [annotator_id]})


def add_members(session: Session, queue_id: int, annotator_ids: Sequence[int]) -> Sequence[int]:
    """Return who was none before."""
    if not annotator_ids:
        return []
    members = postgresql.insert(QueueMember).values(
        [{"queue_id": queue_id, "annotator_id": annotator_id} for annotator_id in annotator_ids]
    )
    joined = session.scalars(
        members.on_conflict_do_update(
            index_elements=["queue_id", "annotator_id"],
            set_={"is_active": True},
            where=~QueueMember.is_active,
        ).returning(QueueMember.annotator_id)
    ).all()
    refresh_avoided(session, (QueueMember.queue_id == queue_id) & QueueMember.annotator_id.in_(annotator_ids))
    return joined


def lock_project_of(session: Session, queue_id: int) -> None:
    session.execute(
        select(Project.id)
        .join(Queue, Queue.project_id == Project.id)
        .where(Queue.id == queue_id)
        .with_for_update(read=True, of=Project)
    )


def set_member_caps(session: Session, queue_id: int, annotator_id: int, caps: MemberCaps) -> None:
    member = session.get_one(QueueMember, (queue_id, annotator_id), with_for_update={"key_share": True})
    known = {name: getattr(member, name) for name in MemberCaps.model_fields}
    before, after = differing(known, caps.model_dump())
    if after:
        session.execute(
            update(QueueMember)
            .where(QueueMember.queue_id == queue_id, QueueMember.annotator_id == annotator_id)
            .values(**after)
        )
        record(
            session,
            Action.CHANGED,
            "queue member",
            queue_id=queue_id,
            user_id=annotator_id,
            before=before,
            after=after,
        )


def set_avoided(session: Session, annotator_id: int, names: Sequence[str]) -> None:
    """In no queue this annotator is given what is expected to touch these harm categories."""
    set_opted_out(session, annotator_id, names)
    refresh_avoided(session, QueueMember.annotator_id == annotator_id)


def refresh_avoided(session: Session, which: ColumnElement[bool]) -> None:
    """Of these members: what they opted out of, and what their project restricts to others than them.

    What their cursors passed over may be for them now, so they look again from the start. They are locked
    before the rest is read: of two changes at once, the later one then sees both.
    """
    session.execute(
        select(QueueMember.queue_id)
        .where(which)
        .order_by(QueueMember.queue_id, QueueMember.annotator_id)
        .with_for_update(key_share=True)
    )
    rows = session.execute(
        select(
            QueueMember.queue_id,
            User.id,
            QueueMember.avoided,
            User.opted_out,
            User.cleared,
            Project.id.label("project_id"),
            Project.restricted,
        )
        .join(User, User.id == QueueMember.annotator_id)
        .join(Queue, Queue.id == QueueMember.queue_id)
        .join(Project, Project.id == Queue.project_id)
        .where(which)
    ).all()
    taxonomies = taxonomies_of(session, {row.project_id for row in rows})
    for queue_id, annotator_id, known, opted_out, cleared, project_id, restricted in rows:
        taxonomy = taxonomies[project_id]
        avoided = taxonomy.known_mask(opted_out) | taxonomy.withheld_mask(restricted, cleared)
        if avoided != known:
            session.execute(
                update(QueueMember)
                .where(QueueMember.queue_id == queue_id, QueueMember.annotator_id == annotator_id)
                .values(avoided=avoided, cursors=[0] * len(Lane), resume_cursors=None)
            )
