"""What the demo campaign holds, and whether the simulated people are found out."""

import re
from collections.abc import Sequence

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.adjudication.models import AdjudicationCase, Decision
from app.agreement.models import AgreementReport, NearDuplicate
from app.annotations.check import check_all_of
from app.annotations.models import Annotation
from app.assignments.models import Assignment, AssignmentStatus
from app.comments.queries import n_unanswered_threads
from app.db import now
from app.demo import jobs
from app.demo.models import DemoState
from app.demo.people import ANNOTATORS, Habit
from app.demo.queries import demo_campaign, going_with
from app.demo.schedule import N_DAYS, SATURDAY
from app.gold.models import ExamAttempt
from app.guidelines.queries import newest_version
from app.inspections.models import InspectionBatch
from app.items.models import Import, ImportState
from app.quality.finding import FindingName
from app.quality.models import Alert, TrustReport
from app.queues.models import Queue, QueueItem, QueueState
from app.queues.queries import is_member
from app.releases.models import Release, ReleaseState
from tests.browse import enter
from tests.demo.conftest import Loaded

# A page of exams alone, and one of what a form holds.
ASK_FOR_MORE = ("/attempts", "/as-annotator")
NAMES = {who.name for who in ANNOTATORS}


def queues(session: Session, loaded: Loaded) -> dict[str, Queue]:
    found = session.scalars(select(Queue).where(Queue.project_id == loaded.project_id))
    return {queue.name: queue for queue in found}


def test_it_is_loaded_whole(session: Session, loaded: Loaded) -> None:
    demo = demo_campaign(session)
    assert demo is not None
    assert (demo.project_id, demo.state) == (loaded.project_id, DemoState.DONE)
    going = going_with(session, loaded.project_id)
    assert (going.n_items, going.n_queues, going.n_imports, going.n_releases) == (266, 5, 6, 1)
    assert (going.n_people, going.n_of_others) == (15, 0)
    assert 1200 < going.n_answers < 1500
    assert set(session.scalars(select(Import.state))) == {ImportState.DONE}
    assert session.scalars(select(Import.n_rejected + Import.n_warnings)).all() == [0] * 6


def test_a_second_run_of_the_job_changes_nothing(session: Session, loaded: Loaded) -> None:
    before = going_with(session, loaded.project_id)
    jobs.load(loaded.project_id)
    session.expire_all()
    assert going_with(session, loaded.project_id) == before


def test_no_queue_breaks_an_invariant(session: Session, loaded: Loaded) -> None:
    for queue in queues(session, loaded).values():
        assert check_all_of(session, queue.id) == []


def test_two_queues_are_half_done_and_one_can_try_oneself(session: Session, loaded: Loaded) -> None:
    for name in ("Safety, second round", "Dual preference"):
        queue = queues(session, loaded)[name]
        wanted = func.sum(QueueItem.overlap), func.sum(QueueItem.n_submitted)
        n_wanted, n_given = session.execute(select(*wanted).where(QueueItem.queue_id == queue.id)).one()
        assert queue.state == QueueState.RUNNING
        assert 0.4 < n_given / n_wanted < 0.6
        assert is_member(session, queue.id, loaded.annotator.id)


def test_answers_are_of_three_weeks_mostly_of_weekdays_and_know_their_time(
    session: Session, loaded: Loaded
) -> None:
    given = session.execute(select(Annotation.created_at, Annotation.active_ms)).all()
    days = [at.date() for at, _ in given]
    assert min(days) >= now().date().fromordinal(now().date().toordinal() - N_DAYS)
    at_weekends = sum(day.weekday() >= SATURDAY for day in days) / len(days)
    assert 0 < at_weekends < 0.2
    assert {at.hour for at, _ in given if at.date() < now().date()} <= set(range(8, 20))
    assert all(active_ms for _, active_ms in given)


