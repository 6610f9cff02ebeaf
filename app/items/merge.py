"""Rows for the tables, a batch at a time, each new row to be written once by COPY.

What is there already is looked up by hash; the ids of the rest are taken from the sequences, so that
prompts, responses and items are copied straight to where they belong, in the order of the file. That takes
half as long as COPY into temporary tables and INSERT ... ON CONFLICT from there, but only one import at a
time may do it in a project: `actions.run_import` holds a lock. Anyone else who stored the same content
meanwhile makes the import fail as a whole, by the unique keys.
"""

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from psycopg import Connection

from app.items.bulk import Packed, RowCursor, fetch, packed, take_ids
from app.items.copy_rows import item_row, member_row, text_row
from app.items.models import ItemKind
from app.items.reference import Placed, Relabelled, place_labels
from app.items.rows import Row, Text

ResponseKey = tuple[int, bytes]
ItemKey = tuple[str, bytes]


class Numbered(NamedTuple):
    """A row and the line it stands on."""

    line: int
    row: Row


class Merged(NamedTuple):
    """`copies`: the rows that are new. `n_known`: rows of which no item is; `known_lines`: those that hold no
    other rows. `response_ids`: of each row."""

    copies: list[Packed]
    n_new_qa_pairs: int
    n_new_response_sets: int
    relabelled: list[Relabelled]
    n_known: int
    known_lines: set[int]
    response_ids: list[list[int]]


class Prompts(NamedTuple):
    """`ids`: by hash. `old`: the ids of those that were there before."""

    ids: dict[bytes, int]
    old: list[int]


class NewItem(NamedTuple):
    id: int
    prompt_id: int
    key: ItemKey
    response_ids: list[int]


class Items(NamedTuple):
    ids: dict[ItemKey, int]
    old: list[int]
    new: list[NewItem]


def merge(connection: Connection[Any], project_id: int, import_id: int, batch: Sequence[Numbered]) -> Merged:
    """Where the same content comes twice, the first source and labels are kept. Nothing is written yet."""
    copies: list[Packed] = []
    rows = [row for _, row in batch]
    with connection.cursor() as cursor:
        prompts = place_prompts(cursor, copies, project_id, rows)
        response_ids = place_responses(cursor, copies, prompts, rows)
        keys = [item_keys(row) for row in rows]
        items = place_items(cursor, copies, project_id, prompts, rows, response_ids, keys)
        orders = response_orders(cursor, items)
        placed = [
            Placed(line, row, row_response_ids, [items.ids[key] for key in row_keys])
            for (line, row), row_keys, row_response_ids in zip(batch, keys, response_ids, strict=True)
        ]
        relabelled = place_labels(cursor, copies, import_id, placed, items.old, orders)
    n_new_sets = sum(item.key[0] == ItemKind.RESPONSE_SET for item in items.new)
    known = known_rows(keys, items.new)
    is_new = {line for place, (line, _) in enumerate(batch) if place not in known} if known else set()
    known_lines = {batch[place].line for place in known} - is_new
    n_new_qa_pairs = len(items.new) - n_new_sets
    return Merged(copies, n_new_qa_pairs, n_new_sets, relabelled, len(known), known_lines, response_ids)


def known_rows(keys: list[list[ItemKey]], new: list[NewItem]) -> set[int]:
    """The places of the rows all of whose items were there, or come from an earlier row."""
    if len(new) == sum(map(len, keys)):
        return set()
    fresh = {item.key for item in new}
    known: set[int] = set()
    for place, row_keys in enumerate(keys):
        if fresh.isdisjoint(row_keys):
            known.add(place)
        else:
            fresh.difference_update(row_keys)
    return known


def place_prompts(cursor: RowCursor, copies: list[Packed], project_id: int, rows: Sequence[Row]) -> Prompts:
    """`copies`: gets those that are not there yet."""
    wanted: dict[bytes, Text] = {}
    for row in rows:
        wanted.setdefault(row.prompt.sha256, row.prompt)
    query = "SELECT sha256, id FROM prompt WHERE project_id = %s AND sha256 = ANY(%b)"
    ids: dict[bytes, int] = dict(fetch(cursor, query, (project_id, list(wanted))))
    old = list(ids.values())
    new = [prompt for prompt in wanted.values() if prompt.sha256 not in ids]
    new_ids = take_ids(cursor, "prompt", len(new))
    new_rows = (text_row(id_, project_id, prompt) for id_, prompt in zip(new_ids, new, strict=True))
    copies.append(packed("prompt (id, project_id, sha256, text, source)", new_rows))
    ids.update(zip((prompt.sha256 for prompt in new), new_ids, strict=True))
    return Prompts(ids, old)


