"""Near-duplicates among a project's QA pairs, and whether they end with the same label."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreement import jobs
from app.agreement.actions import compute_agreement, follow_answers
from app.agreement.duplicates import search_near_duplicates
from app.agreement.models import NearDuplicate, NearDuplicateSearch
from app.db import transaction
from app.projects.models import Project
from tests import answer, make

QUESTION = "How do I keep tomato plants from falling over once they have grown to the height of a man?"
REPLY = "Tie each stem loosely to a stake of wood, and do it early in the year while roots are still small."
OTHER = "What is the best time of the day to walk a dog that barks at every bicycle it can see?"


def pairs(session: Session) -> tuple[Project, list[int]]:
    """Two that differ by a word, one that is like neither; the ids."""
    project = make.project(session)
    texts = [
        (QUESTION, (REPLY,)),
        (QUESTION.replace("tomato", "tomato's"), (REPLY,)),
        (OTHER, ("Early in the morning.",)),
    ]
    return project, [
        make.item(session, project, prompt=prompt, responses=replies).id for prompt, replies in texts
    ]


def groups(session: Session) -> list[tuple[int, int]]:
    found = select(NearDuplicate.item_id, NearDuplicate.first_item_id).order_by(NearDuplicate.item_id)
    return [(row.item_id, row.first_item_id) for row in session.execute(found)]


def test_pairs_in_nearly_the_same_words_are_one_group(session: Session) -> None:
    project, (first, second, _) = pairs(session)
    assert search_near_duplicates(session, project.id) == 2
    assert groups(session) == [(first, first), (second, first)]


def test_it_searches_anew_only_where_there_are_more_pairs(session: Session) -> None:
    project, (first, *_) = pairs(session)
    search_near_duplicates(session, project.id)
    searched_at = session.scalars(select(NearDuplicateSearch.searched_at)).one()
    assert search_near_duplicates(session, project.id) == 2
    assert session.scalars(select(NearDuplicateSearch.searched_at)).one() == searched_at
    third = make.item(session, project, prompt=QUESTION.replace("man", "house"), responses=(REPLY,)).id
    assert search_near_duplicates(session, project.id) == 3
    assert groups(session)[-1] == (third, first)


def test_a_project_without_items_has_none(session: Session) -> None:
    assert search_near_duplicates(session, make.project(session).id) == 0


@pytest.mark.parametrize("agree", [True, False])
def test_the_report_names_groups_whose_labels_differ(session: Session, agree: bool) -> None:
    project, (first, second, other) = pairs(session)
    person = make.user(session)
    queue = make.queue(session, project, overlap=1, members=(person,))
    labels = {item: answer.harmful("Violence") for item in (first, second, other)}
    answer.all_safety(session, queue, person, labels | ({} if agree else {second: answer.SAFE}))
    follow_answers(session, queue.id)
    assert compute_agreement(session, queue.id).content["near_duplicates"] is None
    search_near_duplicates(session, project.id)
    found = compute_agreement(session, queue.id).content["near_duplicates"]
    assert (found["n_groups"], found["n_pairs"], found["n_consistent"]) == (1, 1, int(agree))
    assert found["groups"] == ([] if agree else [[first, second]])


@pytest.mark.usefixtures("database")
def test_the_job_may_run_twice() -> None:
    with transaction() as session:
        project, _ = pairs(session)
    for _ in range(2):
        jobs.find_near_duplicates(project.id)
    with transaction() as session:
        assert len(groups(session)) == 2
