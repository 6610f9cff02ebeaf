"""Many inspectors and admins at once: an answer has one verdict, and a batch one end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.assignments.check import check_queue
from app.assignments.models import Assignment, AssignmentStatus
from app.db import transaction
from app.errors import Conflict
from app.inspections.actions import end_batch, judge_answer, make_batch
from app.inspections.forms import BatchPlan, InspectorVerdict
from app.inspections.models import InspectedAnswer
from tests import answer, make

N_AT_ONCE = 6
PLAN = BatchPlan(sample_share=1, min_right=0.9, share_wrong=0.2, risk=0.1)
WRONG = InspectorVerdict(is_right=False, comment="Not so")


def batch() -> tuple[int, int, int, list[int]]:
    """(queue id, batch id, the one answer's assignment id, ids of people who may inspect and end)."""
    with transaction() as session:
        project = make.project(session)
        make.item(session, project)
        annotator = make.user(session)
        queue = make.queue(session, project, overlap=1, members=(annotator,))
        held = make.assignment(session, queue, annotator)
        answer.safety(session, held)
        people = [make.user(session, role=Role.ADMIN).id for _ in range(N_AT_ONCE)]
        return queue.id, make_batch(session, queue.id, PLAN, people[0], seed=3), held.id, people


def all_at_once(step: Callable[[Session, int], object], people: list[int]) -> int:
    """How many of them were not told that somebody else was faster."""

    def try_it(person_id: int) -> bool:
        try:
            with transaction() as session:
                step(session, person_id)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(N_AT_ONCE) as pool:
        return sum(pool.map(try_it, people))


@pytest.mark.usefixtures("database")
def test_of_many_inspectors_one_judges_an_answer() -> None:
    _queue_id, batch_id, assignment_id, people = batch()
    n_judged = all_at_once(
        lambda session, person: judge_answer(session, batch_id, assignment_id, person, WRONG), people
    )
    assert n_judged == 1
    with transaction() as session:
        assert session.scalars(select(InspectedAnswer.inspected_by)).one() in people


@pytest.mark.usefixtures("database")
def test_of_many_admins_one_ends_a_batch() -> None:
    queue_id, batch_id, assignment_id, people = batch()
    with transaction() as session:
        judge_answer(session, batch_id, assignment_id, people[0], WRONG)
    assert all_at_once(lambda session, person: end_batch(session, batch_id, person), people) == 1
    with transaction() as session:
        voided = Assignment.status == AssignmentStatus.VOIDED
        assert session.scalars(select(func.count()).where(voided)).one() == 1
        assert check_queue(session, queue_id) == []
