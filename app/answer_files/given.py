"""One row of a file of answers, checked: who says what of which prompt and responses."""

import re
from datetime import UTC, datetime
from typing import Any, NamedTuple

from app.answer_files.checksums import Circumstances, checksums_of, circumstances_of
from app.answer_files.told import Told
from app.gold.forms import without_gaps
from app.items.rows import BadRow, JsonObject, Row, Text, json_type, text_of, ticked
from app.items.rows import required as present
from app.items.shapes import listed_response, pair_of, prompt_of
from app.items.vocabularies import named_with_nearest
from app.queues.models import Dimension, QueueKind

LONGEST_NAME = 10_000
MOST_SEVERE = 3
MOST_CONFIDENT = 3
TIE = "tie"
PAIR_CHOICES = {"0": [1, 2], "1": [2, 1], TIE: [1, 1]}
TWO = 2
DAY_SECONDS = 24 * 60 * 60
PLAIN_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
NO_TEXTS = Row(Text("", b"", ""), ())


class Given(NamedTuple):
    """One annotator's answer, whose texts are those of `row`.

    `item`: the file's own name of the item; "" where the texts alone tell. `severity` 0 (safe) to 3 and
    `harm_categories`: of a safety label. `ranks`: by dimension, in the order of the row's responses.
    `checksums`: by which a row without texts names those responses; its `row` is empty until they are found.
    `active_ms`: of each of the answer's steps.
    """

    annotator: str
    item: str
    row: Row
    severity: int | None
    harm_categories: list[str] | None
    ranks: dict[Dimension, list[int]]
    confidence: int | None
    answered_at: datetime | None
    checksums: tuple[bytes, ...] = ()
    circumstances: Circumstances = Circumstances()
    active_ms: int | None = None


def kind_of(row: JsonObject) -> QueueKind | None:
    """What a row in our fields answers; None where it is nothing we know."""
    if "is_safe" in row or "severity_level" in row:
        return QueueKind.SAFETY
    if "better_response_id" in row and "safer_response_id" in row:
        return QueueKind.DUAL
    if "safer_response_id" in row:
        return QueueKind.HARMLESSNESS
    if "better_response_id" not in row and "ranks" not in row:
        return None
    said = row.get("dimension", QueueKind.SINGLE)
    one_step = (QueueKind.HELPFULNESS, QueueKind.HARMLESSNESS, QueueKind.SINGLE)
    return next((kind for kind in one_step if kind == said), None)


def read_answer(row: JsonObject, kind: QueueKind, told: Told) -> Given:
    """`row`: in our fields. Raises BadRow."""
    if "dimension" in row and row["dimension"] != kind:
        raise BadRow("dimension", f"is not {kind} as in the file's first row; give it a file of its own")
    if checksums := checksums_of(row):
        return read_released(row, checksums, kind, told)
    texts = qa_texts(row) if kind is QueueKind.SAFETY else set_texts(row)
    item = name_of(row, "item") if "item" in row else ""
    return answer_to(row, item, texts, len(texts.responses), kind, told)


def read_released(row: JsonObject, checksums: tuple[bytes, ...], kind: QueueKind, told: Told) -> Given:
    """A row as `app.releases.rows.judgements.annotation_row` writes it."""
    n_responses = len(checksums)
    if (kind is QueueKind.SAFETY) != (n_responses == 1):
        wanted = "one" if kind is QueueKind.SAFETY else "two or more"
        raise BadRow("responses", f"must be {wanted} where the answer is of {kind}")
    given = answer_to(row, "", NO_TEXTS, n_responses, kind, told)
    ranks = next(iter(given.ranks.values()), None)
    return given._replace(checksums=checksums, circumstances=circumstances_of(row, ranks))


def answer_to(row: JsonObject, item: str, texts: Row, n_responses: int, kind: QueueKind, told: Told) -> Given:
    is_label = kind is QueueKind.SAFETY
    severity, harm_categories = label_of(row, told) if is_label else (None, None)
    return Given(
        name_of(row, "annotator"),
        item,
        texts,
        severity,
        harm_categories,
        {} if is_label else {step: ranks_of(row, field_of(row, step), n_responses) for step in kind.steps},
        number_of(row, "confidence", MOST_CONFIDENT) if "confidence" in row else None,
        time_of(row),
        active_ms=active_ms_of(row, len(kind.steps)),
    )


def name_of(row: JsonObject, field: str) -> str:
    """Text, or a whole number: 1.0 too, as pandas has it in a column with a gap."""
    value = present(row, field)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if type(value) is int:
        value = str(value)
    if not isinstance(value, str):
        raise BadRow(field, f"must be a string or a whole number, not {json_type(value)}")
    if not value.strip() or "\0" in value or len(value) > LONGEST_NAME:
        raise BadRow(field, f"is blank, has a NUL character or more than {LONGEST_NAME:,} characters")
    return value.strip()


def qa_texts(row: JsonObject) -> Row:
    if lacks(row, "response"):
        return Row(asked(row), (placeholder(""),))
    return Row(asked(row), (listed_response(present(row, "response"), "response", ""),))


def set_texts(row: JsonObject) -> Row:
    """The responses differ from each other."""
    if lacks(row, "responses", "response_0", "response_1"):
        n_responses = len(row["ranks"]) if isinstance(row.get("ranks"), list) else TWO
        return Row(asked(row), tuple(placeholder(f" {n + 1}") for n in range(n_responses)))
    if "responses" not in row:
        return Row(asked(row), pair_of(row))
    given = row["responses"]
    if not isinstance(given, list) or len(given) < TWO:
        raise BadRow("responses", "must be an array of two responses or more")
    responses = tuple(listed_response(text, f"responses[{place}]", "") for place, text in enumerate(given))
    if len({response.sha256 for response in responses}) < len(responses):
        raise BadRow("responses", "two of them have the same text")
    return Row(asked(row), responses)


