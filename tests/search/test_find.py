"""Items are found by their words and by what is known of them, a page at a time."""

from typing import Any

import pytest
from sqlalchemy.orm import Session

from app.db import now
from app.projects.models import Project
from app.queues.models import QueueKind
from app.search import candidates, queries
from app.search.candidates import are_all_in_a_queue
from app.search.forms import Filters
from app.search.indexing import newest_item_id, read_items
from app.search.queries import find
from app.search.scope import scope_of
from tests import answer, make


def read(session: Session, project: Project) -> None:
    newest_id = newest_item_id(session, project.id)
    assert newest_id is not None
    while read_items(session, project.id, newest_id):
        pass


def found(session: Session, project: Project, n: int = 50, **filters: Any) -> list[int]:
    return find(session, scope_of(session, project.id, Filters(**filters)), n).ids


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session)


def test_all_words_must_be_in_the_prompt_and_one_response(session: Session, project: Project) -> None:
    both = make.item(session, project, prompt="Green tea?", responses=("With milk.", "With lemon."))
    make.item(session, project, prompt="Green coffee?", responses=("With milk.",))
    read(session, project)
    assert found(session, project, find="green MILK tea") == [both.id]
    assert found(session, project, find="milk lemon") == []


@pytest.mark.parametrize(
    ("text", "find"),
    [
        ("A cup of green tea.", '"green tea"'),
        ("100 % of it_all", '"100 % of" it_all'),
        ("It's O'Neil\\s \"quote\"", "it's o'neil\\s"),
        ("SELECT '; DROP TABLE item; --", "'; DROP TABLE item; --"),
        ("今天天气很好", "天气"),
        ("今天天气很好", "好"),
        ("ภาษาไทยไม่มีช่องว่าง", "ไม่มี"),
        ("smile 😀 now", "😀"),
        ("straße", "STRASSE"),
        ("unbelievable", "*believ*"),
        ("unbelievable", "unbel*"),
        ("x" * 5000 + " end", "end"),
        ("a.*b (c|d)", "a.*b (c|d)"),
    ],
)
def test_hostile_and_foreign_texts_are_found(
    session: Session, project: Project, text: str, find: str
) -> None:
    item = make.item(session, project, responses=(text,))
    make.item(session, project, responses=("Something else.",))
    read(session, project)
    assert found(session, project, find=find) == [item.id]


def test_a_phrase_keeps_its_order(session: Session, project: Project) -> None:
    make.item(session, project, responses=("Tea is green.",))
    read(session, project)
    assert found(session, project, find='"green tea"') == []
    assert len(found(session, project, find="green tea")) == 1


