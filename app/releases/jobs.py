"""Releases in the background, on demand and nightly."""

from datetime import date
from functools import partial

from sqlalchemy.exc import OperationalError

from app.agreement.actions import follow_answers
from app.db import after_commit, now, transaction
from app.projects.queries import all_projects
from app.queues.queries import queues_of_project
from app.releases.actions import claim_release, fail_release, make_release, request_release, start_release
from app.releases.models import ReleaseState
from app.releases.queries import ids_not_ended, release_of
from app.worker import celery, send

CRASHED = "The release could not be written. The worker's log says why."


@celery.task(name="releases.write_release", autoretry_for=(OperationalError,), retry_backoff=True)
def write(release_id: int) -> None:
    """Harmless if it is run twice: a finished release stays as it is, and only one worker writes it."""
    with transaction() as guard:
        if not claim_release(guard, release_id):
            return
        with transaction() as session:
            start_release(session, release_id)
        is_made = False
        try:
            follow_all_answers(release_id)
            with transaction(snapshot=True) as session:
                make_release(session, release_id)
            is_made = True
        finally:
            if not is_made:
                with transaction() as session:
                    fail_release(session, release_id, CRASHED)


def follow_all_answers(release_id: int) -> None:
    """The models are fitted before the snapshot, which can't write them; anew, so that the same answers give
    the same release whatever was fitted before."""
    with transaction() as session:
        for queue in queues_of_project(session, release_of(session, release_id).project_id):
            follow_answers(session, queue.id, fits=True)


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
            release = request_release(session, project.id, night)
            if release.state != ReleaseState.DONE:
                after_commit(session, partial(send, write, release.id))
