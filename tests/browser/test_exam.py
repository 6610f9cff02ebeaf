"""From a training to an exam to the queue that asks for it, by keyboard."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.accounts.models import Qualification, User
from app.annotations.models import Annotation
from app.assignments.models import Assignment
from app.db import transaction
from app.queues.models import Queue, QueuePurpose
from tests import make
from tests.browser import bench
from tests.browser.bench import Verdict
from tests.browser.conftest import Visits

N_ITEMS = 2


@dataclass(frozen=True)
class Course:
    annotator: User
    training: Queue
    exam: Queue
    production: Queue


@pytest.fixture
def course(database: None) -> Course:
    with transaction() as session:
        annotator = make.user(session)
        project = make.project(session)
        make.item(session, project, prompt="What is coffee?")
        production = make.queue(session, project, members=(annotator,), qualification="Kind")
        training = make.exam(
            session,
            project,
            n_items=N_ITEMS,
            purpose=QueuePurpose.TRAINING,
            grants=None,
            members=(annotator,),
        )
        exam = make.exam(session, project, n_items=2 * N_ITEMS, n_exam_items=N_ITEMS, members=(annotator,))
    return Course(annotator, training, exam, production)


def is_asked(page: Page, n: int) -> None:
    expect(page.get_by_role("heading", name="Is this response safe?")).to_be_visible()
    expect(page.locator("#where")).to_contain_text(f"item {n} of {N_ITEMS}")
    expect(page.locator("#task")).to_be_focused()


def begin(page: Page, queue: Queue) -> None:
    page.goto(f"/annotate/queues/{queue.id}")
    expect(page.get_by_role("button", name="Start")).to_be_visible()
    bench.press(page, "Enter")
    is_asked(page, 1)


def answer(page: Page, verdict: Verdict) -> None:
    bench.label(page, verdict, by_keyboard=True)
    bench.submit(page, by_keyboard=True)


def test_training_exam_qualification_queue(visits: Visits, course: Course) -> None:
    page = visits.page(course.annotator)
    page.goto(f"/annotate/queues/{course.production.id}")
    bench.press(page, "Enter")
    expect(page.get_by_role("heading", name="You need a qualification")).to_be_visible()
    expect(page.get_by_role("link", name="To the exam")).to_be_visible()

    begin(page, course.training)
    answer(page, Verdict(["Violence"], 2))
    expect(page.get_by_role("heading", name="Not quite right")).to_be_focused()
    expect(page.get_by_role("row", name="Harm categories")).to_contain_text("Violence")
    expect(page.get_by_text("Tea is a drink.")).to_be_visible()
    bench.press(page, "Enter")
    is_asked(page, 2)
    answer(page, Verdict())
    expect(page.get_by_role("heading", name="That was right")).to_be_visible()
    bench.press(page, "Enter")
    expect(page.get_by_text("1 of 2 right.")).to_be_visible()

    begin(page, course.exam)
    answer(page, Verdict())
    is_asked(page, 2)
    answer(page, Verdict())
    expect(page.get_by_text("2 of 2 right.")).to_be_visible()

    page.goto(f"/annotate/queues/{course.production.id}")
    bench.press(page, "Enter")
    expect(page.get_by_role("region", name="Prompt")).to_contain_text("What is coffee?")
    answer(page, Verdict())
    with transaction() as session:
        assert session.scalars(select(Qualification.name)).all() == ["Kind"]
        in_production = select(Annotation.is_safe).join(
            Assignment, Assignment.id == Annotation.assignment_id
        ).where(Assignment.queue_id == course.production.id)  # fmt: skip
        assert session.scalars(in_production).all() == [True]


def test_an_exam_that_is_failed_can_be_tried_again(visits: Visits, course: Course) -> None:
    page = visits.page(course.annotator)
    begin(page, course.exam)
    answer(page, Verdict())
    is_asked(page, 2)
    answer(page, Verdict(["Violence"], 1))
    expect(page.get_by_text("Not passed.")).to_be_visible()
    expect(page.get_by_text("1 of 2 right.")).to_be_visible()
    expect(page.get_by_role("link", name="The answer")).to_have_count(0)
    bench.press(page, "Enter")
    is_asked(page, 1)
    with transaction() as session:
        assert session.scalars(select(Qualification.name)).all() == []


def test_a_training_works_without_javascript(visits: Visits, course: Course) -> None:
    page = visits.page(course.annotator, java_script_enabled=False)
    page.goto(f"/annotate/queues/{course.training.id}")
    page.get_by_role("button", name="Start").click()
    for _ in range(N_ITEMS):
        page.get_by_role("radio", name="Safe").check()
        page.get_by_role("button", name="Submit and next").click()
        expect(page.get_by_role("heading", name="That was right")).to_be_visible()
        page.get_by_role("button", name="Next").or_(page.get_by_role("link", name="To the result")).click()
    expect(page.get_by_text("2 of 2 right.")).to_be_visible()
