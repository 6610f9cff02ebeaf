"""What the pages and commands ask about items and imports."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.db import now
from app.errors import NotFound
from app.i18n import gettext as _
from app.items.models import Import, ImportState, Item, ItemKind

MOST_IMPORTS_SHOWN = 50


def import_of(session: Session, import_id: int) -> Import:
    """Raises NotFound."""
    found = session.get(Import, import_id)
    if found is None:
        raise NotFound(_("There is no such import."))
    return found


def imports_of_project(session: Session, project_id: int) -> list[Import]:
    """Newest first."""
    statement = select(Import).where(Import.project_id == project_id).order_by(Import.id.desc())
    return list(session.scalars(statement.limit(MOST_IMPORTS_SHOWN)))


def n_items_by_kind(session: Session, project_id: int) -> dict[ItemKind, int]:
    """Every kind, also those with none."""
    counted = session.execute(
        select(Item.kind, func.count()).where(Item.project_id == project_id).group_by(Item.kind)
    )
    n_by_kind: dict[str, int] = dict(counted.all())
    return {kind: n_by_kind.get(kind, 0) for kind in ItemKind}


def ids_not_ended(session: Session) -> Sequence[int]:
    """Of imports that wait or run for a minute or more."""
    return session.scalars(
        select(Import.id).where(
            Import.state.in_((ImportState.WAITING, ImportState.RUNNING)),
            Import.created_at < now() - timedelta(minutes=1),
        )
    ).all()
