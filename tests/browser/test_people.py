"""People come in by a link, are found, paid and paused, as admins and they themselves see it."""

from pathlib import Path

from playwright.sync_api import expect

from app.db import transaction
from app.invitations.actions import invite
from app.invitations.forms import NewInvitation
from tests import make
from tests.browser.campaign import campaign
from tests.browser.conftest import Visits


def test_someone_comes_in_by_a_link_and_is_found_in_the_list(visits: Visits, home: Path) -> None:
    made = campaign(home)
    admin = visits.page(made.admin)
    admin.goto("/admin/people")
    admin.get_by_role("link", name="Invite by link").click()
    admin.locator("summary", has_text="Queues to join at once").click()
    admin.locator(f"input[name=queue_ids][value='{made.queues['safety'].id}']").check()
    admin.get_by_role("button", name="Make the link").click()
    link = admin.get_by_label("Link", exact=True).input_value()
    newcomer = visits.page(None)
    newcomer.goto(link)
    newcomer.get_by_label("User name").fill("newcomer")
    newcomer.get_by_label("Password").fill(make.PASSWORD)
    newcomer.get_by_role("button", name="Begin").click()
    expect(newcomer.get_by_role("heading", name="My queues")).to_be_visible()
    expect(newcomer.get_by_text(made.queues["safety"].name)).to_be_visible()
    admin.goto("/admin/people?words=newc")
    admin.get_by_role("link", name="newcomer").click()
    admin.get_by_role("button", name="Sign out everywhere").click()
    expect(admin.get_by_text("nowhere")).to_be_visible()
    newcomer.reload()
    expect(newcomer.get_by_role("heading", name="Sign in")).to_be_visible()


def test_an_invitation_that_is_sent_again_is_one_link(visits: Visits, home: Path) -> None:
    page = visits.page(campaign(home).admin)
    page.goto("/admin/people/invitations")
    page.get_by_label("Note").focus()
    page.keyboard.type("For Cem")
    page.keyboard.press("Enter")
    link = page.get_by_label("Link", exact=True)
    first = link.input_value()
    page.reload()
    expect(page.get_by_role("heading", name="The link was made already")).to_be_visible()
    expect(link).to_have_value(first)
    expect(page.get_by_role("group").get_by_text("For Cem")).to_have_count(1)


def test_an_open_link_can_be_revoked_on_a_screen_of_any_width(visits: Visits, home: Path) -> None:
    made = campaign(home)
    with transaction() as session:
        queue_ids = [made.queues["safety"].id]
        invite(session, NewInvitation(queue_ids=queue_ids, note="For the night shift"), made.admin.id)
    page = visits.page(made.admin)
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto("/admin/people/invitations")
        box = page.get_by_role("button", name="Revoke link").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] <= width
        card = page.get_by_role("group", name="annotator")
        assert card.evaluate("card => card.scrollWidth <= card.clientWidth")


def test_the_file_for_pay_is_downloaded_and_someone_is_paused(visits: Visits, home: Path) -> None:
    made = campaign(home)
    page = visits.page(made.admin)
    page.goto(f"/admin/projects/{made.queues['dosed'].project_id}/people")
    page.get_by_role("link", name="Items", exact=True).last.click()
    expect(page.locator("th[aria-sort=descending]")).to_have_text("Items")
    with page.expect_download() as taken:
        page.get_by_role("link", name="CSV by person and day").click()
    assert taken.value.path().read_text().startswith("username,day,items,answers,active_hours")
    page.locator("tbody a").first.click()
    expect(page.locator("#agreement-row a, #agreement-row .empty").first).to_be_visible()
    page.get_by_text("Pause or resume them in a queue").click()
    page.locator("#pause-reason").fill("On leave")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_text("On leave").first).to_be_visible()


def test_a_group_is_added_to_a_queue(visits: Visits, home: Path) -> None:
    made = campaign(home)
    with transaction() as session:
        newcomer = make.user(session)
    page = visits.page(made.admin)
    page.goto("/admin/people/groups")
    page.get_by_label("Name of a new group").fill("Night shift")
    page.get_by_role("button", name="Make it").click()
    page.get_by_label(newcomer.username).check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("link", name="Night shift")).to_be_visible()
    page.goto(f"/admin/queues/{made.queues['safety'].id}")
    page.get_by_label("Add a whole group").select_option(label="Night shift (1)")
    page.get_by_role("button", name="Add them").last.click()
    expect(page.get_by_label(newcomer.username)).to_be_checked()
