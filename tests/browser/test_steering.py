"""An admin steers a queue while people work in it."""

from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.models import Role
from app.db import now, transaction
from app.queues.models import Lane, QueueItem
from tests import make
from tests.browser import bench
from tests.browser.conftest import PATIENCE_MS, Visits

THREE_ITEMS = tuple((f"What is tea number {n}?", ("A drink.",)) for n in range(3))


def page_of_admin(visits: Visits) -> Page:
    with transaction() as session:
        admin = make.user(session, role=Role.ADMIN)
    return visits.page(admin)


def test_a_queue_is_drained_while_someone_works_and_then_closed(visits: Visits) -> None:
    desk = bench.desk(texts=THREE_ITEMS)
    annotator = visits.page(desk.members[0])
    bench.begin(annotator, desk.path)
    page = page_of_admin(visits)
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


def test_hours_are_told_as_they_are_chosen_and_end_no_work_in_hand(visits: Visits) -> None:
    """By keyboard alone."""
    desk = bench.desk(texts=THREE_ITEMS)
    annotator = visits.page(desk.members[0])
    bench.begin(annotator, desk.path)
    page = page_of_admin(visits)
    page.goto(f"/admin/queues/{desk.queue.id}/settings")
    told = page.get_by_role("status").filter(has_text="now ")
    expect(told).to_have_text("Open at all hours; now open.")
    far = now() + timedelta(days=3)
    for day in page.locator("input[name=weekdays][type=checkbox]").all():
        if day.get_attribute("value") != str(far.isoweekday()):
            day.press("Space")
    page.get_by_label("Time zone").fill("Mars")
    page.get_by_label("Time zone").press("Tab")
    expect(page.locator("#hours")).to_contain_text("There is no time zone of this name.")
    page.get_by_label("Time zone").fill("Asia/Kolkata")
    page.get_by_label("Time zone").press("Tab")
    expect(told).to_contain_text(f"Open {far:%A}, all day, Asia/Kolkata; now closed, opens {far:%A}")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.locator("h1 .state")).to_have_text("off-hours")
    bench.press(annotator, "s")
    bench.submit(annotator, by_keyboard=True)
    expect(annotator.get_by_role("heading", name="This queue is closed for now")).to_be_visible()
    expect(annotator.get_by_text("It opens again on")).to_contain_text("Asia/Kolkata")


def test_a_filtered_set_of_items_gets_another_priority(visits: Visits) -> None:
    desk = bench.desk(texts=THREE_ITEMS)
    page = page_of_admin(visits)
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


def test_another_overlap_shows_its_effect_and_takes_a_reason(visits: Visits) -> None:
    desk = bench.desk(texts=THREE_ITEMS)
    page = page_of_admin(visits)
    page.goto(f"/admin/queues/{desk.queue.id}/settings")
    page.get_by_label("Overlap").fill("3")
    page.get_by_role("button", name="Save").press("Enter")
    expect(page.get_by_text("6 places more")).to_be_visible()
    page.get_by_label("Why").fill("Two are not enough")
    page.clock.install()
    bench.press(page, "Enter")
    expect(page.get_by_text("overlap 3")).to_be_visible()
    # By the worker; the page looks after it every 15 s.
    submitted = page.get_by_role("definition").filter(has_text="0 of 9")
    for _ in range(PATIENCE_MS // 500):
        page.clock.fast_forward("00:16")
        page.wait_for_timeout(500)
        if submitted.count():
            break
    expect(submitted).to_be_visible()


def test_a_queue_is_looked_at_as_an_annotator_and_cloned(visits: Visits) -> None:
    desk = bench.desk(texts=THREE_ITEMS)
    page = page_of_admin(visits)
    page.goto(f"/admin/queues/{desk.queue.id}")
    page.get_by_role("link", name="See it as an annotator").click()
    expect(page.get_by_role("heading", name="Is this response safe?")).to_be_visible()
    page.get_by_role("link", name="Back to the queue").click()
    page.get_by_role("link", name="Clone").click()
    expect(page.get_by_role("radio", name="All of them")).to_be_checked()
    page.get_by_label("Name").fill("Second round")
    page.get_by_role("button", name="Make the clone, paused").press("Enter")
    expect(page.get_by_role("heading", name="Second round", level=1)).to_be_visible()
    expect(page.get_by_text("0 of 3 items finished")).to_be_visible()