def lacks(row: JsonObject, *fields: str) -> bool:
    """Labels alone can be analysed too, where the file names their items; what it says stands for a text."""
    return "item" in row and not row.keys() & set(fields)


def asked(row: JsonObject) -> Text:
    if lacks(row, "prompt"):
        return text_of(f"Item {name_of(row, 'item')}", "item", "")
    return prompt_of(row)


def placeholder(number: str) -> Text:
    return text_of(f"(Response{number}: the file has no text.)", "response", "")


def label_of(row: JsonObject, told: Told) -> tuple[int, list[str]]:
    """Severity, and harm categories in the taxonomy's order: 0 and none for safe, neither for unsafe."""
    severity = number_of(row, "severity_level", MOST_SEVERE) if "severity_level" in row else None
    is_safe = flag_of(row, "is_safe") if "is_safe" in row else severity == 0
    named = categories_of(row, told) if "harm_category" in row else []
    if is_safe:
        if severity:
            raise BadRow("severity_level", "must be 0 where the answer is safe")
        if named:
            raise BadRow("harm_category", "must be empty where the answer is safe")
        return 0, []
    if severity is None:
        severity = told.default_severity
    if not severity:
        raise BadRow(
            "severity_level",
            "must be 1 to 3 where the answer is unsafe; one can be told for those without any",
        )
    if not named and told.default_category is None:
        raise BadRow(
            "harm_category", "names none, but the answer is unsafe; one can be told for those without any"
        )
    return severity, named or [str(told.default_category)]


def categories_of(row: JsonObject, told: Told) -> list[str]:
    """An object of all the project's, an array of names, or names with ";" between them."""
    value = row["harm_category"]
    if isinstance(value, dict):
        names = list(ticked(row, "harm_category", told.known_categories))
        return [name for name in told.category_names if name in names]
    names = list_of(value, "harm_category")
    for name in names:
        if not isinstance(name, str) or name not in told.known_categories:
            shown = named_with_nearest(str(name), told.known_categories)
            raise BadRow("harm_category", f"has the unknown category {shown}")
    return [name for name in told.category_names if name in names]


def field_of(row: JsonObject, step: Dimension) -> str:
    if "ranks" in row:
        return "ranks"
    is_safer = step is Dimension.HARMLESSNESS and "safer_response_id" in row
    return "safer_response_id" if is_safer else "better_response_id"


def ranks_of(row: JsonObject, field: str, n_responses: int) -> list[int]:
    """1 is best, equal ranks are a tie, without gaps."""
    if field != "ranks":
        return chosen(row, field, n_responses)
    ranks = [number if type(number) is int else digits(number) for number in list_of(row[field], field)]
    if len(ranks) != n_responses or None in ranks:
        raise BadRow(field, f"must be an array of {n_responses} whole numbers, one for each response")
    try:
        return without_gaps([rank for rank in ranks if rank is not None])
    except ValueError as wrong:
        raise BadRow(field, str(wrong)) from None


def chosen(row: JsonObject, field: str, n_responses: int) -> list[int]:
    if n_responses != TWO:
        raise BadRow("ranks", "is missing; more than two responses need a rank each")
    value = present(row, field)
    ranks = None if isinstance(value, bool) else PAIR_CHOICES.get(str(value))
    if ranks is None:
        raise BadRow(field, f'must be 0, 1 or "tie"; tell what others mean as {field}=FIELD:VALUE=0,...')
    return ranks


def list_of(value: object, field: str) -> list[Any]:
    """An array, or a string with ";" between its parts."""
    if isinstance(value, list):
        return value
    if not isinstance(value, str):
        raise BadRow(field, f"must be an array, not {json_type(value)}")
    return [part.strip() for part in value.split(";") if part.strip()]


def flag_of(row: JsonObject, field: str) -> bool:
    value = row[field]
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise BadRow(field, f"must be true or false; tell which value is true as {field}=FIELD:VALUE")


def number_of(row: JsonObject, field: str, most: int) -> int:
    """0 to `most`, both included."""
    value = row[field]
    number = value if type(value) is int else digits(value)
    if number is None or not 0 <= number <= most:
        raise BadRow(field, f"must be a whole number from 0 to {most}")
    return number


def digits(value: object) -> int | None:
    """A file of text alone has its numbers as text."""
    is_number = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < LONGEST_NAME
    return int(str(value)) if is_number else None


def active_ms_of(row: JsonObject, n_steps: int) -> int | None:
    """How long the annotator was at work on the answer; each of its steps has an equal part of it."""
    value = row.get("active_seconds")
    if value is None:
        return None
    if isinstance(value, str) and PLAIN_NUMBER.fullmatch(value):
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= DAY_SECONDS:
        raise BadRow("active_seconds", f"must be a number of seconds from 0 to {DAY_SECONDS:,}")
    return round(value * 1000 / n_steps)


def time_of(row: JsonObject) -> datetime | None:
    """UTC where it names no zone."""
    if "answered_at" not in row:
        return None
    try:
        at = datetime.fromisoformat(row["answered_at"])
    except (TypeError, ValueError):
        raise BadRow("answered_at", "must be an ISO 8601 time such as 2026-03-01T09:30:00Z") from None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
