"""A lease lives as long as someone works on the page, in a real browser."""

from datetime import datetime, timedelta

from playwright.sync_api import Page, Response, expect
from sqlalchemy import select, update

from app.assignments.actions import expire_leases
from app.assignments.models import Assignment, AssignmentStatus
from app.assignments.routes import SECONDS_AFTER_LEAVING
from app.db import now, transaction
from tests import make
from tests.browser import bench
from tests.browser.bench import Desk, Verdict
from tests.browser.conftest import PATIENCE_MS, Visits

TWO_ITEMS = (("What is tea?", ("A drink.",)), ("What is coffee?", ("Another drink.",)))


def lease(desk: Desk) -> Assignment:
    """The first member's."""
    mine = select(Assignment).where(Assignment.annotator_id == desk.members[0].id, ~Assignment.is_ahead)
    with transaction() as session:
        return session.scalars(mine.order_by(Assignment.id)).one()


def seconds_left(desk: Desk) -> float:
    return (lease(desk).expires_at - now()).total_seconds()


def end_in(desk: Desk, seconds: int) -> datetime:
    ends_at = now() + timedelta(seconds=seconds)
    with transaction() as session:
        session.execute(update(Assignment).values(expires_at=ends_at))
    return ends_at


def is_beat(response: Response) -> bool:
    return response.url.endswith("/heartbeat")


def begin_and_beat(page: Page, desk: Desk) -> None:
    with page.expect_response(is_beat) as beat:
        bench.begin(page, desk.path)
    assert beat.value.status == 204


def wait_until_it_ends_soon(page: Page, desk: Desk) -> None:
    """What a page sends when it is left is seen in the database alone."""
    for _ in range(PATIENCE_MS // 100):
        if seconds_left(desk) <= SECONDS_AFTER_LEAVING:
            return
        page.wait_for_timeout(100)
    raise AssertionError("the lease was not shortened")


def test_a_page_that_is_open_or_loaded_again_begins_its_lease_anew(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0])
    begin_and_beat(page, desk)
    end_in(desk, 90)
    with page.expect_response(is_beat):
        page.reload()
    page.wait_for_timeout(1000)  # What the page before sent when it was left has come by now.
    assert seconds_left(desk) > 29 * 60
    assert page.locator("#notice p").count() == 0
    expect(page.get_by_role("heading", name="Is this response safe?")).to_be_visible()


def test_it_beats_each_minute_while_someone_works_and_not_otherwise(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0])
    beats: list[Response] = []
    page.on("response", lambda response: beats.append(response) if is_beat(response) else None)
    page.clock.install()
    bench.begin(page, desk.path)
    page.clock.run_for(5_000)
    page.wait_for_timeout(300)
    n_at_first = len(beats)
    assert n_at_first == 1
    page.clock.run_for(300_000)
    page.wait_for_timeout(300)
    assert len(beats) == n_at_first, "nobody was at work"
    for n_minutes in (1, 2):
        bench.press(page, "v")
        with page.expect_response(is_beat):
            page.clock.run_for(60_000)
        assert len(beats) == n_at_first + n_minutes
    expect(page.locator("input[value='Violence']")).not_to_be_checked()


def test_leaving_the_page_lets_the_lease_end_soon(visits: Visits) -> None:
    desk = bench.desk()
    page = visits.page(desk.members[0])
    begin_and_beat(page, desk)
    page.goto("/annotate")
    wait_until_it_ends_soon(page, desk)
    assert lease(desk).status == AssignmentStatus.OPEN


def test_whoever_comes_back_finds_their_item_and_its_lease(visits: Visits) -> None:
    desk = bench.desk(texts=TWO_ITEMS)
    page = visits.page(desk.members[0])
    begin_and_beat(page, desk)
    prompt = bench.text_of(page, "Prompt")
    page.goto("/annotate")
    wait_until_it_ends_soon(page, desk)
    with page.expect_response(is_beat):
        page.goto(desk.path)
    assert bench.text_of(page, "Prompt") == prompt
    assert seconds_left(desk) > 29 * 60


def test_an_item_is_given_back(visits: Visits) -> None:
    desk = bench.desk(n_members=2)
    page = visits.page(desk.members[0])
    begin_and_beat(page, desk)
    page.get_by_role("button", name="Give it back").click()
    expect(page.get_by_role("heading", name="My queues")).to_be_visible()
    assert lease(desk).status == AssignmentStatus.RELEASED
    other = visits.page(desk.members[1])
    bench.begin(other, desk.path)
    assert bench.has_item(other)


def test_two_tabs_show_the_same_item(visits: Visits) -> None:
    desk = bench.desk(texts=TWO_ITEMS)
    page = visits.page(desk.members[0])
    begin_and_beat(page, desk)
    other = visits.second_tab(page)
    with other.expect_response(is_beat):
        other.goto(desk.path)
    assert bench.text_of(other, "Prompt") == bench.text_of(page, "Prompt")
    assert lease(desk).status == AssignmentStatus.OPEN


def test_a_place_that_others_have_is_told_and_the_answer_stays(visits: Visits) -> None:
    visits.expected.add(409)
    desk = bench.desk(n_members=2)
    page = visits.page(desk.members[0])
    begin_and_beat(page, desk)
    end_in(desk, -1)
    with transaction() as session:
        expire_leases(session, desk.queue.id)
        make.assignment(session, desk.queue, desk.members[1])
    bench.label(page, Verdict(["Violence"], 2), by_keyboard=True)
    with page.expect_response(is_beat) as beat:
        page.evaluate("htmx.trigger('#heartbeat', 'heartbeat')")
    assert beat.value.status == 409
    expect(page.locator("#notice")).to_contain_text("others have its places now")
    expect(page.locator("#notice")).to_be_in_viewport()
    expect(page.locator("input[value='Violence']")).to_be_checked()
    expect(page.locator("#heartbeat")).to_have_count(0)
    bench.submit(page, by_keyboard=True)
    assert lease(desk).status == AssignmentStatus.SURPLUS


def test_each_new_item_beats_for_itself(visits: Visits) -> None:
    desk = bench.desk(texts=TWO_ITEMS)
    page = visits.page(desk.members[0])
    begin_and_beat(page, desk)
    first = lease(desk).id
    bench.label(page, Verdict(), by_keyboard=True)
    with page.expect_response(is_beat) as beat:
        bench.submit(page, by_keyboard=True)
    assert beat.value.status == 204
    assert f"/assignments/{first}/" not in beat.value.url
