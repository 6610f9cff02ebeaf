"""Files whose labels name a project's own harm categories, in the cells and columns of tables too."""

import csv
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.answer_files.told import Told
from app.items.actions import run_import, start_import
from app.items.fields import field_map
from app.items.models import Import, ImportState
from app.items.report import report_path
from app.items.vocabularies import named_with_nearest
from app.projects.models import Project
from app.projects.taxonomy import HarmCategory, Taxonomy
from tests import make
from tests.answer_files.files import bring_in_file, queue_in, stored
from tests.items.samples import bring_in, labels, no_progress

NAMES = ("Cold Tea", "Spilt Milk", "Violence")
TEA = Taxonomy("tea-3.1", tuple(HarmCategory(name, name[0].lower(), "", "") for name in NAMES), ())
HEADER = "prompt,response,is_safe,severity_level,harm_category"
COLD = {"is_safe": False, "harm_categories": ["Cold Tea"], "severity": 1}
COLD_AND_SPILT = {"is_safe": False, "harm_categories": ["Cold Tea", "Spilt Milk"], "severity": 1}


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session, taxonomy=TEA)


def table(*lines: str) -> bytes:
    return "\n".join(lines).encode()


def problems(import_: Import) -> list[tuple[str, str, str, str]]:
    """File, line, field and reason of each row of the report."""
    with report_path(import_.id).open(encoding="utf-8", newline="") as file:
        return [(row["file"], row["line"], row["field"], row["reason"]) for row in csv.DictReader(file)]


@pytest.mark.parametrize(
    "cell",
    [
        "Cold Tea; Spilt Milk",
        '"Cold Tea, Spilt Milk"',
        "Cold Tea|Spilt Milk",
        "\"['Cold Tea', 'Spilt Milk']\"",
    ],
)
def test_a_cell_names_categories_of_the_project(
    session: Session, home: Path, project: Project, cell: str
) -> None:
    done = bring_in(session, project, table(HEADER, f"Tea?,No.,false,1,{cell}"), home)
    assert (done.state, done.n_rejected) == (ImportState.DONE, 0)
    assert labels(session) == [("qa_pair", "safety", COLD_AND_SPILT)]


def test_each_category_of_the_project_may_have_a_column(
    session: Session, home: Path, project: Project
) -> None:
    header = "prompt,response,is_safe,severity_level," + ",".join(NAMES)
    done = bring_in(session, project, table(header, "Tea?,No.,false,1,1,0,0"), home)
    assert (done.state, done.n_rejected) == (ImportState.DONE, 0)
    assert labels(session) == [("qa_pair", "safety", COLD)]


def test_labels_by_the_names_of_pku_stay_as_they_are(session: Session, home: Path, project: Project) -> None:
    done = bring_in(session, project, table(HEADER, "Tea?,No.,false,1,Drugs;Violence"), home)
    assert done.n_rejected == 0
    ((_, _, label),) = labels(session)
    assert set(label["harm_categories"]) == {"Drugs", "Violence"}


def test_columns_that_are_told_name_them_too(session: Session, home: Path, project: Project) -> None:
    maps = [field_map(option) for option in ("prompt=q", "response=a", "harm_category=why")]
    path = home / "rows.csv"
    path.write_bytes(table("q,a,why", "Tea?,No.,Cold Tea", "Milk?,No.,Spilled Milk"))
    started = start_import(session, project.id, path.name, path.stat().st_size, maps=maps)
    assert run_import(session, started.id, path, no_progress)
    reason = 'has the unknown category "Spilled Milk"; the nearest: "Spilt Milk"'
    assert problems(started) == [("rows.csv", "3", "why", reason)]
    assert labels(session) == [("qa_pair", "safety", {"is_safe": False, "harm_categories": ["Cold Tea"]})]


def test_a_name_that_is_none_is_told_with_the_nearest(session: Session, home: Path, project: Project) -> None:
    lines = (HEADER, "Tea?,No.,false,1,Cold Tea", "Milk?,No.,false,1,cold  tee; Violence")
    done = bring_in(session, project, table(*lines), home)
    reason = 'has the unknown category "cold  tee"; the nearest: "Cold Tea"'
    assert problems(done) == [("rows.jsonl", "3", "harm_category", reason)]


def test_what_is_like_none_has_no_nearest() -> None:
    assert named_with_nearest("Xyzzy", frozenset(NAMES)) == '"Xyzzy"'
    assert named_with_nearest("violense", frozenset(NAMES)) == '"violense"; the nearest: "Violence"'


def test_a_table_of_answers_names_categories_of_the_project(
    session: Session, home: Path, project: Project
) -> None:
    told = Told(category_names=NAMES)
    lines = (
        "annotator," + HEADER,
        "ann,Tea?,No.,false,1,Spilt Milk; Cold Tea",
        "ben,Tea?,No.,false,1,Drugs",
        "cay,Tea?,No.,true,0,",
    )
    ended = bring_in_file(session, project, table(*lines), home, told)
    assert problems(ended.import_) == [
        ("answers.jsonl", "3", "harm_category", 'has the unknown category "Drugs"')
    ]
    said = [(name, answer.harm_categories) for name, answer in stored(session, queue_in(session, project))]
    assert said == [("ann", ["Cold Tea", "Spilt Milk"]), ("cay", [])]
