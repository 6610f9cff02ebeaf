"""The texts of a part of a release."""

from collections.abc import Iterator
from itertools import chain, groupby, islice
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.agreement.queries import ROWS_AT_ONCE
from app.db import streamed
from app.items.models import Item, ItemKind, ItemResponse, Prompt, Response
from app.releases.reading.plan import Part
from app.releases.rows.pku import text_checksum
from app.releases.rows.training import AskedPrompt

ITEMS_AT_ONCE = 2_000


class WrittenResponse(NamedTuple):
    id: int
    text: str
    source: str


class ReleasedItem(NamedTuple):
    """`responses`: in the item's order; `checksums`: of prompt and response, of each of them."""

    id: int
    prompt: str
    prompt_source: str
    responses: tuple[WrittenResponse, ...]
    checksums: tuple[str, ...]


def prompts_in(session: Session, project_id: int, part: Part) -> Iterator[AskedPrompt]:
    """By id; no two have the same text."""
    prompts = (
        select(Prompt.text, Prompt.source)
        .where(Prompt.project_id == project_id, Prompt.id.between(*part.ids))
        .order_by(Prompt.id)
    )
    rows = chain.from_iterable(streamed(session, prompts, ROWS_AT_ONCE))
    return (AskedPrompt(text, source) for text, source in rows)


def items_in(session: Session, project_id: int, kind: ItemKind, part: Part) -> Iterator[list[ReleasedItem]]:
    """By id, some at once; none of the lists is empty."""
    responses = (
        select(Item.id, Prompt.text, Prompt.source, Response.id, Response.text, Response.source)
        .select_from(Item)
        .join(Prompt, Prompt.id == Item.prompt_id)
        .join(ItemResponse, ItemResponse.item_id == Item.id)
        .join(Response, Response.id == ItemResponse.response_id)
        .where(Item.project_id == project_id, Item.kind == kind, Item.id.between(*part.ids))
        .where(ItemResponse.item_id.between(*part.ids))
        .order_by(Item.id, ItemResponse.position)
    )
    rows = chain.from_iterable(streamed(session, responses, ROWS_AT_ONCE))
    by_item = groupby(rows, itemgetter(0))
    while some := [released_item(list(members)) for _, members in islice(by_item, ITEMS_AT_ONCE)]:
        yield some


def released_item(rows: list[tuple[Any, ...]]) -> ReleasedItem:
    item_id, prompt, prompt_source = rows[0][:3]
    responses = tuple([WrittenResponse(*row[3:]) for row in rows])
    checksums = tuple([text_checksum(prompt, response.text) for response in responses])
    return ReleasedItem(item_id, prompt, prompt_source, responses, checksums)
