"""What releases leave out, and who lets their single answers be published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.accounts.models import User
from app.projects.models import Project
from app.queues.models import Queue, QueueMember
from app.withdrawals.models import PublicationConsent, Withdrawal, WithdrawalKind

Id = ColumnElement[int] | InstrumentedAttribute[int]

STANDS = Withdrawal.ended_at.is_(None)
SAYS_YES = and_(PublicationConsent.given_at.is_not(None), PublicationConsent.withdrawn_at.is_(None))
SAYS_NO = PublicationConsent.withdrawn_at.is_not(None)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What is not published of a project now.

    `prompts`: SHA-256 of their texts; `responses`: of prompt and response; `annotators`: ids of those whose
    single answers are not, since an admin withdrew them or they said no themselves.
    """

    prompts: frozenset[bytes] = frozenset()
    responses: frozenset[bytes] = frozenset()
    annotators: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Tombstone:
    """`kind`: of a prompt or a response. `sha256`: lower hex; `withdrawn_at`: UTC."""

    kind: str
    sha256: str
    withdrawn_at: datetime


@dataclass(frozen=True, slots=True)
class ListedWithdrawal:
    """`what`: the SHA-256 in lower hex, or the annotator's name."""

    id: int
    kind: str
    what: str
    reason: str
    withdrawn_at: datetime
    ended_at: datetime | None
    end_reason: str | None


@dataclass(frozen=True, slots=True)
class PublicationCounts:
    """Of the people who are, or were, members of a queue: what they say to publication."""

    n_yes: int
    n_no: int
    n_silent: int


@dataclass(frozen=True, slots=True)
class OwnPublication:
    """What one annotator says in one project; None: nothing yet."""

    project_id: int
    project_name: str
    may_publish: bool | None
    said_at: datetime | None


def withdrawn(session: Session, project_id: int) -> Withdrawn:
    rows = session.execute(
        select(Withdrawal.kind, Withdrawal.sha256, Withdrawal.annotator_id).where(
            Withdrawal.project_id == project_id, STANDS
        )
    ).all()
    refusing = session.scalars(
        select(PublicationConsent.user_id).where(PublicationConsent.project_id == project_id, SAYS_NO)
    )
    return Withdrawn(
        prompts=frozenset(row.sha256 for row in rows if row.kind == WithdrawalKind.PROMPT),
        responses=frozenset(row.sha256 for row in rows if row.kind == WithdrawalKind.RESPONSE),
        annotators=frozenset([row.annotator_id for row in rows if row.annotator_id is not None]).union(
            refusing
        ),
    )


def tombstones(session: Session, project_id: int) -> list[Tombstone]:
    """Of withdrawn prompts and responses, by kind and SHA-256: for a release to tell, so without reasons and
    people."""
    rows = session.execute(
        select(Withdrawal.kind, func.encode(Withdrawal.sha256, "hex"), Withdrawal.withdrawn_at)
        .where(Withdrawal.project_id == project_id, STANDS, Withdrawal.sha256.is_not(None))
        .order_by(Withdrawal.kind, Withdrawal.sha256)
    )
    return [Tombstone(*row) for row in rows]


def consents(annotator_id: Id, project_id: Id) -> ColumnElement[bool]:
    """Do they say yes to the publication of their single answers, and has no admin withdrawn these?"""
    says_yes = select(PublicationConsent.user_id).where(
        PublicationConsent.user_id == annotator_id, PublicationConsent.project_id == project_id, SAYS_YES
    )
    is_withdrawn = select(Withdrawal.id).where(
        Withdrawal.annotator_id == annotator_id, Withdrawal.project_id == project_id, STANDS
    )
    return and_(says_yes.exists(), ~is_withdrawn.exists())


def withdrawals_of_project(
    session: Session, project_id: int, limit: int, *, find: str = "", before: int
) -> list[ListedWithdrawal]:
    """The newest first, up to the one `before`. `find`: a whole SHA-256 in hex or a user name."""
    hexed = func.encode(Withdrawal.sha256, "hex")
    listed = (
        select(Withdrawal.id, Withdrawal.kind, func.coalesce(hexed, User.username), Withdrawal.reason)
        .add_columns(Withdrawal.withdrawn_at, Withdrawal.ended_at, Withdrawal.end_reason)
        .outerjoin(User, User.id == Withdrawal.annotator_id)
        .where(Withdrawal.project_id == project_id, Withdrawal.id < before)
        .order_by(Withdrawal.id.desc())
        .limit(limit)
    )
    if find:
        listed = listed.where(or_(hexed == find.lower(), User.username == find.lower()))
    return [ListedWithdrawal(*row) for row in session.execute(listed)]


def publication_counts(session: Session, project_id: int) -> PublicationCounts:
    people = members_of_project(project_id).subquery()
    said = and_(
        PublicationConsent.user_id == people.c.annotator_id, PublicationConsent.project_id == project_id
    )
    counts = select(
        func.count().filter(SAYS_YES),
        func.count().filter(SAYS_NO),
        func.count().filter(PublicationConsent.user_id.is_(None)),
    )
    row = session.execute(counts.select_from(people).outerjoin(PublicationConsent, said)).one()
    return PublicationCounts(*row)


def members_of_project(project_id: int) -> Select[int]:
    """Also those who are members no more."""
    return (
        select(QueueMember.annotator_id)
        .join(Queue, Queue.id == QueueMember.queue_id)
        .where(Queue.project_id == project_id)
        .distinct()
    )


def own_publications(session: Session, user_id: int) -> Sequence[OwnPublication]:
    """In each project that this person is, or was, a member of a queue of, by name."""
    said = and_(PublicationConsent.user_id == user_id, PublicationConsent.project_id == Project.id)
    is_or_was_member = (
        select(QueueMember.annotator_id)
        .join(Queue, Queue.id == QueueMember.queue_id)
        .where(QueueMember.annotator_id == user_id, Queue.project_id == Project.id)
        .exists()
    )
    rows = session.execute(
        select(
            Project.id,
            Project.name,
            case((SAYS_NO, False), (SAYS_YES, True)),
            func.coalesce(PublicationConsent.withdrawn_at, PublicationConsent.given_at),
        )
        .outerjoin(PublicationConsent, said)
        .where(is_or_was_member)
        .order_by(Project.name)
    )
    return [OwnPublication(*row) for row in rows]
