"""A file is checked: what would come in is counted exactly, and nothing but the report is kept."""

from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.items import intake
from app.items.actions import run_import, start_import
from app.items.models import Import, ImportState, Item, Prompt, ReferenceLabel, Response
from app.items.report import first_problems
from app.projects.models import Project
from tests import make
from tests.items.samples import JsonObject, bring_in, json_lines, no_progress, pku_pair, pku_qa, plain

ROWS: list[JsonObject] = [
    pku_qa(),
    pku_qa(severity_level=2),
    pku_qa(response="Another answer.", is_safe=True),
    pku_qa(prompt=""),
]


def check(session: Session, project: Project, content: bytes, home: Path) -> Import:
    path = home / "rows.jsonl"
    path.write_bytes(content)
    started = start_import(session, project.id, path.name, len(content), only_checks=True)
    assert run_import(session, started.id, path, no_progress)
    session.expire_all()
    return started


def counted(import_: Import) -> tuple[int, ...]:
    return (
        *(import_.n_rows, import_.n_rejected, import_.n_warnings, import_.n_known),
        *(import_.n_new_qa_pairs, import_.n_new_response_sets),
    )


def n_stored(session: Session) -> list[int]:
    tables = (Prompt, Response, Item, ReferenceLabel)
    return [session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


@pytest.mark.parametrize("batch_rows", [1, 5_000])
def test_it_counts_what_an_import_then_brings_and_keeps_nothing(
    session: Session, home: Path, monkeypatch: pytest.MonkeyPatch, batch_rows: int
) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", batch_rows)
    project = make.project(session)
    checked = check(session, project, json_lines(ROWS), home)
    assert (checked.state, checked.error, checked.shape) == (ImportState.CHECKED, None, "PKU-SafeRLHF-QA")
    assert n_stored(session) == [0, 0, 0, 0]
    done = bring_in(session, project, json_lines(ROWS), home)
    assert counted(checked) == counted(done) == (4, 1, 2, 1, 2, 0)
    assert first_problems(checked.id, 9) == first_problems(done.id, 9)


def test_rows_that_are_there_already_are_counted_in_the_file_and_in_the_project(
    session: Session, home: Path
) -> None:
    project = make.project(session)
    for rows in ([plain()], [pku_pair()]):
        bring_in(session, project, json_lines(rows), home)
    why = plain(prompt="Why?")
    assert counted(check(session, project, json_lines([plain(), why, why]), home)) == (3, 0, 0, 2, 1, 0)
    assert check(session, project, json_lines([pku_qa()]), home).n_known == 1
    assert check(session, project, json_lines([pku_pair(response_0="Wait.")]), home).n_known == 0


def test_the_report_says_what_becomes_of_each_row(session: Session, home: Path) -> None:
    project = make.project(session)
    bring_in(session, project, json_lines([pku_qa(is_safe=True)]), home)
    rows = [pku_qa(is_safe=True), pku_qa(response="Wait.", is_safe=True), pku_qa(prompt=""), pku_qa()]
    checked = check(session, project, json_lines(rows), home)
    told = [
        (problem["line"], problem["field"], problem["outcome"]) for problem in first_problems(checked.id, 9)
    ]
    assert told == [
        ("1", "is_safe", "merged with what is there"),
        ("2", "is_safe", "imported"),
        ("3", "prompt", "left out"),
        ("4", "safety", "merged with what is there"),
    ]


def test_a_file_of_no_use_fails_in_a_check_too(session: Session, home: Path) -> None:
    checked = check(session, make.project(session), b"oops\n", home)
    assert (checked.state, counted(checked)) == (ImportState.FAILED, (1, 1, 0, 0, 0, 0))
