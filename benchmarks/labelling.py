"""One round trip of an annotator, from an answer to the next item: over HTTP, and by the functions alone."""

import random

from sqlalchemy import text

from app.annotations.actions import submit_safety_label
from app.annotations.forms import SafetyLabel
from app.annotations.shown import assignment_shown
from app.assignments.actions import claim_next, lock_member
from app.db import transaction
from app.projects.pku import PKU
from benchmarks.annotating import next_page, task_on
from benchmarks.stack import Browser, WrongResult, good

# Items whose counters are not what their rows say, or that were given to too many.
BROKEN_ITEMS = text("""
    SELECT count(*) FROM queue_item LEFT JOIN (
        SELECT item_id, count(*) AS n, count(*) FILTER (WHERE status = 'submitted') AS n_submitted,
               count(DISTINCT annotator_id) AS n_people
        FROM assignment WHERE queue_id = :queue_id GROUP BY item_id
    ) AS given USING (item_id)
    WHERE queue_id = :queue_id AND (
        n_assigned <> coalesce(n, 0) OR queue_item.n_submitted <> coalesce(given.n_submitted, 0)
        OR n_people <> n OR n_assigned > overlap)
""")
STORED = text("""
    SELECT count(*) FROM annotation JOIN assignment ON assignment.id = assignment_id
    WHERE queue_id = :queue_id AND status = 'submitted'
""")


class Tab:
    """A signed-in browser that shows an item of the queue."""

    def __init__(self, browser: Browser, queue_id: int) -> None:
        self.browser = browser
        self.page = next_page(browser, queue_id)

    def __call__(self) -> None:
        """Label what is shown; then the next item is. Raises WrongResult."""
        task = task_on(self.page)
        if task is None:
            raise WrongResult("nothing is left to label: import more items")
        self.page = good(self.browser.post(task.action, any_label())).text


def any_label() -> dict[str, object]:
    """Half of them safe."""
    if random.random() < 0.5:
        return {"is_safe": "true"}
    return {"is_safe": "false", "harm_categories": random.sample(PKU.category_names, 2), "severity": "2"}


def submit_and_claim(queue_id: int, annotator_id: int) -> None:
    """The same in one transaction, without HTTP, sign-in and page. Raises WrongResult."""
    label = SafetyLabel.model_validate(any_label())
    with transaction() as session:
        member = lock_member(session, queue_id, annotator_id)
        held = claim_next(session, member)
        if held is None:
            raise WrongResult("nothing is left to label: import more items")
        submit_safety_label(session, member, held, label)
        claimed = claim_next(session, member)
        if claimed is not None:
            assignment_shown(session, claimed, annotator_id)


def what_is_wrong(queue_id: int, n_submitted: int) -> str | None:
    """A sentence if the tables do not hold exactly what was sent."""
    with transaction() as session:
        n_broken = session.scalar(BROKEN_ITEMS, {"queue_id": queue_id})
        n_stored = session.scalar(STORED, {"queue_id": queue_id})
    if n_broken:
        return f"{n_broken} items have wrong counters or too many annotators"
    return None if n_stored == n_submitted else f"{n_submitted} labels were sent, {n_stored} are stored"
