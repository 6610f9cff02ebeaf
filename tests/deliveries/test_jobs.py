"""From a finished release to its targets, by the schedule."""

from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import transaction
from app.deliveries import jobs
from app.deliveries.actions import add_target, order_delivery, plan_deliveries, switch_target
from app.deliveries.errands import MOST_TRIES, take_due
from app.deliveries.forms import NewTarget
from app.deliveries.models import Delivery, Progress, Target
from app.projects.models import Project
from tests import make
from tests.deliveries.finished import FILES, finished_release
from tests.queued import jobs_sent_by
from tests.releases.samples import bytes_below


def add(session: Session, project: Project, address: str) -> Target:
    add_target(session, project.id, NewTarget(address=address))
    return session.scalars(select(Target).where(Target.address == address)).one()


def delivery_to(address: Path) -> int:
    with transaction() as session:
        project = make.project(session)
        add(session, project, str(address))
        finished_release(session, project)
        plan_deliveries(session)
        return session.scalars(select(Delivery.id)).one()


def how_it_stands(delivery_id: int) -> tuple[str, int, str | None, int]:
    with transaction() as session:
        found = session.get_one(Delivery, delivery_id)
        return found.state, found.n_tries, found.error, found.n_files


@pytest.mark.usefixtures("database", "home")
def test_a_new_release_is_sent_for_once_and_arrives(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    with transaction() as session:
        project = make.project(session)
        add(session, project, str(target))
        finished_release(session, project)
    sent = jobs_sent_by("app.deliveries.jobs", "send_due")
    assert [name for name, _ in sent] == ["deliveries.deliver"]
    with transaction() as session:
        assert take_due(session, Delivery) == [], "a message is on its way"
    ((_, arguments),) = sent
    delivery_id, n_tries = map(int, map(str, arguments))
    jobs.deliver(delivery_id, n_tries)
    assert bytes_below(target / "1") == FILES
    assert how_it_stands(delivery_id) == (Progress.DONE, 1, None, len(FILES))


@pytest.mark.usefixtures("database", "home")
def test_what_fails_is_tried_again(tmp_path: Path) -> None:
    delivery_id = delivery_to(tmp_path / "target")
    jobs.deliver(delivery_id, 0)
    state, n_tries, error, _ = how_it_stands(delivery_id)
    assert (state, n_tries) == (Progress.WAITING, 1)
    assert error is not None
    assert "There is no folder" in error
    (tmp_path / "target").mkdir()
    jobs.deliver(delivery_id, 0)
    assert how_it_stands(delivery_id)[0] == Progress.WAITING, "that try was made"
    jobs.deliver(delivery_id, 1)
    assert how_it_stands(delivery_id) == (Progress.DONE, 2, None, len(FILES))


@pytest.mark.usefixtures("database", "home")
def test_one_that_kills_each_worker_comes_to_an_end(tmp_path: Path) -> None:
    delivery_id = delivery_to(tmp_path)
    with transaction() as session:
        killed = session.get_one(Delivery, delivery_id)
        killed.state, killed.n_tries = Progress.RUNNING, MOST_TRIES
    jobs.deliver(delivery_id, MOST_TRIES)
    assert how_it_stands(delivery_id)[:2] == (Progress.FAILED, MOST_TRIES)


@pytest.mark.usefixtures("database", "home")
def test_a_secret_of_another_installation_is_told(tmp_path: Path) -> None:
    delivery_id = delivery_to(tmp_path)
    with transaction() as session:
        session.scalars(select(Target)).one().sealed_secret = "gAAAAABnot-ours"
    jobs.deliver(delivery_id, 0)
    assert "EVENHAND_SECRET_KEY has changed" in (how_it_stands(delivery_id)[2] or "")


def test_only_targets_that_were_on_get_a_release_and_others_when_they_are_asked_to(
    session: Session, home: Path
) -> None:
    project = make.project(session)
    before = finished_release(session, project)
    add(session, make.project(session), "/of/another/project")
    first, second = add(session, project, "/first"), add(session, project, "/second")
    for target in (first, second):
        session.refresh(target)
        assert before.finished_at is not None
        target.active_since = before.finished_at.replace(year=before.finished_at.year + 1)
    switch_target(session, second, is_on=False)
    release = finished_release(session, project)
    assert first.active_since is not None
    release.finished_at = first.active_since
    for _ in range(2):
        plan_deliveries(session)
    planned = select(Delivery.release_id, Delivery.target_id).order_by(Delivery.id)
    assert [tuple(row) for row in session.execute(planned)] == [(release.id, first.id)]
    for _ in range(2):
        order_delivery(session, second, before)
    assert [tuple(row) for row in session.execute(planned)][1:] == [(before.id, second.id)]
