"""Agreeing, uncovering, and stopping for today."""

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.assignments.actions import lock_member, release_assignment
from app.errors import Conflict, Refused
from app.i18n import gettext as _
from app.i18n import ngettext
from app.projects.models import Project
from app.wellbeing.models import Consent, Reveal, warning_version
from app.wellbeing.queries import ids_of_leases, ids_of_queues_held_in, n_covered


class WarningChanged(Conflict):
    pass


class StillCovered(Refused):
    pass


def give_consent(session: Session, user_id: int, project: Project, version: str) -> None:
    """To the text that the person was shown. Raises WarningChanged where that is not the project's now."""
    if version != warning_version(project.content_warning):
        raise WarningChanged(_("The content warning has changed since this page was loaded."))
    consent = insert(Consent).values(
        user_id=user_id, project_id=project.id, content_warning=project.content_warning
    )
    session.execute(
        consent.on_conflict_do_update(
            index_elements=["user_id", "project_id"],
            set_={"content_warning": consent.excluded.content_warning, "given_at": func.now()},
            where=Consent.content_warning != consent.excluded.content_warning,
        )
    )


def uncover(session: Session, assignment_id: int, position: int) -> None:
    """Note that a text was asked for; once, however often it is."""
    session.execute(
        insert(Reveal).values(assignment_id=assignment_id, position=position).on_conflict_do_nothing()
    )


def refuse_covered(session: Session, assignment_id: int) -> None:
    """Raises StillCovered for an assignment with covers of whose responses not all were uncovered."""
    n = n_covered(session, assignment_id)
    if n:
        raise StillCovered(
            ngettext(
                "Not stored: %(n)s response is still covered. Show it before you answer, or skip this item.",
                "Not stored: %(n)s responses are still covered. Show them before you answer, or skip this"
                " item.",
                n,
            )
            % {"n": n}
        )


def stop_work(session: Session, annotator_id: int) -> None:
    """Give back, unanswered, what this person holds in any queue."""
    for queue_id in ids_of_queues_held_in(session, annotator_id):
        member = lock_member(session, queue_id, annotator_id)
        for assignment_id in ids_of_leases(session, queue_id, annotator_id):
            release_assignment(session, member, assignment_id)
