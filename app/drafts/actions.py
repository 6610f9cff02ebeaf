"""Keeping what was not submitted yet, and forgetting it once it was."""

import json
from typing import Any

from sqlalchemy.orm import Session

from app.assignments.statements import compact
from app.drafts.queries import draft_of
from app.errors import Conflict
from app.i18n import gettext as _
from app.queues.models import Dimension

# The page that wrote last may write again whatever it knows: its earlier save may have come without its
# being told. The key of its form says which page that is. The same answer once more changes nothing.
SAVE = compact("""
    INSERT INTO draft (assignment_id, dimension, version, content)
    VALUES (:assignment_id, :dimension, :known + 1, CAST(:content AS jsonb))
    ON CONFLICT (assignment_id, dimension) DO UPDATE
        SET version = draft.version + 1, content = excluded.content, saved_at = now()
        WHERE draft.content - 'submission_key' <> excluded.content - 'submission_key'
          AND (draft.version = :known
               OR draft.content ->> 'submission_key' = excluded.content ->> 'submission_key')
    RETURNING version
""")

DELETE = compact("""
    DELETE FROM draft WHERE assignment_id = :assignment_id
    RETURNING dimension, version, content ->> 'submission_key'
""")


class NewerDraft(Conflict):
    pass


def save_draft(
    session: Session, assignment_id: int, dimension: Dimension, content: dict[str, Any], known: int
) -> int | None:
    """The draft's version now; None where another page has written something else since version `known`.

    The caller holds the assignment's lock, and has seen that it can still be answered.
    """
    values = {
        "assignment_id": assignment_id,
        "dimension": dimension,
        "content": json.dumps(content),
        "known": known,
    }
    version: int | None = session.scalar(SAVE, values)
    if version is not None:
        return version
    stored = draft_of(session, assignment_id, dimension)
    return stored.version if is_same_answer(stored.content, content) else None


def is_same_answer(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whatever page wrote them."""
    return {**one, "submission_key": ""} == {**other, "submission_key": ""}


def delete_drafts(session: Session, assignment_id: int) -> None:
    session.execute(DELETE, {"assignment_id": assignment_id})


def end_draft(
    session: Session, assignment_id: int, dimension: Dimension, key: str | None, known: int | None
) -> None:
    """In the transaction that stores the answer, after it: a save that waits for it finds it stored.

    Raises NewerDraft where a page with another `key` has written since version `known`; None: don't look.
    """
    for drafted, version, writer in session.execute(DELETE, {"assignment_id": assignment_id}):
        if drafted == dimension and known is not None and version > known and writer != key:
            raise NewerDraft(
                _(
                    "Another tab or browser has a newer version of your answer, so this one was not"
                    " submitted. Load the page again to see the newer one."
                )
            )
