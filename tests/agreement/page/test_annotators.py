"""Annotators' agreement with each other: all as a picture where they are few, else those to look at first."""

import csv
import io
import re
from itertools import pairwise

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.agreement.models import AgreementReport
from app.agreement.page.annotators import MOST_IN_PICTURE, by_mean_kappa, with_others
from app.agreement.page.bias_drawings import MOST_ANNOTATORS
from app.agreement.report.content import KappaMatrix
from app.queues.models import Queue
from tests import make
from tests.agreement.page.sample_report import Kind, sample_report, stored
from tests.browse import enter

# Of nobody who has a name.
FIRST = 900_001
FEW, MANY = range(FIRST, FIRST + 12), range(FIRST, FIRST + MOST_IN_PICTURE + 1)
# The sample's third one agrees with hardly anybody, and its fifth one prefers what comes first.
THIRD, FIFTH = FIRST + 2, FIRST + 4
MATRIX = KappaMatrix(
    "safe",
    "none",
    [7, 8, 9, 10],
    kappa=[[None, 0.9, 0.1, None], [0.9, None, None, None], [0.1, None, None, None], [None] * 4],
    lower=[[None] * 4] * 4,
    upper=[[None] * 4] * 4,
    n=[[0, 30, 10, 5], [30, 0, 0, 0], [10, 0, 0, 0], [5, 0, 0, 0]],
)


@pytest.fixture
def queue(client: TestClient, session: Session) -> Queue:
    """An adjudicator is signed in."""
    enter(client, session, make.user(session, role=Role.ADJUDICATOR))
    return make.queue(session, make.project(session))


def report_on(session: Session, queue: Queue, annotator_ids: range, kind: Kind = "safety") -> AgreementReport:
    return stored(session, queue.id, sample_report(kind=kind, annotator_ids=annotator_ids))


def section(client: TestClient, report: AgreementReport, query: str = "") -> str:
    found = client.get(f"/agreement/reports/{report.id}{query}")
    assert found.status_code == 200
    _, _, rest = found.text.partition('<section class="part" id="annotators"')
    return rest.partition('<section class="part" id="confusion"')[0]


def rows_of(client: TestClient, report: AgreementReport, name: str) -> list[dict[str, str]]:
    found = client.get(f"/agreement/reports/{report.id}/{name}.csv")
    assert found.status_code == 200
    return list(csv.DictReader(io.StringIO(found.text, newline="")))


def test_a_mean_weighs_each_kappa_by_the_items_of_both() -> None:
    found = with_others(MATRIX, {7: "ada"})
    told = [(of.annotator.name, of.kappa and round(of.kappa, 6), of.n_others, of.n) for of in found]
    assert told == [("#9", 0.1, 1, 10), ("ada", 0.7, 2, 40), ("#8", 0.9, 1, 30), ("#10", None, 0, 0)]
    assert by_mean_kappa(MATRIX) == [1, 0, 2, 3]


def test_few_are_a_picture_of_each_two(client: TestClient, session: Session, queue: Queue) -> None:
    found = section(client, report_on(session, queue, MANY[:-1]))
    assert "A cell for each two annotators" in found
    assert "Table: Annotators by twos" in found
    assert "those to look at first" not in found


def test_of_many_the_lowest_are_drawn_and_each_is_in_the_table(
    client: TestClient, session: Session, queue: Queue
) -> None:
    report = report_on(session, queue, MANY)
    found = section(client, report)
    assert "A cell for each two annotators" not in found
    assert "Table: Annotators by twos" not in found
    shown = f"{MOST_ANNOTATORS} of {len(MANY)} annotators, those to look at first"
    assert found.count(f"<figcaption>Safe or not: {shown}</figcaption>") == 1
    means = [float(row["mean_kappa"]) for row in rows_of(client, report, "annotator_means")]
    assert len(means) == 2 * len(MANY)
    of_safe = means[: len(MANY)]
    assert all(low <= high for low, high in pairwise(of_safe))
    assert re.findall(r"\?annotator=(\d+)#one-annotator", found)[0] == str(THIRD)
    for each in MANY:
        assert found.count(f'"?annotator={each}#one-annotator"') == 2
        assert f'<option value="{each}"' in found


