"""The site in Chinese: an item from sign-in to submission, and pages that fit and can be used by everyone."""

from functools import cache, partial
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.annotations.models import Annotation
from app.db import transaction
from tests import make
from tests.browser import bench
from tests.browser.bench import Verdict
from tests.browser.campaign import campaign
from tests.browser.conftest import Visits
from tests.browser.places import PLACES
from tests.browser.test_accessibility import (
    COLOURS,
    PHONE_WIDTH,
    ZOOMED_WIDTH,
    is_wider_than_its_window,
    look,
    violations,
)

CHINESE = "zh-CN"
PAGES = ("sign-in", "my queues", "topics", "nothing left", "queue settings", "people")


def type_and_send(page: Page, username: str) -> None:
    page.get_by_label("用户名").focus()
    page.keyboard.type(username)
    bench.press(page, "Tab")
    page.keyboard.type(make.PASSWORD)
    bench.press(page, "Enter")


def test_an_item_is_labelled_in_chinese_by_keyboard(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page()
    page.goto(desk.path)
    page.get_by_role("button", name="简体中文").focus()
    bench.press(page, "Enter")
    expect(page.get_by_role("heading", name="登录")).to_be_visible()
    type_and_send(page, desk.members[0].username)
    expect(page.get_by_role("button", name="开始")).to_be_visible()
    bench.press(page, "Enter")
    page.locator("form.judging").wait_for()
    expect(page.get_by_text("今天已完成 0 条")).to_be_visible()
    bench.label(page, Verdict(["Violence"], 2), by_keyboard=True)
    bench.submit(page, by_keyboard=True)
    expect(page.get_by_role("heading", name="全部完成")).to_be_visible()
    with transaction() as session:
        stored = session.scalars(select(Annotation)).one()
        assert (stored.harm_categories, stored.severity) == (["Violence"], 2)


def test_the_language_of_an_account_comes_with_the_sign_in(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0])
    page.goto("/annotate/topics")
    page.get_by_role("button", name="简体中文").click()
    expect(page.get_by_role("heading", name="主题", exact=True)).to_be_visible()
    other = visits.page()
    other.goto("/sign-in")
    other.get_by_label("User name").fill(desk.members[0].username)
    other.get_by_label("Password").fill(make.PASSWORD)
    other.get_by_role("button", name="Sign in").click()
    expect(other.get_by_role("heading", name="我的队列")).to_be_visible()


def test_a_text_is_not_said_to_be_in_the_language_of_its_reader(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0], locale=CHINESE)
    page.goto(desk.path)
    bench.press(page, "Enter")
    text = page.locator(".model-text").first
    expect(text).to_have_attribute("lang", "")
    expect(page.locator("html")).to_have_attribute("lang", CHINESE)


@pytest.mark.parametrize("name", PAGES)
def test_a_chinese_page_can_be_used_by_everyone(visits: Visits, home: Path, name: str) -> None:
    place, made = PLACES[name], campaign(home)
    page = visits.page(place.who(made), locale=CHINESE)
    page.goto(place.path(made))
    if name == "nothing left":
        bench.press(page, "Enter")
        expect(page.get_by_role("heading", name="全部完成")).to_be_visible()
    page.evaluate(Axe().axe_script)
    for width in (1280, PHONE_WIDTH):
        look(page, "light", width)
        assert violations(page) == []
    look(page, "dark", PHONE_WIDTH)
    assert violations(page, COLOURS) == []


def test_no_chinese_page_scrolls_sideways(visits: Visits, home: Path) -> None:
    visits.expected |= {403, 404, 422}
    made, page_of = campaign(home), cache(partial(visits.page, locale=CHINESE))
    # Many places are one page, differently used.
    for place in {place.path(made): place for place in PLACES.values()}.values():
        page = page_of(place.who(made))
        page.goto(place.path(made))
        page.evaluate("for (const each of document.querySelectorAll('details')) each.open = true")
        for width in (PHONE_WIDTH, ZOOMED_WIDTH):
            look(page, "light", width)
            assert not is_wider_than_its_window(page), f"{page.url} {width} wide"
