"""Rows for the tables, a batch at a time, each new row to be written once by COPY.

What is there already is looked up by hash; the ids of the rest are taken from the sequences, so that
prompts, responses and items are copied straight to where they belong, in the order of the file. That takes
half as long as COPY into temporary tables and INSERT ... ON CONFLICT from there, but only one import at a
time may do it in a project: `actions.run_import` holds a lock. Anyone else who stored the same content
meanwhile makes the import fail as a whole, by the unique keys.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import islice
from typing import NamedTuple

from app.items.bulk import Packed, RowCursor, fetch, packed, take_ids
from app.items.copy_rows import item_rows, member_rows, text_rows
from app.items.models import ItemKind
from app.items.reference import Placed, Relabelled, place_labels
from app.items.rows import Row, Text

ResponseKey = tuple[int, bytes]
ItemKey = tuple[str, bytes]
# Asking the enumeration for a value takes longer than all else that a key needs.
QA_PAIR, RESPONSE_SET = ItemKind.QA_PAIR.value, ItemKind.RESPONSE_SET.value
KNOWN_PROMPTS = "SELECT sha256, id FROM prompt WHERE project_id = %s AND sha256 = ANY(%b)"
KNOWN_RESPONSES = """
    SELECT prompt_id, sha256, id, CASE WHEN row_number() OVER newest <= %s THEN text END
    FROM response WHERE prompt_id = ANY(%b)
    WINDOW newest AS (PARTITION BY prompt_id ORDER BY id DESC) ORDER BY prompt_id, id DESC
"""


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


class Known(NamedTuple):
    """What is there before a batch is merged. `prompts`: ids by hash. `responses` to them: prompt, hash, id,
    and the text of the newest ones where it was wanted; prompt by prompt, the newest first."""

    prompts: dict[bytes, int]
    responses: Sequence[tuple[int, bytes, int, str | None]]


class Prompts(NamedTuple):
    """`ids`: by hash. `old`: the ids of those that were there before. `of_rows`: the id of each row's."""

    ids: dict[bytes, int]
    old: list[int]
    of_rows: list[int]


class Draft(NamedTuple):
    """An item to be made: its prompt's id, and its responses'."""

    prompt_id: int
    response_ids: list[int]


class Items(NamedTuple):
    """`ids`: by key. `old`: the ids of those that were there before. `new`: the others, in the order of
    `new_ids`."""

    ids: dict[ItemKey, int]
    old: list[int]
    new: dict[ItemKey, Draft]
    new_ids: list[int]


def known_content(cursor: RowCursor, project_id: int, rows: Iterable[Row], n_texts: int = 0) -> Known:
    """Of the rows' prompts. `n_texts`: of how many responses to each the text is wanted too."""
    wanted = list({row.prompt.sha256 for row in rows})
    prompts = dict(fetch(cursor, KNOWN_PROMPTS, (project_id, wanted)))
    return Known(prompts, fetch(cursor, KNOWN_RESPONSES, (n_texts, list(prompts.values()))))


def merge(
    cursor: RowCursor,
    project_id: int,
    import_id: int,
    batch: Sequence[Numbered],
    known: Known,
) -> Merged:
    """Where the same content comes twice, the first source and labels are kept. Nothing is written yet.

    `known`: of these rows, and maybe of others.
    """
    copies: list[Packed] = []
    rows = [row for _, row in batch]
    prompts = place_prompts(cursor, copies, project_id, rows, known.prompts)
    response_ids = place_responses(cursor, copies, prompts, rows, known)
    keys = [item_keys(row) for row in rows]
    items = place_items(cursor, copies, project_id, prompts, response_ids, keys)
    orders = response_orders(cursor, items)
    placed = [
        Placed(line, row, row_response_ids, [items.ids[key] for key in row_keys])
        for (line, row), row_keys, row_response_ids in zip(batch, keys, response_ids, strict=True)
    ]
    relabelled = place_labels(cursor, copies, import_id, placed, items.old, orders)
    n_new_sets = n_response_sets(items)
    places = known_rows(keys, items.new)
    is_new = {line for place, (line, _) in enumerate(batch) if place not in places} if places else set()
    known_lines = {batch[place].line for place in places} - is_new
    n_new_qa_pairs = len(items.new) - n_new_sets
    return Merged(copies, n_new_qa_pairs, n_new_sets, relabelled, len(places), known_lines, response_ids)


def n_response_sets(items: Items) -> int:
    """Of the new ones."""
    return sum(kind == RESPONSE_SET for kind, _ in items.new)


def known_rows(keys: list[list[ItemKey]], new: Collection[ItemKey]) -> set[int]:
    """The places of the rows all of whose items were there, or come from an earlier row."""
    if len(new) == sum(map(len, keys)):
        return set()
    fresh = set(new)
    known: set[int] = set()
    for place, row_keys in enumerate(keys):
        if fresh.isdisjoint(row_keys):
            known.add(place)
        else:
            fresh.difference_update(row_keys)
    return known


