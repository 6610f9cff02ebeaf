"""What admins change about a person, with all that follows from it in the queues."""

from sqlalchemy.orm import Session

from app.accounts.actions import change_role, grant_qualification, set_active
from app.accounts.forms import Grant
from app.accounts.models import Role
from app.queues.members import leave_queues
from app.queues.spelling import refuse_other_spellings
from app.wellbeing.actions import stop_work


def give_role(session: Session, user_id: int, role: Role, reason: str) -> None:
    """An admin labels nothing: whoever becomes one gives back what they hold, and leaves their queues.

    Raises NoAdminLeft.
    """
    if change_role(session, user_id, role, reason) and role is Role.ADMIN:
        stop_work(session, user_id)
        leave_queues(session, user_id)


def grant(session: Session, user_id: int, granted: Grant) -> None:
    """Raises OtherSpelling."""
    refuse_other_spellings(session, name=granted.name)
    grant_qualification(session, user_id, granted)


def activate(session: Session, user_id: int, reason: str, *, is_active: bool) -> None:
    """Who may not sign in any more gives back what they hold. Raises NoAdminLeft."""
    if set_active(session, user_id, reason, is_active=is_active) and not is_active:
        stop_work(session, user_id)