def test_a_common_word_is_met_on_a_walk(
    session: Session, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same items as by the index, whichever way is taken."""
    items = [make.item(session, project, responses=(f"cup {n % 2}",)).id for n in range(12)]
    read(session, project)
    by_index = found(session, project, find="cup 1")
    monkeypatch.setattr("app.search.candidates.FEW_RESPONSES", 0)
    monkeypatch.setattr(queries, "FIRST_STEP", 5)
    assert by_index == items[1::2][::-1]
    assert found(session, project, 2, find="cup 1") == by_index[:2]


def test_pages_follow_each_other_while_items_come_in(session: Session, project: Project) -> None:
    items = [make.item(session, project).id for _ in range(7)]
    scope = scope_of(session, project.id, Filters())
    first = find(session, scope, 3)
    make.item(session, project)
    second = find(session, scope, 3, first.next)
    third = find(session, scope, 3, second.next)
    assert [*first.ids, *second.ids, *third.ids] == items[::-1]
    assert third.next is None
    oldest = scope_of(session, project.id, Filters(oldest_first=True))
    page = find(session, oldest, 3)
    assert [*page.ids, *find(session, oldest, 3, page.next).ids] == items[:6]


def test_a_walk_without_an_end_says_how_far_it_came(
    session: Session, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [make.item(session, project).id for _ in range(9)]
    monkeypatch.setattr(queries, "FIRST_STEP", 4)
    scope = scope_of(session, project.id, Filters(status="open"))
    came = find(session, scope, 5, patience_seconds=0)
    assert (came.ids, came.next, came.is_cut_short) == ([], items[5], True)
    assert find(session, scope, 5, patience_seconds=60).next is None


def test_a_walk_through_answers_meets_each_item_once_and_goes_on_to_the_last(
    session: Session, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = [make.item(session, project).id for _ in range(9)]
    people = [make.user(session) for _ in range(2)]
    queue = make.queue(session, project, overlap=2, members=tuple(people))
    for _ in items:
        for person in people:
            answer.safety(session, make.assignment(session, queue, person))
    monkeypatch.setattr(queries, "FIRST_STEP", 2)
    monkeypatch.setattr(candidates, "FEW_ITEMS", 1)
    scope = scope_of(session, project.id, Filters(answered_from=now().date(), oldest_first=True))
    assert find(session, scope, 50, patience_seconds=60).ids == items


def test_nothing_is_walked_where_each_item_is_in_a_queue(session: Session, project: Project) -> None:
    make.item(session, project)
    sets = [make.item(session, project, responses=("One", "Two")).id for _ in range(2)]
    make.queue(session, project)
    in_no_queue = scope_of(session, project.id, Filters(status="in_no_queue"))
    assert not are_all_in_a_queue(session, in_no_queue)
    assert found(session, project, status="in_no_queue") == sets[::-1]
    make.queue(session, project, kind=QueueKind.DUAL)
    in_no_queue = scope_of(session, project.id, Filters(status="in_no_queue"))
    assert are_all_in_a_queue(session, in_no_queue)
    assert found(session, project, status="in_no_queue") == []
    make.item(session, project)
    assert not are_all_in_a_queue(session, in_no_queue)


def test_every_way_to_stand_is_a_filter(session: Session, project: Project) -> None:
    alone = make.item(session, project)
    queue = make.queue(session, project, overlap=2, members=tuple(make.user(session) for _ in range(2)))
    late = make.item(session, project)
    assert found(session, project, status="open") == [alone.id]
    assert found(session, project, status="in_no_queue") == [late.id]
    people = [make.member(session, queue) for _ in range(2)]
    assert people
    assignments = [make.assignment(session, queue, person) for person in people]
    assert found(session, project, status="in_work", queue=queue.id) == [alone.id]
    answer.safety(session, assignments[0])
    answer.safety(session, assignments[1], answer.harmful("Violence", severity=3))
    assert found(session, project, status="finished") == [alone.id]
    assert found(session, project, says="Violence", says_severity=3) == [alone.id]
    assert found(session, project, says="Copyright Issues") == []
    assert found(session, project, disagreement="safety") == found(session, project, disagreement="any") != []
    assert found(session, project, disagreement="none") == []
    assert found(session, project, annotator=people[0].username) == [alone.id]


def test_what_names_an_item_finds_it_alone(session: Session, project: Project) -> None:
    item, other = (
        make.item(session, project, prompt="Which?", responses=("That.",)),
        make.item(session, project),
    )
    read(session, project)
    for name in (f"id:{item.id}", str(item.id), item.sha256.hex(), make.sha256("Which?").hex()):
        assert found(session, project, find=name) == [item.id]
    assert found(session, project, find=make.sha256("Which?That.").hex()) == [item.id]
    assert found(session, make.project(session), find=f"id:{other.id}") == []


def test_source_is_a_filter(session: Session, project: Project) -> None:
    item = make.item(session, project, sources=("it's\\me",))
    make.item(session, project)
    read(session, project)
    assert found(session, project, source="it's\\me") == [item.id]
    assert found(session, project, source="it") == []


@pytest.mark.parametrize(
    ("filters", "problem"),
    [
        ({"find": "% ()"}, "no word"),
        ({"annotator": "nobody"}, "nobody"),
        ({"queue": 1}, "no such queue"),
        ({"says": "Odd"}, "category"),
    ],
)
def test_what_can_find_nothing_says_why(
    session: Session, project: Project, filters: dict[str, Any], problem: str
) -> None:
    make.item(session, project)
    assert problem in scope_of(session, project.id, Filters(**filters)).finds_nothing
    assert found(session, project, **filters) == []


def test_two_projects_share_no_items(session: Session) -> None:
    here, there = make.project(session), make.project(session)
    item = make.item(session, here, prompt="Shared words?")
    make.item(session, there, prompt="Shared words?")
    for project in (here, there):
        read(session, project)
    assert found(session, here, find="shared words") == [item.id]