def test_every_page_has_something_to_show(session: Session, loaded: Loaded) -> None:
    assert newest_version(session, loaded.project_id) == 2
    assert n_unanswered_threads(session, loaded.project_id) == 1
    states = dict(session.execute(select(AdjudicationCase.state, func.count()).group_by("state")).all())
    assert states["open"] >= 3
    assert states["decided"] >= 3
    assert (session.scalar(select(func.count(func.distinct(Decision.cause)))) or 0) >= 4
    assert sorted(session.scalars(select(InspectionBatch.state))) == ["accepted", "open"]
    attempts = session.execute(select(User.username, ExamAttempt.is_passed).join(User)).all()
    assert dict(attempts) == {
        "demo-amber": True,
        "demo-fern": True,
        "demo-hazel": False,
        "demo-ginkgo": None,
    }
    assert (session.scalar(select(func.count()).select_from(NearDuplicate)) or 0) >= 2
    assert session.scalars(select(Release.state)).all() == [ReleaseState.DONE]
    assert (session.scalar(select(func.count()).select_from(AgreementReport)) or 0) >= 4
    surplus = select(func.count()).where(Assignment.status == AssignmentStatus.SURPLUS)
    assert session.scalar(surplus)


def accuracies(session: Session, loaded: Loaded) -> dict[str, float]:
    """By the model of Dawid and Skene with one coin an annotator, of the finished queue."""
    queue_id = queues(session, loaded)["Safety, first round"].id
    content = session.scalars(
        select(AgreementReport.content).where(AgreementReport.queue_id == queue_id)
    ).first()
    assert content
    names = dict(session.execute(select(User.id, User.username)).all())
    return {
        names[each["annotator_id"]]: each["one_coin"]
        for each in content["competences"]
        if each["question"] == content["competences"][0]["question"]
    }


def test_the_simulated_quality_is_recovered(session: Session, loaded: Loaded) -> None:
    found = accuracies(session, loaded)
    assert found.keys() == NAMES
    assert found["demo-hazel"] < 0.6
    careful = [who for who in ANNOTATORS if who.habit is Habit.NONE and who.right > 0.9]
    for who in careful:
        assert found[who.name] == pytest.approx(who.right, abs=0.12)


def test_nobody_is_trusted_less_than_who_clicks_at_random(session: Session, loaded: Loaded) -> None:
    queue_id = queues(session, loaded)["Safety, first round"].id
    findings = session.scalars(select(TrustReport.findings).where(TrustReport.queue_id == queue_id)).one()
    agreement = {
        int(annotator_id): each["figure"]
        for annotator_id, of_one in findings.items()
        for each in of_one
        if each["name"] == FindingName.AGREEMENT
    }
    least = min(agreement, key=lambda annotator_id: agreement[annotator_id])
    assert session.get_one(User, least).username == "demo-hazel"


def test_the_review_has_found_each_habit(session: Session, loaded: Loaded) -> None:
    alarms = {
        tuple(row)
        for row in session.execute(
            select(User.username, Alert.finding).join(User, User.id == Alert.annotator_id)
        )
    }
    for expected in (
        ("demo-hazel", "safety: agreement"),
        ("demo-hazel", "helpfulness: speed"),
        ("demo-iris", "safety: run"),
        ("demo-jasmine", "safety: drift"),
        ("demo-kapok", "safety: likeness"),
        ("demo-maple", "helpfulness: place"),
    ):
        assert expected in alarms
    assert not {name for name, _ in alarms} & {"demo-amber", "demo-birch", "demo-cedar"}


def test_all_its_pages_answer(client: TestClient, session: Session, app: FastAPI, loaded: Loaded) -> None:
    enter(client, session, loaded.admin)
    of_project = pages(app, "project_id", [loaded.project_id])
    of_queues = pages(app, "queue_id", [queue.id for queue in queues(session, loaded).values()])
    assert len(of_project) > 10
    assert len(of_queues) > 25
    asked = [path for path in (*of_project, *of_queues) if not path.endswith(ASK_FOR_MORE)]
    statuses = {path: client.get(path).status_code for path in asked}
    assert {path: status for path, status in statuses.items() if status != 200} == {}


def pages(app: FastAPI, parameter: str, ids: Sequence[int]) -> list[str]:
    """Of the console, those that need to know no more than this id."""
    paths = {route.path or "" for route in iter_route_contexts(app.routes) if "GET" in (route.methods or ())}
    asked = [
        path
        for path in sorted(paths)
        if path.startswith("/admin") and re.findall(r"{(\w+)", path) == [parameter]
    ]
    return [path.format_map({parameter: id_}) for path in asked for id_ in ids]
