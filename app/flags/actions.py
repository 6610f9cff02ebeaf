"""Flagging a label."""

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.flags.models import LabelFlag


def flag_label(session: Session, assignment_id: int, position: int, reason: str) -> None:
    """Flagged again, it has the newer reason."""
    session.execute(
        insert(LabelFlag)
        .values(assignment_id=assignment_id, position=position, reason=reason)
        .on_conflict_do_update(index_elements=["assignment_id", "position"], set_={"reason": reason})
    )
