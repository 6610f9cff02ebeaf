"""The texts that a row names by their SHA-256, looked up among those of the project."""

from collections.abc import Iterator, Sequence

from app.answer_files.intake import OnLine
from app.items.bulk import RowCursor, fetch
from app.items.report import Report
from app.items.rows import BadRow, Row, Text

# Once an import: a checksum of prompt and response together is not kept beside them.
LIST_RESPONSES = """
    CREATE TEMPORARY TABLE known_response ON COMMIT DROP AS
    SELECT sha256(convert_to(prompt.text || response.text, 'UTF8')) AS checksum, response.id
    FROM prompt JOIN response ON response.prompt_id = prompt.id
    WHERE prompt.project_id = %s
"""
TEXTS = """
    SELECT known.checksum, prompt.text, prompt.sha256, prompt.source,
           response.text, response.sha256, response.source
    FROM known_response AS known
    JOIN response ON response.id = known.id
    JOIN prompt ON prompt.id = response.prompt_id
    WHERE known.checksum = ANY(%s)
"""

# By checksum and by the prompt's hash: prompt and response may part at several places of one text.
Texts = dict[bytes, dict[bytes, tuple[Text, Text]]]


def with_texts(
    batches: Iterator[list[OnLine]], cursor: RowCursor, project_id: int, report: Report
) -> Iterator[list[OnLine]]:
    """Each answer with the texts of its item; those whose texts are not in the project go into the report.

    None of the lists is empty.
    """
    is_listed = False
    for batch in batches:
        wanted = {checksum for each in batch for checksum in each.given.checksums}
        if wanted and not is_listed:
            list_responses(cursor, project_id)
            is_listed = True
        known = texts_of(cursor, wanted) if wanted else {}
        if found := list(found_in(known, batch, report)):
            yield found


def list_responses(cursor: RowCursor, project_id: int) -> None:
    cursor.execute(b"DROP TABLE IF EXISTS known_response")
    cursor.execute(LIST_RESPONSES.encode(), (project_id,))
    cursor.execute(b"CREATE INDEX ON known_response (checksum)")
    cursor.execute(b"ANALYZE known_response")


def texts_of(cursor: RowCursor, checksums: set[bytes]) -> Texts:
    known: Texts = {}
    for checksum, *texts in fetch(cursor, TEXTS, (list(checksums),)):
        prompt, response = Text(*texts[:3]), Text(*texts[3:])
        known.setdefault(checksum, {})[prompt.sha256] = (prompt, response)
    return known


def found_in(known: Texts, batch: Sequence[OnLine], report: Report) -> Iterator[OnLine]:
    for line, given in batch:
        try:
            row = row_of(given.checksums, known) if given.checksums else given.row
        except BadRow as bad:
            report.error(line, bad.field, bad.reason)
        else:
            yield OnLine(line, given._replace(row=row))


def row_of(checksums: Sequence[bytes], known: Texts) -> Row:
    """Raises BadRow unless all of them are of one prompt."""
    for place, checksum in enumerate(checksums):
        if checksum not in known:
            reason = "is of no prompt and response in this project; bring in their texts first"
            raise BadRow(f"responses[{place}]", reason)
    prompts = set.intersection(*(set(known[checksum]) for checksum in checksums))
    if len(prompts) != 1:
        raise BadRow("responses", "fit several prompts here" if prompts else "are of different prompts here")
    prompt_sha256 = prompts.pop()
    pairs = [known[checksum][prompt_sha256] for checksum in checksums]
    return Row(pairs[0][0], tuple(response for _, response in pairs))
