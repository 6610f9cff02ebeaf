"""Loading the demo campaign in the background."""

from functools import partial

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app.agreement.jobs import computed
from app.db import after_commit, now, transaction
from app.demo.actions import claim_demo, note_state, note_step
from app.demo.filling import fill_demo
from app.demo.models import DemoState
from app.demo.queries import demo_campaign
from app.people.counting import count_exposure
from app.queues.models import QueuePurpose
from app.queues.queries import queues_of_project
from app.releases.actions import request_release
from app.releases.jobs import write
from app.releases.models import Release
from app.worker import celery, send


@celery.task(name="demo.load", autoretry_for=(OperationalError,), retry_backoff=True)
def load(project_id: int) -> None:
    """Harmless if it is run twice. What people did comes in whole or not at all; the rest is computed from
    it, and a second run begins there.

    Whatever stops it, it does not stay running, unless the database can't be reached either.
    """
    with transaction() as guard:
        demo = claim_demo(guard, project_id)
        if demo is None:
            return
        is_over = False
        try:
            if demo.state != DemoState.FILLED:
                fill(project_id, demo.asked_by)
            compute(project_id)
            is_over = True
        finally:
            if not is_over:
                show_state(project_id, DemoState.FAILED)


def fill(project_id: int, admin_id: int) -> None:
    show_state(project_id, DemoState.RUNNING)
    with transaction() as session:
        fill_demo(session, project_id, admin_id, now().date(), partial(show_step, project_id))
        # Last: as long as this row is locked, no step can be shown.
        note_state(session, project_id, DemoState.FILLED)


def compute(project_id: int) -> None:
    """What people were shown, reports, and a release."""
    with transaction() as session:
        count_exposure(session)
        queues = queues_of_project(session, project_id)
    for queue in queues:
        if queue.purpose == QueuePurpose.PRODUCTION:
            computed(queue.id)
    show_step(project_id)
    with transaction() as session:
        made = session.scalars(select(Release.id).where(Release.project_id == project_id)).first()
        release_id = made or request_release(session, project_id).id
    write(release_id)
    show_state(project_id, DemoState.DONE)


def show_state(project_id: int, state: DemoState) -> None:
    with transaction() as session:
        note_state(session, project_id, state)


def show_step(project_id: int) -> None:
    with transaction() as session:
        note_step(session, project_id)


@celery.task(name="demo.resume", autoretry_for=(OperationalError,), retry_backoff=True)
def resume() -> None:
    """Send what was lost: a message the broker forgot, or one whose worker was killed."""
    with transaction() as session:
        demo = demo_campaign(session)
        if demo is not None and demo.is_moving:
            after_commit(session, partial(send, load, demo.project_id))
