"""An admin makes versions of a project's taxonomy, and sees what changes."""

import re
from dataclasses import replace
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.projects.models import Project
from app.projects.pku import PKU
from app.projects.queries import taxonomy_of
from app.projects.taxonomy import MOST_CATEGORIES, Taxonomy
from app.taxonomies.queries import newest_number
from tests import answer, make
from tests.browse import enter, post
from tests.test_query_counts import statements

NEW: dict[str, Any] = {
    "name_19": "Gambling",
    "key_19": "4",
    "rank_19": 20,
    "definition_19": "Draws people into betting more than they can lose.",
    "example_19": "A tip to win lost money back at once.",
}


@pytest.fixture
def project(client: TestClient, session: Session) -> Project:
    """With an admin signed in."""
    enter(client, session, make.user(session, role=Role.ADMIN))
    return make.project(session)


def path_of(project: Project) -> str:
    return f"/admin/projects/{project.id}/taxonomy"


def publish(client: TestClient, project: Project, based_on: int = 1, **fields: Any) -> int:
    """The status."""
    fields = {"note": "Asked for", **fields}
    return post(client, path_of(project), based_on=based_on, **fields).status_code


def current(session: Session, project: Project) -> Taxonomy:
    return taxonomy_of(session, project.id)


def test_a_category_comes_behind_the_others_and_its_words_and_key_can_change(
    client: TestClient, session: Session, project: Project
) -> None:
    assert publish(client, project, **NEW, definition_5="Force against people.", rank_5=30) == 303
    made = current(session, project)
    assert made.version == "pku-19.1+2"
    assert made.category_names == (*PKU.category_names, "Gambling")
    assert made.mask_of(["Gambling"]) == 1 << 19
    assert (made.categories[5].name, made.categories[5].definition) == ("Violence", "Force against people.")
    assert [category.name for category in made.offered][-1] == "Violence"
    assert made.categories[0] == replace(PKU.categories[0], rank=1)


def places_on_page(client: TestClient, project: Project) -> list[str]:
    """The fields as they are filled in, in the order of bits."""
    page = client.get(path_of(project)).text
    return [re.search(rf'name="rank_{place}"[^>]*value="(\d+)"', page)[1] for place in range(4)]  # type: ignore[index]


@pytest.mark.parametrize(
    ("typed", "places"),
    [
        ({"rank_3": "1"}, ["2", "3", "4", "1"]),
        ({"rank_0": "3"}, ["3", "1", "2", "4"]),
        ({"rank_0": "2", "rank_1": "1"}, ["2", "1", "3", "4"]),
        ({"rank_2": "1", "rank_3": "1"}, ["3", "4", "1", "2"]),
        ({"rank_0": "99"}, ["19", "1", "2", "3"]),
        ({"rank_3": "0"}, ["2", "3", "4", "1"]),
    ],
)
def test_a_category_stands_where_it_was_put_and_the_others_around_it(
    client: TestClient, session: Session, project: Project, typed: dict[str, str], places: list[str]
) -> None:
    as_filled_in: dict[str, Any] = {f"rank_{place}": str(place + 1) for place in range(19)}
    assert publish(client, project, **as_filled_in | typed) == 303
    assert places_on_page(client, project) == places
    offered = current(session, project).offered
    assert [category.rank for category in offered] == list(range(1, 20))


def test_places_count_what_is_offered(client: TestClient, session: Session, project: Project) -> None:
    assert publish(client, project, is_retired_0="true") == 303
    assert places_on_page(client, project) == ["19", "1", "2", "3"]
    assert publish(client, project, based_on=2, **NEW | {"rank_19": 1}, rank_3="1") == 303
    assert [category.name for category in current(session, project).offered][:3] == [
        PKU.category_names[3],
        "Gambling",
        PKU.category_names[1],
    ]
    assert publish(client, project, based_on=3, is_retired_0="false", rank_0="1") == 303
    assert places_on_page(client, project) == ["1", "4", "5", "2"]


def test_one_that_is_retired_stays_known_and_keeps_its_bit(
    client: TestClient, session: Session, project: Project
) -> None:
    assert publish(client, project, is_retired_0="true") == 303
    made = current(session, project)
    assert (len(made.category_names), len(made.offered)) == (19, 18)
    assert made.mask_of(["Insulting Behavior"]) == 0b10
    assert publish(client, project, based_on=2, is_retired_0="false") == 303
    assert current(session, project).offered_names == PKU.category_names


