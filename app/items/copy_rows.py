"""Rows as bytes of PostgreSQL's binary COPY, many at once: psycopg adapts value by value and takes longer.

What comes in are the columns of the rows, all equally long; what comes out are pieces of bytes to be joined.
A row is how many columns it has, then each with its length before it.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain, repeat
from struct import Struct

from app.items.rows import Text

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
TEXT_ROW = Struct(">hiqiqi32si")
ITEM_ROW = Struct(">hiqiqiq")
MEMBER_ROW = Struct(">hiqihiq")
LABEL_ROW = Struct(">hiqiq")
LENGTH = Struct(">i")
HASH_BYTES = LENGTH.pack(32)
JSONB_VERSION = b"\x01"


def text_rows(ids: Sequence[int], parent_ids: Sequence[int], texts: Sequence[Text]) -> Iterator[bytes]:
    """Prompts of projects, or responses to prompts."""
    contents = [text.text.encode() for text in texts]
    hashes = (text.sha256 for text in texts)
    eight = repeat(8)
    heads = map(
        TEXT_ROW.pack, repeat(5), eight, ids, eight, parent_ids, repeat(32), hashes, map(len, contents)
    )
    sources = (source_cell(text.source) for text in texts)
    return chain.from_iterable(zip(heads, contents, sources, strict=True))


def item_rows(
    ids: Sequence[int], project_id: int, prompt_ids: Iterable[int], keys: Iterable[tuple[str, bytes]]
) -> Iterator[bytes]:
    """`keys`: kind and hash of each."""
    eight = repeat(8)
    heads = map(ITEM_ROW.pack, repeat(5), eight, ids, eight, repeat(project_id), eight, prompt_ids)
    tails = (kind_cell(kind) + sha256 for kind, sha256 in keys)
    return chain.from_iterable(zip(heads, tails, strict=True))


def member_rows(item_ids: Iterable[int], members: Iterable[Sequence[int]]) -> Iterator[bytes]:
    """`members`: the ids of each item's responses, in its order."""
    return (
        MEMBER_ROW.pack(3, 8, item_id, 2, position, 8, response_id)
        for item_id, response_ids in zip(item_ids, members, strict=True)
        for position, response_id in enumerate(response_ids)
    )


def label_rows(import_id: int, labels: Iterable[tuple[int, str, bytes]]) -> Iterator[bytes]:
    """`labels`: item, dimension and answer (JSON) of each."""
    for item_id, dimension, answer in labels:
        yield LABEL_ROW.pack(4, 8, item_id, 8, import_id)
        yield label_cells(dimension, answer)


@lru_cache(maxsize=4096)
def source_cell(source: str) -> bytes:
    encoded = source.encode()
    return LENGTH.pack(len(encoded)) + encoded


@lru_cache(maxsize=8)
def kind_cell(kind: str) -> bytes:
    """With the length of the hash that follows."""
    return b"".join((LENGTH.pack(len(kind)), kind.encode(), HASH_BYTES))


@lru_cache(maxsize=4096)
def label_cells(dimension: str, answer: bytes) -> bytes:
    encoded = dimension.encode()
    lengths = LENGTH.pack(len(encoded)), LENGTH.pack(len(JSONB_VERSION) + len(answer))
    return b"".join((lengths[0], encoded, lengths[1], JSONB_VERSION, answer))
