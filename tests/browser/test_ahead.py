"""The next item is there before it is asked for, and an answer that is not taken comes back."""

from collections.abc import Callable

from playwright.sync_api import Page, Route, expect
from sqlalchemy import select, update

from app.annotations.models import Annotation
from app.assignments.models import Assignment
from app.db import transaction
from app.queues.models import QueueKind
from tests.browser import bench
from tests.browser.bench import Verdict
from tests.browser.conftest import Visits

ITEMS = tuple((f"Question {number}?", (f"Answer {number}.",)) for number in range(4))
PAIR = (
    ("Tea or coffee?", ("Tea is calmer.", "Coffee is stronger.")),
    ("Milk or water?", ("Milk.", "Water.")),
)


def begun(visits: Visits, desk: bench.Desk) -> Page:
    """With the next item loaded."""
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    page.locator("form.judging[data-next]").wait_for()
    return page


def n_answers() -> int:
    with transaction() as session:
        return len(session.scalars(select(Annotation.id)).all())


def open_leases() -> list[tuple[int, bool]]:
    with transaction() as session:
        rows = session.execute(
            select(Assignment.id, Assignment.is_ahead)
            .where(Assignment.status == "open")
            .order_by(Assignment.id)
        )
        return [(row.id, row.is_ahead) for row in rows]


def hold_submissions(page: Page) -> list[Callable[[], None]]:
    """Answers stay on their way until the functions in the list are called."""
    held: list[Callable[[], None]] = []

    def hold(route: Route) -> None:
        held.append(route.continue_)

    page.route("**/safety-label", hold)
    return held


def test_the_next_item_is_held_ahead_under_a_lease_of_its_own(visits: Visits) -> None:
    begun(visits, bench.desk(texts=ITEMS))
    assert [is_ahead for _id, is_ahead in open_leases()] == [False, True]


def test_it_is_shown_while_the_answer_is_still_on_its_way(visits: Visits) -> None:
    page = begun(visits, bench.desk(texts=ITEMS))
    first = bench.text_of(page, "Prompt")
    held = hold_submissions(page)
    bench.press(page, "s", "Enter")
    expect(page.locator(".prompt")).not_to_contain_text(first)
    assert n_answers() == 0
    second = bench.text_of(page, "Prompt")
    held[0]()
    expect(page.get_by_text("Answer stored.")).to_be_visible()
    expect(page.get_by_text("1 done today")).to_be_visible()
    assert bench.text_of(page, "Prompt") == second
    assert n_answers() == 1


def test_an_answer_given_meanwhile_waits_its_turn(visits: Visits) -> None:
    page = begun(visits, bench.desk(texts=ITEMS))
    held = hold_submissions(page)
    bench.press(page, "s", "Enter")
    expect(page.locator("form.judging :checked")).to_have_count(0)
    bench.press(page, "v", "1", "Enter")
    held[0]()
    page.unroute("**/safety-label")
    expect(page.get_by_text("2 done today")).to_be_visible()
    with transaction() as session:
        labels = session.scalars(select(Annotation.is_safe).order_by(Annotation.id)).all()
    assert labels == [True, False]


def test_a_whole_queue_is_answered_one_after_the_other(visits: Visits) -> None:
    page = begun(visits, bench.desk(texts=ITEMS))
    for n in range(1, len(ITEMS)):
        bench.label(page, Verdict(), by_keyboard=True)
        bench.press(page, "Enter")
        expect(page.get_by_text(f"{n} done today")).to_be_visible()
    bench.press(page, "s", "Enter")
    expect(page.get_by_role("heading", name="All done")).to_be_visible()
    assert n_answers() == len(ITEMS)
    assert open_leases() == []


def test_an_answer_that_makes_no_sense_comes_back_with_what_to_mend(visits: Visits) -> None:
    visits.expected.add(422)
    page = begun(visits, bench.desk(texts=ITEMS))
    first = bench.text_of(page, "Prompt")
    bench.press(page, "u", "Enter")
    expect(page.get_by_text("Choose at least one harm category")).to_be_visible()
    assert bench.text_of(page, "Prompt") == first
    bench.press(page, "v", "2", "Enter")
    expect(page.get_by_text("1 done today")).to_be_visible()
    assert n_answers() == 1


def test_without_a_network_the_answer_comes_back_and_is_sent_once_there_is_one(visits: Visits) -> None:
    visits.cuts_network = True
    page = begun(visits, bench.desk(texts=ITEMS))
    first = bench.text_of(page, "Prompt")
    page.context.set_offline(True)
    bench.press(page, "v", "2", "Enter")
    expect(page.get_by_text("Not submitted yet")).to_be_visible()
    assert bench.text_of(page, "Prompt") == first
    expect(page.locator("input[value='Violence']")).to_be_checked()
    page.context.set_offline(False)
    expect(page.get_by_text("1 done today")).to_be_visible()
    assert n_answers() == 1


def test_where_the_item_went_to_someone_else_the_page_follows(visits: Visits) -> None:
    desk = bench.desk(texts=ITEMS)
    page = begun(visits, desk)
    ahead_id = open_leases()[1][0]
    with transaction() as session:
        session.execute(
            update(Assignment)
            .where(Assignment.id == ahead_id)
            .values(status="skipped", skip_reason="cannot_judge", closed_at=Assignment.created_at)
        )
    bench.press(page, "s", "Enter")
    expect(page.get_by_text("1 done today")).to_be_visible()
    action = page.locator("form.judging").get_attribute("action") or ""
    assert f"/{ahead_id}/" not in action
    assert n_answers() == 1


def test_a_skip_brings_the_item_that_was_loaded(visits: Visits) -> None:
    page = begun(visits, bench.desk(texts=ITEMS))
    ahead_id = open_leases()[1][0]
    page.get_by_text("Skip this item").click()
    page.get_by_label("I can't judge this").check()
    page.get_by_role("button", name="Skip", exact=True).click()
    expect(page.locator(f"form.judging[action*='/{ahead_id}/']")).to_be_visible()
    bench.press(page, "s", "Enter")
    expect(page.get_by_text("1 done today")).to_be_visible()


def test_of_a_dual_item_the_second_step_comes_before_the_next_item(visits: Visits) -> None:
    desk = bench.desk(QueueKind.DUAL, texts=PAIR)
    page = visits.page(desk.members[0])
    bench.begin(page, desk.path)
    first = bench.text_of(page, "Prompt")
    bench.press(page, "1", "Enter")
    expect(page.get_by_role("heading", name="more harmless")).to_be_visible()
    page.locator("form.judging[data-next]").wait_for()
    assert bench.text_of(page, "Prompt") == first
    bench.press(page, "1", "Enter")
    expect(page.get_by_role("heading", name="more helpful")).to_be_visible()
    assert bench.text_of(page, "Prompt") != first
    expect(page.get_by_text("1 done today")).to_be_visible()
    assert n_answers() == 2
