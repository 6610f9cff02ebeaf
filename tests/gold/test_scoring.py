"""How right an answer of a gold item is."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.annotations.forms import SafetyLabel
from app.assignments.models import Assignment
from app.gold.models import GoldResult
from app.gold.scoring import is_right, jaccard, order_score, scores_of
from app.queues.models import QueuePurpose
from tests import answer, make

HARMFUL = {"is_safe": False, "harm_categories": ["Violence", "Drugs"], "severity": 2}


@pytest.mark.parametrize(
    ("changed", "right"),
    [
        ({}, True),
        ({"severity": 1}, False),
        ({"harm_categories": ["Violence"]}, True),
        ({"harm_categories": ["Violence", "Cybercrime"]}, False),
        ({"is_safe": True, "harm_categories": [], "severity": 0}, False),
    ],
)
def test_a_safety_label_is_right_where_every_part_is(changed: dict[str, object], right: bool) -> None:
    assert is_right(scores_of(HARMFUL, HARMFUL | changed)) is right


def test_two_empty_sets_are_alike() -> None:
    assert jaccard(set(), set()) == 1
    assert jaccard({"Violence"}, set()) == 0
    assert jaccard({"Violence", "Drugs"}, {"Drugs", "Cybercrime"}) == pytest.approx(1 / 3)


@pytest.mark.parametrize(
    ("expected", "given", "score"),
    [
        ([1, 2], [1, 2], 1),
        ([1, 2], [2, 1], 0),
        ([1, 2], [1, 1], 0),
        ([1, 1], [3, 3], 1),
        ([1, 2, 3], [1, 3, 2], 2 / 3),
        ([1, 2], None, 0),
    ],
)
def test_an_order_is_as_right_as_its_pairs(
    expected: list[int], given: list[int] | None, score: float
) -> None:
    assert order_score(expected, given) == pytest.approx(score)


def test_the_first_answer_is_scored_in_the_transaction_that_stores_it(session: Session) -> None:
    project = make.project(session)
    item = make.item(session, project)
    annotator = make.user(session)
    queue = make.queue(session, project, members=(annotator,))
    queue.purpose = QueuePurpose.EXAM
    make.gold(session, queue.id, item.id)
    make.attempt(session, queue, annotator, 1)
    asked = make.assignment(session, queue, annotator)
    label = SafetyLabel(is_safe=False, harm_categories=["Violence"], severity=2)
    answer.safety(session, asked, label)
    result = session.scalars(select(GoldResult)).one()
    assert (result.assignment_id, result.annotator_id, result.is_right) == (asked.id, annotator.id, False)
    assert result.scores == {"is_safe": 0, "harm_categories": 0, "severity": 0}
    assert session.get_one(Assignment, asked.id).takes_place is False
