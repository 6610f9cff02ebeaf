"""A dispute goes from the annotator's result to an admin's decision and back, by keyboard."""

from playwright.sync_api import Locator, Page, expect

from app.accounts.models import Role
from app.db import transaction
from tests import make
from tests.browser import bench
from tests.browser.conftest import Visits
from tests.gold.asking import asked

MOST_STEPS = 60


def step_to(page: Page, control: Locator) -> None:
    """Press Tab until it has the focus."""
    for _ in range(MOST_STEPS):
        if control.evaluate("it => it === document.activeElement"):
            return
        bench.press(page, "Tab")
    expect(control).to_be_focused()


def test_a_dispute_is_sent_and_decided_and_read(visits: Visits) -> None:
    with transaction() as session:
        known = asked(session)
        admin = make.user(session, role=Role.ADMIN)

    page = visits.page(known.annotator)
    page.goto("/annotate")
    step_to(page, page.get_by_role("link", name="My results"))
    bench.press(page, "Enter")
    expect(page.get_by_text("Tea does no harm.")).to_be_visible()
    step_to(page, page.locator("summary", has_text="Dispute"))
    bench.press(page, "Enter")
    step_to(page, page.get_by_label("Why the known answer is wrong"))
    page.keyboard.type("Leaves can be sharp.")
    step_to(page, page.get_by_role("button", name="Send the dispute"))
    bench.press(page, "Enter")
    expect(page.get_by_text("an admin has not decided yet")).to_be_visible()
    expect(page.get_by_role("button", name="Send the dispute")).to_have_count(0)

    console = visits.page(admin)
    console.goto(known.page)
    step_to(console, console.get_by_role("link", name="Disputes: 1 open"))
    bench.press(console, "Enter")
    expect(console.get_by_text("Leaves can be sharp.")).to_be_visible()
    step_to(console, console.get_by_label("Reason, for the annotator to read"))
    console.keyboard.type("They can, true.")
    step_to(console, console.get_by_role("button", name="Uphold"))
    bench.press(console, "Enter")
    expect(console.get_by_text("No dispute is open.")).to_be_visible()
    console.goto(known.page)
    expect(console.get_by_role("row", name="What is tea made of?")).to_contain_text("0")

    page.reload()
    expect(page.get_by_text("Your dispute was upheld")).to_be_visible()
    expect(page.get_by_text("They can, true.")).to_be_visible()


def test_an_item_becomes_gold_without_javascript(visits: Visits) -> None:
    visits.expected.add(422)
    desk = bench.desk()
    with transaction() as session:
        admin = make.user(session, role=Role.ADMIN)
    page = visits.page(admin, java_script_enabled=False)
    page.goto(f"/admin/queues/{desk.queue.id}")
    page.get_by_role("link", name="Gold").click()
    page.get_by_label("The item's number, or words of its prompt").fill("tea")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Item 1").click()
    page.get_by_role("radio", name="Harmful").check()
    page.get_by_role("button", name="Make it a gold item").click()
    expect(page.get_by_text("Choose at least one harm category")).to_be_visible()
    page.get_by_role("radio", name="Safe").check()
    page.get_by_role("button", name="Make it a gold item").click()
    expect(page.get_by_role("row", name="What is tea?")).to_contain_text("safe")
