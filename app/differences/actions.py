"""Comparing two releases of a project in the background."""

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import now
from app.differences.comparing import compare_releases
from app.differences.content import Difference
from app.differences.kept import DifferenceState, Kept, keep, kept_of, list_path
from app.differences.queries import items_by_key
from app.differences.sources import ReleaseUnreadable, source_in
from app.releases.actions import release_folder
from app.releases.models import Release


def ask_for_difference(before: Release, after: Release) -> bool:
    """Whether there is something to do: it was not compared yet, or in vain."""
    kept = kept_of(before, after)
    if kept is not None and kept.state is DifferenceState.DONE:
        return False
    keep(before, after, Kept(state=DifferenceState.WAITING, asked_at=now()))
    return True


def claim_comparison(session: Session, before: Release, after: Release) -> bool:
    """Whether this transaction may compare them: that was not done yet, and nobody is at it.

    The lock lasts as long as the transaction, so a worker that dies gives it back.
    """
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(f"difference {before.id} {after.id}", 0))
    if not session.scalar(select(lock)):
        return False
    kept = kept_of(before, after)
    return kept is None or kept.state is not DifferenceState.DONE


def make_difference(session: Session, before: Release, after: Release) -> None:
    """Compare them, and keep the result and the list; what can't be read is kept as the reason."""
    place = list_path(before, after)
    # What a killed worker leaves.
    for left_over in place.parent.glob(f".{place.name}.*"):
        shutil.rmtree(left_over)
    with TemporaryDirectory(prefix=f".{place.name}.", dir=place.parent, ignore_cleanup_errors=True) as aside:
        listed = Path(aside, place.name)
        try:
            difference = compare_releases(
                source_in(release_folder(before)), source_in(release_folder(after)), listed, Path(aside)
            )
        except ReleaseUnreadable as unreadable:
            fail_difference(before, after, unreadable.message)
            return
        item_ids = items_by_key(session, after.project_id, listed_keys(difference))
        listed.replace(place)
        done = Kept(state=DifferenceState.DONE, asked_at=now(), difference=difference, item_ids=item_ids)
        keep(before, after, done)


def fail_difference(before: Release, after: Release, error: str) -> None:
    keep(before, after, Kept(state=DifferenceState.FAILED, asked_at=now(), error=error))


def listed_keys(difference: Difference) -> set[str]:
    return {row.key for dataset in difference.datasets for row in dataset.listed}
