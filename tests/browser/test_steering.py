"""An admin steers a queue while people work in it."""

from playwright.sync_api import expect
from sqlalchemy import select

from app.accounts.models import Role
from app.db import transaction
from app.queues.models import Lane, QueueItem
from tests import make
from tests.browser import bench
from tests.browser.conftest import Visits

THREE_ITEMS = tuple((f"What is tea number {n}?", ("A drink.",)) for n in range(3))


def test_a_queue_is_drained_while_someone_works_and_then_closed(visits: Visits) -> None:
    desk = bench.desk(texts=THREE_ITEMS)
    with transaction() as session:
        admin = make.user(session, role=Role.ADMIN)
    annotator = visits.page(desk.members[0])
    bench.begin(annotator, desk.path)
    page = visits.page(admin)
    page.goto(f"/admin/queues/{desk.queue.id}")
    page.get_by_role("link", name="Drain or close").click()
    page.get_by_role("radio", name="Drain, then close").check()
    page.get_by_label("Why").fill("The round is over")
    page.get_by_role("button", name="Go ahead").click()
    expect(page.locator("h1 .state")).to_have_text("draining")
    bench.press(annotator, "s")
    bench.submit(annotator, by_keyboard=False)
    expect(annotator.get_by_role("heading", name="Nothing new here")).to_be_visible()
    page.get_by_role("link", name="Drain or close").click()
    page.get_by_role("radio", name="Close now").check()
    page.get_by_label("Why").fill("The round is over")
    page.get_by_role("button", name="Go ahead").click()
    expect(page.locator("h1 .state")).to_have_text("closed")
    page.get_by_role("link", name="Open it again").click()
    page.get_by_label("Why").fill("There is more to do")
    page.get_by_role("button", name="Open it again").click()
    expect(page.locator("h1 .state")).to_have_text("paused")


def test_a_filtered_set_of_items_gets_another_priority(visits: Visits) -> None:
    desk = bench.desk(texts=THREE_ITEMS)
    with transaction() as session:
        admin = make.user(session, role=Role.ADMIN)
    page = visits.page(admin)
    page.goto(f"/admin/queues/{desk.queue.id}/items")
    page.get_by_label("State").select_option("open")
    page.get_by_role("button", name="Show").click()
    page.get_by_text("Change all of these items").click()
    page.get_by_label("Why").fill("It is urgent")
    page.get_by_role("button", name="Preview").click()
    page.get_by_role("button", name="Change 3 items").click()
    expect(page.locator("tbody tr")).to_have_count(3)
    expect(page.get_by_role("cell", name="high", exact=True)).to_have_count(3)
    with transaction() as session:
        lanes = session.scalars(select(QueueItem.lane).where(QueueItem.queue_id == desk.queue.id)).all()
    assert lanes == [Lane.HIGH] * 3
