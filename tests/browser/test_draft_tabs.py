"""Two tabs with one answer: none wins silently, and the person chooses."""

from itertools import product
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from app.queues.models import QueueKind
from tests.browser import bench
from tests.browser.bench import Desk
from tests.browser.conftest import Visits
from tests.browser.test_accessibility import PHONE_WIDTH, is_wider_than_its_window, look, violations
from tests.browser.test_drafts import SAVED, answers, begun, choose, drafts, expect_violence, status

PAIR = (("Tea or coffee?", ("Tea is calmer.", "Coffee is stronger.")),)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
NEWER = "Another tab or browser has a newer version of your answer."


def same_item(visits: Visits, page: Page, desk: Desk) -> Page:
    other = visits.second_tab(page)
    other.goto(desk.path)
    other.locator(".draft-status").wait_for(state="attached")
    return other


def test_a_stale_tab_may_take_over_what_the_other_wrote(visits: Visits) -> None:
    visits.expected.add(409)
    desk = bench.desk()
    page = begun(visits, desk)
    stale = same_item(visits, page, desk)
    choose(page, "v", "2")
    bench.press(stale, "s")
    choice = stale.get_by_role("group", name=NEWER)
    expect(choice).to_be_focused()
    choice.get_by_role("button", name="Use the newer version").click()
    expect(choice).to_be_hidden()
    expect_violence(stale)
    bench.submit(stale, by_keyboard=True)
    assert answers() == [(False, ["Violence"], 2)]


def test_a_stale_tab_may_keep_its_own(visits: Visits) -> None:
    visits.expected.add(409)
    desk = bench.desk()
    page = begun(visits, desk)
    stale = same_item(visits, page, desk)
    choose(page, "v", "2")
    bench.press(stale, "s")
    stale.get_by_role("button", name="Keep this one").click()
    expect(status(stale)).to_contain_text(SAVED)
    assert drafts() == [{"is_safe": "true"}]
    page.reload()
    expect(page.get_by_role("radio", name="Safe")).to_be_checked()


def submitted_from_a_stale_tab(visits: Visits, desk: Desk) -> Page:
    """In which "safe" is chosen and submitted while the other tab's draft says "harmful"."""
    visits.expected.add(409)
    page = begun(visits, desk)
    choose(page, "s")
    stale = same_item(visits, page, desk)
    choose(page, "v", "2")
    bench.press(stale, "Enter")
    expect(stale.get_by_role("group", name=NEWER)).to_be_focused()
    assert answers() == []
    assert stale.locator("#notice p").count() == 0
    return stale


def test_submitting_from_a_stale_tab_may_be_meant(visits: Visits) -> None:
    stale = submitted_from_a_stale_tab(visits, bench.desk())
    stale.get_by_role("button", name="Submit this one all the same").click()
    expect(stale.get_by_role("heading", name="All done")).to_be_visible()
    assert answers() == [(True, [], 0)]
    assert drafts() == []


def test_submitting_from_a_stale_tab_may_be_taken_back(visits: Visits) -> None:
    stale = submitted_from_a_stale_tab(visits, bench.desk())
    stale.get_by_role("button", name="Use the newer version").click()
    expect_violence(stale)
    assert answers() == []
    bench.submit(stale, by_keyboard=True)
    assert answers() == [(False, ["Violence"], 2)]


def test_a_reload_does_not_decide_between_two_versions(visits: Visits) -> None:
    visits.expected.add(409)
    desk = bench.desk()
    page = begun(visits, desk)
    stale = same_item(visits, page, desk)
    choose(page, "v")
    bench.press(stale, "s")
    expect(stale.get_by_role("group", name=NEWER)).to_be_visible()
    stale.reload()
    expect(stale.get_by_role("group", name=NEWER)).to_be_focused()
    expect(stale.get_by_role("radio", name="Safe")).to_be_checked()
    assert drafts() == [{"is_safe": "false", "harm_categories": "Violence"}]


@pytest.mark.parametrize("kind", [QueueKind.SAFETY, QueueKind.SINGLE])
def test_everyone_can_use_the_choice_and_read_the_status(visits: Visits, kind: QueueKind) -> None:
    visits.expected.add(409)
    desk = bench.desk() if kind is QueueKind.SAFETY else bench.desk(kind, texts=PAIR)
    page = begun(visits, desk)
    stale = same_item(visits, page, desk)
    mine, theirs = ("v", "s") if kind is QueueKind.SAFETY else ("1", "2")
    choose(page, mine)
    bench.press(stale, theirs)
    expect(stale.get_by_role("group", name=NEWER)).to_be_focused()
    for shown in (page, stale):
        shown.evaluate(Axe().axe_script)
        for scheme, width in product(SCHEMES, (1280, PHONE_WIDTH)):
            look(shown, scheme, width)
            assert violations(shown) == []
            assert not is_wider_than_its_window(shown)
    bench.press(stale, "Tab", "Enter")
    expect(stale.get_by_role("button", name="Submit and next")).to_be_focused()
    expect(stale.locator(":checked")).to_have_count(page.locator(":checked").count())
