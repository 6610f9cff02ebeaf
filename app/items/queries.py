"""What the pages and commands ask about items and imports."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from app.items.models import Import, Item, ItemKind, ItemResponse


def import_of(session: Session, import_id: int) -> Import | None:
    return session.get(Import, import_id)


def imports_of_project(session: Session, project_id: int, limit: int = 50) -> list[Import]:
    """Newest first."""
    return list(
        session.scalars(
            select(Import).where(Import.project_id == project_id).order_by(Import.id.desc()).limit(limit)
        )
    )


def n_items_by_kind(session: Session, project_id: int) -> dict[ItemKind, int]:
    """Every kind, also those with none."""
    counted = session.execute(
        select(Item.kind, func.count()).where(Item.project_id == project_id).group_by(Item.kind)
    )
    n_by_kind: dict[str, int] = dict(counted.all())
    return {kind: n_by_kind.get(kind, 0) for kind in ItemKind}


def item_to_show(session: Session, item_id: int) -> Item | None:
    """With its prompt, and its responses in their order; without any label."""
    return session.scalar(
        select(Item)
        .where(Item.id == item_id)
        .options(joinedload(Item.prompt), selectinload(Item.members).joinedload(ItemResponse.response))
    )
