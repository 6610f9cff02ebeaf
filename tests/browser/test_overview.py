"""An admin follows a campaign from its overview and its quality page to where something is to be done."""

from pathlib import Path

from playwright.sync_api import expect

from app.accounts.models import Role
from app.db import transaction
from tests import make
from tests.browser import bench
from tests.browser.campaign import campaign
from tests.browser.conftest import Visits
from tests.browser.places import PLACES

TWO_ITEMS = (("What is tea?", ("A drink.",)), ("What is coffee?", ("Another drink.",)))
LONGER_THAN_A_POLL = "00:25"


def test_the_overview_follows_the_work_without_a_reload(visits: Visits) -> None:
    desk = bench.desk(texts=TWO_ITEMS)
    with transaction() as session:
        admin = make.user(session, role=Role.ADMIN)
    page = visits.page(admin)
    page.clock.install()
    page.goto(f"/admin/projects/{desk.queue.project_id}")
    row = page.get_by_role("row", name=desk.queue.name)
    expect(row).to_contain_text("0 of 2 finished")
    annotator = visits.page(desk.members[0])
    bench.begin(annotator, desk.path)
    bench.press(annotator, "s")
    bench.submit(annotator, by_keyboard=True)
    page.evaluate("document.body.dataset.isTheSame = ''")
    page.clock.fast_forward(LONGER_THAN_A_POLL)
    expect(row).to_contain_text("1 of 2 finished")
    expect(page.locator("body[data-is-the-same]")).to_have_count(1)


def test_what_waits_for_a_decision_leads_to_where_it_is_made(visits: Visits, home: Path) -> None:
    place, made = PLACES["project"], campaign(home)
    page = visits.page(place.who(made))
    page.goto(place.path(made))
    page.get_by_role("region", name="Waits for you").get_by_role("link", name="member is paused").click()
    expect(page.get_by_role("heading", name="Quality", level=1)).to_be_visible()
    expect(page.locator("main")).to_contain_text("paused")
    page.get_by_role("navigation", name="Project").get_by_role("link", name="Quality").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").first.click()
    assert download.value.path().read_text().startswith("queue,")
