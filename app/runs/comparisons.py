"""Comparisons of releases, which are kept as files, as runs."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.differences.kept import Asked, DifferenceState, asked_in
from app.releases.models import Release
from app.runs.run import Run, RunKind


def comparisons_of(session: Session, project_id: int) -> list[Run]:
    """In no order."""
    asked = list(asked_in(project_id))
    if not asked:
        return []
    numbers = {number for each in asked for number in (each.number, each.other)}
    releases = select(Release.number, Release.id).where(
        Release.project_id == project_id, Release.number.in_(numbers)
    )
    ids = {row.number: row.id for row in session.execute(releases)}
    return [comparison(each, ids) for each in asked if {each.number, each.other} <= ids.keys()]


def comparison(asked: Asked, ids: dict[int, int]) -> Run:
    """Named by both releases' ids, since it has none of its own."""
    has_ended = asked.state is not DifferenceState.WAITING
    return Run(
        kind=RunKind.COMPARISON,
        id=ids[asked.number],
        asked_at=asked.at,
        state=asked.state.value,
        number=asked.number,
        other=asked.other,
        place_id=ids[asked.number],
        target_id=ids[asked.other],
        error=asked.error,
        ended_at=asked.at if has_ended else None,
    )