@pytest.mark.parametrize("name", ["annotators", "annotator_matrix", "annotator_means"])
@pytest.mark.parametrize("people", [FEW, MANY], ids=["few", "many"])
def test_all_of_it_can_be_downloaded(
    client: TestClient, session: Session, queue: Queue, people: range, name: str
) -> None:
    report = report_on(session, queue, people)
    assert f'href="/agreement/reports/{report.id}/{name}.csv"' in section(client, report)
    assert rows_of(client, report, name)


def test_the_matrix_has_a_row_and_a_column_for_each(
    client: TestClient, session: Session, queue: Queue
) -> None:
    content = sample_report(annotator_ids=FEW)
    rows = rows_of(client, stored(session, queue.id, content), "annotator_matrix")
    for matrix in content.kappa_matrices:
        of_question = [row for row in rows if row["question"] == matrix.question]
        assert {row["annotator"] for row in of_question} == {f"#{each}" for each in matrix.annotator_ids}
        for row in of_question:
            kappas = matrix.kappa[int(row["annotator"][1:]) - FIRST]
            shown = [row[f"#{each}"] for each in matrix.annotator_ids]
            assert [float(cell) if cell else None for cell in shown] == kappas


@pytest.mark.parametrize("people", [FEW, MANY], ids=["few", "many"])
def test_one_annotator_is_shown_with_each_other(
    client: TestClient, session: Session, queue: Queue, people: range
) -> None:
    content = sample_report(annotator_ids=people)
    report = stored(session, queue.id, content)
    found = section(client, report, f"?annotator={THIRD}")
    assert f'<h3 id="one-annotator">#{THIRD} with each other</h3>' in found
    assert f'<option value="{THIRD}" selected' in found
    rows = rows_of(client, report, f"annotators/{THIRD}")
    for matrix in content.kappa_matrices:
        of_question = {
            int(row["with_annotator"][1:]): float(row["kappa"])
            for row in rows
            if row["question"] == matrix.question
        }
        assert of_question == {
            other: kappa
            for other, kappa in zip(matrix.annotator_ids, matrix.kappa[2], strict=True)
            if kappa is not None
        }


def test_who_is_in_no_pair_is_not_shown(client: TestClient, session: Session, queue: Queue) -> None:
    report = report_on(session, queue, FEW)
    for query in ("?annotator=", "?annotator=99"):
        assert 'id="one-annotator"' not in section(client, report, query)
    assert client.get(f"/agreement/reports/{report.id}/annotators/99.csv").status_code == 404
    assert client.get(f"/agreement/reports/{report.id}?annotator=nobody").status_code == 404


def test_annotators_may_not_read_each_others_rows(client: TestClient, session: Session, queue: Queue) -> None:
    report = report_on(session, queue, FEW)
    enter(client, session, make.user(session))
    assert client.get(f"/agreement/reports/{report.id}/annotators/{THIRD}.csv").status_code == 403


def test_plots_of_biases_show_those_to_look_at_first(
    client: TestClient, session: Session, queue: Queue
) -> None:
    report = report_on(session, queue, MANY, kind="dual")
    page = client.get(f"/agreement/reports/{report.id}").text
    shown = f"{MOST_ANNOTATORS} of {len(MANY)} annotators, those to look at first</figcaption>"
    for title in ("Helpfulness", "Joint mistakes", "Unsafe above safe"):
        assert f"<figcaption>{title}: {shown}" in page
    rows = page.partition('<section class="part" id="position"')[2].partition("</svg>")[0]
    assert re.findall(r"<title>([^:<]+): 0\.", rows)[:2] == ["all", f"#{FIFTH}"]
