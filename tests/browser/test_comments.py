"""An annotator asks about an item and gets an answer, in browsers."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.models import Role
from app.assignments.models import Assignment
from app.db import transaction
from app.queues.models import QueueKind
from tests import make
from tests.browser import bench
from tests.browser.bench import Desk
from tests.browser.conftest import Visits

TWO_ITEMS = (("What is tea?", ("A drink.",)), ("What is coffee?", ("Another drink.",)))
PAIR = (("Tea or coffee?", ("Tea is calmer.", "Coffee is stronger.")),)


def answer(desk: Desk, text: str) -> None:
    with transaction() as session:
        assignment = session.scalars(select(Assignment).order_by(Assignment.id)).first()
        assert assignment is not None
        make.comment(session, assignment, make.user(session, role=Role.ADMIN), text)


def ask(page: Page, text: str) -> None:
    page.get_by_label("Your question or remark").fill(text)
    page.get_by_role("button", name="Send").click()


def test_a_question_is_sent_beside_the_judgement_and_nothing_is_lost(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.press(page, "v", "2", "k")
    expect(page.get_by_label("Your question or remark")).to_be_focused()
    page.keyboard.type("Is iced tea tea?")
    page.get_by_role("button", name="Send").click()
    expect(page.locator("#comment-sent")).to_have_text("Sent.")
    expect(page.locator("#comments")).to_contain_text("Is iced tea tea?")
    expect(page.get_by_label("Your question or remark")).to_have_value("")
    expect(page.get_by_role("button", name="Send")).to_be_focused()
    expect(page.locator("input[value='Violence']")).to_be_checked()
    bench.press(page, "Escape")
    expect(page.locator("#comments")).to_be_hidden()
    expect(page.locator("input[name='severity'][value='2']")).to_be_focused()
    bench.submit(page, by_keyboard=True)
    expect(page.get_by_role("heading", name="All done")).to_be_visible()


def test_what_is_being_typed_outlives_a_correction_of_the_judgement(visits: Visits) -> None:
    visits.expected.add(422)
    desk = bench.desk(texts=TWO_ITEMS)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.press(page, "u", "k")
    page.keyboard.type("Is iced tea tea?")
    bench.submit(page, by_keyboard=False)
    expect(page.get_by_text("Choose how severe the harm is")).to_be_visible()
    expect(page.get_by_label("Your question or remark")).to_have_value("Is iced tea tea?")
    page.get_by_role("radio", name="Safe").check()
    bench.submit(page, by_keyboard=False)
    page.get_by_text("Ask about this item").click()
    expect(page.get_by_label("Your question or remark")).to_have_value("")


@pytest.mark.parametrize("kind", [QueueKind.SAFETY, QueueKind.HELPFULNESS])
def test_an_empty_question_is_to_be_corrected_in_place(visits: Visits, kind: QueueKind) -> None:
    visits.expected.add(422)
    desk = bench.desk(kind, texts=PAIR if kind is QueueKind.HELPFULNESS else TWO_ITEMS)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.press(page, "k")
    ask(page, "  ")
    expect(page.locator("#thread .field-error")).to_have_text("Fill this in.")
    ask(page, "Is iced tea tea?")
    expect(page.locator("#comment-sent")).to_have_text("Sent.")
    expect(page.locator("#thread .field-error")).to_have_count(0)


def test_an_answer_finds_its_way_back(visits: Visits) -> None:
    desk = bench.desk(texts=TWO_ITEMS)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    bench.press(page, "k")
    ask(page, "Is iced tea tea?")
    expect(page.locator("#comments")).to_contain_text("Is iced tea tea?")
    answer(desk, "It is.")
    page.reload()
    page.get_by_role("link", name="1 answer to what you asked").click()
    expect(page.get_by_text("It is.")).to_be_visible()
    page.get_by_role("button", name="Got it").click()
    expect(page.get_by_text("It is.")).to_be_visible()
    expect(page.get_by_role("button", name="Got it")).to_have_count(0)
    page.get_by_role("link", name="My queues").first.click()
    expect(page.get_by_text("to what you asked")).to_have_count(0)


def test_an_answer_is_read_beside_the_task(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    answer(desk, "It is.")
    bench.press(page, "v", "k")
    expect(page.locator("#comments")).to_contain_text("It is.")
    page.get_by_role("button", name="Got it").click()
    expect(page.get_by_role("button", name="Got it")).to_have_count(0)
    expect(page.locator("#comments")).to_contain_text("It is.")
    expect(page.locator("input[value='Violence']")).to_be_checked()


def test_it_is_asked_and_answered_without_javascript(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0], java_script_enabled=False)
    bench.begin(page, desk.path)
    page.get_by_text("Ask about this item").click()
    ask(page, "Is iced tea tea?")
    expect(page.get_by_role("heading", name="About an item")).to_be_visible()
    expect(page.get_by_text("Is iced tea tea?")).to_be_visible()
    with transaction() as session:
        admin = make.user(session, role=Role.ADMIN)
    console = visits.page(admin, java_script_enabled=False)
    console.goto(f"/admin/projects/{desk.queue.project_id}")
    console.get_by_role("link", name="1 question is unanswered").click()
    console.get_by_role("textbox", name="Answer").fill("It is.")
    console.get_by_role("button", name="Answer", exact=True).click()
    expect(console.get_by_text("0 unanswered")).to_be_visible()
    page.goto("/annotate/comments")
    expect(page.get_by_text("It is.")).to_be_visible()
    page.get_by_role("button", name="Got it").click()
    expect(page.get_by_role("button", name="Got it")).to_have_count(0)
