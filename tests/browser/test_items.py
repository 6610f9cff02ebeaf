"""An admin looks for items, uncovers one, and sends those that were found to a queue."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from app.accounts.models import Role
from app.audit.models import Action, AuditEntry
from app.db import transaction
from app.queues.models import Lane, QueueItem
from tests import answer, make
from tests.browser.conftest import Visits
from tests.search.test_find import read


@pytest.mark.parametrize("has_scripts", [True, False])
def test_from_words_to_a_queue(visits: Visits, database: None, has_scripts: bool) -> None:
    with transaction() as session:
        admin, project = make.user(session, role=Role.ADMIN), make.project(session)
        queue = make.queue(session, project)
        mild = make.item(session, project, prompt="Which tea is green?", responses=("Sencha is.",))
        harsh = make.item(session, project, prompt="Is tea awful?", responses=("Green tea is foul.",))
        make.item(session, project, prompt="Which coffee?", responses=("Any.",))
        make.reference_safety(session, harsh.id, ["Insulting Behavior"], 1)
        read(session, project)
    page = visits.page(admin, java_script_enabled=has_scripts)
    page.goto(f"/admin/projects/{project.id}/items")
    page.get_by_role("searchbox").fill("green tea")
    page.get_by_role("button", name="Search").first.click()
    expect(page.get_by_role("listitem").filter(has=page.get_by_role("checkbox"))).to_have_count(2)
    expect(page.get_by_text("Sencha is.")).to_be_visible()
    expect(page.get_by_text("foul")).to_have_count(0)
    if has_scripts:
        page.get_by_role("link", name="Show how it begins").click()
        expect(page.get_by_text("Green tea is foul.")).to_be_visible()
    page.get_by_label("Which", exact=True).select_option("all that this search finds")
    page.get_by_label("Queue", exact=True).last.select_option(queue.name)
    page.get_by_label("Priority in the queue").select_option("high")
    page.get_by_label("Why").fill("Teas first")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="2 items come into the queue")).to_be_visible()
    page.get_by_role("button", name="Do it").click()
    expect(page.get_by_role("searchbox")).to_have_value("green tea")
    with transaction() as session:
        lanes = dict(session.execute(select(QueueItem.item_id, QueueItem.lane)).all())
        seen = session.scalars(select(AuditEntry.item_id).where(AuditEntry.action == Action.VIEWED)).all()
    assert lanes == {mild.id: Lane.HIGH, harsh.id: Lane.HIGH}
    assert (harsh.id in seen) is has_scripts


def test_answers_to_what_was_found_are_voided_by_keyboard(visits: Visits, database: None) -> None:
    with transaction() as session:
        admin, project, annotator = (
            make.user(session, role=Role.ADMIN),
            make.project(session),
            make.user(session),
        )
        make.item(session, project)
        queue = make.queue(session, project, overlap=1, members=(annotator,))
        answer.safety(session, make.assignment(session, queue, annotator))
    page = visits.page(admin)
    page.goto(f"/admin/projects/{project.id}/items?annotator={annotator.username}")
    expect(page.get_by_label("Whose answers")).to_have_value(annotator.username)
    page.get_by_label("Which", exact=True).focus()
    page.keyboard.type("all that")
    page.keyboard.press("Tab")
    page.keyboard.type("void")
    page.keyboard.press("Tab")
    page.keyboard.type(queue.name)
    page.get_by_label("Why").focus()
    page.keyboard.type("Clicked at random")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 answer in")).to_be_visible()
    expect(page.get_by_role("cell", name="no label any more")).to_be_visible()
    page.get_by_role("button", name="Do it").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("No item fits.")).to_be_visible()
    page.goto(f"/admin/queues/{queue.id}/voids")
    expect(page.get_by_role("cell", name="Clicked at random")).to_be_visible()
