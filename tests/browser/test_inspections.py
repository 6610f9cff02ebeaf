"""A batch that is refused comes back to other annotators; one that is accepted stands."""

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.models import Role, User
from app.assignments.models import Assignment
from app.db import transaction
from tests import answer, make
from tests.browser import bench
from tests.browser.bench import Desk
from tests.browser.conftest import Visits

TEXTS = (("What is tea?", ("A drink.",)), ("What is coffee?", ("Another drink.",)))


def answered_desk() -> tuple[Desk, User, User]:
    """Two answers of the first of two members; an admin and an inspector."""
    desk = bench.desk(texts=TEXTS, n_members=2)
    with transaction() as session:
        for _ in TEXTS:
            answer.safety(session, make.assignment(session, desk.queue, desk.members[0]))
        admin = make.user(session, role=Role.ADMIN)
        inspector = make.user(session, role=Role.ADJUDICATOR)
    return desk, admin, inspector


def make_a_batch(page: Page, desk: Desk) -> None:
    page.goto(f"/admin/queues/{desk.queue.id}/inspections")
    page.get_by_label("Share that is inspected").fill("1")
    page.get_by_role("button", name="Show what it tells").click()
    expect(page.get_by_role("region", name="Operating characteristic")).to_be_visible()
    page.get_by_role("button", name="Make the batch").click()
    expect(page.get_by_role("link", name="Batch")).to_be_visible()


def inspect(page: Page, *keys: str) -> None:
    """By keyboard alone."""
    page.goto("/inspect")
    page.get_by_role("link", name="Batch").click()
    for n_judged, key in enumerate(keys, start=1):
        expect(page.get_by_role("heading", name="Answer of")).to_be_visible()
        bench.press(page, key)
        expect(page.get_by_text(f"{n_judged} of 2 sampled answers are judged")).to_be_visible()
    expect(page.get_by_text("An admin ends the batch.")).to_be_visible()


def end(page: Page, button: str) -> None:
    page.reload()
    page.get_by_role("link", name="Batch").click()
    page.get_by_role("button", name=button).click()


def statuses(desk: Desk) -> list[str]:
    of_queue = select(Assignment.status).where(Assignment.queue_id == desk.queue.id)
    with transaction() as session:
        return list(session.scalars(of_queue.order_by(Assignment.id)))


def test_a_refused_batch_comes_back_to_another_annotator(visits: Visits) -> None:
    desk, admin, inspector = answered_desk()
    page = visits.page(admin)
    make_a_batch(page, desk)
    inspect(visits.page(inspector), "r", "w")
    end(page, "Refuse the batch")
    expect(page.get_by_text("its answers were voided, and others are asked")).to_be_visible()
    assert statuses(desk) == ["voided", "voided"]
    other = visits.page(desk.members[1])
    bench.begin(other, desk.path)
    assert bench.text_of(other, "Prompt") in {prompt for prompt, _ in TEXTS}


def test_an_accepted_batch_stands(visits: Visits) -> None:
    desk, admin, inspector = answered_desk()
    page = visits.page(admin)
    make_a_batch(page, desk)
    inspect(visits.page(inspector), "r", "r")
    end(page, "Accept the batch")
    expect(page.get_by_text("Accepted on")).to_be_visible()
    assert statuses(desk) == ["submitted", "submitted"]
