"""Reads about what runs, and has run, in the background of a project."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select, tuple_, union_all
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.audit.models import AuditEntry
from app.runs.comparisons import comparisons_of
from app.runs.forms import Search
from app.runs.run import Run, RunKind
from app.runs.tables import Rows, rows_of

# One every ten minutes: these would hide all the rest.
FREQUENT = (RunKind.TRUST,)
# What the audit log calls them, where it says who asked.
SUBJECTS = {
    RunKind.IMPORT: "import",
    RunKind.ANSWERS: "import",
    RunKind.RELEASE: "release",
    RunKind.DELIVERY: "delivery",
}


def runs_of(session: Session, project_id: int, search: Search, limit: int) -> list[Run]:
    """The newest first, those after `search.before`; the frequent ones only if they are asked for."""
    kinds = [search.kind] if search.kind else [kind for kind in RunKind if kind not in FREQUENT]
    parts = [
        first_of(rows, search, kinds, limit)
        for makes, rows in rows_of(project_id)
        if not makes.isdisjoint(kinds)
    ]
    found = [Run(*row) for row in session.execute(union_all(*parts))] if parts else []
    if RunKind.COMPARISON in kinds:
        found += [run for run in comparisons_of(session, project_id) if is_wanted(run, search)]
    return sorted(found, key=lambda run: run.place, reverse=True)[:limit]


def is_wanted(run: Run, search: Search) -> bool:
    is_of_state = search.state is None or run.state == search.state
    return is_of_state and (search.before is None or run.place < search.before)


def first_of(rows: Rows, search: Search, kinds: Sequence[RunKind], limit: int) -> Rows:
    run = rows.subquery().c
    wanted = select(*run).where(run.kind.in_(kinds))
    if search.state:
        wanted = wanted.where(run.state == search.state)
    if search.before:
        # The first condition alone can be answered by an index.
        place = tuple_(run.asked_at, run.kind, run.id, func.coalesce(run.target_id, 0))
        wanted = wanted.where(run.asked_at <= search.before.asked_at, place < tuple_(*search.before))
    newest_first = (run.asked_at.desc(), run.kind.desc(), run.id.desc())
    return select(*wanted.order_by(*newest_first).limit(limit).subquery().c)


def askers_of(session: Session, project_id: int, runs: Sequence[Run]) -> dict[tuple[str, int], str]:
    """Names by kind and id; none of what nobody asked for. The log's entry is of the same transaction, hence
    of the very same time."""
    entries = session.execute(
        select(AuditEntry.at, AuditEntry.subject, AuditEntry.after, User.username)
        .join(User, User.id == AuditEntry.actor_id)
        .where(
            AuditEntry.at.in_([run.asked_at for run in runs]),
            AuditEntry.subject.in_(set(SUBJECTS.values())),
            AuditEntry.project_id == project_id,
        )
    ).all()
    names = {(at, subject, told_of(subject, after)): username for at, subject, after, username in entries}
    found = {}
    for run in runs:
        subject = SUBJECTS.get(RunKind(run.kind))
        told = run.id if subject == "import" else run.number
        if (run.asked_at, subject, told) in names:
            found[run.kind, run.id] = names[run.asked_at, subject, told]
    return found


def told_of(subject: str, after: dict[str, Any] | None) -> int | None:
    return (after or {}).get("import" if subject == "import" else "number")
