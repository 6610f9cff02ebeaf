"""Who may get an item now, and which items they may not be shown: rules over one member's state."""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from app.db import now
from app.projects.taxonomy import Taxonomy
from app.queues.hours import ENDED, OFF_HOURS, SCHEDULED, rest_at
from app.queues.models import Dimension, QueueKind, QueuePurpose, QueueState

SEVERE = 3
NO_LIMIT = SEVERE + 1
REST = timedelta(minutes=5)


class Refusal(StrEnum):
    """Why an annotator gets nothing from a queue, whatever it still has."""

    NOT_MEMBER = "not_member"
    PAUSED = "paused"
    DRAINING = "draining"
    CLOSED = "closed"
    SCHEDULED = SCHEDULED
    OFF_HOURS = OFF_HOURS
    ENDED = ENDED
    STAGE_BEFORE = "stage_before"
    MEMBER_PAUSED = "member_paused"
    NOT_QUALIFIED = "not_qualified"
    CAP_TOTAL = "cap_total"
    CAP_TODAY = "cap_today"
    CAP_AT_ONCE = "cap_at_once"


@dataclass(slots=True)
class Membership:
    """One annotator in one queue, as `lock_member` read it: the member's row, what the queue asks, the caps.

    An action that changes the row changes this too, so it stays true as long as the lock. The counts of
    today (UTC) are 0 where the last work was on an earlier day. Caps are None for none; `guideline_version`
    is the project's newest, None where there is none; `taxonomy` is its newest too. `is_covered`: are the
    texts of the assignment covered that the request is about; `is_gold`: is its answer known?
    """

    queue_id: int
    annotator_id: int
    kind: str
    state: str
    opens_at: datetime | None
    closes_at: datetime | None
    weekdays: list[int]
    hours_from: time | None
    hours_until: time | None
    time_zone: str
    is_active: bool
    pause_reason: str | None
    cursors: list[int]
    resume_cursors: list[int] | None
    n_submitted: int
    n_skips_in_row: int
    n_today: int
    n_severe_today: int
    n_severe_in_row: int
    severe_at: datetime | None
    max_total: int | None
    max_a_day: int | None
    max_severe_a_day: int | None
    max_severe_in_row: int | None
    max_at_once: int
    max_skips_in_row: int
    lease_minutes: int
    not_by_queue_id: int | None
    qualification: str | None
    avoided: int
    is_qualified: bool
    n_held_elsewhere: int
    guideline_version: int | None
    is_stage_open: bool
    purpose: str
    gold_every: int | None
    gold_rate: float | None
    seed: int
    is_covered: bool
    is_gold: bool
    taxonomy: Taxonomy

    @property
    def steps(self) -> tuple[Dimension, ...]:
        return QueueKind(self.kind).steps


def refusal(member: Membership) -> Refusal | None:
    """The caps count what was answered; a lease held here already is not a new one."""
    if not member.is_active:
        return Refusal.NOT_MEMBER
    if member.state != QueueState.RUNNING:
        return Refusal(member.state)
    rests = rest_at(member, now())
    if rests is not None:
        return Refusal(rests)
    if not member.is_stage_open:
        return Refusal.STAGE_BEFORE
    if member.pause_reason is not None:
        return Refusal.MEMBER_PAUSED
    if not member.is_qualified:
        return Refusal.NOT_QUALIFIED
    if member.max_total is not None and member.n_submitted >= member.max_total:
        return Refusal.CAP_TOTAL
    if member.max_a_day is not None and member.n_today >= member.max_a_day:
        return Refusal.CAP_TODAY
    if member.n_held_elsewhere >= member.max_at_once:
        return Refusal.CAP_AT_ONCE
    return None


def may_hold_ahead(member: Membership) -> bool:
    """Once the item that is held is answered, will one more be within the caps?"""
    answered = replace(member, n_submitted=member.n_submitted + 1, n_today=member.n_today + 1)
    return refusal(answered) is None


def is_gold_due(member: Membership, n_answered: int) -> bool:
    """Is the turn after so many answers one for a gold item?

    Each annotator's turns are their own and can be made again: nobody can count on them, and loading a page
    again draws nothing anew. In a training or an exam every turn is one.
    """
    if member.purpose != QueuePurpose.PRODUCTION:
        return True
    if member.gold_every is not None:
        return (n_answered + drawn(member, "phase") % member.gold_every + 1) % member.gold_every == 0
    return member.gold_rate is not None and drawn(member, str(n_answered)) < member.gold_rate * 2**64


def drawn(member: Membership, what: str) -> int:
    """Evenly from 0 to 2**64 - 1."""
    drawing = f"{member.seed}:{member.annotator_id}:{what}".encode()
    return int.from_bytes(hashlib.sha256(drawing).digest()[:8])


def has_severe_cap_reached(member: Membership) -> bool:
    return has_severe_cap_of_today_reached(member) or has_severe_cap_in_row_reached(member)


def has_severe_cap_of_today_reached(member: Membership) -> bool:
    return member.max_severe_a_day is not None and member.n_severe_today >= member.max_severe_a_day


def has_severe_cap_in_row_reached(member: Membership) -> bool:
    """It ends with an item that is not severe, or with a rest."""
    if member.max_severe_in_row is None or has_rested(member):
        return False
    return member.n_severe_in_row >= member.max_severe_in_row


def has_rested(member: Membership) -> bool:
    """From severe items."""
    return member.severe_at is None or member.severe_at + REST <= now()


def search_values(member: Membership) -> dict[str, object]:
    """What the claim's statements ask for.

    While a cap on severe items holds, `cursors` run ahead through the other items alone, and `resume_cursors`
    stay where both kinds were searched to. Without a cap the search goes on from those; the others keep what
    they have reached, so that neither ever walks the same items twice however often a cap comes and goes.
    """
    is_capped = has_severe_cap_reached(member)
    behind = member.resume_cursors or member.cursors
    ahead = [max(pair) for pair in zip(member.cursors, behind, strict=True)]
    return {
        "queue_id": member.queue_id,
        "annotator_id": member.annotator_id,
        "lease_minutes": member.lease_minutes,
        "is_ahead": False,
        "not_by_queue_id": member.not_by_queue_id,
        "avoided": member.avoided,
        "severe": SEVERE,
        "severe_from": SEVERE if is_capped else NO_LIMIT,
        "has_rested": has_rested(member),
        "cursors": ahead if is_capped else behind,
        "resume_cursors": behind if is_capped else None,
        "is_behind": not is_capped and member.resume_cursors is not None,
    }
