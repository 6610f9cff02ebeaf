"""An admin sees who works in a project and how much, and takes the file by which they are paid."""

import csv
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.annotations.forms import SafetyLabel
from app.audit.models import Action, AuditEntry
from app.db import now
from app.people.counting import count_exposure
from app.people.forms import Days, Order
from app.people.queries import AtWork, Work, people_at_work
from app.people.sheets import SUMS
from app.projects.models import Project
from app.quality.actions import pause_member, raise_alert
from app.queues.models import Queue
from app.voids.actions import void_period
from app.voids.forms import Period
from tests import answer, make
from tests.browse import enter

HALF_AN_HOUR = 1_800_000


@pytest.fixture
def admin(client: TestClient, session: Session) -> User:
    made = make.user(session, role=Role.ADMIN)
    enter(client, session, made)
    return made


@pytest.fixture
def project(session: Session) -> Project:
    made = make.project(session)
    for _ in range(4):
        make.item(session, made)
    return made


def work(session: Session, queue: Queue, person: User, n: int, active_ms: int = HALF_AN_HOUR) -> None:
    for _ in range(n):
        label = SafetyLabel(is_safe=True, active_ms=active_ms)
        answer.safety(session, make.assignment(session, queue, person), label)


def names(session: Session, project: Project, order: Order) -> list[str]:
    return [person.username for person in people_at_work(session, project.id, Days(), order)]


def rows_of(client: TestClient, project: Project, query: str = "") -> list[list[str]]:
    answered = client.get(f"/admin/projects/{project.id}/people.csv{query}")
    assert answered.status_code == 200
    return list(csv.reader(answered.text.splitlines()))


def test_each_person_stands_with_their_work(
    client: TestClient, session: Session, admin: User, project: Project
) -> None:
    ann, bob = make.user(session, username="ann"), make.user(session, username="bob")
    queue = make.queue(session, project, members=(ann, bob))
    work(session, queue, ann, 3)
    pause_member(session, queue.id, bob.id, "Too fast")
    figure = {"figure": 0.5, "lower": 0.4, "upper": 0.6, "n": 9}
    raise_alert(session, queue.id, bob.id, "safety: speed", figure)
    found = people_at_work(session, project.id, Days(), Order.NAME)
    [ann_at_work] = [person for person in found if person.id == ann.id]
    assert ann_at_work.done == Work(3, 3, 3 * HALF_AN_HOUR)
    assert (ann_at_work.done.hours, ann_at_work.done.seconds) == (1.5, 1800)
    assert ann_at_work.seen_at is not None
    assert [person for person in found if person.id == bob.id] == [
        AtWork(Work(), 0, bob.id, "bob", True, 1, 1, None)
    ]
    page = client.get(f"/admin/projects/{project.id}/people").text
    assert f'<a href="/admin/people/{ann.id}">ann</a>' in page
    assert "paused in 1 queue" in page
    assert "1.50" in page


def test_they_are_sorted_as_asked(session: Session, admin: User, project: Project) -> None:
    ann, bob, cem = (make.user(session, username=name) for name in ("ann", "bob", "cem"))
    queue = make.queue(session, project, members=(ann, bob, cem))
    work(session, queue, bob, 2, active_ms=1_000)
    work(session, queue, cem, 1, active_ms=60_000)
    assert names(session, project, Order.NAME) == ["ann", "bob", "cem"]
    assert names(session, project, Order.ITEMS) == ["bob", "cem", "ann"]
    assert names(session, project, Order.HOURS) == ["cem", "bob", "ann"]
    assert names(session, project, Order.SPEED) == ["cem", "bob", "ann"]
    assert names(session, project, Order.SEEN)[-1] == "ann"


