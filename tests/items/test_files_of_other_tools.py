"""What Excel, Windows, pandas and broken exports leave behind ends in a good import or in a clear report."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy.orm import Session

from app.items.models import Import
from app.items.report import report_path
from app.projects.models import Project
from tests import make
from tests.answer_files import files as answers
from tests.items.samples import bring_in, json_lines, plain, report_rows

Entry = tuple[int, str, str, str]
Bring = Callable[[Session, Project, bytes, Path], Import]
N_BYTES_OF_A_LONG_LINE = 50_000_000


def parquet(**columns: object) -> bytes:
    written = BytesIO()
    pq.write_table(pa.table(columns), written)
    return written.getvalue()


def reported(import_: Import) -> list[Entry]:
    return report_rows(import_) if report_path(import_.id).exists() else []


def lengthened(row: bytes) -> bytes:
    """With a text of 50 MB."""
    return row.replace(b"fjord", b"x" * N_BYTES_OF_A_LONG_LINE)


LINES = json_lines([plain()])
LATER = json_lines([plain(prompt="Why?")])
ANSWERS = json_lines([answers.safety("ann")])
LATER_ANSWERS = json_lines([answers.safety("bob")])
QA_HEADER = b"prompt,response,is_safe,severity_level,harm_category\n"
NOT_UNICODE = (2, "error", "", "not valid UTF-8 at byte 12 of the line")
NOT_CHINESE = (2, "error", "", "not valid UTF-8 at byte")
TWICE = "is there twice in the same object"
IS_NAN = "is NaN, which is no number in JSON"
MUST_BE_FLAG = 'must be true or false, not "NaN"'
MUST_BE_NUMBER = 'must be a whole number, not "NaN"'
GARBLED = "looks garbled: the mark of a missing value"


@pytest.mark.parametrize(
    ("content", "n_new", "entries"),
    [
        (b'\xef\xbb\xbfprompt;response\r\n"Why; why?";"So.\r\nYes."\r\nHow?;So.\r\n', 2, []),
        (b"\xef\xbb\xbf" + LINES.replace(b"\n", b"\r\n\r\n") + LATER.replace(b"\n", b"\r\n"), 2, []),
        (LINES + '{"prompt":"é"}\n'.encode("latin-1") + LATER, 2, [NOT_UNICODE]),
        ("prompt,response\n为什么,因为\nWhy?,So.\n".encode("gb18030"), 1, [NOT_CHINESE]),
        (LINES + LATER.replace(b"}", b',"prompt":"How?"}'), 1, [(2, "error", "prompt", TWICE)]),
        (LINES + LATER.replace(b"}", b',"score":NaN}'), 1, [(2, "error", "score", IS_NAN)]),
        (
            QA_HEADER + b"a,b,TRUE,0,\na,c,TRUE,NaN,\na,d,NaN,0,\na,NaN,TRUE,0,\n",
            2,
            [
                (3, "error", "severity_level", MUST_BE_NUMBER),
                (4, "error", "is_safe", MUST_BE_FLAG),
                (5, "warning", "response", GARBLED),
            ],
        ),
        (
            parquet(
                prompt=["a", "b"],
                response=["x", "y"],
                is_safe=[True, True],
                severity_level=[0.0, float("nan")],
                harm_category=["", ""],
            ),
            1,
            [(2, "error", "severity_level", "must be a whole number from 0 to 3, not nan")],
        ),
    ],
    ids=["excel", "windows", "latin-1", "gb18030", "key twice", "nan", "nan cells", "nan column"],
)
def test_items_of_other_tools_are_imported_or_reported(
    session: Session, home: Path, content: bytes, n_new: int, entries: list[Entry]
) -> None:
    done = bring_in(session, make.project(session), content, home)
    assert (done.state, done.n_new_qa_pairs) == ("done", n_new)
    check(reported(done), entries)


@pytest.mark.parametrize(
    ("content", "n_answers", "entries"),
    [
        (b'\xef\xbb\xbfannotator;prompt;response;is_safe\r\nann;"a; b";"c\r\nd";TRUE\r\n', 1, []),
        (ANSWERS.replace(b"\n", b"\r\n") + LATER_ANSWERS, 2, []),
        (ANSWERS + '{"prompt":"é"}\n'.encode("latin-1") + LATER_ANSWERS, 2, [NOT_UNICODE]),
        (ANSWERS + LATER_ANSWERS.replace(b"}", b',"is_safe":false}'), 1, [(2, "error", "is_safe", TWICE)]),
        (ANSWERS + LATER_ANSWERS.replace(b"true", b"NaN"), 1, [(2, "error", "is_safe", IS_NAN)]),
        (
            b"annotator,prompt,response,is_safe\nann,a,b,NaN\nbob,a,b,true\n",
            1,
            [(2, "error", "is_safe", MUST_BE_FLAG)],
        ),
        (
            parquet(
                annotator=[1.0, 2.0],
                prompt=["a", "a"],
                response=["b", "b"],
                severity_level=[0.0, float("nan")],
            ),
            1,
            [(2, "error", "severity_level", "must be a whole number from 0 to 3")],
        ),
    ],
    ids=["excel", "windows", "latin-1", "key twice", "nan", "nan cells", "nan column"],
)
def test_answers_of_other_tools_are_imported_or_reported(
    session: Session, home: Path, content: bytes, n_answers: int, entries: list[Entry]
) -> None:
    done = answers.bring_in_file(session, make.project(session), content, home)
    assert (done.import_.state, done.brought.n_answers) == ("done", n_answers)
    check(reported(done.import_), entries)


def bring_in_answers(session: Session, project: Project, content: bytes, home: Path) -> Import:
    return answers.bring_in_file(session, project, content, home).import_


@pytest.mark.parametrize(
    ("bring", "first", "later"),
    [(bring_in, LINES, LATER), (bring_in_answers, ANSWERS, LATER_ANSWERS)],
    ids=["items", "answers"],
)
def test_a_line_of_50_mb_is_left_out_alone(
    session: Session, home: Path, bring: Bring, first: bytes, later: bytes
) -> None:
    done = bring(session, make.project(session), first + lengthened(first) + later, home)
    assert (done.state, done.n_rows) == ("done", 3)
    assert reported(done) == [(2, "error", "", "the line is longer than 4 MiB")]


@pytest.mark.parametrize("bring", [bring_in, bring_in_answers], ids=["items", "answers"])
@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("prompt\tresponse\r\nWhy?\tSo.\r\n".encode("utf-16"), "This is UTF-16 text."),
        (b"prompt,response,response\na,b,c\n", 'The column "response" is there twice.'),
        (b'{"prompt":"' + b"x" * 5_000_000 + b'"}', "No line is a JSON object; JSON Lines is wanted"),
    ],
    ids=["utf-16", "column twice", "long line alone"],
)
def test_a_file_of_no_use_is_refused_with_a_sentence(
    session: Session, home: Path, bring: Bring, content: bytes, sentence: str
) -> None:
    failed = bring(session, make.project(session), content, home)
    assert failed.state == "failed"
    assert (failed.error or "").startswith(sentence)


def check(found: list[Entry], expected: list[Entry]) -> None:
    """The reasons as they begin."""
    assert [entry[:3] for entry in found] == [entry[:3] for entry in expected]
    for entry, wanted in zip(found, expected, strict=True):
        assert entry[3].startswith(wanted[3])
