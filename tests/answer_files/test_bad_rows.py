"""Rows that are left out, and files that are refused: what the report says of them."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.answer_files.told import Told, columns_of
from app.items.fields import field_map
from app.items.models import ImportState
from app.queues.models import Queue
from tests import make
from tests.answer_files.files import (
    bring_in,
    bring_in_file,
    preference,
    queue_in,
    safety,
    stored,
    unsafe,
)
from tests.items.samples import JsonObject, harm, json_lines, report_rows


def ranked(ranks: object, **changes: object) -> JsonObject:
    return {"annotator": "a1", "prompt": "Why?", "responses": ["A", "B", "C"], "ranks": ranks} | changes


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (safety(None), "annotator", "is missing"),
        (safety(True), "annotator", "must be a string or a whole number, not true"),
        (safety(" "), "annotator", "is blank, has a NUL character or more than 10,000 characters"),
        (safety("a1", response=""), "response", "is missing"),
        (safety("a1", prompt="\0"), "prompt", "has a NUL character, which can't be stored"),
        (
            safety("a1", is_safe="Safe"),
            "is_safe",
            "must be true or false; tell which value is true as is_safe=",
        ),
        (safety("a1", severity_level=1), "severity_level", "must be 0 where the answer is safe"),
        (safety("a1", harm_category=["Drugs"]), "harm_category", "must be empty where the answer is safe"),
        (unsafe("a1", severity_level=None), "severity_level", "must be 1 to 3 where the answer is unsafe"),
        (unsafe("a1", severity_level=0), "severity_level", "must be 1 to 3 where the answer is unsafe"),
        (unsafe("a1", severity_level=4), "severity_level", "must be a whole number from 0 to 3"),
        (unsafe("a1", harm_category=[]), "harm_category", "names none, but the answer is unsafe"),
        (unsafe("a1", harm_category=["Rudeness"]), "harm_category", 'has the unknown category "Rudeness"'),
        (unsafe("a1", harm_category={"Drugs": True}), "harm_category", "lacks the category"),
        (unsafe("a1", harm_category=3), "harm_category", "must be an array, not a number"),
        (unsafe("a1", confidence=4), "confidence", "must be a whole number from 0 to 3"),
        (unsafe("a1", answered_at="yesterday"), "answered_at", "must be an ISO 8601 time"),
        (unsafe("a1", active_seconds=-1), "active_seconds", "must be a number of seconds from 0 to 86,400"),
        (unsafe("a1", active_seconds="1 min"), "active_seconds", "must be a number of seconds from 0"),
        (unsafe("a1", active_seconds=True), "active_seconds", "must be a number of seconds from 0"),
        (unsafe("a1", answered_at=3), "answered_at", "must be an ISO 8601 time"),
        (unsafe("a1", dimension="helpfulness"), "dimension", "is not safety as in the file's first row"),
    ],
)
def test_a_safety_row_that_can_not_be_used_is_reported(
    session: Session, home: Path, row: JsonObject, field: str, reason: str
) -> None:
    ended = bring_in(session, make.project(session), [safety("a0"), row], home)
    assert (ended.brought.n_answers, ended.import_.n_rejected) == (1, 1)
    ((line, severity, at, said),) = report_rows(ended.import_)
    assert (line, severity, at) == (2, "error", field)
    assert said.startswith(reason)


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        (preference("a1", 2), "better_response_id", 'must be 0, 1 or "tie"; tell what others mean as better'),
        (preference("a1", True), "better_response_id", 'must be 0, 1 or "tie"'),
        (preference("a1", 0, response_1="An inlet."), "response_1", "same text as response_0"),
        (preference("a1", 0, dimension="helpfulness"), "dimension", "is not single as in the file's first"),
        (ranked([1, 2]), "ranks", "must be an array of 3 whole numbers, one for each response"),
        (ranked([1, 2, "x"]), "ranks", "must be an array of 3 whole numbers, one for each response"),
        (ranked([0, 1, 2]), "ranks", "Give each response a rank from 1 to 3."),
        (ranked(None, better_response_id=0), "ranks", "is missing; more than two responses need a rank each"),
        (ranked([1, 1], responses=["A", "A"]), "responses", "two of them have the same text"),
        (ranked([1], responses=["A"]), "responses", "must be an array of two responses or more"),
        (ranked([1, 2], responses=["A", 7]), "responses[1]", "must be a string, not a number"),
    ],
)
def test_a_preference_that_can_not_be_used_is_reported(
    session: Session, home: Path, row: JsonObject, field: str, reason: str
) -> None:
    ended = bring_in(session, make.project(session), [preference("a0", 0), row], home)
    assert (ended.brought.n_answers, ended.import_.n_rejected) == (1, 1)
    ((line, severity, at, said),) = report_rows(ended.import_)
    assert (line, severity, at) == (2, "error", field)
    assert said.startswith(reason)


def test_both_answers_of_a_dual_row_must_be_there(session: Session, home: Path) -> None:
    rows = [preference("a1", 0, safer_response_id=1), preference("a2", None, safer_response_id=1)]
    ended = bring_in(session, make.project(session), rows, home)
    assert report_rows(ended.import_) == [(2, "error", "better_response_id", "is missing")]


def test_defaults_fill_in_what_an_unsafe_answer_lacks_and_nothing_else(session: Session, home: Path) -> None:
    project = make.project(session)
    rows = [
        safety("a1", is_safe=False),
        unsafe("a2"),
        unsafe("a3", harm_category=harm()),
        safety("a4"),
    ]
    told = Told(default_category="Insulting Behavior", default_severity=1)
    bring_in(session, project, rows, home, told)
    assert [(a.harm_categories, a.severity) for _, a in stored(session, queue_in(session, project))] == [
        (["Insulting Behavior"], 1),
        (["Violence"], 2),
        (["Insulting Behavior"], 2),
        ([], 0),
    ]


def test_a_severity_alone_says_whether_it_is_safe(session: Session, home: Path) -> None:
    project = make.project(session)
    rows = [safety("a1", is_safe=None, severity_level=0), unsafe("a2", is_safe=None, severity_level="3")]
    bring_in(session, project, rows, home)
    assert [(a.is_safe, a.severity) for _, a in stored(session, queue_in(session, project))] == [
        (True, 0),
        (False, 3),
    ]


def test_categories_are_an_object_an_array_or_a_text(session: Session, home: Path) -> None:
    project = make.project(session)
    given: list[object] = [harm("Violence", "Drugs"), ["Drugs", "Violence"], "Drugs; Violence"]
    rows = [unsafe(f"a{number}", harm_category=each) for number, each in enumerate(given)]
    bring_in(session, project, rows, home)
    answers = stored(session, queue_in(session, project))
    assert [a.harm_categories for _, a in answers] == [["Violence", "Drugs"]] * 3


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The file has no rows"),
        (json_lines([{"worker": "a1", "label": 3}]), "The first row holds no answer that is known here."),
        (json_lines([safety("a1", prompt=3)]), "Not one of the 1 rows can be imported"),
        (json_lines([7]) * 2000, "No line is a JSON object"),
    ],
)
def test_a_file_of_no_use_fails_with_a_sentence_and_leaves_nothing(
    session: Session, home: Path, content: bytes, sentence: str
) -> None:
    ended = bring_in_file(session, make.project(session), content, home)
    assert ended.import_.state == ImportState.FAILED
    assert (ended.import_.error or "").startswith(sentence)
    for table in (Queue, User):
        assert session.scalar(select(func.count()).select_from(table)) == 0


def test_an_unknown_shape_is_told_its_fields_and_what_to_do(session: Session, home: Path) -> None:
    ended = bring_in(session, make.project(session), [{"worker": "a1", "label": "Safe"}], home)
    assert "Its fields: worker, label." in (ended.import_.error or "")
    assert "tell which is which as OURS=THEIRS" in (ended.import_.error or "")


def test_each_answer_of_a_line_is_judged_by_itself(session: Session, home: Path) -> None:
    project = make.project(session)
    told = Told([field_map("is_safe=label:Safe=true,Unsafe=false")], columns_of("label=ann,bob"))
    rows = [{"item": 1, "ann": "Safe", "bob": "Safe"}, {"item": 2, "ann": "Maybe", "bob": "Safe"}]
    ended = bring_in(session, project, rows, home, told)
    assert (ended.brought.n_answers, ended.import_.n_rows, ended.import_.n_rejected) == (3, 4, 1)
    reason = "is none of the values that are told for is_safe: Safe, Unsafe"
    assert report_rows(ended.import_) == [(2, "error", "label", reason)]
