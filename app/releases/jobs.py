"""Releases in the background, on demand and nightly."""

from datetime import date
from functools import partial

from sqlalchemy.exc import OperationalError

from app.db import after_commit, now, transaction
from app.projects.queries import all_projects
from app.releases.actions import fail_release, make_release, request_release, start_release
from app.worker import celery


@celery.task(name="releases.write_release", autoretry_for=(OperationalError,), retry_backoff=True)
def write(release_id: int) -> None:
    with transaction() as session:
        start_release(session, release_id)
    is_made = False
    try:
        with transaction(snapshot=True) as session:
            make_release(session, release_id)
        is_made = True
    finally:
        if not is_made:
            with transaction() as session:
                fail_release(
                    session, release_id, "The release could not be written. The worker's log says why."
                )


@celery.task(name="releases.nightly", autoretry_for=(OperationalError,), retry_backoff=True)
def nightly(day: str | None = None) -> None:
    """`day`: ISO date, UTC; today where it is not given. A second run on a day makes nothing new."""
    night = date.fromisoformat(day) if day else now().date()
    with transaction() as session:
        for project in all_projects(session):
            release = request_release(session, project.id, night)
            after_commit(session, partial(write.delay, release.id))
