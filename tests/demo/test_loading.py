"""Asking for the demo campaign, and seeing how far it is."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.audit.models import AuditEntry
from app.db import transaction
from app.demo import jobs
from app.demo.actions import CAMPAIGN_NAME, ask_for_demo, note_state, note_step, remove_demo
from app.demo.cast import NameOfSomebody, add_people
from app.demo.models import DemoCampaign, DemoState
from app.demo.queries import demo_campaign
from app.items.models import Item
from app.projects.models import Project
from tests import make
from tests.browse import enter, post
from tests.queued import jobs_sent_by


def ask(client: TestClient, session: Session) -> DemoCampaign:
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert post(client, "/admin/demo").headers["location"] == "/admin/demo"
    demo = demo_campaign(session)
    assert demo is not None
    return demo


def test_the_list_of_projects_offers_it_and_then_its_removal(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert "Load the demo campaign" in client.get("/admin").text
    assert "Load the demo campaign" in client.get("/admin/demo").text
    ask(client, session)
    page = client.get("/admin").text
    assert "Load the demo campaign" not in page
    assert "/admin/demo/remove" in page


def test_sent_twice_it_is_loaded_once(client: TestClient, session: Session) -> None:
    demo = ask(client, session)
    assert post(client, "/admin/demo").status_code == 303
    assert session.scalars(select(Project.id).where(Project.name == CAMPAIGN_NAME)).all() == [demo.project_id]
    created = select(func.count()).where(AuditEntry.subject == "demo campaign")
    assert session.scalar(created) == 1


def test_a_project_of_that_name_is_left_alone(client: TestClient, session: Session) -> None:
    make.project(session, name=CAMPAIGN_NAME)
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert post(client, "/admin/demo").status_code == 409
    assert demo_campaign(session) is None


def test_how_far_it_is_is_told_until_it_has_ended(client: TestClient, session: Session) -> None:
    demo = ask(client, session)
    assert "no worker is running" in client.get("/admin/demo").text
    note_state(session, demo.project_id, DemoState.RUNNING)
    note_step(session, demo.project_id)
    moving = client.get("/admin/demo", headers={"hx-request": "true"}).text
    assert moving.lstrip().startswith("<section")
    assert "every 1s" in moving
    assert 'value="1"' in moving
    note_state(session, demo.project_id, DemoState.DONE)
    done = client.get("/admin/demo").text
    assert "every 1s" not in done
    assert f"/admin/projects/{demo.project_id}" in done


def test_after_a_failure_it_can_be_tried_again_or_removed(client: TestClient, session: Session) -> None:
    demo = ask(client, session)
    note_state(session, demo.project_id, DemoState.FAILED)
    assert "Try again" in client.get("/admin/demo").text
    for _ in range(2):
        assert post(client, "/admin/demo/again").status_code == 303
    again = demo_campaign(session)
    assert again is not None
    assert again.state == DemoState.WAITING
    post(client, "/admin/demo/remove", project_id=demo.project_id)
    assert demo_campaign(session) is None


@pytest.mark.parametrize("named", ["", "x", "0", "9" * 30])
def test_nonsense_removes_nothing(client: TestClient, session: Session, named: str) -> None:
    ask(client, session)
    assert post(client, "/admin/demo/remove", project_id=named).status_code == 303
    assert demo_campaign(session) is not None


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.ADJUDICATOR])
def test_only_admins_load_and_remove(client: TestClient, session: Session, role: Role) -> None:
    demo = ask(client, session)
    enter(client, session, make.user(session, role=role))
    for path in ("/admin/demo", "/admin/demo/again", "/admin/demo/remove"):
        assert post(client, path, project_id=demo.project_id).status_code == 403
    for path in ("/admin/demo", "/admin/demo/remove"):
        assert client.get(path).status_code == 403
    assert demo_campaign(session) is not None


def test_a_lost_message_is_sent_again(database: None) -> None:
    with transaction() as session:
        project_id = ask_for_demo(session, make.user(session, role=Role.ADMIN).id)
    assert jobs_sent_by("app.demo.jobs", "resume") == [("demo.load", [project_id])]


def test_what_fails_leaves_nothing_but_that_it_failed(database: None) -> None:
    with transaction() as session:
        # Nobody of the demo, so its name can't be taken.
        make.user(session, username="demo-amber")
        project_id = ask_for_demo(session, make.user(session, role=Role.ADMIN).id)
    assert project_id is not None
    with pytest.raises(NameOfSomebody):
        jobs.load(project_id)
    with transaction() as session:
        demo = demo_campaign(session)
        assert demo is not None
        assert demo.state == DemoState.FAILED
        assert session.scalar(select(func.count()).select_from(Item)) == 0


def test_whoever_is_used_for_something_else_keeps_a_closed_account(session: Session) -> None:
    admin = make.user(session, role=Role.ADMIN)
    project_id = ask_for_demo(session, admin.id)
    assert project_id is not None
    people = add_people(session)
    amber = session.get_one(User, people["demo-amber"])
    make.queue(session, make.project(session), members=(amber,))
    remove_demo(session, project_id)
    left = session.execute(
        select(User.username, User.is_active).where(User.username.startswith("demo-"))
    ).all()
    assert [tuple(row) for row in left] == [("demo-amber", False)]
    assert add_people(session)["demo-amber"] == people["demo-amber"]
    assert session.get_one(User, people["demo-amber"], populate_existing=True).is_active


def test_a_name_that_somebody_has_is_not_taken(session: Session) -> None:
    make.user(session, username="demo-amber")
    with pytest.raises(NameOfSomebody):
        add_people(session)
