"""What an admin sees of one project at a glance."""

from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.agreement.actions import compute_agreement
from app.db import now
from app.overview.decisions import Kind, decisions
from app.overview.queries import DayOfWork, every_day, queues_at_work, work_by_queue
from app.people.actions import activate
from app.projects.models import Project
from app.quality.actions import pause_member
from app.queues.actions import set_queue_state
from app.queues.models import Queue, QueueMember, QueueState
from app.releases.actions import request_release
from app.releases.models import ReleaseState
from app.work.models import WorkDay
from tests import answer, make
from tests.browse import enter


@pytest.fixture
def admin(client: TestClient, session: Session) -> User:
    made = make.user(session, role=Role.ADMIN)
    enter(client, session, made)
    return made


def queue_with_answers(session: Session, n_items: int, n_answered: int) -> Queue:
    """One annotator has answered some of the items, each once wanted."""
    project, annotator = make.project(session), make.user(session)
    for _ in range(n_items):
        make.item(session, project)
    queue = make.queue(session, project, overlap=1, members=(annotator,))
    for _ in range(n_answered):
        answer.safety(session, make.assignment(session, queue, annotator))
    return queue


def days_ago(session: Session, queue: Queue, n_days: int) -> None:
    """Every answer in the queue was given so long ago."""
    day = now().date() - timedelta(days=n_days)
    session.execute(update(WorkDay).where(WorkDay.queue_id == queue.id).values(day=day))


def test_a_new_project_leads_through_its_first_steps(
    client: TestClient, session: Session, admin: User
) -> None:
    project = make.project(session)
    path = f"/admin/projects/{project.id}"
    page = client.get(path).text
    assert "Four steps to the first answer" in page
    assert page.count('<span class="state done">') == 0
    assert "0 QA pairs and 0 response sets." in page
    make.item(session, project)
    make.item(session, project, responses=("A drink.", "A plant."))
    queue = make.queue(session, project, members=(make.user(session),))
    set_queue_state(session, queue.id, QueueState.PAUSED)
    page = client.get(path).text
    assert "1 QA pair and 1 response set." in page
    assert "0 of 1 item finished" in client.get(f"{path}/queues").text
    assert page.count('<span class="state done">') == 3
    set_queue_state(session, queue.id, QueueState.RUNNING)
    assert "Four steps" not in client.get(path).text


def test_a_queue_says_how_far_it_is_and_when_it_ends(
    client: TestClient, session: Session, admin: User
) -> None:
    queue = queue_with_answers(session, n_items=4, n_answered=1)
    days_ago(session, queue, 1)
    found = queues_at_work(
        session, queue.project_id, work_by_queue(session, queue.project_id, now().date() - timedelta(days=28))
    )
    assert [each.queue.id for each in found] == [queue.id]
    assert found[0].forecast is not None
    # One a day: today, tomorrow, the day after.
    assert found[0].forecast.middle == now().date() + timedelta(days=2)
    page = client.get(f"/admin/projects/{queue.project_id}").text
    assert "1 of 4 finished" in page
    assert str(found[0].forecast.middle) in page
    assert "no report yet" in page


def test_work_of_each_day_is_added_up(session: Session) -> None:
    queue = queue_with_answers(session, n_items=3, n_answered=2)
    days_ago(session, queue, 2)
    day = now().date() - timedelta(days=2)
    work = work_by_queue(session, queue.project_id, day)
    assert [(each.day, each.n_items) for each in work[queue.id]] == [(day, 2)]
    days = every_day([*work[queue.id], DayOfWork(day, 3, 7)], day, 2)
    assert [each.n_items for each in days] == [5, 0]
    assert work_by_queue(session, queue.project_id, day + timedelta(days=1)) == {}


def test_the_newest_reports_alpha_is_shown_with_its_interval(
    client: TestClient, session: Session, admin: User
) -> None:
    project = make.project(session)
    people = [make.user(session) for _ in range(2)]
    for _ in range(6):
        make.item(session, project)
    queue = make.queue(session, project, overlap=2, members=tuple(people))
    for person in people:
        for n in range(6):
            label = answer.harmful("Violence") if n % 2 else answer.SAFE
            answer.safety(session, make.assignment(session, queue, person), label)
    report = compute_agreement(session, queue.id)
    session.refresh(report)
    assert [figure["question"] for figure in report.main_figures] == ["safe"]
    [found] = queues_at_work(session, project.id, {})
    assert [figure.question for figure in found.agreement] == ["safe"]
    assert found.agreement[0].alpha == report.main_figures[0]["alpha"]
    assert "no report yet" not in client.get(f"/admin/projects/{project.id}").text


def test_what_waits_for_an_admin_is_told_and_nothing_of_other_projects(
    client: TestClient, session: Session, admin: User
) -> None:
    queue = queue_with_answers(session, n_items=1, n_answered=0)
    path = f"/admin/projects/{queue.project_id}"
    assert "Waits for you" not in client.get(path).text
    annotator = make.user(session)
    other = make.queue(session, session.get_one(Project, queue.project_id), members=(annotator,))
    make.item(session, session.get_one(Project, queue.project_id))
    make.comment(session, make.assignment(session, other, annotator), annotator)
    queue.n_breaks = 2
    failed = request_release(session, queue.project_id)
    failed.state, failed.error = ReleaseState.FAILED, "The disk is full."
    session.flush()
    found = decisions(session, queue.project_id)
    assert [each.kind for each in found] == [Kind.BREAKS, Kind.FAILED_RELEASE, Kind.QUESTIONS]
    page = client.get(path).text
    assert "the check of the invariants found 2 breaks" in page
    assert "Release 1 failed" in page
    assert "1 question is unanswered" in page
    assert decisions(session, make.project(session).id) == []


def test_members_who_may_not_sign_in_are_nobody(session: Session, admin: User) -> None:
    queue = queue_with_answers(session, n_items=1, n_answered=0)
    [member] = session.scalars(select(QueueMember).where(QueueMember.queue_id == queue.id))
    pause_member(session, queue.id, member.annotator_id, "Read the guidelines")
    assert [each.kind for each in decisions(session, queue.project_id)] == [Kind.PAUSED]
    activate(session, member.annotator_id, "Has left", is_active=False)
    assert [each.kind for each in decisions(session, queue.project_id)] == [Kind.NOBODY]


def test_the_figures_alone_are_asked_for_again(client: TestClient, session: Session, admin: User) -> None:
    queue = queue_with_answers(session, n_items=2, n_answered=1)
    part = client.get(f"/admin/projects/{queue.project_id}", headers={"hx-request": "true"}).text
    assert part.lstrip().startswith('<div id="now"')
    assert "1 of 2 finished" in part
    assert "<nav" not in part


def test_work_is_given_as_csv(client: TestClient, session: Session, admin: User) -> None:
    queue = queue_with_answers(session, n_items=2, n_answered=2)
    lines = client.get(f"/admin/projects/{queue.project_id}/work.csv").text.splitlines()
    assert lines == ["queue,day,items,active_hours", f"{queue.name},{now().date()},2,0.00"]


@pytest.mark.parametrize("path", ["", "/queues", "/work.csv"])
def test_only_admins_see_it(client: TestClient, session: Session, path: str) -> None:
    project = make.project(session)
    for role in (Role.ANNOTATOR, Role.ADJUDICATOR):
        enter(client, session, make.user(session, role=role))
        assert client.get(f"/admin/projects/{project.id}{path}").status_code == 403
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert client.get(f"/admin/projects/999999{path}").status_code == 404
