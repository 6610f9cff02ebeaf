"""Changing many items at once: as previewed, with a reason, and with an entry in the audit log."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.adjudication.actions import open_many_by_hand, promote_outcomes
from app.assignments.moves import set_priority
from app.errors import Conflict
from app.i18n import ngettext
from app.queues.actions import fill_queue
from app.queues.models import Lane, Queue
from app.search.changes import (
    annotator_chosen,
    chosen_items,
    queue_chosen,
    responses_named,
    turns_to_change,
)
from app.search.forms import ChangeKind, Filters, PreviewedChoice
from app.voids.actions import VoidingOutdated, void
from app.voids.queries import ids_of_answers_to
from app.withdrawals.actions import withdraw


class PreviewOutdated(Conflict):
    pass


def change_as_previewed(session: Session, project_id: int, choice: PreviewedChoice, filters: Filters) -> int:
    """How many were changed, of a withdrawal responses, of a voiding answers: none, where all were before.

    Raises PreviewOutdated where the search finds another number of items by now, VoidingOutdated where it
    would be other answers; nothing is done then.
    """
    ids = chosen_items(session, project_id, choice, filters)
    if len(ids) != choice.n_items:
        raise PreviewOutdated(
            ngettext(
                "The search finds %(n)s item by now, another number than you have seen: look at the preview"
                " again. Nothing was changed.",
                "The search finds %(n)s items by now, another number than you have seen: look at the preview"
                " again. Nothing was changed.",
                len(ids),
            )
            % {"n": f"{len(ids):,}"}
        )
    return change(session, project_id, choice, ids)


def change(session: Session, project_id: int, choice: PreviewedChoice, ids: Sequence[int]) -> int:
    if choice.change is ChangeKind.WITHDRAWAL:
        return withdraw(session, project_id, responses_named(session, project_id, ids), choice.reason)
    queue = queue_chosen(session, project_id, choice)
    match choice.change:
        case ChangeKind.QUEUE:
            return fill_queue(session, queue.id, choice.priority or Lane.NORMAL, ids, choice.reason)
        case ChangeKind.PRIORITY:
            turns = session.scalars(turns_to_change(queue, choice, ids)).all()
            return set_priority(session, queue.id, turns, Lane(choice.priority or 0), choice.reason)
        case ChangeKind.GOLD:
            return promote_outcomes(session, queue.id, ids, choice.reason)
        case ChangeKind.VOIDING:
            return void_those(session, queue, choice, ids)
    return open_many_by_hand(session, queue.id, ids, choice.reason)


def void_those(session: Session, queue: Queue, choice: PreviewedChoice, ids: Sequence[int]) -> int:
    """Raises VoidingOutdated where it would be other answers by now; nothing is voided then."""
    annotator_id = annotator_chosen(session, choice)
    answers = ids_of_answers_to(session, queue.id, ids, annotator_id)
    n_voided = void(session, queue.id, answers, choice.reason, annotator_id=annotator_id)
    if n_voided not in (0, choice.n_answers):
        raise VoidingOutdated(n_voided)
    return n_voided
