"""A file of gold items, checked row by row: CSV with a header, or JSON Lines."""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from io import StringIO
from typing import Any, NamedTuple

import orjson
from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import LARGEST_ID
from app.errors import Refused
from app.gold.forms import GoldForm, NewGold, RankingAnswer, SafetyAnswer
from app.gold.models import GoldItem
from app.i18n import gettext as _
from app.items.merge import item_keys
from app.items.models import Item, ItemResponse, Response
from app.items.rows import Row, Text
from app.projects.queries import taxonomy_of
from app.queues.models import Dimension, Queue, QueueKind
from app.web.forms import messages

MOST_ROWS = 5_000
SHA256_BYTES = 32
Given = Mapping[str, Any]


class Problem(NamedTuple):
    """`line`: from 1, of the file; `field`: empty where it is the row as a whole."""

    line: int
    field: str
    reason: str


class BadRow(ValueError):
    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


class Known(NamedTuple):
    """An item of the project. `responses`: their hashes, in the item's order."""

    item_id: int
    sha256: bytes
    responses: list[bytes]


class Read(NamedTuple):
    """Either all rows are good, or there are problems."""

    news: list[NewGold]
    problems: list[Problem]


def read_gold(session: Session, queue: Queue, content: bytes, file_name: str) -> Read:
    """Raises Refused for a file that can't be read at all."""
    rows = list(rows_of(content, file_name))
    if not rows:
        raise Refused(_("The file has no rows. Give each gold item a line."))
    if len(rows) > MOST_ROWS:
        raise Refused(_("The file has more than %(n)s rows. Split it.") % {"n": f"{MOST_ROWS:,}"})
    keys, problems = keys_of(rows)
    by_key = known_items(session, queue, keys.values())
    offered_names = taxonomy_of(session, queue.project_id).offered_names
    is_gold = set(session.scalars(select(GoldItem.item_id).where(GoldItem.queue_id == queue.id)))
    news: dict[int, NewGold] = {}
    line_of: dict[int, int] = {}
    for line, row in rows:
        if line not in keys:
            continue
        try:
            new = new_gold(queue, row, by_key.get(keys[line]), offered_names)
            refuse_twice(new.item_id, is_gold, line_of)
        except BadRow as bad:
            problems.append(Problem(line, bad.field, bad.reason))
        except ValidationError as invalid:
            problems += [Problem(line, field, reason) for field, reason in messages(invalid).items()]
        else:
            news[new.item_id] = new
            line_of[new.item_id] = line
    return Read(list(news.values()), sorted(problems))


def rows_of(content: bytes, file_name: str) -> Iterator[tuple[int, Given]]:
    """Each with its line. Raises Refused."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(_("The file is not UTF-8 text. Save it as UTF-8.")) from error
    if "\0" in text:
        raise Refused(_("The text has a character that can't be stored."))
    return csv_rows(text) if file_name.lower().endswith(".csv") else json_rows(text)


def csv_rows(text: str) -> Iterator[tuple[int, Given]]:
    reader = csv.DictReader(StringIO(text, newline=""), restkey="", restval="", strict=True)
    try:
        for row in reader:
            if "" in row:
                raise Refused(_("Line %(n)s has more fields than the header.") % {"n": reader.line_num})
            yield reader.line_num, {name: value for name, value in row.items() if value.strip()}
    except csv.Error as error:
        raise Refused(
            _("Line %(n)s is no CSV: %(error)s") % {"n": reader.line_num, "error": error}
        ) from error


def json_rows(text: str) -> Iterator[tuple[int, Given]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise Refused(_("Line %(n)s is no JSON: %(error)s") % {"n": number, "error": error}) from error
        if not isinstance(row, dict):
            raise Refused(_("Line %(n)s is no JSON object.") % {"n": number})
        yield number, {name: value for name, value in row.items() if value is not None}


Key = int | bytes


def keys_of(rows: Sequence[tuple[int, Given]]) -> tuple[dict[int, Key], list[Problem]]:
    """By line: which item it speaks of, by id or hash."""
    keys: dict[int, Key] = {}
    problems = []
    for line, row in rows:
        try:
            keys[line] = key_of(row)
        except BadRow as bad:
            problems.append(Problem(line, bad.field, bad.reason))
    return keys, problems


def key_of(row: Given) -> Key:
    if "item_id" in row:
        value = str(row["item_id"])
        if not (value.isascii() and value.isdigit()) or int(value) > LARGEST_ID:
            raise BadRow("item_id", _("Enter a whole number."))
        return int(value)
    if "sha256" in row:
        try:
            digest = bytes.fromhex(str(row["sha256"]))
        except ValueError:
            digest = b""
        if len(digest) != SHA256_BYTES:
            raise BadRow("sha256", _("Give the item's hash as 64 hexadecimal digits."))
        return digest
    if "prompt" not in row:
        raise BadRow("", _("Say which item: by item_id, sha256, or prompt and response."))
    texts = tuple(hashed(text, "responses") for text in responses_of(row))
    return item_keys(Row(hashed(row["prompt"], "prompt"), texts))[-1][1]


def responses_of(row: Given) -> list[Any]:
    responses = row["responses"] if "responses" in row else [row.get("response")]
    return responses if isinstance(responses, list) and responses else [None]


def hashed(text: object, field: str) -> Text:
    if not isinstance(text, str) or not text:
        raise BadRow(field, _("Give the text as it was imported."))
    return Text(text, sha256(text.encode(errors="surrogatepass")).digest(), "")


def known_items(session: Session, queue: Queue, keys: Collection[Key]) -> dict[Key, Known]:
    """By id and by hash, those of the queue's project and kind."""
    ids = [key for key in keys if isinstance(key, int)]
    hashes = [key for key in keys if isinstance(key, bytes)]
    rows = session.execute(
        select(Item.id, Item.sha256, Response.sha256)
        .join(ItemResponse, ItemResponse.item_id == Item.id)
        .join(Response, Response.id == ItemResponse.response_id)
        .where(
            Item.project_id == queue.project_id,
            Item.kind == QueueKind(queue.kind).item_kind,
            Item.id.in_(ids) | Item.sha256.in_(hashes),
        )
        .order_by(Item.id, ItemResponse.position)
    )
    found: dict[Key, Known] = {}
    for item_id, item_sha256, response_sha256 in rows:
        known = found.setdefault(item_id, Known(item_id, item_sha256, []))
        known.responses.append(response_sha256)
        found[item_sha256] = known
    return found


