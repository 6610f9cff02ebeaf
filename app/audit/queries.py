"""Reads about the audit log."""

from sqlalchemy import text
from sqlalchemy.orm import Session

MAY_CHANGE = text("SELECT has_table_privilege('audit_entry', 'UPDATE, DELETE, TRUNCATE')")


def may_change_log(session: Session) -> bool:
    """Does our own database role have more rights on the log than to add to it?"""
    return bool(session.scalar(MAY_CHANGE))
