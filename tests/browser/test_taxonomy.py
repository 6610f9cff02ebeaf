"""An admin changes the taxonomy, sees what is other than before, and asks anew what the change touches."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.models import Role
from app.db import transaction
from app.queues.models import Queue, QueueItem
from tests import answer, make
from tests.browser.conftest import Visits

DEFINITION = "Threatens people or animals, or praises whoever does."


def press(page: Page, name: str) -> None:
    """A button, by keyboard."""
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press("Enter")


@pytest.mark.parametrize("has_scripts", [True, False])
def test_from_a_change_to_a_queue_of_what_it_touches(
    visits: Visits, database: None, has_scripts: bool
) -> None:
    with transaction() as session:
        admin, project, annotator = (
            make.user(session, role=Role.ADMIN),
            make.project(session),
            make.user(session),
        )
        violent, mild = (make.item(session, project) for _ in range(2))
        queue = make.queue(session, project, overlap=1, members=(annotator,))
        said = {violent.id: answer.harmful("Violence"), mild.id: answer.SAFE}
        answer.all_safety(session, queue, annotator, said)
    page = visits.page(admin, java_script_enabled=has_scripts)
    page.goto(f"/admin/projects/{project.id}/guidelines")
    page.get_by_role("link", name="Taxonomy").click()
    change_definition(page)
    press(page, "Preview")
    expect(page.get_by_role("heading", name="Preview, not published yet")).to_be_focused()
    changed = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Violence"))
    expect(changed).to_contain_text(DEFINITION)
    expect(page.get_by_role("link", name="2: pku-19.1+2")).to_have_count(0)
    press(page, "Publish")
    page.get_by_role("link", name="2: pku-19.1+2").click()
    expect(page.get_by_role("heading", name="What is other than in version 1")).to_be_visible()
    expect(changed.get_by_role("cell")).to_have_count(3)
    expect(changed.get_by_role("cell").last).to_have_text(DEFINITION)
    page.get_by_role("link", name="Taxonomy", exact=True).click()
    page.get_by_role("link", name="Ask anew what a change touches").click()
    ticked = page.get_by_role("checkbox", checked=True)
    expect(ticked).to_have_count(1)
    expect(ticked).to_have_value("Violence")
    press(page, "Count the items")
    expect(page.get_by_text("1 item is touched.")).to_be_visible()
    page.get_by_label("Name of the new queue").fill("Violence anew")
    press(page, "Open the queue")
    expect(page.get_by_role("heading", name="Violence anew")).to_be_visible()
    with transaction() as session:
        touched = session.execute(
            select(QueueItem.item_id, Queue.state)
            .join(Queue, Queue.id == QueueItem.queue_id)
            .where(Queue.name == "Violence anew")
        ).all()
    assert [tuple(row) for row in touched] == [(violent.id, "paused")]


def change_definition(page: Page) -> None:
    category = page.get_by_role("group").filter(has_text="Violence").first
    category.locator("summary").focus()
    page.keyboard.press("Enter")
    category.get_by_label("Definition").fill(DEFINITION)
    page.get_by_label("Why").fill("Praise was missed.")
