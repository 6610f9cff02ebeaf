"""Rows as bytes of PostgreSQL's binary COPY: psycopg, which adapts value by value, takes longer."""

from struct import Struct

from app.items.rows import Text

SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
END = b"\xff\xff"
# A row: how many columns, then each with its length before it.
TEXT_ROW = Struct(">hiqiqi32si")
ITEM_ROW = Struct(">hiqiqiqi")
MEMBER_ROW = Struct(">hiqihiq")
LABEL_ROW = Struct(">hiqiqi")
LENGTH = Struct(">i")
HASH_BYTES = LENGTH.pack(32)
JSONB_VERSION = b"\x01"


def text_row(id_: int, parent_id: int, text: Text) -> bytes:
    """A prompt of a project, or a response to a prompt."""
    content, source = text.text.encode(), text.source.encode()
    head = TEXT_ROW.pack(5, 8, id_, 8, parent_id, 32, text.sha256, len(content))
    return b"".join((head, content, LENGTH.pack(len(source)), source))


def item_row(id_: int, project_id: int, prompt_id: int, kind: str, sha256: bytes) -> bytes:
    head = ITEM_ROW.pack(5, 8, id_, 8, project_id, 8, prompt_id, len(kind))
    return b"".join((head, kind.encode(), HASH_BYTES, sha256))


def member_row(item_id: int, position: int, response_id: int) -> bytes:
    return MEMBER_ROW.pack(3, 8, item_id, 2, position, 8, response_id)


def label_row(item_id: int, import_id: int, dimension: str, answer: bytes) -> bytes:
    """`answer`: JSON."""
    head = LABEL_ROW.pack(4, 8, item_id, 8, import_id, len(dimension))
    return b"".join((head, dimension.encode(), LENGTH.pack(len(answer) + 1), JSONB_VERSION, answer))
