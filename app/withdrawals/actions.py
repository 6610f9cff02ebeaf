"""Withdrawing, and ending a withdrawal; saying what may be published of oneself."""

from datetime import datetime

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.audit.models import Action
from app.db import now
from app.errors import Conflict, NotFound
from app.i18n import gettext as _
from app.withdrawals.models import PublicationConsent, Withdrawal, WithdrawalKind
from app.withdrawals.queries import own_publications
from app.withdrawals.reach import Named


class WithdrawalEnded(Conflict):
    pass


def withdraw(session: Session, project_id: int, named: Named, reason: str) -> int:
    """From all later releases. What is withdrawn already stays as it is; return how many are new."""
    rows = [
        {
            "project_id": project_id,
            "kind": named.kind,
            "sha256": sha256,
            "annotator_id": None,
            "reason": reason,
        }
        for sha256 in named.sha256s
    ] or [
        {"project_id": project_id, "kind": named.kind, "sha256": None, "annotator_id": id_, "reason": reason}
        for id_ in named.annotator_ids
    ]
    new = session.execute(
        insert(Withdrawal).on_conflict_do_nothing().returning(Withdrawal.annotator_id), rows
    ).all()
    if named.kind is WithdrawalKind.ANNOTATOR:
        for row in new:
            note_withdrawn(session, project_id, named.kind, reason, 1, user_id=row.annotator_id)
    elif new:
        note_withdrawn(session, project_id, named.kind, reason, len(new))
    return len(new)


def note_withdrawn(
    session: Session,
    project_id: int,
    kind: WithdrawalKind,
    reason: str,
    n_withdrawn: int,
    user_id: int | None = None,
) -> None:
    """Which ones stands in the withdrawals themselves: they may be thousands."""
    record(
        session,
        Action.WITHDRAWN,
        kind,
        project_id=project_id,
        user_id=user_id,
        reason=reason,
        after={"n_withdrawn": n_withdrawn},
    )


def end_withdrawal(session: Session, project_id: int, withdrawal_id: int, reason: str) -> None:
    """Later releases have it again. Raises NotFound, WithdrawalEnded."""
    is_it = (Withdrawal.id == withdrawal_id, Withdrawal.project_id == project_id)
    ended = session.execute(
        update(Withdrawal)
        .where(*is_it, Withdrawal.ended_at.is_(None))
        .values(ended_at=func.clock_timestamp(), end_reason=reason)
        .returning(Withdrawal.kind, Withdrawal.sha256, Withdrawal.annotator_id)
    ).one_or_none()
    if ended is None:
        raise not_to_end(session, project_id, withdrawal_id)
    record(
        session,
        Action.ENDED,
        "withdrawal",
        project_id=project_id,
        user_id=ended.annotator_id,
        reason=reason,
        before={"kind": ended.kind, "sha256": ended.sha256.hex() if ended.sha256 else None},
    )


def not_to_end(session: Session, project_id: int, withdrawal_id: int) -> NotFound | WithdrawalEnded:
    there = session.get(Withdrawal, withdrawal_id)
    if there is None or there.project_id != project_id:
        return NotFound(_("There is no such withdrawal in this project."))
    return WithdrawalEnded(_("This withdrawal has been ended meanwhile."))


def say_publication(session: Session, user_id: int, project_id: int, *, may_publish: bool) -> None:
    """Not in the audit log, which admins read: they learn only how many said what. Raises NotFound for a
    project in which this person was never a member."""
    if all(each.project_id != project_id for each in own_publications(session, user_id)):
        raise NotFound(_("You are not a member of a queue of this project."))
    said: dict[str, datetime | None] = (
        {"given_at": now(), "withdrawn_at": None} if may_publish else {"withdrawn_at": now()}
    )
    has_said_the_other = PublicationConsent.withdrawn_at.is_not(None) == may_publish
    session.execute(
        insert(PublicationConsent)
        .values(user_id=user_id, project_id=project_id, **said)
        .on_conflict_do_update(index_elements=["user_id", "project_id"], set_=said, where=has_said_the_other)
    )
