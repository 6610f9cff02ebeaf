"""Texts of models stay in their box: they run nothing, load nothing, and cover nothing."""

import pytest
from playwright.sync_api import Page, expect

from app.db import transaction
from app.projects.models import Project, TextFormat
from tests.browser import bench
from tests.browser.bench import Desk, Verdict
from tests.browser.conftest import Visits
from tests.web.test_markdown import ATTACKS

OUTSIDE = "https://bad.invalid"
HARMFUL = "\n\n".join(ATTACKS).replace("\x00", "").replace("taken()", "document.title='taken'")
RESPONSE = ".model-text[data-place]"
LONG = "A line about tea that is repeated until the text is long.\n" * 200
TOWER = "Z" + "\u0301\u0310\u0352\u0317\u0323" * 40


def desk_with(response: str, text_format: TextFormat = TextFormat.PLAIN) -> Desk:
    desk = bench.desk(texts=(("What is tea?", (response,)),))
    with transaction() as session:
        session.get_one(Project, desk.queue.project_id).text_format = text_format
    return desk


def opened(
    visits: Visits, response: str, text_format: TextFormat = TextFormat.PLAIN, **options: object
) -> Page:
    desk = desk_with(response, text_format)
    page = visits.page(desk.members[0], **options)
    bench.begin(page, desk.path)
    return page


def text_content(page: Page) -> str:
    return str(page.locator(RESPONSE).evaluate("it => it.textContent"))


def is_wider_than_its_window(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))


@pytest.mark.parametrize("text_format", TextFormat)
def test_no_attack_runs_or_loads_anything(visits: Visits, text_format: TextFormat) -> None:
    desk = desk_with(HARMFUL, text_format)
    page = visits.page(desk.members[0])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    bench.begin(page, desk.path)
    for box in page.locator(".show-all").all():
        box.check()
    for target in page.locator(".model-markdown *, .model-text *").all()[:80]:
        target.dispatch_event("mouseover")
        target.dispatch_event("focus")
    assert "taken" not in page.title()
    assert all(url.startswith(visits.site) for url in asked)
    boxes = ".model-text, .model-markdown"
    active = "a, img, script, style, iframe, form, input, svg, math, [style], [onerror], [onload]"
    assert page.locator(boxes).locator(active).count() == 0
    assert text_content(page) == HARMFUL


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("text_format", TextFormat)
def test_wide_texts_scroll_in_their_own_box(visits: Visits, text_format: TextFormat, width: int) -> None:
    wide = f"```\n{'code = 1; ' * 60}\n```\n\n|{'wide cell|' * 30}\n|{'-|' * 30}\n\n{'x' * 500} {TOWER}\n"
    page = opened(visits, wide, text_format, viewport={"width": width, "height": 800})
    assert not is_wider_than_its_window(page)
    if text_format is TextFormat.MARKDOWN:
        code = page.locator(".model-markdown pre")
        code.focus()
        bench.press(page, "ArrowRight", "ArrowRight")
        page.wait_for_function("it => it.scrollLeft > 0", arg=code.element_handle())
        assert "mono" in code.locator("code").evaluate("it => getComputedStyle(it).fontFamily")


@pytest.mark.parametrize("text_format", TextFormat)
def test_towers_of_accents_cover_nothing_around_them(visits: Visits, text_format: TextFormat) -> None:
    page = opened(visits, TOWER, text_format)
    heading = page.get_by_role("region", name="Response", exact=True).locator("h2")
    with_tower = heading.screenshot()
    page.locator(".model-text, .model-markdown").evaluate_all(
        "all => all.forEach(it => it.replaceChildren('Z'))"
    )
    assert heading.screenshot() == with_tower


