"""Stopping for today gives back everything, and costs nothing."""

from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.assignments.check import check_queue
from app.assignments.models import Assignment, AssignmentStatus
from app.projects.models import Project
from tests import answer, make
from tests.browse import enter, post


def statuses(session: Session) -> list[str]:
    return list(session.scalars(select(Assignment.status).order_by(Assignment.id)))


def test_all_leases_in_all_queues_go_back_and_the_page_says_what_was_done(
    client: TestClient, session: Session
) -> None:
    annotator, other = make.user(session), make.user(session)
    project = make.project(session)
    for _ in range(3):
        make.item(session, project)
    queues = [make.queue(session, project, members=(annotator, other)) for _ in range(2)]
    make.queue(session, make.project(session), members=(annotator,))
    help_ = {"support_text": "Ask for Kim.", "support_url": "mailto:kim@example.org"}
    session.execute(update(Project).values(**help_))
    answer.safety(session, make.assignment(session, queues[0], annotator))
    for queue in queues:
        make.assignment(session, queue, annotator)
    make.assignment(session, queues[0], other)
    enter(client, session, annotator)
    for _ in range(2):
        stopped = post(client, "/annotate/stop")
        assert (stopped.status_code, stopped.headers["location"]) == (303, "/annotate/stopped")
    assert statuses(session) == [
        AssignmentStatus.SUBMITTED,
        AssignmentStatus.RELEASED,
        AssignmentStatus.RELEASED,
        AssignmentStatus.OPEN,
    ]
    assert all(check_queue(session, queue.id) == [] for queue in queues)
    page = client.get("/annotate/stopped").text
    assert f"<dt>{queues[0].name}</dt><dd>1 item</dd>" in page
    assert queues[1].name not in page
    assert page.count("Ask for Kim.") == 1
    assert 'href="mailto:kim@example.org"' in page


def test_it_stands_on_my_queues_and_in_the_workspace(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    make.assignment(session, queue, annotator)
    enter(client, session, annotator)
    for path in ("/annotate", f"/annotate/queues/{queue.id}"):
        assert 'action="/annotate/stop"' in client.get(path).text


def test_an_admin_has_nothing_to_stop(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert post(client, "/annotate/stop").status_code == 403
    assert client.get("/annotate/stopped").status_code == 403