def place_prompts(
    cursor: RowCursor,
    copies: list[Packed],
    project_id: int,
    rows: Sequence[Row],
    known: Mapping[bytes, int],
) -> Prompts:
    """`copies`: gets those that are not there yet. `known`: the ids of those that are."""
    hashes = [row.prompt.sha256 for row in rows]
    ids = {sha256_: known[sha256_] for sha256_ in hashes if sha256_ in known}
    old = list(ids.values())
    new: dict[bytes, Text] = {}
    for sha256_, row in zip(hashes, rows, strict=True):
        if sha256_ not in ids:
            new.setdefault(sha256_, row.prompt)
    new_ids = take_ids(cursor, "prompt", len(new))
    texts = list(new.values())
    target = "prompt (id, project_id, sha256, text, source)"
    copies.append(packed(target, text_rows(new_ids, [project_id] * len(texts), texts)))
    ids.update(zip(new, new_ids, strict=True))
    return Prompts(ids, old, [ids[sha256_] for sha256_ in hashes])


def place_responses(
    cursor: RowCursor, copies: list[Packed], prompts: Prompts, rows: Sequence[Row], known: Known
) -> list[list[int]]:
    """The ids of each row's responses."""
    ids = {(prompt_id, sha): id_ for prompt_id, sha, id_, _ in known.responses}
    texts = [response for row in rows for response in row.responses]
    keys: list[ResponseKey] = [
        (prompt_id, response.sha256)
        for prompt_id, row in zip(prompts.of_rows, rows, strict=True)
        for response in row.responses
    ]
    new: dict[ResponseKey, Text] = {}
    for key, text in zip(keys, texts, strict=True):
        if key not in ids:
            new.setdefault(key, text)
    new_ids = take_ids(cursor, "response", len(new))
    new_rows = text_rows(new_ids, [prompt_id for prompt_id, _ in new], list(new.values()))
    copies.append(packed("response (id, prompt_id, sha256, text, source)", new_rows))
    ids.update(zip(new, new_ids, strict=True))
    placed = map(ids.__getitem__, keys)
    return [list(islice(placed, len(row.responses))) for row in rows]


def item_keys(row: Row) -> list[ItemKey]:
    """Of the QA pair each response makes, then of the set of all, if there are several.

    An item's hash is SHA-256 over its prompt's hash and its responses' hashes in ascending order.
    """
    prompt_sha = row.prompt.sha256
    keys = [(QA_PAIR, sha256(prompt_sha + response.sha256).digest()) for response in row.responses]
    if len(keys) > 1:
        hashes = sorted(response.sha256 for response in row.responses)
        keys.append((RESPONSE_SET, sha256(b"".join((prompt_sha, *hashes))).digest()))
    return keys


def place_items(
    cursor: RowCursor,
    copies: list[Packed],
    project_id: int,
    prompts: Prompts,
    response_ids: list[list[int]],
    keys: list[list[ItemKey]],
) -> Items:
    """`response_ids`, `keys`: of each row."""
    query = "SELECT kind, sha256, id FROM item WHERE prompt_id = ANY(%b)"
    stored = {(kind, sha): item_id for kind, sha, item_id in fetch(cursor, query, (prompts.old,))}
    ids: dict[ItemKey, int] = {}
    new: dict[ItemKey, Draft] = {}
    for prompt_id, row_response_ids, row_keys in zip(prompts.of_rows, response_ids, keys, strict=True):
        for place, key in enumerate(row_keys):
            if key in stored:
                ids[key] = stored[key]
            elif key not in new:
                new[key] = Draft(prompt_id, members_of(row_response_ids, place))
    old = list(ids.values())
    new_ids = take_ids(cursor, "item", len(new))
    copies += packed_items(project_id, new, new_ids)
    ids.update(zip(new, new_ids, strict=True))
    return Items(ids, old, new, new_ids)


def members_of(row_response_ids: list[int], place: int) -> list[int]:
    """Of the item at this place among those of a row: a QA pair for each response, then the set of all."""
    return row_response_ids[place : place + 1] or row_response_ids


def packed_items(project_id: int, new: dict[ItemKey, Draft], new_ids: list[int]) -> Iterator[Packed]:
    prompt_ids = (draft.prompt_id for draft in new.values())
    rows = item_rows(new_ids, project_id, prompt_ids, new)
    yield packed("item (id, project_id, prompt_id, kind, sha256)", rows)
    members = (draft.response_ids for draft in new.values())
    yield packed("item_response (item_id, position, response_id)", member_rows(new_ids, members))


def response_orders(cursor: RowCursor, items: Items) -> dict[int, list[int]]:
    """For each item the ids of its responses, in the item's own order."""
    members = (draft.response_ids for draft in items.new.values())
    orders = dict(zip(items.new_ids, members, strict=True))
    query = (
        "SELECT item_id, response_id FROM item_response WHERE item_id = ANY(%b) ORDER BY item_id, position"
    )
    for item_id, response_id in fetch(cursor, query, (items.old,)):
        orders.setdefault(item_id, []).append(response_id)
    return orders
