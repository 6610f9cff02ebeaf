"""An empty database gets a campaign to look at, with three people who can sign in."""

from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.accounts.queries import user_named
from app.demo.actions import PROJECT_NAME, seed_demo
from app.items.models import Import, ImportState
from app.projects.models import Project
from app.projects.queries import project_named
from app.queues.models import QueueKind, QueueState
from app.queues.queries import member_ids, progress_by_queue, queues_of_project
from tests import make
from tests.browse import post, sign_in


def test_each_role_can_sign_in_with_a_password_of_its_own(client: TestClient, session: Session) -> None:
    sign_ins = seed_demo(session)
    assert [new.role for new in sign_ins] == list(Role)
    assert len({new.password for new in sign_ins}) == 3
    for new in sign_ins:
        user = user_named(session, new.username)
        assert user is not None
        page = sign_in(client, user, new.password)
        assert page.url.path == ("/admin" if new.role is Role.ADMIN else "/annotate")


def test_both_queues_run_hold_the_whole_campaign_and_can_be_finished(session: Session) -> None:
    seed_demo(session)
    queues = queues_of_project(session, project_named(session, PROJECT_NAME).id)
    progress = progress_by_queue(session, [queue.id for queue in queues])
    assert [(queue.kind, progress[queue.id].n_items) for queue in queues] == [
        (QueueKind.SAFETY, 72),
        (QueueKind.DUAL, 36),
    ]
    for queue in queues:
        assert queue.state == QueueState.RUNNING
        assert len(member_ids(session, queue.id)) == queue.overlap == 2


def test_the_import_of_its_texts_is_without_fault(session: Session) -> None:
    seed_demo(session)
    done = session.scalars(select(Import)).one()
    assert (done.state, done.n_rows, done.n_rejected, done.n_warnings) == (ImportState.DONE, 36, 0, 0)


def test_the_annotator_agrees_once_finds_both_queues_and_starts(client: TestClient, session: Session) -> None:
    annotator = next(new for new in seed_demo(session) if new.role is Role.ANNOTATOR)
    user = user_named(session, annotator.username)
    assert user is not None
    assert "Dual preference" in sign_in(client, user, annotator.password).text
    project = project_named(session, PROJECT_NAME)
    queues = queues_of_project(session, project.id)
    assert "model-text" not in post(client, f"/annotate/queues/{queues[0].id}/next", htmx=True).text
    make.consent(session, project, user)
    for queue in queues:
        assert "model-text" in post(client, f"/annotate/queues/{queue.id}/next", htmx=True).text


def test_a_second_time_and_where_there_are_people_it_does_nothing(session: Session) -> None:
    make.user(session)
    assert seed_demo(session) == []
    assert session.scalar(select(func.count()).select_from(Project)) == 0
    assert session.scalar(select(func.count()).select_from(User)) == 1
