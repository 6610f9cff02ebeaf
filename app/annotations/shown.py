"""What the workspace shows of one assignment, read at once."""

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy.orm import Session

from app.assignments.statements import compact
from app.errors import NotFound
from app.i18n import gettext as _
from app.projects.queries import taxonomy_with
from app.projects.taxonomy import Taxonomy
from app.queues.models import Dimension, QueueKind
from app.queues.queries import not_cleared
from app.wellbeing.models import PROMPT

# Text, since it runs for every item: putting it together anew took longer than the database does.
SHOWN = compact("""
    SELECT assignment.id, assignment.status, assignment.item_id, queue_id, queue.name, queue.kind,
           queue.lease_minutes, queue.max_skips_in_row, queue_member.n_skips_in_row, queue.blur_from,
           CASE queue.purpose WHEN 'production' THEN queue.edit_minutes ELSE 0 END,
           queue.purpose, CASE queue.purpose WHEN 'production' THEN NULL ELSE (
               SELECT json_build_array(n_items, (
                   SELECT count(DISTINCT result.assignment_id) FROM gold_result AS result
                   WHERE result.queue_id = queue.id AND result.annotator_id = :annotator_id
                     AND attempt_id = attempt.id AND result.assignment_id <> assignment.id))
               FROM exam_attempt AS attempt WHERE attempt.queue_id = queue.id
                 AND attempt.annotator_id = :annotator_id AND ended_at IS NULL) END,
           project.id, project.name, project.text_format, project.support_text, project.support_url,
           project.break_minutes, prompt.text,
           (SELECT array_agg(response.text ORDER BY position) FROM item_response AS member
            JOIN response ON response.id = response_id WHERE member.item_id = assignment.item_id),
           queue_item.severity_prior,
           (SELECT coalesce(array_agg(position), '{}') FROM reveal WHERE assignment_id = assignment.id),
           (SELECT coalesce(json_agg(json_build_array(dimension, version, content)), '[]') FROM draft
            WHERE assignment_id = assignment.id),
           (SELECT max(version) FROM guideline WHERE guideline.project_id = project.id),
           (SELECT version FROM guideline_reading AS reading
            WHERE reading.project_id = project.id AND reading.user_id = :annotator_id),
           (SELECT coalesce(sum(n_today), 0) FROM queue_member
            WHERE annotator_id = :annotator_id AND day = current_date),
           taxonomy.number,
           (SELECT number FROM taxonomy_reading AS reading
            WHERE reading.project_id = project.id AND reading.user_id = :annotator_id),
           taxonomy.key, queue_item.harm_mask, project.restricted,
           (SELECT cleared FROM user_account WHERE id = :annotator_id)
    FROM assignment
    JOIN queue ON queue.id = assignment.queue_id
    JOIN queue_member USING (queue_id, annotator_id)
    JOIN queue_item USING (queue_id, item_id)
    JOIN project ON project.id = queue.project_id
    JOIN LATERAL (
        SELECT key, number FROM taxonomy_version AS version WHERE version.project_id = project.id
        ORDER BY number DESC LIMIT 1
    ) AS taxonomy ON true
    JOIN item ON item.id = assignment.item_id
    JOIN prompt ON prompt.id = item.prompt_id
    WHERE assignment.id = :assignment_id AND annotator_id = :annotator_id
""")


@dataclass(frozen=True, slots=True)
class ShownAssignment:
    """`responses`: texts in the item's order, not the page's; `revealed`: positions of the texts that were
    uncovered. `edit_minutes`: 0 in a training or an exam; `attempt`: there, how many items the attempt has,
    and how many came before this one. `drafts`: (dimension, version, content) of what was not submitted yet.
    `guideline_version`: the newest, None where there is none; `guideline_read`: the newest that this person
    knows the changes of. `n_today`: what the annotator submitted since midnight UTC, in all queues.
    `taxonomy`: the project's, as it is now; `taxonomy_number`: of its versions; `taxonomy_read`: as
    `guideline_read`."""

    id: int
    status: str
    item_id: int
    queue_id: int
    queue_name: str
    kind: str
    lease_minutes: int
    max_skips_in_row: int
    n_skips_in_row: int
    blur_from: int | None
    edit_minutes: int
    purpose: str
    attempt: tuple[int, int] | None
    project_id: int
    project_name: str
    text_format: str
    support_text: str
    support_url: str
    break_minutes: int
    prompt: str
    responses: list[str]
    severity_prior: int
    revealed: list[int]
    drafts: list[tuple[str, int, dict[str, Any]]]
    guideline_version: int | None
    guideline_read: int | None
    n_today: int
    taxonomy_number: int
    taxonomy_read: int | None
    taxonomy: Taxonomy

    @property
    def steps(self) -> tuple[Dimension, ...]:
        return QueueKind(self.kind).steps

    @property
    def mark(self) -> str:
        """What a page that was loaded ahead says it is: with another guide it would be another page."""
        return f"{self.id}:{self.guide}"

    @property
    def guide(self) -> str:
        """By which versions of the guidelines and the taxonomy it is judged."""
        return f"{self.guideline_version or 0}-{self.taxonomy_number}"

    @property
    def is_covered(self) -> bool:
        """Are its texts covered until they are asked for?"""
        return self.blur_from is not None and self.severity_prior >= self.blur_from

    def draft(self, step: Dimension) -> tuple[int, dict[str, Any]]:
        """Its version and content: 0 and nothing where there is none."""
        found = ((version, content) for dimension, version, content in self.drafts if dimension == step)
        return next(found, (0, {}))

    @property
    def covered(self) -> set[int]:
        """Positions of the texts that were not asked for yet."""
        every = {PROMPT, *range(len(self.responses))} if self.is_covered else set()
        return every.difference(self.revealed)

    @property
    def has_covered_responses(self) -> bool:
        return not self.covered <= {PROMPT}


def assignment_shown(session: Session, assignment_id: int, annotator_id: int) -> ShownAssignment:
    """Texts that are covered are empty, so that no page has them.

    Raises NotFound where it is another annotator's, Forbidden where they are not cleared for its topics.
    """
    values = {"assignment_id": assignment_id, "annotator_id": annotator_id}
    row = session.execute(SHOWN, values).one_or_none()
    if row is None:
        raise NotFound(_("There is no such assignment of yours."))
    *shown, taxonomy_key, mask, restricted, cleared = row
    taxonomy = taxonomy_with(session, taxonomy_key)
    if restricted and mask & taxonomy.withheld_mask(restricted, cleared):
        raise not_cleared()
    return without_covered(ShownAssignment(*(*shown, taxonomy)))


def without_covered(shown: ShownAssignment) -> ShownAssignment:
    covered = shown.covered
    if not covered:
        return shown
    return replace(
        shown,
        prompt="" if PROMPT in covered else shown.prompt,
        responses=["" if place in covered else text for place, text in enumerate(shown.responses)],
    )
