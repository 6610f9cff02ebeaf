"""What the pages and commands ask about items and imports."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import BigInteger, ColumnElement, ScalarSelect, Select, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from app.db import now
from app.errors import NotFound
from app.i18n import gettext as _
from app.items.models import (
    Import,
    ImportMapping,
    ImportState,
    Item,
    ItemKind,
    ItemResponse,
    Prompt,
    ReferenceLabel,
    Response,
    item_count,
)
from app.items.vocabularies import Vocabularies, vocabularies_of
from app.projects.models import Project
from app.projects.queries import taxonomy_of

MOST_IMPORTS_SHOWN = 50


@dataclass(frozen=True, slots=True)
class ItemTexts:
    """`responses`: in the item's order; `sources`: of the prompt, then of each response."""

    item_id: int
    kind: str
    project_id: int
    project_name: str
    text_format: str
    prompt: str
    responses: list[str]
    sources: list[str]


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


def imports_with_items(project_id: int, chosen: int | None = None) -> Select[int, str]:
    """(id, file name) of the newest ones that brought items, and of the `chosen` one, however old it is."""
    return (
        select(Import.id, Import.file_name)
        .where(Import.project_id == project_id, Import.first_item_id.is_not(None))
        .order_by((Import.id == (chosen or 0)).desc(), Import.id.desc())
        .limit(MOST_IMPORTS_SHOWN)
    )


def n_items_by_kind(session: Session, project_id: int) -> dict[ItemKind, int]:
    """Every kind, also those with none."""
    counts = item_count.c
    counted = session.execute(
        select(counts.kind, cast(func.sum(counts.n_items), BigInteger).label("n"))
        .where(counts.project_id == project_id)
        .group_by(counts.kind)
    )
    n_by_kind = {row.kind: row.n for row in counted}
    return {kind: n_by_kind.get(kind, 0) for kind in ItemKind}


def mappings_of_project(session: Session, project_id: int) -> Sequence[ImportMapping]:
    """What is remembered of columns, newest first."""
    statement = select(ImportMapping).where(ImportMapping.project_id == project_id)
    return session.scalars(statement.order_by(ImportMapping.told_at.desc(), ImportMapping.id.desc())).all()


def ids_not_ended(session: Session, *, of_answers: bool) -> Sequence[int]:
    """Of imports that wait or run for a minute or more: of files of answers, or of all others."""
    return session.scalars(
        select(Import.id).where(
            Import.answers_told.is_not(None) if of_answers else Import.answers_told.is_(None),
            Import.state.in_((ImportState.WAITING, ImportState.RUNNING)),
            Import.created_at < now() - timedelta(minutes=1),
        )
    ).all()


def ids_ended(session: Session, import_ids: Collection[int]) -> Sequence[int]:
    """Of those of them that will never be run again, so that their uploads are wanted no more."""
    ended = (ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED)
    return session.scalars(select(Import.id).where(Import.id.in_(import_ids), Import.state.in_(ended))).all()


def texts_of(session: Session, item_id: int) -> ItemTexts:
    """Raises NotFound."""
    rows = session.execute(
        select(Item.kind, Item.project_id, Project.name, Project.text_format, Prompt.text, Prompt.source)
        .add_columns(Response.text.label("response"), Response.source.label("response_source"))
        .join(Project, Project.id == Item.project_id)
        .join(Prompt, Prompt.id == Item.prompt_id)
        .join(ItemResponse, ItemResponse.item_id == Item.id)
        .join(Response, Response.id == ItemResponse.response_id)
        .where(Item.id == item_id)
        .order_by(ItemResponse.position)
    ).all()
    if not rows:
        raise NotFound(_("There is no such item."))
    kind, project_id, project_name, text_format, prompt, source = rows[0][:6]
    return ItemTexts(
        *(item_id, kind, project_id, project_name, text_format, prompt),
        responses=[row.response for row in rows],
        sources=[source, *(row.response_source for row in rows)],
    )


def severity_that_came(item_id: ColumnElement[int] | InstrumentedAttribute[int] | int) -> ScalarSelect[int]:
    """The highest of the safety labels that came with one of its responses; NULL where none did."""
    mine, theirs = aliased(ItemResponse), aliased(ItemResponse)
    is_of_safety = ReferenceLabel.dimension == "safety"
    return (
        select(func.max(ReferenceLabel.answer["severity"].as_integer()))
        .select_from(mine)
        .join(theirs, theirs.response_id == mine.response_id)
        .join(ReferenceLabel, (ReferenceLabel.item_id == theirs.item_id) & is_of_safety)
        .where(mine.item_id == item_id)
        .scalar_subquery()
    )


def vocabularies_in(session: Session, project_id: int) -> Vocabularies:
    """Of the harm categories that a file of items may name."""
    return vocabularies_of(frozenset(taxonomy_of(session, project_id).category_names))
