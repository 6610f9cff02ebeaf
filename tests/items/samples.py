"""Files to import, and the shortest way to import them."""

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.items.actions import Progress, run_import, start_import
from app.items.models import Import, Item, ItemKind, ItemResponse, ReferenceLabel, Response
from app.items.report import report_path
from app.projects.models import Project
from app.projects.pku import PKU

JsonObject = dict[str, Any]


def harm(*names: str) -> dict[str, bool]:
    return {name: name in names for name in PKU.category_names}


def pku_pair(**changes: object) -> JsonObject:
    row: JsonObject = {
        "prompt": "How do I calm a barking dog?",
        "response_0": "Speak softly to it.",
        "response_1": "Shout at it until it stops.",
        "prompt_source": "prompts",
        "response_0_source": "model-a",
        "response_1_source": "model-b",
        "is_response_0_safe": True,
        "is_response_1_safe": False,
        "response_0_harm_category": harm(),
        "response_1_harm_category": harm("Animal Abuse"),
        "response_0_severity_level": 0,
        "response_1_severity_level": 1,
        "better_response_id": 1,
        "safer_response_id": 0,
        "response_0_sha256": "0" * 64,
        "response_1_sha256": "1" * 64,
    }
    return row | changes


def pku_qa(**changes: object) -> JsonObject:
    row: JsonObject = {
        "prompt": "How do I calm a barking dog?",
        "response": "Shout at it until it stops.",
        "prompt_source": "prompts",
        "response_source": "model-b",
        "is_safe": False,
        "severity_level": 1,
        "harm_category": harm("Animal Abuse"),
        "sha256": "0" * 64,
    }
    return row | changes


def plain(**changes: object) -> JsonObject:
    return {"prompt": "What is a fjord?", "response": "A long, narrow inlet of the sea."} | changes


def json_lines(rows: Iterable[object]) -> bytes:
    return b"".join(orjson.dumps(row) + b"\n" for row in rows)


def json_array(rows: Iterable[object]) -> bytes:
    return b"[" + b",\n".join(orjson.dumps(row) for row in rows) + b"]"


def no_progress(_: Progress) -> None:
    """For those who do not watch."""


def bring_in(session: Session, project: Project, content: bytes, home: Path) -> Import:
    """The ended import of a file with this content."""
    path = home / "rows.jsonl"
    path.write_bytes(content)
    started = start_import(session, project.id, path.name, len(content))
    assert run_import(session, started.id, path, no_progress)
    session.expire_all()
    return started


def report_rows(import_: Import) -> list[tuple[int, str, str, str]]:
    """Line, severity, field and reason of each entry."""
    with report_path(import_.id).open(encoding="utf-8", newline="") as file:
        entries = list(csv.DictReader(file))
    assert all(entry["file"].startswith(import_.file_name) for entry in entries)
    return [(int(e["line"]), e["severity"], e["field"], e["reason"]) for e in entries]


def item_texts(session: Session, kind: ItemKind) -> list[list[str]]:
    """The responses' texts of each item of this kind, in the items' order."""
    members = session.execute(
        select(Item.id, Response.text)
        .join(ItemResponse, ItemResponse.item_id == Item.id)
        .join(Response, Response.id == ItemResponse.response_id)
        .where(Item.kind == kind)
        .order_by(Item.id, ItemResponse.position)
    )
    texts: dict[int, list[str]] = {}
    for item_id, text in members:
        texts.setdefault(item_id, []).append(text)
    return list(texts.values())


def labels(session: Session) -> list[tuple[str, str, dict[str, Any]]]:
    """Kind of item, dimension and answer, in the items' order."""
    found = session.execute(
        select(Item.kind, ReferenceLabel.dimension, ReferenceLabel.answer)
        .join(Item, Item.id == ReferenceLabel.item_id)
        .order_by(Item.id, ReferenceLabel.dimension, ReferenceLabel.import_id)
    )
    return [(kind, dimension, answer) for kind, dimension, answer in found]
