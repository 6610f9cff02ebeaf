"""Guidelines beside the task, and what changed in them, in a browser."""

import pytest
from playwright.sync_api import FloatRect, Locator, Page, ViewportSize, expect

from app.accounts.models import Role
from app.db import transaction
from app.projects.models import Project
from tests import make
from tests.browser import bench
from tests.browser.bench import Desk, Verdict
from tests.browser.conftest import Visits

TWO_ITEMS = (("What is tea?", ("A drink.",)), ("What is coffee?", ("Another drink.",)))
WIDE: ViewportSize = {"width": 1500, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 800}


def publish(desk: Desk, text: str, changes: str = "") -> None:
    with transaction() as session:
        project = session.get_one(Project, desk.queue.project_id)
        make.guideline(session, project, text=text, changes=changes)


def sheet(page: Page) -> Locator:
    return page.get_by_role("region", name="Guidelines", exact=True)


def box(part: Locator) -> FloatRect:
    found = part.bounding_box()
    assert found is not None
    return found


@pytest.mark.parametrize("close", ["Escape", "q"])
def test_a_key_opens_them_and_a_key_gives_the_focus_back(visits: Visits, close: str) -> None:
    desk = bench.desk()
    publish(desk, "Be *kind* to each other.")
    page = visits.page(desk.members[0], viewport=WIDE)
    bench.begin(page, desk.path)
    bench.press(page, "v", "q")
    guidelines = sheet(page)
    expect(guidelines).to_contain_text("Be kind to each other.")
    expect(guidelines).to_contain_text("Animal Abuse")
    expect(guidelines).to_be_focused()
    bench.press(page, close)
    expect(guidelines).to_be_hidden()
    expect(page.locator("input[value='Violence']")).to_be_focused()
    expect(page.locator("input[value='Violence']")).to_be_checked()


def test_they_stand_beside_the_task_and_on_a_phone_above_it(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0], viewport=WIDE)
    bench.begin(page, desk.path)
    page.locator(".guide > summary").click()
    task = box(page.locator("form.judging"))
    assert task["x"] + task["width"] <= box(sheet(page))["x"], "they cover the task"
    expect(sheet(page)).to_be_in_viewport(ratio=0.9)
    page.set_viewport_size(PHONE)
    task = box(page.get_by_role("region", name="Response", exact=True))
    assert box(sheet(page))["y"] + box(sheet(page))["height"] <= task["y"]


def test_they_stay_open_and_are_not_fetched_again_for_the_next_item(visits: Visits) -> None:
    desk = bench.desk(texts=TWO_ITEMS)
    publish(desk, "Be kind.")
    page = visits.page(desk.members[0], viewport=WIDE)
    bench.begin(page, desk.path)
    fetched: list[str] = []
    page.on("request", lambda request: fetched.append(request.url) if "/guidelines" in request.url else None)
    page.locator(".guide > summary").click()
    expect(sheet(page)).to_contain_text("Be kind.")
    bench.label(page, Verdict(), by_keyboard=True)
    bench.submit(page, by_keyboard=False)
    expect(sheet(page)).to_contain_text("Be kind.")
    expect(page.locator("#task")).to_be_focused()
    assert len(fetched) == 1
    bench.press(page, "q")
    expect(sheet(page)).to_be_hidden()


def test_what_changed_is_shown_once(visits: Visits) -> None:
    desk = bench.desk(texts=TWO_ITEMS)
    publish(desk, "Be kind.")
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    page.get_by_role("link", name="read them").click()
    expect(sheet(page)).to_contain_text("Be kind.")
    bench.press(page, "v")
    page.get_by_role("button", name="Got it").click()
    expect(page.get_by_text("you know version 1")).to_be_focused()
    expect(page.locator("input[value='Violence']")).to_be_checked()
    publish(desk, "Be very kind.", "Kindness matters **more**.")
    bench.press(page, "s")
    bench.submit(page, by_keyboard=False)
    expect(page.get_by_role("heading", name="The guidelines have changed")).to_be_visible()
    expect(page.get_by_text("Kindness matters more.")).to_be_visible()
    expect(sheet(page)).to_be_hidden()
    page.get_by_role("button", name="Got it").click()
    expect(page.get_by_text("you know version 2")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Is this response safe?")).to_be_visible()
    expect(page.locator("#news")).to_have_count(0)
    bench.press(page, "q")
    expect(sheet(page)).to_contain_text("Be very kind.")


def test_they_are_read_without_javascript(visits: Visits) -> None:
    desk = bench.desk()
    publish(desk, "Be kind.")
    page = visits.page(desk.members[0], java_script_enabled=False)
    bench.begin(page, desk.path)
    page.locator(".guide > summary").click()
    page.get_by_role("link", name="Read the guidelines").click()
    expect(page.get_by_text("Be kind.")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Got it").click()
    expect(page.get_by_role("heading", name="Is this response safe?")).to_be_visible()
    expect(page.locator("#news")).to_have_count(0)


def test_an_admin_previews_and_publishes(visits: Visits) -> None:
    desk = bench.desk()
    with transaction() as session:
        admin = make.user(session, role=Role.ADMIN)
    page = visits.page(admin)
    page.goto(f"/admin/projects/{desk.queue.project_id}")
    page.get_by_role("link", name="Guidelines").click()
    page.get_by_label("Text", exact=True).fill("# Kindness\n\nBe *kind*.")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_role("heading", name="Preview, not published yet")).to_be_focused()
    expect(page.get_by_role("heading", name="Kindness")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Version 1 of")).to_be_visible()
    page.get_by_role("link", name="Version 1").click()
    expect(page.get_by_text("Be kind.")).to_be_visible()


def test_two_admins_do_not_overwrite_each_other(visits: Visits) -> None:
    visits.expected.add(409)
    desk = bench.desk()
    with transaction() as session:
        admin = make.user(session, role=Role.ADMIN)
    page = visits.page(admin)
    page.goto(f"/admin/projects/{desk.queue.project_id}/guidelines")
    publish(desk, "Theirs.")
    page.get_by_label("Text", exact=True).fill("Mine.")
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_role("alert").filter(has_text="another version meanwhile")).to_be_visible()
    expect(page.get_by_text("Theirs.")).to_be_visible()
    expect(page.get_by_label("Text", exact=True)).to_have_value("Mine.")
