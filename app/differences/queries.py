"""Which releases can be compared, and which items the rows of a comparison are."""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import combinations
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session, defer, joinedload

from app.agreement.queries import ROWS_AT_ONCE
from app.db import now
from app.differences.kept import DifferenceState, asked_in
from app.errors import NotFound
from app.i18n import gettext as _
from app.items.models import Item, ItemResponse, Prompt, Response
from app.projects.models import Project
from app.projects.queries import all_projects
from app.queues.models import Dimension
from app.releases.models import Release, ReleaseState
from app.releases.rows.judgements import item_key


class Comparable(NamedTuple):
    """A release that is done."""

    id: int
    number: int
    created_at: datetime


def release_numbered(session: Session, project: Project, number: int) -> Release:
    """Raises NotFound for one that is not there, or not done."""
    release = session.scalar(
        select(Release).where(
            Release.project_id == project.id, Release.number == number, Release.state == ReleaseState.DONE
        )
    )
    if release is None:
        raise NotFound(f"{project.name} has no finished release {number}.")
    return release


def comparable_with(session: Session, release: Release) -> Sequence[Comparable]:
    """The project's other finished releases, newest first."""
    rows = session.execute(
        select(Release.id, Release.number, Release.created_at)
        .where(
            Release.project_id == release.project_id,
            Release.id != release.id,
            Release.state == ReleaseState.DONE,
        )
        .order_by(Release.number.desc())
    )
    return [Comparable(*row) for row in rows]


def two_releases(session: Session, release_id: int, other_id: int) -> tuple[Release, Release]:
    """The older and the newer one, whatever their order, with their project and without their manifests.

    Raises NotFound for one that is not done, and for two that are the same or of two projects.
    """
    found = session.scalars(
        select(Release)
        .where(Release.id.in_((release_id, other_id)), Release.state == ReleaseState.DONE)
        .options(joinedload(Release.project), defer(Release.manifest, raiseload=True))
        .order_by(Release.number)
    ).all()
    if len(found) != 2 or found[0].project_id != found[1].project_id:
        raise NotFound(_("These are not two finished releases of one project."))
    return found[0], found[1]


def comparisons_not_ended(session: Session) -> Iterator[tuple[int, int]]:
    """Ids of both releases, the older one first, of all that wait or run for a minute or more."""
    lately = now() - timedelta(minutes=1)
    for project in all_projects(session):
        waiting = [
            (asked.other, asked.number)
            for asked in asked_in(project.id)
            if asked.state is DifferenceState.WAITING and asked.at < lately
        ]
        of_numbers = select(Release.number, Release.id).where(
            Release.project_id == project.id,
            Release.number.in_({number for pair in waiting for number in pair}),
            Release.state == ReleaseState.DONE,
        )
        ids = dict(session.execute(of_numbers).all()) if waiting else {}
        yield from ((ids[one], ids[other]) for one, other in waiting if {one, other} <= ids.keys())


def items_by_key(session: Session, project_id: int, keys: Collection[str]) -> dict[str, int]:
    """Ids of the items that rows of a release are made of, by the rows' keys (shapes.py), as far as they are
    found. Reads all texts of the project, whose checksums are not kept."""
    if not keys:
        return {}
    checksum = func.encode(func.sha256(func.convert_to(Prompt.text + Response.text, "UTF8")), "hex")
    rows = session.execute(
        select(Item.id, func.array_agg(aggregate_order_by(checksum, ItemResponse.position)))
        .join(Prompt, Prompt.id == Item.prompt_id)
        .join(ItemResponse, ItemResponse.item_id == Item.id)
        .join(Response, Response.id == ItemResponse.response_id)
        .where(Item.project_id == project_id)
        .group_by(Item.id)
        .order_by(Item.id.desc()),
        execution_options={"yield_per": ROWS_AT_ONCE},
    )
    return {key: item_id for item_id, checksums in rows for key in keys_of_item(checksums) if key in keys}


def keys_of_item(checksums: Sequence[str]) -> Iterator[str]:
    """Of all rows that a release may have of it. `checksums`: of each response, in the item's order."""
    if len(checksums) == 1:
        yield checksums[0]
    for pair in combinations(checksums, 2):
        yield " ".join(sorted(pair))
    for dimension in Dimension:
        yield f"{item_key(checksums)} {dimension}"
