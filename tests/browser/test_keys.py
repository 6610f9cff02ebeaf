"""Keys: one's own, in a sheet, and only where they are meant."""

import re

import pytest
from playwright.sync_api import Page, expect

from app.accounts.actions import set_preferences
from app.accounts.models import User
from app.db import transaction
from app.queues.models import QueueKind
from tests.browser import bench
from tests.browser.conftest import Visits

PREFERENCES = "/annotate/preferences"
PAIR = (("Tea or coffee?", ("Tea.", "Coffee.")),)


def opened(visits: Visits, kind: QueueKind = QueueKind.SAFETY, /, **keys: str) -> Page:
    """An item before someone with these keys of their own."""
    desk = bench.desk(kind, texts=PAIR) if kind is not QueueKind.SAFETY else bench.desk()
    set_keys(desk.members[0], **keys)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    return page


def set_keys(user: User, **keys: str) -> None:
    with transaction() as session:
        set_preferences(session, user.id, keys=keys)


def test_a_key_is_chosen_by_pressing_it_and_acts_from_then_on(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0])
    page.goto(PREFERENCES)
    safe = page.get_by_label("Safe", exact=True)
    safe.focus()
    bench.press(page, "Shift+Digit7")
    expect(safe).to_have_value("Shift+7")
    bench.press(page, "Backspace")
    expect(safe).to_have_value("")
    bench.press(page, "[")
    expect(page.get_by_role("status")).to_contain_text("Safe: [")
    bench.press(page, "Tab")
    expect(page.get_by_label("Harmful", exact=True)).to_be_focused()
    bench.press(page, ";")
    page.get_by_role("button", name="Save").click()
    expect(safe).to_have_value("[")
    bench.begin(page, desk.path)
    bench.press(page, "s", "u")
    expect(page.locator("form.judging :checked")).to_have_count(0)
    bench.press(page, "[")
    expect(page.get_by_role("radio", name="Safe")).to_be_checked()
    bench.press(page, ";")
    expect(page.get_by_role("radio", name="Harmful")).to_be_checked()
    expect(page.locator(".choice", has_text="Harmful").locator("kbd")).to_have_text(";")


def test_a_clash_is_told_at_the_field(visits: Visits) -> None:
    visits.expected.add(422)
    page = visits.page(bench.desk().members[0])
    page.goto(PREFERENCES)
    field = page.get_by_label("Safe", exact=True)
    field.press("v")
    page.get_by_role("button", name="Save").click()
    expect(field).to_have_accessible_description(re.compile("also the key of “Violence”"))
    expect(field).to_have_value("v")


def test_keys_are_chosen_without_javascript(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0], java_script_enabled=False)
    page.goto(PREFERENCES)
    page.get_by_label("Safe", exact=True).fill("shift+5")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_label("Safe", exact=True)).to_have_value("Shift+5")
    page.get_by_role("button", name="Back to the usual keys").click()
    expect(page.get_by_label("Safe", exact=True)).to_have_value("s")
    bench.begin(page, desk.path)
    page.get_by_role("link", name="Keys").click()
    expect(page.get_by_role("heading", name="Keys")).to_be_visible()


@pytest.mark.parametrize("keys", [{}, {"help": "h", "Endangering Public Health": "+"}])
def test_the_sheet_lists_the_keys_of_this_page_and_gives_the_focus_back(
    visits: Visits, keys: dict[str, str]
) -> None:
    page = opened(visits, QueueKind.SAFETY, **keys)
    help_key = keys.get("help", "?")
    bench.press(page, "v")
    had_focus = page.locator("input[value='Violence']")
    expect(had_focus).to_be_focused()
    bench.press(page, help_key)
    sheet = page.get_by_role("dialog", name="Keys on this page")
    expect(sheet).to_be_visible()
    health = keys.get("Endangering Public Health", "h")
    for name, key in (
        ("Safe", "s"),
        ("Violence", "v"),
        ("Endangering Public Health", health),
        ("severe", "3"),
    ):
        expect(sheet.locator("dl > div", has=page.get_by_text(name, exact=True)).locator("kbd")).to_have_text(
            key
        )
    expect(sheet).not_to_contain_text("Response A")
    bench.press(page, "x", "Escape")
    expect(sheet).to_be_hidden()
    expect(had_focus).to_be_focused()
    expect(page.locator("input[value='Sexual Content']")).not_to_be_checked()


