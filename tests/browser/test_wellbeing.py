"""Consent, covers, breaks and stopping, in a browser."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import delete, select, update

from app.annotations.models import Annotation
from app.assignments.models import Assignment, AssignmentStatus
from app.db import transaction
from app.projects.models import Project
from app.queues.models import QueueKind
from app.wellbeing.models import PROMPT, Consent, Reveal
from tests.browser import bench
from tests.browser.bench import Desk, Verdict
from tests.browser.conftest import Visits

QUESTION = "Tea or coffee?"
TEXTS = ("Tea is calmer.", "Coffee is stronger.")
PAIR = ((QUESTION, TEXTS),)
SEVERE = 3
BREAK_MINUTES = 3


def covered_pair() -> Desk:
    return bench.desk(QueueKind.HELPFULNESS, texts=PAIR, severity=SEVERE)


def revealed() -> set[int]:
    with transaction() as session:
        return set(session.scalars(select(Reveal.position)))


def remind_early() -> None:
    help_ = {"support_text": "Ask for Kim.", "support_url": "https://example.org/help"}
    with transaction() as session:
        session.execute(update(Project).values(break_minutes=BREAK_MINUTES, **help_))


def work_for(page: Page, minutes: int) -> None:
    """A key now and then; the page's clock does the waiting."""
    for _ in range(minutes):
        for _ in range(3):
            page.keyboard.press("Shift")
            page.clock.run_for(20_000)


@pytest.mark.parametrize("with_scripts", [True, False])
def test_consent_is_asked_for_once(visits: Visits, with_scripts: bool) -> None:
    desk = bench.desk()
    with transaction() as session:
        session.execute(delete(Consent))
    page = visits.page(desk.members[0], java_script_enabled=with_scripts)
    page.goto("/annotate")
    page.get_by_role("button", name="Start").click()
    page.get_by_role("link", name="Not now").click()
    expect(page.get_by_role("heading", name="My queues")).to_be_visible()
    bench.agree(page, desk.path)
    bench.begin(page, desk.path)
    page.reload()
    expect(page.get_by_role("heading", name="Is this response safe?")).to_be_visible()


def test_covers_come_off_by_keyboard_and_then_the_answer_goes(visits: Visits) -> None:
    desk = covered_pair()
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    assert not any(text in page.content() for text in (QUESTION, *TEXTS))
    bench.press(page, "1", "Enter")
    expect(page.get_by_role("button", name="Submit and next")).to_be_disabled()
    for shown in ("Prompt", "Response A", "Response B"):
        bench.press(page, "j")
        text = page.get_by_role("region", name=shown, exact=True).locator("[id^='text-']")
        expect(text).to_be_focused()
        expect(text.locator(".model-text")).to_be_visible()
    expect(page.locator("input[value='first']")).to_be_checked()
    assert revealed() == {PROMPT, 0, 1}
    bench.submit(page, by_keyboard=True)
    expect(page.get_by_role("heading", name="All done")).to_be_visible()


def test_a_click_shows_one_text_and_no_more(visits: Visits) -> None:
    desk = covered_pair()
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    page.get_by_role("button", name="Show response B").click()
    shown = bench.text_of(page, "Response B")
    assert shown in TEXTS
    assert revealed() == {TEXTS.index(shown)}
    other = TEXTS[1 - TEXTS.index(shown)]
    assert not any(text in page.content() for text in (QUESTION, other))
    expect(page.get_by_role("button", name="Submit and next")).to_be_disabled()


def test_covers_come_off_without_javascript(visits: Visits) -> None:
    desk = covered_pair()
    page = visits.page(desk.members[0], java_script_enabled=False)
    bench.begin(page, desk.path)
    for name in ("Show response A", "Show response B"):
        page.get_by_role("button", name=name).click()
    assert {bench.text_of(page, f"Response {letter}") for letter in "AB"} == set(TEXTS)
    assert QUESTION not in page.content()
    page.locator("input[value='tie']").check()
    page.get_by_role("button", name="Submit and next").click()
    expect(page.get_by_role("heading", name="All done")).to_be_visible()
    with transaction() as session:
        assert [answer.ranks for answer in session.scalars(select(Annotation))] == [[1, 1]]


def test_a_covered_text_that_went_to_others_says_so_in_the_notice(visits: Visits) -> None:
    visits.expected.add(409)
    desk = covered_pair()
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    with transaction() as session:
        session.execute(update(Assignment).values(status="voided", void_reason="a test", closed_at="now"))
    bench.press(page, "j")
    expect(page.locator("#notice")).to_contain_text("already closed")


def test_a_break_is_suggested_after_so_much_work_over_items_and_can_be_dismissed(visits: Visits) -> None:
    desk = bench.desk(texts=((QUESTION, TEXTS[:1]), ("What is milk?", TEXTS[1:])))
    remind_early()
    page = visits.page(desk.members[0])
    page.clock.install()
    bench.begin(page, desk.path)
    reminder = page.locator("#break")
    work_for(page, BREAK_MINUTES - 1)
    expect(reminder).to_be_empty()
    bench.label(page, Verdict(), by_keyboard=False)
    bench.submit(page, by_keyboard=False)
    work_for(page, 2)
    expect(reminder).to_contain_text(f"You have worked for {BREAK_MINUTES} minutes.")
    expect(reminder).to_have_role("status")
    expect(reminder.get_by_role("link", name="Where to find help")).to_be_visible()
    bench.label(page, Verdict(), by_keyboard=False)
    reminder.get_by_role("button", name="Dismiss").click()
    expect(reminder).to_be_empty()
    expect(page.locator("form.judging :checked")).to_have_count(1)


def test_a_rest_is_a_break(visits: Visits) -> None:
    desk = bench.desk()
    remind_early()
    page = visits.page(desk.members[0])
    page.clock.install()
    bench.begin(page, desk.path)
    work_for(page, BREAK_MINUTES - 1)
    page.clock.run_for(7 * 60_000)
    work_for(page, BREAK_MINUTES - 1)
    expect(page.locator("#break")).to_be_empty()


@pytest.mark.parametrize("place", ["workspace", "my queues"])
def test_stop_for_today_gives_everything_back(visits: Visits, place: str) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    if place == "my queues":
        page.goto("/annotate")
    page.get_by_role("button", name="Stop for today").click()
    expect(page.get_by_role("heading", name="That is enough for today")).to_be_visible()
    with transaction() as session:
        assert session.scalars(select(Assignment.status)).all() == [AssignmentStatus.RELEASED]
