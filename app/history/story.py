"""What happened to one item: one statement for each kind of thing, however much there is of it."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from app.history.answer_events import (
    answer_events,
    comment_events,
    end_events,
    flag_events,
    lease_events,
    leases_of,
    reveal_events,
)
from app.history.events import Event, in_order
from app.history.item_events import audit_events, gold_events, import_events, queue_events, withdrawal_events
from app.history.verdict_events import case_events, decision_events, gold_result_events, verdict_events


def story_of(session: Session, item_id: int) -> Sequence[Event]:
    """Everything that is known to have happened to the item, the oldest first."""
    leases = leases_of(session, item_id)
    return in_order(
        import_events(session, item_id),
        queue_events(session, item_id),
        gold_events(session, item_id),
        lease_events(leases),
        reveal_events(session, item_id),
        answer_events(session, item_id),
        end_events(leases),
        flag_events(session, item_id),
        comment_events(session, item_id),
        gold_result_events(session, item_id),
        case_events(session, item_id),
        decision_events(session, item_id),
        verdict_events(session, item_id),
        withdrawal_events(session, item_id),
        audit_events(session, item_id),
    )
