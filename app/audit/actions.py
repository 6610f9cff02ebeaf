"""Writing the audit log."""

from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from app.audit.models import Action, AuditEntry

ACTOR = "actor_id"
Fields = dict[str, Any]


def act_as(session: Session, user_id: int) -> None:
    """What this session does from here on, this person does."""
    session.info[ACTOR] = user_id


def record(
    session: Session,
    action: Action,
    subject: str,
    *,
    project_id: int | None = None,
    queue_id: int | None = None,
    item_id: int | None = None,
    user_id: int | None = None,
    reason: str | None = None,
    before: Fields | None = None,
    after: Fields | None = None,
) -> None:
    """In the transaction of what it tells of, so that there is never the one without the other.

    Who does it is whose request this is; nobody's where a job or a command does it.
    """
    session.execute(
        insert(AuditEntry).values(
            actor_id=session.info.get(ACTOR),
            action=action,
            subject=subject,
            project_id=project_id,
            queue_id=queue_id,
            item_id=item_id,
            user_id=user_id,
            reason=reason,
            before=before,
            after=after,
        )
    )


def differing(before: Fields, after: Fields) -> tuple[Fields, Fields]:
    """Of both the fields that are not the same; those of `before` that `after` does not name are left out."""
    names = [name for name, value in after.items() if before.get(name) != value]
    return {name: before.get(name) for name in names}, {name: after[name] for name in names}
