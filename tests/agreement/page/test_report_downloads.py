"""What a report is downloaded as: CSV for each table, JSON and Markdown."""

import csv
import io
from dataclasses import asdict, replace
from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.agreement.models import AgreementReport
from app.agreement.page.tables import tables_of
from app.agreement.report.content import Strengths
from app.projects.models import Project
from app.queues.models import Queue
from tests import make
from tests.agreement.page.sample_report import Kind, sample_report, stored
from tests.browse import enter


@pytest.fixture
def queue(client: TestClient, session: Session) -> Queue:
    """An adjudicator is signed in."""
    enter(client, session, make.user(session, role=Role.ADJUDICATOR))
    return make.queue(session, make.project(session))


def table(client: TestClient, report: AgreementReport, name: str) -> list[dict[str, str]]:
    found = client.get(f"/agreement/reports/{report.id}/{name}.csv")
    assert found.status_code == 200
    assert found.headers["content-type"] == "text/csv; charset=utf-8"
    assert f'-{report.id}-{name}.csv"' in found.headers["content-disposition"]
    assert found.content.count(b"\r\n") == found.content.count(b"\n")
    return list(csv.DictReader(io.StringIO(found.text, newline="")))


@pytest.mark.parametrize("kind", ["safety", "dual"])
def test_every_table_can_be_downloaded_and_has_as_many_rows_as_on_the_page(
    client: TestClient, session: Session, queue: Queue, kind: Kind
) -> None:
    content = sample_report(kind=kind)
    report = stored(session, queue.id, content)
    for name, shown in tables_of(content, {}).items():
        rows = table(client, report, name)
        assert len(rows) == len(shown.rows), name
        assert all(None not in row and None not in row.values() for row in rows), name


def test_figures_are_exact_and_nothing_stands_where_one_is_undefined(
    client: TestClient, session: Session, queue: Queue
) -> None:
    content = sample_report()
    rows = table(client, stored(session, queue.id, content), "figures")
    by_question = {row["question"]: row for row in rows}
    safe = content.figures[0]
    assert float(by_question["safe"]["alpha"]) == safe.alpha
    assert float(by_question["safe"]["alpha_lower_95"]) == safe.alpha_lower
    assert float(by_question["safe"]["prevalence_share"]) == safe.prevalence
    undefined = by_question["category: Animal Abuse"]
    assert (undefined["alpha"], undefined["alpha_upper_95"], undefined["n_items"]) == ("", "", "12480")


def test_annotators_stand_by_name_with_kappa_interval_and_n(
    client: TestClient, session: Session, queue: Queue
) -> None:
    people = {name: make.user(session, username=name).id for name in ("ines", "noor", "vik", "ada")}
    content = sample_report(annotator_ids=list(people.values()))
    rows = table(client, stored(session, queue.id, content), "annotators")
    assert rows
    matrix = content.kappa_matrices[0]
    for row in (row for row in rows if row["question"] == "safe"):
        a, b = (matrix.annotator_ids.index(people[row[key]]) for key in ("annotator", "with_annotator"))
        assert float(row["kappa"]) == matrix.kappa[a][b]
        assert float(row["kappa_lower_95"]) == matrix.lower[a][b]
        assert int(row["n_items"]) == matrix.n[a][b]


def test_a_name_that_looks_like_a_formula_is_quoted(
    client: TestClient, session: Session, queue: Queue
) -> None:
    source = '=HYPERLINK("x")'
    strengths = Strengths("helpfulness", [source], [3], [-0.5], [-0.6], [-0.4], [0], None)
    content = replace(sample_report(kind="dual"), strengths=[strengths])
    (row,) = table(client, stored(session, queue.id, content), "strengths")
    assert (row["source"], row["strength_log"]) == (f"'{source}", "-0.5")


def test_json_is_the_report_as_it_was_frozen(client: TestClient, session: Session, queue: Queue) -> None:
    content = sample_report(kind="dual")
    report = stored(session, queue.id, content, night=date(2026, 11, 21))
    found = client.get(f"/agreement/reports/{report.id}.json")
    assert found.headers["content-type"] == "application/json"
    frozen = found.json()
    assert frozen["content"] == asdict(content)
    assert frozen["night"] == "2026-11-21"
    project = session.get_one(Project, queue.project_id)
    told = {"id": queue.id, "name": queue.name, "kind": "safety", "project": project.name}
    assert frozen["queue"] == told
    assert frozen["computed_at"].startswith("20")


def test_markdown_is_the_section_of_a_card(client: TestClient, session: Session, queue: Queue) -> None:
    report = stored(session, queue.id, sample_report())
    found = client.get(f"/agreement/reports/{report.id}.md")
    assert found.headers["content-type"] == "text/markdown; charset=utf-8"
    assert found.text.startswith(f"## Agreement: {queue.name}\n\nOver 12,480 items")
