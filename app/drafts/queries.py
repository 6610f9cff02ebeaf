"""Reads about drafts."""

from sqlalchemy.orm import Session

from app.drafts.models import Draft
from app.queues.models import Dimension


def draft_of(session: Session, assignment_id: int, dimension: Dimension) -> Draft:
    """One that is known to be there, since its row is locked."""
    return session.get_one(Draft, (assignment_id, dimension), populate_existing=True)