def test_their_dose_in_the_project_stands_beside_their_work(
    client: TestClient, session: Session, admin: User, project: Project
) -> None:
    ann, bob = make.user(session, username="ann"), make.user(session, username="bob")
    queue = make.queue(session, project, members=(ann, bob))
    other = make.project(session)
    make.item(session, other)
    for in_queue, person, severity in (
        (queue, ann, 1),
        (queue, bob, 2),
        (make.queue(session, other, members=(ann,)), ann, 3),
    ):
        label = answer.harmful("Violence", severity=severity)
        answer.safety(session, make.assignment(session, in_queue, person), label)
    count_exposure(session)
    found = people_at_work(session, project.id, Days(), Order.DOSE)
    assert [(person.username, person.dose) for person in found] == [("bob", 2), ("ann", 1)]
    page = client.get(f"/admin/projects/{project.id}/people?sort=dose").text
    assert f'<a href="/admin/people/{bob.id}/exposure" aria-label="Dose of bob by day: 2">2</a>' in page


def test_another_projects_work_and_other_days_are_left_out(
    client: TestClient, session: Session, admin: User, project: Project
) -> None:
    ann = make.user(session, username="ann")
    queue = make.queue(session, project, members=(ann,))
    other = make.project(session)
    make.item(session, other)
    work(session, make.queue(session, other, members=(ann,)), ann, 1)
    work(session, queue, ann, 1)
    yesterday = now().date() - timedelta(days=1)
    assert people_at_work(session, project.id, Days(), Order.NAME)[0].done.n_items == 1
    earlier = Days(since=yesterday, until=yesterday)
    assert people_at_work(session, project.id, earlier, Order.NAME)[0].done == Work()
    assert rows_of(client, project, f"?since={yesterday}&until={yesterday}")[1:] == []


def test_the_file_has_a_line_for_each_day_of_each_person(
    client: TestClient, session: Session, admin: User, project: Project
) -> None:
    ann, bob = make.user(session, username="ann"), make.user(session, username="bob")
    queue = make.queue(session, project, members=(ann, bob))
    work(session, queue, ann, 3)
    work(session, queue, bob, 1)
    void_period(session, queue.id, bob.id, "Clicked at random", Period())
    today = now().date()
    assert rows_of(client, project) == [
        ["username", "day", *SUMS],
        ["ann", str(today), "3", "3", "1.50", "0", "0", "0.00"],
        ["bob", str(today), "1", "1", "0.50", "1", "1", "0.50"],
    ]
    assert "1 answer <small>0.50 h</small>" in client.get(f"/admin/projects/{project.id}/people").text
    first = str(today - timedelta(days=29))
    assert rows_of(client, project, "?by_person=true")[2] == [
        *("bob", first, str(today)),
        *("1", "1", "0.50", "1", "1", "0.50"),
    ]


def test_who_took_the_file_is_in_the_audit_log(
    client: TestClient, session: Session, admin: User, project: Project
) -> None:
    rows_of(client, project, "?since=2026-01-01&until=2026-01-31")
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.DOWNLOADED)).one()
    assert (entry.actor_id, entry.project_id) == (admin.id, project.id)
    assert entry.after == {"since": "2026-01-01", "until": "2026-01-31", "by_person": False}


def test_days_that_are_none_come_back_to_be_mended(
    client: TestClient, session: Session, admin: User, project: Project
) -> None:
    make.queue(session, project, members=(make.user(session),))
    path = f"/admin/projects/{project.id}/people"
    for query in ("since=2026-02-02&until=2026-02-01", "since=x", "since=2020-01-01", "sort=password_hash"):
        assert client.get(f"{path}?{query}").status_code == 422
        assert client.get(f"{path}.csv?{query}").status_code == (200 if "sort" in query else 422)
    assert "must not come after" in client.get(f"{path}?since=2026-02-02&until=2026-02-01").text


def test_where_nobody_works_the_page_says_what_comes_next(
    client: TestClient, session: Session, admin: User, project: Project
) -> None:
    page = client.get(f"/admin/projects/{project.id}/people")
    assert f"/admin/projects/{project.id}/queues" in page.text
    assert "Nobody does yet" in page.text


def test_there_is_no_page_of_no_project(client: TestClient, admin: User) -> None:
    assert client.get("/admin/projects/0/people").status_code == 404
    assert client.get("/admin/projects/0/people.csv").status_code == 404
