"""All that one person's page says of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.accounts.queries import usernames
from app.agreement.page.words import question_words
from app.audit.models import Action, AuditEntry
from app.queues.models import Queue

# A pace is told by so many of the newest answers of the last thirty days.
NEWEST = 30
LAST_DAYS = 30

# A gold result counts as everywhere: not after an upheld dispute, nor once its answer was voided.
MEMBERSHIPS = text("""
    SELECT queue.id, queue.name, project.id, project.name, queue.state, is_active, n_submitted,
           CASE WHEN day = current_date THEN n_today ELSE 0 END,
           coalesce(member.max_total, queue.max_total), coalesce(member.max_a_day, queue.max_a_day),
           pause_reason, paused_at, gold.n, gold.n_right,
           report.made_at, coalesce(report.numbers, '[]')
    FROM queue_member AS member
    JOIN queue ON queue.id = member.queue_id
    JOIN project ON project.id = project_id
    LEFT JOIN LATERAL (
        SELECT count(*) AS n, count(*) FILTER (WHERE is_right) AS n_right
        FROM gold_result AS result JOIN assignment ON assignment.id = result.assignment_id
        WHERE result.annotator_id = member.annotator_id AND result.queue_id = member.queue_id
          AND dispute_state IS DISTINCT FROM 'upheld' AND status <> 'voided'
    ) AS gold ON true
    LEFT JOIN LATERAL (
        SELECT made_at, findings -> CAST(member.annotator_id AS text) AS numbers
        FROM trust_report WHERE trust_report.queue_id = member.queue_id ORDER BY id DESC LIMIT 1
    ) AS report ON true
    WHERE member.annotator_id = :user_id
    ORDER BY is_active DESC, project.name, queue.id
""")

PACES = text("""
    SELECT peer.annotator_id, dimension, percentile_cont(0.5) WITHIN GROUP (ORDER BY active_ms) / 1000
    FROM (
        SELECT DISTINCT other.annotator_id
        FROM queue_member AS mine JOIN queue_member AS other USING (queue_id)
        WHERE mine.annotator_id = :user_id
    ) AS peer
    CROSS JOIN LATERAL (
        SELECT id FROM assignment
        WHERE assignment.annotator_id = peer.annotator_id AND status IN ('submitted', 'surplus')
          AND closed_at > now() - make_interval(days => :days)
        ORDER BY closed_at DESC LIMIT :newest
    ) AS newest
    JOIN annotation ON assignment_id = newest.id AND superseded_at IS NULL AND active_ms IS NOT NULL
    GROUP BY peer.annotator_id, dimension
""")

# Of the newest report of each queue, the row of this person's kappas. Arrays count from 0 here, ids from 1.
KAPPAS = text("""
    SELECT queue.id, queue.name, computed_at, matrix ->> 'question', matrix -> 'annotator_ids',
           matrix -> 'kappa' -> CAST(place AS int) - 1, matrix -> 'n' -> CAST(place AS int) - 1
    FROM queue_member AS member
    JOIN queue ON queue.id = member.queue_id
    CROSS JOIN LATERAL (
        SELECT computed_at, content FROM agreement_report
        WHERE agreement_report.queue_id = member.queue_id ORDER BY id DESC LIMIT 1
    ) AS report
    CROSS JOIN jsonb_array_elements(content -> 'kappa_matrices') AS matrix
    JOIN jsonb_array_elements(matrix -> 'annotator_ids') WITH ORDINALITY AS annotator (id, place)
        ON annotator.id = to_jsonb(member.annotator_id)
    WHERE member.annotator_id = :user_id
    ORDER BY queue.id
""")


@dataclass(frozen=True, slots=True)
class MemberOf:
    """One queue. `numbers`: what its newest trust report, of `made_at`, found; the most they may answer is
    None for no limit."""

    queue_id: int
    queue_name: str
    project_id: int
    project_name: str
    state: str
    is_active: bool
    n_submitted: int
    n_today: int
    max_total: int | None
    max_a_day: int | None
    pause_reason: str | None
    paused_at: datetime | None
    n_gold: int
    n_right: int
    made_at: datetime | None
    numbers: list[dict[str, Any]]

    @property
    def alarms(self) -> list[dict[str, Any]]:
        return [number for number in self.numbers if number["is_alarm"]]


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds of active time an answer: the median of their newest, and the middle one of the others'."""

    dimension: str
    own: float
    others: float | None


@dataclass(frozen=True, slots=True)
class Kappas:
    """Their agreement with everyone they share items with, on one question, the least first."""

    queue_id: int
    queue_name: str
    computed_at: datetime
    question: str
    pairs: list[tuple[str, float, int]]

    @property
    def middle(self) -> float:
        return median(kappa for _, kappa, _ in self.pairs)


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that was done to them. `who`: None for the system."""

    at: datetime
    who: str | None
    action: str
    subject: str
    queue_name: str | None
    reason: str | None


def memberships(session: Session, user_id: int) -> list[MemberOf]:
    return [MemberOf(*row) for row in session.execute(MEMBERSHIPS, {"user_id": user_id})]


def partners_in(queues: Sequence[MemberOf]) -> set[int]:
    """Ids of the people whom alarms name beside them."""
    facts = [number["facts"] for queue in queues for number in queue.alarms]
    return {each["partner"] for each in facts if "partner" in each}


def paces(session: Session, user_id: int) -> list[Pace]:
    values = {"user_id": user_id, "newest": NEWEST, "days": LAST_DAYS}
    own: dict[str, float] = {}
    others: dict[str, list[float]] = {}
    for annotator_id, dimension, seconds in session.execute(PACES, values):
        if annotator_id == user_id:
            own[dimension] = seconds
        else:
            others.setdefault(dimension, []).append(seconds)
    return [
        Pace(dimension, seconds, median(others[dimension]) if dimension in others else None)
        for dimension, seconds in sorted(own.items())
    ]


def kappas(session: Session, user_id: int) -> list[Kappas]:
    """Questions on which nobody else answered the same items are left out."""
    rows = session.execute(KAPPAS, {"user_id": user_id}).all()
    names = usernames(session, {id_ for row in rows for id_ in row[4]})
    found = []
    for queue_id, queue_name, computed_at, question, ids, values, counts in rows:
        pairs = [
            (names[id_], kappa, n)
            for id_, kappa, n in zip(ids, values, counts, strict=True)
            if kappa is not None and id_ in names
        ]
        if pairs:
            pairs.sort(key=lambda pair: pair[1])
            found.append(Kappas(queue_id, queue_name, computed_at, question_words(question), pairs))
    return found


def done_to(session: Session, user_id: int, limit: int) -> Sequence[Happening]:
    """The newest first; their own sign-ins are not among it."""
    actor = aliased(User)
    rows = session.execute(
        select(AuditEntry.at, actor.username, AuditEntry.action, AuditEntry.subject)
        .add_columns(Queue.name, AuditEntry.reason)
        .outerjoin(actor, actor.id == AuditEntry.actor_id)
        .outerjoin(Queue, Queue.id == AuditEntry.queue_id)
        .where(AuditEntry.user_id == user_id, AuditEntry.action != Action.SIGNED_IN)
        .order_by(AuditEntry.id.desc())
        .limit(limit)
    )
    return [Happening(*row) for row in rows]