def place_responses(
    cursor: RowCursor, copies: list[Packed], prompts: Prompts, rows: Sequence[Row]
) -> list[list[int]]:
    """The ids of each row's responses."""
    wanted: dict[ResponseKey, Text] = {}
    keys: list[list[ResponseKey]] = []
    for row in rows:
        prompt_id = prompts.ids[row.prompt.sha256]
        keys.append([(prompt_id, response.sha256) for response in row.responses])
        for key, response in zip(keys[-1], row.responses, strict=True):
            wanted.setdefault(key, response)
    query = "SELECT prompt_id, sha256, id FROM response WHERE prompt_id = ANY(%b)"
    ids = {(prompt_id, sha): id_ for prompt_id, sha, id_ in fetch(cursor, query, (prompts.old,))}
    new = [(key[0], response) for key, response in wanted.items() if key not in ids]
    new_ids = take_ids(cursor, "response", len(new))
    new_rows = (
        text_row(id_, prompt_id, response) for id_, (prompt_id, response) in zip(new_ids, new, strict=True)
    )
    copies.append(packed("response (id, prompt_id, sha256, text, source)", new_rows))
    ids.update(
        ((prompt_id, response.sha256), id_) for id_, (prompt_id, response) in zip(new_ids, new, strict=True)
    )
    return [[ids[key] for key in row_keys] for row_keys in keys]


def item_keys(row: Row) -> list[ItemKey]:
    """Of the QA pair each response makes, then of the set of all, if there are several.

    An item's hash is SHA-256 over its prompt's hash and its responses' hashes in ascending order.
    """
    prompt_sha = row.prompt.sha256
    hashes = [response.sha256 for response in row.responses]
    keys = [(ItemKind.QA_PAIR.value, sha256(prompt_sha + sha).digest()) for sha in hashes]
    if len(hashes) > 1:
        together = sha256(b"".join((prompt_sha, *sorted(hashes)))).digest()
        keys.append((ItemKind.RESPONSE_SET.value, together))
    return keys


def place_items(
    cursor: RowCursor,
    copies: list[Packed],
    project_id: int,
    prompts: Prompts,
    rows: Sequence[Row],
    response_ids: list[list[int]],
    keys: list[list[ItemKey]],
) -> Items:
    drafts: dict[ItemKey, tuple[int, list[int]]] = {}
    for row, row_response_ids, row_keys in zip(rows, response_ids, keys, strict=True):
        prompt_id = prompts.ids[row.prompt.sha256]
        members = [[response_id] for response_id in row_response_ids] + [row_response_ids]
        for key, item_response_ids in zip(row_keys, members, strict=False):
            drafts.setdefault(key, (prompt_id, item_response_ids))
    query = "SELECT kind, sha256, id FROM item WHERE prompt_id = ANY(%b)"
    known = fetch(cursor, query, (prompts.old,))
    ids = {(kind, sha): item_id for kind, sha, item_id in known if (kind, sha) in drafts}
    old = list(ids.values())
    missing = [key for key in drafts if key not in ids]
    new = [
        NewItem(item_id, drafts[key][0], key, drafts[key][1])
        for item_id, key in zip(take_ids(cursor, "item", len(missing)), missing, strict=True)
    ]
    copies += packed_items(project_id, new)
    ids.update((item.key, item.id) for item in new)
    return Items(ids, old, new)


def packed_items(project_id: int, new: list[NewItem]) -> Iterator[Packed]:
    rows = (item_row(item.id, project_id, item.prompt_id, *item.key) for item in new)
    yield packed("item (id, project_id, prompt_id, kind, sha256)", rows)
    members = (
        member_row(item.id, position, response_id)
        for item in new
        for position, response_id in enumerate(item.response_ids)
    )
    yield packed("item_response (item_id, position, response_id)", members)


def response_orders(cursor: RowCursor, items: Items) -> dict[int, list[int]]:
    """For each item the ids of its responses, in the item's own order."""
    orders = {item.id: item.response_ids for item in items.new}
    query = (
        "SELECT item_id, response_id FROM item_response WHERE item_id = ANY(%b) ORDER BY item_id, position"
    )
    for item_id, response_id in fetch(cursor, query, (items.old,)):
        orders.setdefault(item_id, []).append(response_id)
    return orders
