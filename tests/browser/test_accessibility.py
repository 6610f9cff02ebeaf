"""Every page, for everyone: axe in light, dark, forced colours and on a phone; no sideways scrolling."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from app.web.templates import STATIC
from tests.browser import bench
from tests.browser.campaign import campaign
from tests.browser.conftest import Visits
from tests.browser.places import PLACES

PHONE_WIDTH = 390
ZOOMED_WIDTH = 640
"""What is left of 1280 at 200 %."""
COLOURS = ("color-contrast", "link-in-text-block")
"""The rules that may find something in one colour scheme alone."""
NARROW = re.compile(r"@media \(max-width: [^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
COLOURED = re.compile(r"color|background|fill|stroke|opacity|filter:|--")


def violations(page: Page, only: Sequence[str] = ()) -> list[str]:
    """`only`: the rules to try, where not all. Axe itself must be on the page."""
    rules = {"runOnly": list(only)} if only else {}
    run = "async options => (await axe.run(options)).violations"
    found = page.evaluate(run, {"resultTypes": ["violations"], **rules})
    return [f"{rule['id']}: {node['html']}" for rule in found for node in rule["nodes"]]


def look(page: Page, scheme: Literal["light", "dark"], width: int) -> None:
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 900})


def is_wider_than_its_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.parametrize("name", PLACES)
def test_a_page_can_be_used_by_everyone(visits: Visits, home: Path, name: str) -> None:
    visits.expected |= {403, 404, 422}
    place, made = PLACES[name], campaign(home)
    page = visits.page(place.who(made))
    page.goto(place.path(made))
    place.do(page)
    check_for_everyone(page)


def check_for_everyone(page: Page) -> None:
    """As it is now, in every look."""
    page.evaluate(Axe().axe_script)
    assert violations(page) == []
    look(page, "dark", 1280)
    assert violations(page, COLOURS) == []
    # In the light alone: no colour depends on the width, as the next test says.
    look(page, "light", PHONE_WIDTH)
    assert violations(page) == []
    page.emulate_media(forced_colors="active", color_scheme="light")
    assert violations(page, COLOURS) == []
    page.emulate_media(forced_colors="none")
    for width in (PHONE_WIDTH, ZOOMED_WIDTH):
        look(page, "light", width)
        assert not is_wider_than_its_window(page), f"{width} wide"


def test_a_narrow_window_has_the_colours_of_a_wide_one() -> None:
    """So a page that can be read in the dark, and on a phone, can be read on a phone in the dark."""
    narrow = [block for path in sorted(STATIC.glob("*.css")) for block in NARROW.findall(path.read_text())]
    assert narrow
    assert [block for block in narrow if COLOURED.search(block)] == []


def test_an_adjudicators_places_stand_in_one_line_on_a_phone(visits: Visits, home: Path) -> None:
    page = visits.page(campaign(home).adjudicator)
    page.goto("/adjudicate")
    look(page, "light", PHONE_WIDTH)
    header = page.locator(".site-header")
    places = [link.bounding_box() for link in header.get_by_role("navigation").get_by_role("link").all()]
    assert len(places) == 4
    assert len({box["y"] for box in places if box}) == 1
    name, button = header.locator(".brand").bounding_box(), header.get_by_role("button").bounding_box()
    assert name
    assert button
    assert button["y"] < name["y"] + name["height"] <= min(box["y"] for box in places if box)


def test_the_first_tab_offers_to_skip_to_the_content(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0])
    page.goto("/annotate")
    bench.press(page, "Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    bench.press(page, "Enter", "Tab")
    expect(page.locator("main").get_by_role("link").first).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_has_the_focus_is_outlined(visits: Visits, scheme: Literal["light", "dark"]) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0], color_scheme=scheme)
    bench.begin(page, desk.path)
    for control in ("u", "v", "1"):
        bench.press(page, control)
        outline = page.evaluate("getComputedStyle(document.activeElement.closest('label')).outlineStyle")
        assert outline == "solid"


def test_a_choice_is_told_without_colours_of_our_own(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0], forced_colors="active")
    bench.begin(page, desk.path)
    bench.press(page, "v")
    chosen = page.locator(".choice", has=page.locator("input[value='Violence']"))
    assert chosen.evaluate("it => getComputedStyle(it).borderTopWidth") == "2px"
