"""What waits for an admin in one project."""

from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session


class Kind(StrEnum):
    """In the order in which they are told."""

    BREAKS = "breaks"
    FAILED_RELEASE = "failed release"
    FAILED_IMPORT = "failed import"
    FAILED_DELIVERY = "failed delivery"
    SUSPENDED_GOLD = "suspended gold"
    ALERTS = "alerts"
    PAUSED = "paused"
    BATCHES = "batches"
    DISPUTES = "disputes"
    QUESTIONS = "questions"
    CHECKED_IMPORT = "checked import"
    NOBODY = "nobody"


class Decision(NamedTuple):
    """`place_id`: of the queue, import or release that it is about; of the project where it is about all.
    `name`: its name."""

    kind: Kind
    place_id: int
    name: str
    n: int


# A failure is told until something of its kind went well later, and for a month at most.
DECISIONS = text("""
    WITH mine AS (SELECT id, name, state, n_breaks FROM queue WHERE project_id = :project_id)
    SELECT 'breaks', id, name, n_breaks FROM mine WHERE n_breaks > 0
    UNION ALL
    SELECT 'failed release', id, CAST(number AS text), 1
    FROM (SELECT * FROM release WHERE project_id = :project_id ORDER BY number DESC LIMIT 1) AS newest
    WHERE state = 'failed'
    UNION ALL
    SELECT 'failed import', id, file_name, 1
    FROM (SELECT * FROM import WHERE project_id = :project_id ORDER BY id DESC LIMIT 1) AS newest
    WHERE state = 'failed'
    UNION ALL
    SELECT 'failed delivery', :project_id, '', count(*)
    FROM delivery JOIN release ON release.id = release_id
    WHERE project_id = :project_id AND delivery.state = 'failed'
      AND ended_at > now() - interval '30 days'
      AND NOT EXISTS (SELECT FROM delivery AS later WHERE later.target_id = delivery.target_id
                      AND later.id > delivery.id AND later.state = 'done')
    HAVING count(*) > 0
    UNION ALL
    SELECT 'suspended gold', queue_id, name, count(*)
    FROM mine JOIN gold_item ON queue_id = mine.id AND gold_item.state = 'suspended' GROUP BY queue_id, name
    UNION ALL
    SELECT 'alerts', queue_id, name, count(*)
    FROM mine JOIN alert ON queue_id = mine.id AND resolved_at IS NULL GROUP BY queue_id, name
    UNION ALL
    SELECT 'paused', queue_id, name, count(*)
    FROM mine JOIN queue_member AS member ON queue_id = mine.id AND member.is_active
    JOIN user_account AS person ON person.id = annotator_id AND person.is_active
    WHERE pause_reason IS NOT NULL
    GROUP BY queue_id, name
    UNION ALL
    SELECT 'batches', queue_id, name, count(*)
    FROM mine JOIN inspection_batch AS batch ON queue_id = mine.id AND batch.state = 'open'
    WHERE NOT EXISTS (
        SELECT FROM inspected_answer WHERE batch_id = batch.id AND is_sampled AND is_right IS NULL
    )
    GROUP BY queue_id, name
    UNION ALL
    SELECT 'disputes', queue_id, name, count(*)
    FROM mine JOIN gold_result ON queue_id = mine.id AND dispute_state = 'open' GROUP BY queue_id, name
    UNION ALL
    SELECT 'questions', :project_id, '', count(DISTINCT assignment.id)
    FROM comment JOIN assignment ON assignment.id = assignment_id JOIN mine ON mine.id = queue_id
    WHERE read_at IS NULL AND author_id = annotator_id
    HAVING count(*) > 0
    UNION ALL
    SELECT 'checked import', id, file_name, 1 FROM import
    WHERE project_id = :project_id AND state = 'checked' AND created_at > now() - interval '30 days'
    UNION ALL
    SELECT 'nobody', id, name, 1 FROM mine
    WHERE state = 'running' AND NOT EXISTS (
        SELECT FROM queue_member AS member JOIN user_account AS person ON person.id = annotator_id
        WHERE queue_id = mine.id AND member.is_active AND person.is_active
    )
""")


def decisions(session: Session, project_id: int) -> list[Decision]:
    """The most pressing kind first."""
    found = (
        Decision(Kind(kind), *row) for kind, *row in session.execute(DECISIONS, {"project_id": project_id})
    )
    order = list(Kind)
    return sorted(found, key=lambda decision: (order.index(decision.kind), decision.name))
