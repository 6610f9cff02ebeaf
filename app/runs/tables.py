"""What each table holds of runs, in the fields of one."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    Integer,
    Select,
    Text,
    case,
    cast,
    literal,
    null,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.types import TypeEngine

from app.agreement.models import AgreementReport
from app.deliveries.models import Delivery, Target, Webhook, WebhookCall
from app.items.models import Import
from app.quality.models import TrustReport
from app.queues.models import Queue
from app.releases.models import Release
from app.runs.run import Run, RunKind, RunState

TYPES: dict[str, TypeEngine[Any]] = {
    **{name: Text() for name in ("kind", "state", "name", "error")},
    **{name: BigInteger() for name in ("id", "place_id", "target_id", "n_done", "n_all")},
    **{name: Integer() for name in ("number", "other", "n_rejected", "n_tries")},
    **{name: DateTime(timezone=True) for name in ("asked_at", "began_at", "ended_at", "due_at")},
}

Rows = Select[*tuple[Any, ...]]
AnyName = InstrumentedAttribute[str]
AnyTime = InstrumentedAttribute[datetime]


def rows_of(project_id: int) -> Iterator[tuple[set[RunKind], Rows]]:
    """Which kinds each table holds, and its rows."""
    yield {RunKind.IMPORT, RunKind.ANSWERS}, imports(project_id)
    agreement = reports(RunKind.AGREEMENT, AgreementReport, AgreementReport.computed_at)
    trust = reports(RunKind.TRUST, TrustReport, TrustReport.made_at)
    yield {RunKind.AGREEMENT}, agreement.where(Queue.project_id == project_id)
    yield {RunKind.TRUST}, trust.where(Queue.project_id == project_id)
    yield {RunKind.RELEASE}, releases(project_id)
    deliveries = errands(RunKind.DELIVERY, Delivery, Target, Target.address)
    calls = errands(RunKind.CALL, WebhookCall, Webhook, Webhook.url)
    yield {RunKind.DELIVERY}, deliveries.where(Target.project_id == project_id)
    yield {RunKind.CALL}, calls.where(Webhook.project_id == project_id)


def imports(project_id: int) -> Rows:
    kind = case((Import.answers_told.is_(None), RunKind.IMPORT), else_=RunKind.ANSWERS)
    return select(
        *columns(
            kind=kind,
            id=Import.id,
            place_id=Import.id,
            name=Import.file_name,
            state=Import.state,
            error=Import.error,
            asked_at=Import.created_at,
            began_at=Import.started_at,
            ended_at=Import.finished_at,
            n_done=Import.n_bytes_read,
            n_all=Import.n_bytes,
            n_rejected=Import.n_rejected,
        )
    ).where(Import.project_id == project_id)


def reports(kind: RunKind, table: type[AgreementReport | TrustReport], made_at: AnyTime) -> Rows:
    """Kept once they are made, so none of them is ever on its way."""
    return select(
        *columns(
            kind=literal(kind.value),
            id=table.id,
            place_id=table.queue_id,
            name=Queue.name,
            state=literal(RunState.DONE.value),
            asked_at=made_at,
            ended_at=made_at,
        )
    ).join(Queue, Queue.id == table.queue_id)


def releases(project_id: int) -> Rows:
    return select(
        *columns(
            kind=literal(RunKind.RELEASE.value),
            id=Release.id,
            place_id=Release.id,
            number=Release.number,
            state=Release.state,
            error=Release.error,
            asked_at=Release.created_at,
            began_at=Release.planned_at,
            ended_at=Release.finished_at,
            n_done=Release.n_items_done,
            n_all=Release.n_items,
        )
    ).where(Release.project_id == project_id)


def errands(
    kind: RunKind, table: type[Delivery | WebhookCall], place: type[Target | Webhook], name: AnyName
) -> Rows:
    """`place`: where they go, with its `name`."""
    place_id = Delivery.target_id if table is Delivery else WebhookCall.webhook_id
    run = columns(
        kind=literal(kind.value),
        id=table.id,
        place_id=table.release_id,
        target_id=place_id,
        name=name,
        number=Release.number,
        state=table.state,
        error=table.error,
        asked_at=table.created_at,
        ended_at=table.ended_at,
        n_tries=table.n_tries,
        due_at=table.due_at,
    )
    return select(*run).join(Release, Release.id == table.release_id).join(place, place.id == place_id)


def columns(**known: Any) -> list[ColumnElement[Any]]:
    """In the order of a run's fields."""
    return [cast(known.get(name, null()), TYPES[name]).label(name) for name in Run._fields]
