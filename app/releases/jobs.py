"""Releases in the background, on demand and nightly."""

import errno
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.agreement.actions import follow_answers
from app.db import after_commit, export_snapshot, now, transaction, use_snapshot
from app.errors import Refused
from app.projects.queries import all_projects
from app.queues.queries import progress_by_queue, queues_of_project
from app.releases.actions import (
    ReleaseCancelled,
    claim_release,
    fail_release,
    finish_release,
    note_plan,
    note_progress,
    request_release,
    start_release,
)
from app.releases.filters import ReleaseFilters
from app.releases.making import abandon_release, make_any_part, make_release
from app.releases.models import ReleaseState
from app.releases.queries import ids_not_ended, release_of
from app.worker import celery, send

CRASHED = "The release could not be written. The worker's log says why."
NO_ROOM = "There is no room left on the disk, so nothing of this release was kept. Free some, then try again."
OUT_OF_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

MOST_FITTED_AT_ONCE = 3_000_000
"""Answers. Some 50 bytes each."""


@celery.task(name="releases.write_release", autoretry_for=(OperationalError,), retry_backoff=True)
def write(release_id: int) -> None:
    """Harmless if it is run twice: a finished release stays as it is, and only one worker leads its making.

    Whatever stops it, the release does not stay running, unless the database can't be reached either; then a
    later run takes it up again, with the parts that were made.
    """
    with transaction() as guard:
        if not claim_release(guard, release_id):
            return
        error: str | None = CRASHED
        try:
            lead(release_id)
            error = None
        except ReleaseCancelled:
            error = None
            abandon(release_id)
        except Refused as refused:
            error = refused.message
        except OSError as failure:
            if failure.errno in OUT_OF_ROOM:
                error = NO_ROOM
                abandon(release_id)
            raise
        finally:
            if error is not None:
                with transaction() as session:
                    fail_release(session, release_id, error)


def lead(release_id: int) -> None:
    """Raises ReleaseCancelled."""
    with transaction() as session:
        start_release(session, release_id)
    follow_all_answers(release_id)
    with transaction(snapshot=True) as session:
        manifest = make_release(
            session,
            release_id,
            on_planned=partial(show_plan, release_id),
            call_helpers=partial(call_helpers, session, release_id),
            on_progress=partial(show_progress, release_id),
        )
    with transaction() as session:
        finish_release(session, release_id, manifest)


def abandon(release_id: int) -> None:
    with transaction() as session:
        abandon_release(release_of(session, release_id))


def follow_all_answers(release_id: int) -> None:
    """The models are fitted before the snapshot, which can't write them; anew, so that the same answers give
    the same release whatever was fitted before. Two queues at once where there is memory for both, since most
    of the time is PostgreSQL's."""
    with transaction() as session:
        queue_ids = [
            queue.id for queue in queues_of_project(session, release_of(session, release_id).project_id)
        ]
        n_answers = sum(each.n_submitted for each in progress_by_queue(session, queue_ids).values())
    with ThreadPoolExecutor(2 if n_answers <= MOST_FITTED_AT_ONCE else 1) as threads:
        list(threads.map(follow_queue, queue_ids))


def follow_queue(queue_id: int) -> None:
    with transaction() as session:
        follow_answers(session, queue_id, fits=True)


def show_plan(release_id: int, n_items: int, n_items_done: int) -> None:
    with transaction() as session:
        note_plan(session, release_id, n_items, n_items_done)


def call_helpers(session: Session, release_id: int, n_helpers: int) -> None:
    """Ask other workers to make parts as well; it is done in time without them too."""
    snapshot = export_snapshot(session)
    for _ in range(n_helpers):
        send(help_write, release_id, snapshot)


def show_progress(release_id: int, n_items: int) -> None:
    """Raises ReleaseCancelled."""
    with transaction() as session:
        note_progress(session, release_id, n_items)


@celery.task(name="releases.help_write_release")
def help_write(release_id: int, snapshot: str) -> None:
    """One part, and then the next as a job of its own, so that other jobs get their turn.

    Does nothing once the worker that leads has ended: its snapshot is gone.
    """
    with transaction(snapshot=True) as session:
        is_there = use_snapshot(session, snapshot)
        try:
            is_made = is_there and make_any_part(session, release_id, partial(show_progress, release_id))
        except ReleaseCancelled:
            return
        if is_made:
            after_commit(session, partial(send, help_write, release_id, snapshot))


@celery.task(name="releases.resume_releases", autoretry_for=(OperationalError,), retry_backoff=True)
def resume_releases() -> None:
    """Send what was lost: a message the broker forgot, or one whose worker was killed."""
    with transaction() as session:
        for release_id in ids_not_ended(session):
            after_commit(session, partial(send, write, release_id))


@celery.task(name="releases.nightly", autoretry_for=(OperationalError,), retry_backoff=True)
def nightly(day: str | None = None) -> None:
    """`day`: ISO date, UTC; today where it is not given. A second run on a day makes nothing new."""
    night = date.fromisoformat(day) if day else now().date()
    with transaction() as session:
        for project in all_projects(session):
            filters = ReleaseFilters.model_validate(project.nightly_filters)
            release = request_release(session, project.id, night, filters)
            if release.state != ReleaseState.DONE:
                after_commit(session, partial(send, write, release.id))
