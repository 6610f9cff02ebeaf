"""Changing many items at once: as previewed, with a reason, and with an entry in the audit log."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.adjudication.actions import open_many_by_hand
from app.errors import Conflict
from app.i18n import ngettext
from app.queues.actions import fill_queue
from app.queues.models import Lane
from app.search.changes import chosen_items, queue_chosen, responses_named
from app.search.forms import ChangeKind, Filters, PreviewedChoice
from app.withdrawals.actions import withdraw


class PreviewOutdated(Conflict):
    pass


def change_as_previewed(session: Session, project_id: int, choice: PreviewedChoice, filters: Filters) -> int:
    """How many are new in the queue, with adjudicators, or withdrawn: none, where all were before.

    Raises PreviewOutdated where the search finds another number of items by now; nothing is done then.
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
    if choice.change is ChangeKind.QUEUE:
        return fill_queue(session, queue.id, choice.priority or Lane.NORMAL, ids, choice.reason)
    return open_many_by_hand(session, queue.id, ids, choice.reason)
