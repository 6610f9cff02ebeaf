"""The audit log as admins search it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.audit.models import Action, AuditEntry
from app.console.audit_words import field_in_words, value_in_words
from app.db import LARGEST_ID, transaction
from app.projects.models import Project
from app.queues.forms import Empty, Id
from app.queues.models import Queue
from app.web.csv_text import csv_line

COLUMNS = (
    *("id", "at", "who", "action", "subject", "project", "queue", "item_id", "person"),
    *("reason", "before", "after"),
)
ROWS_AT_ONCE = 1000

actor, person = aliased(User), aliased(User)

Words = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class Search(BaseModel):
    """What is left empty is not asked for. `who` and `person`: user names; `since`, `until`: the first and
    the last day (UTC); `before`: the last entry of the page before."""

    model_config = ConfigDict(extra="ignore")

    who: Words = ""
    action: Annotated[Action | None, Empty] = None
    subject: Words = ""
    queue: Words = ""
    item: Annotated[Id | None, Empty] = None
    person: Words = ""
    since: Annotated[date | None, Empty] = None
    until: Annotated[date | None, Empty] = None
    words: Words = ""
    before: Annotated[int, Field(ge=1, le=LARGEST_ID)] = LARGEST_ID


@dataclass(frozen=True, slots=True)
class Entry:
    """`who`: None for the system itself. `before`, `after`: the fields that changed."""

    id: int
    at: datetime
    who: str | None
    action: str
    subject: str
    project: str | None
    queue: str | None
    queue_id: int | None
    item_id: int | None
    person: str | None
    reason: str | None
    before: dict[str, Any] | None
    after: dict[str, Any] | None

    @property
    def changes(self) -> list[tuple[str, str, str]]:
        """Name, before, after of each field in words; "" where there was nothing."""
        before, after = self.before or {}, self.after or {}
        return [
            (field_in_words(name), value_in_words(before.get(name)), value_in_words(after.get(name)))
            for name in {**before, **after}
        ]


def entries(session: Session, search: Search, limit: int) -> list[Entry]:
    """The newest first."""
    return [Entry(*row) for row in session.execute(entries_found(search).limit(limit))]


def entries_found(search: Search) -> Select[*tuple[Any, ...]]:
    return (
        select(
            AuditEntry.id,
            AuditEntry.at,
            actor.username,
            AuditEntry.action,
            AuditEntry.subject,
            Project.name,
            Queue.name,
            AuditEntry.queue_id,
            AuditEntry.item_id,
            person.username,
            AuditEntry.reason,
            AuditEntry.before,
            AuditEntry.after,
        )
        .outerjoin(actor, actor.id == AuditEntry.actor_id)
        .outerjoin(person, person.id == AuditEntry.user_id)
        .outerjoin(Queue, Queue.id == AuditEntry.queue_id)
        .outerjoin(Project, Project.id == func.coalesce(AuditEntry.project_id, Queue.project_id))
        .where(*conditions(search))
        .order_by(AuditEntry.id.desc())
    )


def conditions(search: Search) -> Iterator[ColumnElement[bool]]:
    yield AuditEntry.id < search.before
    if search.who:
        yield AuditEntry.actor_id.in_(ids_of(search.who))
    if search.action:
        yield AuditEntry.action == search.action
    if search.subject:
        yield AuditEntry.subject.icontains(search.subject, autoescape=True)
    if search.queue:
        named = select(Queue.id).where(Queue.name.icontains(search.queue, autoescape=True))
        yield AuditEntry.queue_id.in_(named)
    if search.item:
        yield AuditEntry.item_id == search.item
    if search.person:
        yield AuditEntry.user_id.in_(ids_of(search.person))
    if search.since:
        yield AuditEntry.at >= datetime.combine(search.since, time.min, UTC)
    if search.until:
        yield AuditEntry.at <= datetime.combine(search.until, time.max, UTC)
    if search.words:
        yield AuditEntry.reason.icontains(search.words, autoescape=True)


def ids_of(username: str) -> Select[int]:
    return select(User.id).where(User.username == username.lower())


def csv_lines(search: Search) -> Iterator[str]:
    """All that is found, in a transaction of its own: it is sent while it is read."""
    yield csv_line(COLUMNS)
    with transaction() as session:
        for row in session.execute(entries_found(search).execution_options(yield_per=ROWS_AT_ONCE)):
            yield csv_line(cells(Entry(*row)))


def cells(entry: Entry) -> Sequence[object]:
    values = [getattr(entry, name) for name in COLUMNS]
    return [as_json(value) if isinstance(value, dict) else value for value in values]


def as_json(fields: dict[str, Any]) -> str:
    return orjson.dumps(fields).decode()