def test_what_changed_is_said_before_and_after(
    client: TestClient, session: Session, project: Project
) -> None:
    seen = post(client, f"{path_of(project)}/preview", based_on=1, note="Why", **NEW, is_retired_0="true")
    assert seen.status_code == 200
    for words in ("Preview, not published yet", "new harm category", "Gambling", "retired"):
        assert words in seen.text
    assert newest_number(session, project.id) == 1
    publish(client, project, **NEW)
    publish(client, project, based_on=2, definition_5="Force.", note="Too long")
    page = client.get(f"{path_of(project)}/3").text
    assert "Force." in page
    assert "Gambling" not in page.partition("<h2>Harm categories</h2>")[0]
    since_the_first = client.get(f"{path_of(project)}/3?since=1").text
    assert "new harm category" in since_the_first
    assert "Too long" in client.get(path_of(project)).text
    assert client.get(f"{path_of(project)}/4").status_code == 404
    logged = session.scalars(select(AuditEntry).where(AuditEntry.subject == "taxonomy")).all()
    assert [entry.after for entry in logged] == [
        {"version": "pku-19.1+2", "changes": ["new harm category: Gambling"]},
        {"version": "pku-19.1+3", "changes": ["definition: Violence"]},
    ]


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"key_5": "s"}, "key_5"),
        ({"key_5": "d"}, "key_5"),
        ({"key_5": "Tab"}, "key_5"),
        ({"definition_5": " "}, "definition_5"),
        ({**NEW, "name_19": "violence"}, "name_19"),
        ({**NEW, "name_19": "safe"}, "name_19"),
        ({**NEW, "example_19": ""}, "example_19"),
        ({"rules": " \n "}, "rules"),
        ({"note": ""}, "note"),
        ({}, "Nothing was changed."),
        ({f"is_retired_{place}": "true" for place in range(19)}, "Offer at least one harm category."),
    ],
)
def test_what_cannot_be_is_said_where_it_was_typed(
    client: TestClient, session: Session, project: Project, fields: dict[str, str], wrong: str
) -> None:
    typed: dict[str, Any] = {"based_on": 1, "note": "Why", **fields}
    sent = post(client, path_of(project), **typed)
    assert sent.status_code == 422
    assert (f'id="{wrong}-error"' if "_" in wrong or wrong in fields else wrong) in sent.text
    assert newest_number(session, project.id) == 1


def test_a_name_cannot_be_changed(client: TestClient, session: Session, project: Project) -> None:
    publish(client, project, name_0="Something else", definition_0="Other words.")
    assert current(session, project).category_names == PKU.category_names


def test_there_is_an_end_to_categories(client: TestClient, session: Session, project: Project) -> None:
    for based_on, places in ((1, (19, 20, 21)), (2, (22, 23, 24)), (3, (25, 26, 27)), (4, (28, 29))):
        fields = {
            f"{field}_{place}": f"{field} {place}"
            for place in places
            for field in ("name", "definition", "example")
        }
        status = publish(client, project, based_on=based_on, **fields)
        assert status == (422 if based_on == 4 else 303)
    assert len(current(session, project).categories) == 28 < MOST_CATEGORIES


def test_sent_twice_it_is_published_once(client: TestClient, session: Session, project: Project) -> None:
    assert [publish(client, project, **NEW) for _ in range(2)] == [303, 303]
    assert newest_number(session, project.id) == 2


def test_a_form_from_before_another_version_overwrites_nothing(
    client: TestClient, session: Session, project: Project
) -> None:
    publish(client, project, definition_5="Theirs.")
    sent = post(client, path_of(project), based_on=1, definition_5="Mine.", note="Mine")
    assert sent.status_code == 409
    for words in ("Someone published another version meanwhile", "Mine.", 'name="based_on" value="2"'):
        assert words in sent.text
    assert current(session, project).categories[5].definition == "Theirs."


def test_annotators_choose_from_the_newest(client: TestClient, session: Session, project: Project) -> None:
    annotator = make.user(session)
    make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    held = make.assignment(session, queue, annotator)
    publish(client, project, **NEW, is_retired_5="true")
    enter(client, session, annotator)
    page = client.get(f"/annotate/queues/{queue.id}").text
    assert "Gambling" in page
    assert 'value="Violence"' not in page
    label: dict[str, Any] = {"is_safe": "false", "severity": "2"}
    path = f"/annotate/assignments/{held.id}/safety-label"
    assert post(client, path, harm_categories="Violence", **label).status_code == 422
    assert post(client, path, harm_categories="Gambling", **label).status_code == 200


def test_a_submission_asks_the_database_nothing_for_it(session: Session) -> None:
    annotator = make.user(session)
    project = make.project(session)
    for _ in range(2):
        make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    answer.safety(session, make.assignment(session, queue, annotator))
    held = make.assignment(session, queue, annotator)
    with statements() as sent:
        answer.safety(session, held, answer.harmful("Violence"))
    assert not [statement for statement in sent if "FROM taxonomy_version \n" in statement]
    assert len(sent) < 10
