"""Many adjudicators at once: each case is with one of them at a time."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select, update

from app.adjudication.actions import decide, open_cases, take_next_case
from app.adjudication.models import AdjudicationCase, CaseState, Decision
from app.db import transaction
from tests.adjudication import cases
from tests.adjudication.cases import CARELESS
from tests.answer import SAFE, harmful

N_CASES = 12
N_ADJUDICATORS = 6


def desk() -> tuple[int, list[int]]:
    """(queue id, adjudicators' ids), with open cases."""
    with transaction() as session:
        queue = cases.labelled_queue(session, *[[SAFE, harmful("Violence")]] * N_CASES)
        open_cases(session, queue.id)
        people = [cases.adjudicator(session).id for _ in range(N_ADJUDICATORS)]
    return queue.id, people


def settle_all(queue_id: int, person_id: int) -> list[int]:
    """Take and decide until nothing is left; the ids of the cases."""
    done: list[int] = []
    while True:
        with transaction() as session:
            case_id = take_next_case(session, queue_id, person_id)
        if case_id is None:
            return done
        with transaction() as session:
            decide(session, case_id, person_id, cases.SAFE, CARELESS)
        done.append(case_id)


@pytest.mark.usefixtures("database")
def test_no_two_adjudicators_get_the_same_case() -> None:
    queue_id, people = desk()

    def take(person_id: int) -> int | None:
        with transaction() as session:
            return take_next_case(session, queue_id, person_id)

    with ThreadPoolExecutor(N_ADJUDICATORS) as pool:
        taken = list(pool.map(take, people))
    assert None not in taken
    assert len(set(taken)) == N_ADJUDICATORS


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("n_needed", [1, 2])
def test_each_case_gets_as_many_decisions_as_it_needs(n_needed: int) -> None:
    queue_id, people = desk()
    with transaction() as session:
        session.execute(update(AdjudicationCase).values(n_needed=n_needed))
    with ThreadPoolExecutor(N_ADJUDICATORS) as pool:
        done = list(pool.map(lambda person: settle_all(queue_id, person), people))
    # One who found the last cases held by others has stopped: someone comes back for what was left.
    done += [settle_all(queue_id, person) for person in people]
    counts = Counter(case_id for of_person in done for case_id in of_person)
    assert set(counts.values()) == {n_needed}
    with transaction() as session:
        states = session.scalars(select(AdjudicationCase.state)).all()
        assert states == [CaseState.DECIDED] * N_CASES
        assert session.scalar(select(func.count(Decision.id))) == n_needed * N_CASES


@pytest.mark.usefixtures("database")
def test_looks_at_the_same_time_open_each_case_once() -> None:
    with transaction() as session:
        queue = cases.labelled_queue(session, *[[SAFE, harmful("Violence")]] * N_CASES)

    def look() -> None:
        with transaction() as session:
            open_cases(session, queue.id)

    with ThreadPoolExecutor(4) as pool:
        for look_done in [pool.submit(look) for _ in range(4)]:
            look_done.result()
    with transaction() as session:
        assert session.scalar(select(func.count(AdjudicationCase.id))) == N_CASES
