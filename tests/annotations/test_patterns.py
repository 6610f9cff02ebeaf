"""An item's pattern follows its answers, and the counters follow the patterns."""

import threading
from collections import Counter

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.annotations.forms import SafetyLabel
from app.annotations.models import Annotation, ItemPattern, PatternCount
from app.annotations.patterns import fold_changes, rebuild_patterns, stray_patterns
from app.assignments.interventions import void_answers
from app.assignments.models import Assignment
from app.db import transaction
from app.projects.pku import PKU
from app.queues.models import Dimension, Queue, QueueKind, QueueMember
from app.work.actions import revise_safety_label
from tests import answer, make

VIOLENCE = PKU.mask_of(["Violence"])


@pytest.fixture
def queue(session: Session) -> Queue:
    """Two items, each for three annotators."""
    project = make.project(session)
    for _ in range(2):
        make.item(session, project)
    return make.queue(session, project, overlap=3, members=tuple(make.user(session) for _ in range(3)))


def members_of(session: Session, queue: Queue) -> list[User]:
    of_queue = select(User).join(QueueMember, QueueMember.annotator_id == User.id).order_by(User.id)
    return list(session.scalars(of_queue.where(QueueMember.queue_id == queue.id)))


def patterns(session: Session, queue: Queue) -> Counter[str]:
    """Of the items, as text, with how many have it."""
    rows = session.scalars(select(ItemPattern.answers).where(ItemPattern.queue_id == queue.id)).all()
    return Counter(str(answers) for answers in rows)


def counted(session: Session, queue: Queue, dimension: Dimension = Dimension.SAFETY) -> Counter[str]:
    rows = session.execute(
        select(PatternCount.answers, PatternCount.n_items).where(
            PatternCount.queue_id == queue.id, PatternCount.dimension == dimension
        )
    )
    return Counter({str(row.answers): row.n_items for row in rows})


def test_answers_stand_in_their_items_pattern_in_one_order(session: Session, queue: Queue) -> None:
    first, second, _ = members_of(session, queue)
    label = answer.harmful("Violence", severity=3)
    for annotator, given in ((first, label), (second, answer.SAFE)):
        answer.safety(session, make.assignment(session, queue, annotator), given)
    shown = [str([[3, VIOLENCE]]), str([[0, 0]])]
    if len(patterns(session, queue)) == 1:
        shown = [str([[0, 0], [3, VIOLENCE]])]
    assert patterns(session, queue) == Counter(shown)


def test_counters_are_those_of_the_patterns_after_a_fold(session: Session, queue: Queue) -> None:
    for annotator in members_of(session, queue):
        for _ in range(2):
            answer.safety(session, make.assignment(session, queue, annotator))
    assert counted(session, queue) == Counter()
    changed = fold_changes(session, queue.id)
    assert len(changed[Dimension.SAFETY]) == 2
    assert counted(session, queue) == Counter({str([[0, 0]] * 3): 2})
    assert fold_changes(session, queue.id) == {}
    assert stray_patterns(session, queue.id) == []


def test_a_voided_answer_leaves_its_pattern(session: Session, queue: Queue) -> None:
    assignment = make.assignment(session, queue, members_of(session, queue)[0])
    answer.safety(session, assignment, answer.harmful("Violence"))
    fold_changes(session, queue.id)
    void_answers(session, queue.id, [assignment.id], "a test")
    fold_changes(session, queue.id)
    assert counted(session, queue) == Counter()
    assert patterns(session, queue) == Counter({"[]": 1})
    assert stray_patterns(session, queue.id) == []


def test_a_changed_answer_takes_the_place_of_the_old_one(session: Session, queue: Queue) -> None:
    assignment = make.assignment(session, queue, members_of(session, queue)[0])
    answer.safety(session, assignment)
    member = answer.member_of(session, assignment)
    revise_safety_label(session, member, assignment.id, answer.harmful("Violence", severity=1))
    fold_changes(session, queue.id)
    assert counted(session, queue) == Counter({str([[1, VIOLENCE]]): 1})
    assert stray_patterns(session, queue.id) == []


def test_rankings_of_both_steps_have_patterns_once_they_are_submitted(session: Session) -> None:
    project, annotator = make.project(session), make.user(session)
    make.item(session, project, responses=("Yes.", "No."))
    queue = make.queue(session, project, kind=QueueKind.DUAL, overlap=1, members=(annotator,))
    assignment = make.assignment(session, queue, annotator)
    answer.ranking(session, assignment, Dimension.HELPFULNESS, [1, 2])
    assert fold_changes(session, queue.id) == {}
    answer.ranking(session, assignment, Dimension.HARMLESSNESS, [2, 1])
    assert fold_changes(session, queue.id).keys() == {Dimension.HELPFULNESS, Dimension.HARMLESSNESS}
    assert counted(session, queue, Dimension.HELPFULNESS) == Counter({"[[1, 2]]": 1})
    assert counted(session, queue, Dimension.HARMLESSNESS) == Counter({"[[2, 1]]": 1})


def test_building_anew_gives_the_same(session: Session, queue: Queue) -> None:
    for annotator in members_of(session, queue):
        answer.safety(session, make.assignment(session, queue, annotator), answer.harmful("Drugs"))
    before = patterns(session, queue)
    rebuild_patterns(session, queue.id)
    fold_changes(session, queue.id)
    assert patterns(session, queue) == before == counted(session, queue)
    assert stray_patterns(session, queue.id) == []


@pytest.mark.usefixtures("database")
def test_answers_changed_at_once_are_all_in_the_pattern() -> None:
    """Changes of one item's answers by different people lock no row in common but the pattern's."""
    n_annotators = 4
    with transaction() as session:
        project = make.project(session)
        make.item(session, project)
        people = tuple(make.user(session) for _ in range(n_annotators))
        queue_id = make.queue(session, project, overlap=n_annotators, members=people).id
        for person in people:
            answer.safety(session, make.assignment(session, session.get_one(Queue, queue_id), person))
        assignment_ids = list(session.scalars(select(Assignment.id)))
    together = threading.Barrier(n_annotators)

    def change(assignment_id: int) -> None:
        for severity in (1, 2, 3):
            label = SafetyLabel(is_safe=False, harm_categories=["Violence"], severity=severity)
            with transaction() as session:
                assignment = session.get_one(Assignment, assignment_id)
                member = answer.member_of(session, assignment)
                together.wait(timeout=30)
                revise_safety_label(session, member, assignment_id, label)

    threads = [threading.Thread(target=change, args=(each,)) for each in assignment_ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    with transaction() as session:
        assert session.scalars(select(ItemPattern.answers)).one() == [[3, VIOLENCE]] * n_annotators
        assert stray_patterns(session, queue_id) == []
        fold_changes(session, queue_id)
        assert session.scalars(select(PatternCount.n_items)).all() == [1]
        assert session.scalars(select(Annotation.id)).all()