def test_the_sheet_opens_from_its_link_and_closes_by_its_button(visits: Visits) -> None:
    page = opened(visits, QueueKind.SINGLE)
    link = page.get_by_role("link", name="Keys")
    link.focus()
    bench.press(page, "Enter")
    sheet = page.get_by_role("dialog")
    expect(sheet).to_contain_text("Response A")
    sheet.get_by_role("button", name="Close").click()
    expect(sheet).to_be_hidden()
    expect(link).to_be_focused()


def test_no_key_acts_while_someone_types(visits: Visits) -> None:
    page = opened(visits)
    for made in ("<textarea>", "<input>", "<select><option>s</select>", "<p contenteditable>"):
        page.locator("#task").evaluate("(task, made) => { task.innerHTML = made; }", made)
        page.locator("#task > *").focus()
        bench.press(page, "s", "v", "?", "Shift+Digit1")
    expect(page.locator("form.judging :checked")).to_have_count(0)
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize(
    "event",
    [
        {"key": "s", "ctrlKey": True},
        {"key": "s", "altKey": True},
        {"key": "s", "metaKey": True},
        {"key": "S", "shiftKey": True},
        {"key": "s", "repeat": True},
        {"key": "s", "isComposing": True},
        {"key": "Process", "keyCode": 229},
    ],
)
def test_a_key_acts_when_it_is_pressed_alone_and_once(visits: Visits, event: dict[str, object]) -> None:
    page = opened(visits)
    page.locator("#task").evaluate(
        "(task, event) => task.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, ...event}))", event
    )
    expect(page.locator("form.judging :checked")).to_have_count(0)


@pytest.mark.parametrize(
    ("event", "value"),
    [
        ({"key": "S"}, "true"),  # Caps Lock
        ({"key": "!", "code": "Digit1", "shiftKey": True}, "true"),
        ({"key": "1", "code": "Digit1", "shiftKey": True}, "true"),  # where digits stand behind Shift
        ({"key": "&", "code": "Digit2"}, "false"),
        ({"key": "/", "code": "Digit7", "shiftKey": True}, "false"),
    ],
)
def test_digits_are_told_by_their_place_on_any_keyboard(
    visits: Visits, event: dict[str, object], value: str
) -> None:
    page = opened(
        visits, safe="Shift+1" if event["key"] != "S" else "s", harmful="/" if event["key"] == "/" else "2"
    )
    page.locator("#task").evaluate(
        "(task, event) => task.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, ...event}))", event
    )
    expect(page.locator(f"input[name='is_safe'][value='{value}']")).to_be_checked()


def test_another_key_submits_and_enter_then_does_not(visits: Visits) -> None:
    page = opened(visits, submit="Shift+9")
    bench.press(page, "s", "Enter")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_role("radio", name="Safe")).to_be_checked()
    bench.press(page, "Shift+Digit9")
    expect(page.get_by_role("heading", name="All done")).to_be_visible()


def test_a_key_opens_what_its_control_is_folded_into(visits: Visits) -> None:
    page = opened(visits)
    more = "<label><input type=checkbox data-key=[> More</label>"
    page.locator(".definitions").evaluate("(it, more) => it.insertAdjacentHTML('beforeend', more)", more)
    bench.press(page, "[")
    expect(page.get_by_label("More")).to_be_checked()
    expect(page.get_by_label("More")).to_be_focused()
    expect(page.locator(".definitions")).to_have_attribute("open", "")


def test_a_key_of_a_summary_opens_and_closes_it(visits: Visits) -> None:
    page = opened(visits)
    page.locator(".definitions > summary").evaluate("it => { it.dataset.key = '['; }")
    bench.press(page, "[")
    expect(page.locator(".definitions")).to_have_attribute("open", "")
    bench.press(page, "[")
    expect(page.locator(".definitions")).not_to_have_attribute("open", "")


@pytest.mark.parametrize(("key", "taker"), [("q", ".guide .sheet"), ("k", ".ask textarea")])
def test_a_panel_has_the_focus_before_another_key_can_come(visits: Visits, key: str, taker: str) -> None:
    page = opened(visits)
    has_focus = page.locator("#task").evaluate(
        """(task, [key, taker]) => {
            task.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
            return document.activeElement === document.querySelector(taker);
        }""",
        [key, taker],
    )
    assert has_focus