def new_gold(queue: Queue, row: Given, known: Known | None, offered_names: Sequence[str]) -> NewGold:
    """Raises BadRow, or pydantic.ValidationError for an answer that can't be."""
    if known is None:
        raise BadRow("", _("The project has no such item of this queue's kind. Import the item first."))
    form = GoldForm.model_validate({name: row[name] for name in ("explanation", "purpose") if name in row})
    answers = answers_of(queue, row, known, offered_names)
    return NewGold(item_id=known.item_id, answers=answers, **form.model_dump())


def answers_of(
    queue: Queue, row: Given, known: Known, offered_names: Sequence[str]
) -> dict[str, dict[str, Any]]:
    if Dimension.SAFETY in queue.steps:
        parts = {name: row[name] for name in ("is_safe", "severity") if name in row}
        names = list_of(row.get("harm_categories", ""))
        answer = SafetyAnswer.model_validate(parts | {"harm_categories": names}, context=offered_names)
        return {Dimension.SAFETY.value: answer.model_dump()}
    fields = {step: "ranks" if len(queue.steps) == 1 else f"{step}_ranks" for step in queue.steps}
    answers = {
        step.value: ranking_of(row, field, known).model_dump()
        for step, field in fields.items()
        if field in row
    }
    if not answers:
        raise BadRow(next(iter(fields.values())), _("Fill this in."))
    return answers


def ranking_of(row: Given, field: str, known: Known) -> RankingAnswer:
    """In the item's order, also where the row gives the texts in another."""
    ranks = list_of(row[field])
    if len(ranks) != len(known.responses):
        raise BadRow(field, _("Give one rank for each of the %(n)s responses.") % {"n": len(known.responses)})
    if "responses" in row:
        order = [hashed(text, "responses").sha256 for text in responses_of(row)]
        if sorted(order) != sorted(known.responses):
            raise BadRow("responses", _("Give the item's responses, or leave them out."))
        ranks = [ranks[order.index(response)] for response in known.responses]
    try:
        return RankingAnswer.model_validate({"ranks": ranks})
    except ValidationError as invalid:
        raise BadRow(field, messages(invalid)["ranks"]) from invalid


def list_of(value: object) -> list[Any]:
    """Separated by ";", or a JSON array."""
    if isinstance(value, list):
        return value
    return [part.strip() for part in str(value).split(";") if part.strip()]


def refuse_twice(item_id: int, is_gold: set[int], line_of: Mapping[int, int]) -> None:
    """Raises BadRow."""
    if item_id in is_gold:
        raise BadRow("", _("This item is a gold item of this queue already: change that one."))
    if item_id in line_of:
        raise BadRow("", _("Line %(n)s has this item already. Leave one out.") % {"n": line_of[item_id]})