@pytest.mark.parametrize("text_format", TextFormat)
def test_each_paragraph_runs_in_its_own_direction(visits: Visits, text_format: TextFormat) -> None:
    page = opened(visits, "English first.\n\nثم العربية.\n\n然后中文。", text_format)
    box = page.locator(RESPONSE if text_format is TextFormat.PLAIN else ".model-markdown").last
    starts = box.evaluate("""(box) => {
        const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT);
        const found = [];
        for (let node = walk.nextNode(); node; node = walk.nextNode()) {
            for (const line of node.data.matchAll(/[^\\n]+/g)) {
                const range = document.createRange();
                range.setStart(node, line.index);
                range.setEnd(node, line.index + line[0].length);
                const place = range.getBoundingClientRect();
                const around = box.getBoundingClientRect();
                found.push(place.left - around.left < around.right - place.right ? "left" : "right");
            }
        }
        return found;
    }""")
    assert starts == ["left", "right", "left"]


def test_an_override_is_named_and_reverses_nothing(visits: Visits) -> None:
    text = "abc\u202edef\u202c end"
    page = opened(visits, text)
    assert text_content(page) == text
    first, last = (
        page.evaluate(
            """([box, letter]) => {
                const walk = document.createTreeWalker(document.querySelector(box), NodeFilter.SHOW_TEXT);
                for (let node = walk.nextNode(); node; node = walk.nextNode()) {
                    const at = node.data.indexOf(letter);
                    if (at < 0) continue;
                    const range = document.createRange();
                    range.setStart(node, at);
                    range.setEnd(node, at + 1);
                    return range.getBoundingClientRect().left;
                }
            }""",
            [RESPONSE, letter],
        )
        for letter in ("d", "f")
    )
    assert first < last
    named = page.locator(".odd").first.evaluate("it => getComputedStyle(it, '::before').content")
    assert "U+202E" in named


@pytest.mark.parametrize("with_script", [True, False])
def test_a_long_text_opens_by_keyboard_and_keeps_the_answer(visits: Visits, with_script: bool) -> None:
    page = opened(visits, LONG, java_script_enabled=with_script)
    page.locator("input[name='is_safe'][value='true']").check()
    box = page.get_by_role("checkbox", name=f"Show all ({len(LONG):,} characters)")
    rest = page.locator(f"{RESPONSE} .rest").first
    expect(rest).to_be_hidden()
    box.focus()
    bench.press(page, "Space")
    expect(rest).to_be_visible()
    expect(page.locator("input[name='is_safe'][value='true']")).to_be_checked()
    bench.press(page, "Space")
    expect(rest).to_be_hidden()


def test_the_foot_of_a_folded_text_opens_it_too(visits: Visits) -> None:
    page = opened(visits, LONG)
    page.locator(".more").click()
    expect(page.locator(f"{RESPONSE} .rest").last).to_be_visible()
    expect(page.locator(".more")).to_be_hidden()
    assert text_content(page) == LONG


@pytest.mark.parametrize("text_format", TextFormat)
def test_all_of_a_folded_text_is_printed(visits: Visits, text_format: TextFormat) -> None:
    page = opened(visits, LONG.replace("\n", "\n\n"), text_format)
    shown = page.locator(".shown-text .rest").locator("visible=true")
    assert shown.count() == 0
    page.emulate_media(media="print")
    assert shown.count() > 0


def test_markdown_is_shown_as_text_without_losing_the_answer(visits: Visits) -> None:
    page = opened(visits, "Some **strong** tea", TextFormat.MARKDOWN)
    bench.label(page, Verdict(["Violence"], 2), by_keyboard=True)
    expect(page.locator(RESPONSE)).to_be_hidden()
    expect(page.locator("strong")).to_be_visible()
    page.get_by_role("region", name="Response", exact=True).get_by_label("As text").focus()
    bench.press(page, "Space")
    expect(page.locator(RESPONSE)).to_be_visible()
    expect(page.locator("strong")).to_be_hidden()
    assert text_content(page) == "Some **strong** tea"
    expect(page.locator("form.judging :checked")).to_have_count(3)


def test_line_ends_of_windows_are_no_other_text(visits: Visits) -> None:
    text = "one\r\ntwo\rthree\n\nfour\n"
    assert text_content(opened(visits, text)) == text
