"""A file becomes items: what goes in, what is left out, and what the report says."""

import gzip
from pathlib import Path
from secrets import token_hex

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.items import intake
from app.items.actions import Progress, run_import, start_import
from app.items.models import Import, ImportState, Item, ItemKind, Prompt, ReferenceLabel, Response
from app.items.queries import n_items_by_kind
from tests import make
from tests.items.formats import with_small_numbers
from tests.items.samples import (
    JsonObject,
    bring_in,
    item_texts,
    json_array,
    json_lines,
    labels,
    no_progress,
    pku_pair,
    pku_qa,
    plain,
    report_rows,
)

SAFE = {"is_safe": True, "harm_categories": [], "severity": 0}
UNSAFE = {"is_safe": False, "harm_categories": ["Animal Abuse"], "severity": 1}


def n_rows_of(session: Session, table: type[Prompt | Response | Item | ReferenceLabel]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def new_items(import_: Import) -> tuple[int, int]:
    """QA pairs, response sets."""
    return import_.n_new_qa_pairs, import_.n_new_response_sets


def test_a_pair_becomes_two_qa_pairs_and_a_response_set(session: Session, home: Path) -> None:
    done = bring_in(session, make.project(session), json_lines([pku_pair()]), home)
    assert (done.state, done.error, done.shape) == (ImportState.DONE, None, "PKU-SafeRLHF")
    assert (done.n_rows, done.n_rejected, done.n_warnings, new_items(done)) == (1, 0, 0, (2, 1))
    assert done.n_bytes_read == done.n_bytes
    assert done.finished_at is not None
    first, second = "Speak softly to it.", "Shout at it until it stops."
    assert item_texts(session, ItemKind.QA_PAIR) == [[first], [second]]
    assert item_texts(session, ItemKind.RESPONSE_SET) == [[first, second]]


def test_labels_in_the_file_are_kept_as_reference_labels(session: Session, home: Path) -> None:
    bring_in(session, make.project(session), json_lines([pku_pair()]), home)
    assert labels(session) == [
        ("qa_pair", "safety", SAFE),
        ("qa_pair", "safety", UNSAFE),
        ("response_set", "harmlessness", {"better": 0}),
        ("response_set", "helpfulness", {"better": 1}),
    ]


def test_a_preference_follows_the_order_the_set_already_has(session: Session, home: Path) -> None:
    project = make.project(session)
    bring_in(session, project, json_lines([pku_pair()]), home)
    turned: JsonObject = {
        "prompt": pku_pair()["prompt"],
        "response_0": pku_pair()["response_1"],
        "response_1": pku_pair()["response_0"],
        "better_response_id": 0,
    }
    again = bring_in(session, project, json_lines([turned]), home)
    assert new_items(again) == (0, 0)
    assert ("response_set", "single", {"better": 1}) in labels(session)


@pytest.mark.parametrize("n_files", [1, 2])
def test_the_same_content_twice_is_one_item(session: Session, home: Path, n_files: int) -> None:
    project = make.project(session)
    rows = [pku_pair(), pku_qa(), pku_pair()]
    for _ in range(n_files):
        bring_in(session, project, json_lines([rows[0], rows[2]]), home)
        last = bring_in(session, project, json_lines([rows[1]]), home)
        assert new_items(last) == (0, 0)
    assert (n_rows_of(session, Prompt), n_rows_of(session, Response), n_rows_of(session, Item)) == (1, 2, 3)


def test_content_met_again_in_a_later_batch_is_one_item(
    session: Session, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", 1)
    turned = pku_pair(
        response_0=pku_pair()["response_1"],
        response_1="Wait.",
        is_response_0_safe=False,
        response_0_harm_category=pku_pair()["response_1_harm_category"],
        response_0_severity_level=1,
        is_response_1_safe=True,
        response_1_harm_category=pku_pair()["response_0_harm_category"],
        response_1_severity_level=0,
        safer_response_id=1,
    )
    done = bring_in(session, make.project(session), json_lines([pku_pair(), pku_pair(), turned]), home)
    assert (new_items(done), done.n_warnings) == ((3, 2), 0)
    assert n_rows_of(session, ReferenceLabel) == 3 + 4


def test_the_same_content_in_two_projects_is_two_items(session: Session, home: Path) -> None:
    for _ in range(2):
        done = bring_in(session, make.project(session), json_lines([plain()]), home)
        assert new_items(done) == (1, 0)


def test_a_response_text_under_two_prompts_is_two_responses(session: Session, home: Path) -> None:
    rows = [plain(prompt="What is a fjord?"), plain(prompt="What is a sound?")]
    bring_in(session, make.project(session), json_lines(rows), home)
    assert (n_rows_of(session, Prompt), n_rows_of(session, Response)) == (2, 2)


def test_the_first_label_is_kept_where_the_file_gives_two(session: Session, home: Path) -> None:
    rows = [pku_qa(), pku_qa(severity_level=2)]
    done = bring_in(session, make.project(session), json_lines(rows), home)
    assert labels(session) == [("qa_pair", "safety", UNSAFE)]
    assert (done.n_rejected, done.n_warnings) == (0, 1)
    assert [entry[:3] for entry in report_rows(done)] == [(2, "warning", "safety")]


def test_one_of_several_responses_and_a_set_of_all(session: Session, home: Path) -> None:
    rows = [{"prompt": "Why?", "responses": ["A", "B", "C"]}, {"prompt": "How?", "responses": ["A"]}]
    done = bring_in(session, make.project(session), json_lines(rows), home)
    assert new_items(done) == (4, 1)
    assert item_texts(session, ItemKind.RESPONSE_SET) == [["A", "B", "C"]]


def test_items_stand_in_the_order_of_the_file(session: Session, home: Path) -> None:
    texts = [f"Answer {number}" for number in range(300)]
    rows = [plain(response=text) for text in texts]
    bring_in(session, make.project(session), json_lines(rows), home)
    assert item_texts(session, ItemKind.QA_PAIR) == [[text] for text in texts]


def test_bad_rows_are_left_out_and_the_good_ones_go_in(session: Session, home: Path) -> None:
    content = b"\n".join(
        [
            json_lines([pku_qa()]).strip(),
            b'{"prompt": "cut off',
            b'{"prompt": "half a pair \\ud800"}',
            b'{"prompt": "\xff\xfe"}',
            b"[1, 2]",
            json_lines([pku_qa(response="nul \0 inside")]).strip(),
            b"",
            json_lines([plain()]).strip(),
            json_lines([pku_qa(severity_level="1")]).strip(),
            b'{"prompt": "' + b"x" * 5_000_000 + b'"}',
            json_lines([pku_qa(response="Another answer.")]).strip(),
        ]
    )
    done = bring_in(session, make.project(session), content, home)
    assert (done.state, done.n_rows, done.n_rejected, new_items(done)) == (ImportState.DONE, 10, 8, (2, 0))
    assert report_rows(done) == [
        (2, "error", "", "not valid JSON at character 20: unexpected end of data"),
        (3, "error", "", "not valid JSON at character 25: no low surrogate in string"),
        (4, "error", "", "not valid UTF-8 at byte 13 of the line"),
        (5, "error", "", "must be an object, not an array"),
        (6, "error", "response", "has a NUL character, which can't be stored"),
        (8, "error", "is_safe", "is missing"),
        (9, "error", "severity_level", "must be a whole number from 0 to 3, not a string"),
        (10, "error", "", "the line is longer than 4 MiB"),
    ]


def test_a_label_that_contradicts_itself_goes_in_with_a_warning(session: Session, home: Path) -> None:
    done = bring_in(session, make.project(session), json_lines([pku_qa(is_safe=True)]), home)
    assert (done.n_rejected, done.n_warnings, new_items(done)) == (0, 1, (1, 0))
    assert report_rows(done) == [(1, "warning", "is_safe", "safe, but with severity 1 and 1 harm categories")]


def test_the_first_object_decides_the_shape_even_behind_broken_lines(session: Session, home: Path) -> None:
    done = bring_in(session, make.project(session), b"oops\n" + json_lines([plain()]), home)
    assert (done.shape, done.n_rejected, new_items(done)) == ("prompt with responses", 1, (1, 0))


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n \n", "The file has no rows: all of its lines are blank."),
        (b"[]", "The file has no rows: its array is empty."),
        (b'[{"question": "Why?"}]', "The keys of the first row fit no known shape. Found: question."),
        (json_array([plain()])[:-1], "The JSON array has no end: the file is damaged or cut short."),
        (json_array([plain()]) + b"{}", "Behind the end of the JSON array, on line 1, more follows."),
        (b"prompt,response\r\n", "The file has no rows: there is a header alone."),
        (
            b"question,answer\nWhy?,So.\n",
            "The keys of the first row fit no known shape. Found: question, ans",
        ),
        (b"prompt,response,prompt\na,b,c\n", 'The column "prompt" is there twice.'),
        (b"\xff\xfea\0,\0b\0", "This is UTF-16 text. JSON Lines, a JSON array, CSV or TSV in UTF-8"),
        (b"\0" * 5000, "No line is a JSON object; JSON Lines is wanted"),
        (b"oops\n" * 2000, "No line is a JSON object; JSON Lines is wanted"),
        (b'{"question": "Why?"}\n', "The keys of the first row fit no known shape. Found: question."),
        (
            json_lines([plain(prompt=""), plain(prompt=3)]),
            "Not one of the 2 rows can be imported; the report lists why. The first: line 1: prompt is",
        ),
        (
            gzip.compress(json_lines(plain(prompt=token_hex(50_000)) for _ in range(10)))[:-30],
            "The gzip file is damaged or cut short.",
        ),
    ],
)
def test_a_file_of_no_use_fails_with_a_sentence_and_leaves_nothing(
    session: Session, home: Path, content: bytes, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", 1)
    project = make.project(session)
    ended = bring_in(session, project, content, home)
    assert ended.state == ImportState.FAILED
    assert (ended.error or "").startswith(sentence)
    assert new_items(ended) == (0, 0)
    assert (n_rows_of(session, Prompt), n_rows_of(session, Item)) == (0, 0)


def test_a_gzip_file_goes_in_whatever_its_name(session: Session, home: Path) -> None:
    done = bring_in(session, make.project(session), gzip.compress(json_lines([plain()])), home)
    assert (done.state, new_items(done)) == (ImportState.DONE, (1, 0))


def test_a_table_goes_in_and_the_report_names_the_line_a_row_begins_on(session: Session, home: Path) -> None:
    content = (
        "\ufeffprompt;response;is_safe;severity_level;harm_category\r\n"
        '"How do I\r\nkill a fly?";Swat it.;FALSE;1;Animal Abuse\r\n'
        "How?;So.;maybe;0;\r\n"
        "How?;So.;TRUE;0\r\n"
        "How?;So.;TRUE;4;\r\n"
        "How?;So.;TRUE;0;\r\n"
    )
    done = bring_in(session, make.project(session), content.encode(), home)
    assert (done.state, done.shape, new_items(done)) == (ImportState.DONE, "PKU-SafeRLHF-QA", (2, 0))
    assert labels(session) == [("qa_pair", "safety", UNSAFE), ("qa_pair", "safety", SAFE)]
    assert report_rows(done) == [
        (4, "error", "is_safe", 'must be true or false, not "maybe"'),
        (5, "error", "", "has 4 fields; the header has 5"),
        (6, "error", "severity_level", "must be a whole number from 0 to 3, not 4"),
    ]


def test_an_array_goes_in_and_the_report_names_line_and_object(session: Session, home: Path) -> None:
    content = b'[{"prompt": "Why?", "response": "So."}, {"prompt": "", "response": "So."},\n3]'
    done = bring_in(session, make.project(session), content, home)
    assert (done.state, done.n_rows, new_items(done)) == (ImportState.DONE, 3, (1, 0))
    assert report_rows(done) == [
        (1, "error", "prompt", "is empty (object 2)"),
        (2, "error", "", "must be an object, not a number (object 3)"),
    ]


def test_parquet_goes_in_and_its_rows_are_counted(session: Session, home: Path) -> None:
    rows = [pku_pair(), pku_pair(prompt=""), pku_pair(prompt="Why?")]
    done = bring_in(session, make.project(session), with_small_numbers(rows), home)
    assert (done.state, done.n_rows, new_items(done)) == (ImportState.DONE, 3, (4, 2))
    assert (done.n_bytes_read, report_rows(done)) == (done.n_bytes, [(2, "error", "prompt", "is empty")])


def test_a_table_without_one_good_row_fails_with_the_first_reason(session: Session, home: Path) -> None:
    done = bring_in(session, make.project(session), b"prompt,response\nWhy?\n", home)
    assert done.error == "Not one row can be read. The first: line 2: has 1 fields; the header has 2."


def test_a_file_name_is_made_printable(session: Session) -> None:
    started = start_import(session, make.project(session).id, "a\0b\udcff\nc.jsonl", 1)
    assert started.file_name == "a?b??c.jsonl"


def test_texts_come_out_as_they_went_in(session: Session, home: Path) -> None:
    text = '  tab\there, \\ backslash, \\N, quote ", emoji 🦊, line\u2028break\r\nend  '
    bring_in(session, make.project(session), json_lines([plain(prompt=text, response=text)]), home)
    assert session.scalar(select(Prompt.text)) == text
    assert session.scalar(select(Response.text)) == text


def test_progress_is_told_at_the_start_and_after_each_batch(
    session: Session, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", 2)
    path = home / "rows.jsonl"
    path.write_bytes(json_lines([plain(), plain(prompt=""), plain(prompt="Why?"), plain(prompt="How?")]))
    started = start_import(session, make.project(session).id, path.name, path.stat().st_size)
    told: list[Progress] = []
    run_import(session, started.id, path, told.append)
    assert [(progress.n_rows, progress.n_rejected) for progress in told] == [(0, 0), (3, 1), (4, 1)]
    assert told[-1].n_bytes_read == path.stat().st_size


def test_an_import_that_has_ended_is_not_run_again(session: Session, home: Path) -> None:
    done = bring_in(session, make.project(session), json_lines([plain()]), home)
    assert not run_import(session, done.id, home / "rows.jsonl", no_progress)
    assert not run_import(session, done.id + 1, home / "rows.jsonl", no_progress)


def test_it_counts_the_items_of_each_kind(session: Session, home: Path) -> None:
    project = make.project(session)
    assert n_items_by_kind(session, project.id) == {ItemKind.QA_PAIR: 0, ItemKind.RESPONSE_SET: 0}
    bring_in(session, project, json_lines([pku_pair()]), home)
    assert n_items_by_kind(session, project.id) == {ItemKind.QA_PAIR: 2, ItemKind.RESPONSE_SET: 1}
