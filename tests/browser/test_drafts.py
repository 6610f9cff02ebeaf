"""An answer that is not submitted yet is never lost: reloads, other browsers, cut networks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, Response, expect
from sqlalchemy import select, text

from app.annotations.models import Annotation
from app.db import transaction
from app.drafts.models import Draft
from app.queues.models import QueueKind
from tests.browser import bench
from tests.browser.bench import Desk, Verdict
from tests.browser.conftest import PATIENCE_MS, Visits
from tests.tables import owner_engine

TWO_ITEMS = (("What is tea?", ("A drink.",)), ("What is coffee?", ("Another drink.",)))
THREE = (("What shall I drink?", ("Tea.", "Coffee.", "Water.")),)
SAVED = "Draft saved"
NOT_SAVED = "Not saved yet: no connection"
NOT_SUBMITTED = "Not submitted yet"
VIOLENCE = Verdict(["Violence"], 2)


def answers() -> list[tuple[Any, ...]]:
    with transaction() as session:
        columns = (Annotation.is_safe, Annotation.harm_categories, Annotation.severity)
        return [tuple(row) for row in session.execute(select(*columns).order_by(Annotation.id))]


def drafts() -> list[dict[str, Any]]:
    """Without what a form says though nothing was chosen."""
    unsaid = ("", "[]", "ordered")
    with transaction() as session:
        return [
            {
                name: value
                for name, value in draft.content.items()
                if name != "submission_key" and value not in unsaid
            }
            for draft in session.scalars(select(Draft))
        ]


def is_save(response: Response) -> bool:
    return "/drafts/" in response.url


def status(page: Page) -> Any:
    return page.locator(".draft-status")


def choose(page: Page, *keys: str) -> None:
    """By keys, until the server has it."""
    for key in keys:
        with page.expect_response(is_save):
            bench.press(page, key)
    expect(status(page)).to_contain_text(SAVED)


def begun(visits: Visits, desk: Desk) -> Page:
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    return page


def expect_violence(page: Page) -> None:
    expect(page.locator("input[value='Violence']")).to_be_checked()
    expect(page.get_by_role("radio", name="Harmful")).to_be_checked()


def kept(page: Page) -> list[str]:
    found: list[str] = page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('draft '))")
    return found


def wait_until_the_server_has_it(page: Page) -> None:
    for _ in range(PATIENCE_MS // 100):
        page.wait_for_timeout(100)
        if not kept(page):
            return
    raise AssertionError("the draft was not sent")


def test_reloading_goes_on_where_one_was(visits: Visits) -> None:
    desk = bench.desk()
    page = begun(visits, desk)
    choose(page, "v", "2")
    page.reload()
    expect_violence(page)
    expect(page.locator("input[name='severity'][value='2']")).to_be_checked()
    expect(status(page)).to_contain_text("not submitted yet")
    assert kept(page) == []
    bench.submit(page, by_keyboard=True)
    assert answers() == [(False, ["Violence"], 2)]
    assert drafts() == []


def test_reloading_in_the_same_moment_loses_nothing(visits: Visits) -> None:
    desk = bench.desk()
    page = begun(visits, desk)
    bench.press(page, "v")
    page.reload()
    expect_violence(page)
    expect(status(page)).to_contain_text(SAVED)
    assert drafts() == [{"is_safe": "false", "harm_categories": "Violence"}]


def test_another_browser_goes_on(visits: Visits) -> None:
    # The first one may renew its lease after the other has submitted.
    visits.expected.add(409)
    desk = bench.desk()
    choose(begun(visits, desk), "v")
    other = visits.page(desk.members[0])
    other.goto(desk.path)
    expect_violence(other)
    choose(other, "3")
    bench.submit(other, by_keyboard=True)
    assert answers() == [(False, ["Violence"], 3)]


def test_ranks_are_kept_too(visits: Visits) -> None:
    desk = bench.desk(QueueKind.SINGLE, texts=THREE)
    page = begun(visits, desk)
    for place, rank in enumerate((2, 1)):
        with page.expect_response(is_save):
            page.locator(f"input[name='rank_{place}'][value='{rank}']").check()
    page.reload()
    expect(page.locator(".ranks input:checked")).to_have_count(2)
    assert drafts() == [{"rank_0": "2", "rank_1": "1"}]


def test_without_javascript_the_draft_is_shown_and_submitted(visits: Visits) -> None:
    # The first page still beats for an item that the other one submits.
    visits.expected.add(409)
    desk = bench.desk()
    choose(begun(visits, desk), "v", "1")
    plain = visits.page(desk.members[0], java_script_enabled=False)
    plain.goto(desk.path)
    expect_violence(plain)
    plain.get_by_role("button", name="Submit and next").click()
    expect(plain.get_by_role("heading", name="All done")).to_be_visible()
    assert answers() == [(False, ["Violence"], 1)]


def test_a_cut_network_is_told_and_the_draft_is_saved_once_it_is_back(visits: Visits) -> None:
    visits.cuts_network = True
    desk = bench.desk()
    page = begun(visits, desk)
    choose(page, "u")
    page.context.set_offline(True)
    bench.press(page, "v", "2")
    expect(status(page)).to_contain_text(NOT_SAVED)
    expect_violence(page)
    page.context.set_offline(False)
    expect(status(page)).to_contain_text(SAVED)
    assert drafts() == [{"is_safe": "false", "harm_categories": "Violence", "severity": "2"}]
    assert kept(page) == []


def test_what_was_not_sent_is_there_when_the_page_is_opened_again(visits: Visits) -> None:
    visits.cuts_network = True
    desk = bench.desk()
    page = begun(visits, desk)
    page.context.set_offline(True)
    bench.press(page, "v")
    expect(status(page)).to_contain_text(NOT_SAVED)
    page.close()
    again = visits.second_tab(page)
    page.context.set_offline(False)
    again.goto(desk.path)
    expect_violence(again)
    expect(status(again)).to_contain_text(SAVED)
    assert drafts() == [{"is_safe": "false", "harm_categories": "Violence"}]


def test_an_answer_submitted_without_network_is_kept_and_sent_once(visits: Visits) -> None:
    visits.cuts_network = True
    desk = bench.desk(texts=TWO_ITEMS)
    page = begun(visits, desk)
    first = bench.text_of(page, "Prompt")
    page.context.set_offline(True)
    bench.label(page, VIOLENCE, by_keyboard=True)
    bench.press(page, "Enter")
    expect(status(page)).to_contain_text(NOT_SUBMITTED)
    bench.press(page, "Enter")
    expect(status(page)).to_contain_text(NOT_SUBMITTED)
    expect_violence(page)
    assert answers() == []
    page.context.set_offline(False)
    expect(page.get_by_role("region", name="Prompt")).not_to_contain_text(first)
    page.wait_for_load_state("networkidle")
    assert answers() == [(False, ["Violence"], 2)]
    assert (drafts(), kept(page)) == ([], [])


def test_a_submission_whose_answer_got_lost_is_stored_once(visits: Visits) -> None:
    visits.cuts_network = True
    desk = bench.desk(texts=TWO_ITEMS)
    page = begun(visits, desk)
    first = bench.text_of(page, "Prompt")
    lost: list[int] = []

    def lose_the_first(route: Any) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort("internetdisconnected")

    page.route("**/safety-label", lose_the_first)
    visits.expected.add(409)
    bench.label(page, VIOLENCE, by_keyboard=True)
    bench.press(page, "Enter")
    expect(page.get_by_role("region", name="Prompt")).not_to_contain_text(first)
    assert lost == [200]
    assert answers() == [(False, ["Violence"], 2)]


def test_whoever_goes_on_choosing_is_not_submitted_unasked(visits: Visits) -> None:
    visits.cuts_network = True
    desk = bench.desk()
    page = begun(visits, desk)
    page.context.set_offline(True)
    bench.label(page, VIOLENCE, by_keyboard=True)
    bench.press(page, "Enter")
    expect(status(page)).to_contain_text(NOT_SUBMITTED)
    bench.press(page, "3")
    expect(status(page)).to_contain_text(NOT_SAVED)
    page.context.set_offline(False)
    expect(status(page)).to_contain_text(SAVED)
    assert answers() == []
    bench.submit(page, by_keyboard=True)
    assert answers() == [(False, ["Violence"], 3)]


def test_a_server_in_trouble_leaves_the_answer_where_it_is(visits: Visits) -> None:
    visits.expected.add(500)
    desk = bench.desk()
    page = begun(visits, desk)
    bench.label(page, VIOLENCE, by_keyboard=True)
    with nothing_can_be_answered():
        bench.press(page, "Enter")
        expect(status(page)).to_contain_text("the server had a problem")
    expect_violence(page)
    bench.submit(page, by_keyboard=True)
    assert answers() == [(False, ["Violence"], 2)]


@contextmanager
def nothing_can_be_answered() -> Iterator[None]:
    """In the database: what the browser is told in its place, it now and then passes by."""
    with owner_engine().begin() as connection:
        connection.execute(text("ALTER TABLE annotation ADD CONSTRAINT trouble CHECK (false) NOT VALID"))
    try:
        yield
    finally:
        with owner_engine().begin() as connection:
            connection.execute(text("ALTER TABLE annotation DROP CONSTRAINT trouble"))


def test_what_is_left_has_no_draft(visits: Visits) -> None:
    desk = bench.desk()
    page = begun(visits, desk)
    bench.press(page, "v")
    page.get_by_role("button", name="Give it back").click()
    expect(page.get_by_role("heading", name="My queues")).to_be_visible()
    assert (drafts(), kept(page)) == ([], [])


def test_signing_out_leaves_nothing_in_the_browser(visits: Visits) -> None:
    visits.cuts_network = True
    desk = bench.desk()
    page = begun(visits, desk)
    page.evaluate("localStorage.setItem('draft someone /elsewhere', JSON.stringify({at: Date.now()}))")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    assert kept(page) == []


def test_what_is_older_than_a_week_is_swept(visits: Visits) -> None:
    desk = bench.desk()
    page = begun(visits, desk)
    page.evaluate(
        "localStorage.setItem('draft old', JSON.stringify({at: Date.now() - 8 * 24 * 3600 * 1000}))"
    )
    page.evaluate("localStorage.setItem('draft new', JSON.stringify({at: Date.now()}))")
    page.evaluate("localStorage.setItem('draft broken', '{')")
    page.reload()
    assert kept(page) == ["draft new"]


def test_reasons_are_kept_as_they_are_typed_and_evidence_with_them(visits: Visits) -> None:
    desk = bench.desk()
    page = begun(visits, desk)
    bench.press(page, "v")
    page.get_by_text("Reasons and evidence").click()
    page.get_by_label("Why, in your words").press_sequentially("It is\nharmful")
    page.locator("#quote").fill("drink")
    bench.press(page, "Enter")
    wait_until_the_server_has_it(page)
    (content,) = drafts()
    assert content == {
        "is_safe": "false",
        "harm_categories": "Violence",
        "rationale": "It is\nharmful",
        "evidence": '[{"place":0,"start":2,"end":7}]',
    }
    page.reload()
    expect(page.get_by_label("Why, in your words")).to_have_value("It is\nharmful")
    expect(page.locator(".spans li")).to_have_count(1)
