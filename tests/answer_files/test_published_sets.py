"""Published sets (tests/agreement/measures/data_sets.py), brought in and reported: the figures of others."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy.orm import Session

from app.agreement.actions import compute_agreement
from app.agreement.measures.alpha import krippendorff_alpha
from app.agreement.measures.counts import Level, count_values
from app.agreement.models import AgreementReport
from app.answer_files.told import Told, columns_of
from app.items.fields import field_map
from tests import make
from tests.agreement.measures.data_sets import XSTEST_MODELS, json_of, rows_of
from tests.answer_files.files import Ended, bring_in, queue_in
from tests.items.samples import JsonObject

PANDALM_LABELS = "better_response_id=label:0=tie,1=0,2=1"
CONVABUSE_ITEM = ("conv_id", "prev_agent", "prev_user", "agent", "user", "bot")
CONVABUSE_SEVERITIES = ("1", "0", "-1", "-2", "-3")
UNSAFE_AS = {"default_category": "Insulting Behavior", "default_severity": 1}


def analysed(
    session: Session, rows: Sequence[object], home: Path, told: Told
) -> tuple[Ended, AgreementReport]:
    project = make.project(session)
    ended = bring_in(session, project, rows, home, told)
    assert (ended.import_.error, ended.import_.n_rejected) == (None, 0)
    return ended, compute_agreement(session, queue_in(session, project).id)


def figure(report: AgreementReport, question: str) -> dict[str, Any]:
    return next(each for each in report.content["figures"] if each["question"] == question)


def pandalm_told(*maps: str) -> Told:
    wide = "label=annotator1,annotator2,annotator3"
    return Told([field_map(option) for option in (*maps, PANDALM_LABELS)], columns_of(wide))


def assert_pandalm_figures(report: AgreementReport) -> None:
    expected = json_of("pandalm", "expected.json")
    found = figure(report, "single")
    assert (found["n_items"], report.n_annotators) == (expected["items"], 3)
    assert round(found["alpha"], 5) == expected["alpha_nominal"]
    assert round(found["fleiss_kappa"], 5) == expected["fleiss"]
    (matrix,) = report.content["kappa_matrices"]
    kappa = {f"{a + 1}-{b + 1}": round(matrix["kappa"][a][b], 4) for a, b in ((0, 1), (0, 2), (1, 2))}
    assert kappa == expected["cohen_kappa"]


def test_pandalm_labels_alone(session: Session, home: Path) -> None:
    rows = [
        {name: value for name, value in row.items() if name == "idx" or name.startswith("annotator")}
        for row in json_of("pandalm", "testset-v1.json")
    ]
    _, report = analysed(session, rows, home, pandalm_told("item=idx"))
    assert_pandalm_figures(report)


def test_pandalm_with_its_texts_of_which_some_stand_there_more_than_once(
    session: Session, home: Path
) -> None:
    rows = [
        row
        | {"prompt": f"{row['instruction']}\n\n{row['input']}"}
        | {f"response_{n}": str(row[f"response{n + 1}"]).strip() or "(empty)" for n in (0, 1)}
        for row in json_of("pandalm", "testset-v1.json")
    ]
    ended, report = analysed(session, rows, home, pandalm_told("item=idx"))
    assert (ended.brought.n_answers, ended.brought.n_repeated) == (2997, 0)
    assert_pandalm_figures(report)


def test_diasafety_raters(session: Session, home: Path) -> None:
    expected = json_of("diasafety-cc", "expected.json")
    rows = rows_of("diasafety-cc", "labels.csv")
    raters = ",".join(name for name in rows[0] if name.endswith(("_ng", "_in")))
    told = Told([field_map("is_safe=rated:Safe")], columns_of(f"rated={raters}"), **UNSAFE_AS)  # type: ignore[arg-type]
    _, report = analysed(session, rows, home, told)
    found = figure(report, "safe")
    assert (found["n_items"], report.n_annotators) == (expected["items"], 6)
    assert round(found["alpha"], 5) == expected["alpha_nominal_all6"]
    assert round(found["fleiss_kappa"], 5) == expected["fleiss_all6"]


def test_convabuse_abuse_and_its_severity_as_far_as_ours_goes(session: Session, home: Path) -> None:
    expected = json_of("convabuse", "expected.json")
    rows: list[JsonObject] = [
        row
        | {"name": json.dumps([row[column] for column in CONVABUSE_ITEM])}
        | {"abuse": next(level for level in CONVABUSE_SEVERITIES if row[f"is_abuse.{level}"] == "1")}
        for row in rows_of("convabuse", "ConvAbuseEMNLPfull.csv")
    ]
    maps = ("annotator=annotator_id", "item=name", "severity_level=abuse:1=0,0=0,-1=1,-2=2,-3=3")
    told = Told([field_map(option) for option in maps], default_category="Insulting Behavior")
    ended, report = analysed(session, rows, home, told)
    assert ended.brought.n_repeated == expected["repeat_annotations_dropped"]
    found = figure(report, "safe")
    assert found["n_items"] == expected["items_with_2plus_raters"]
    assert found["n_answers"] == expected["rows_used"]
    assert round(found["alpha"], 5) == expected["alpha_binary_abuse"]
    # Ours has four levels, theirs five: what is compared is the pure function on the same four.
    severity = figure(report, "severity")
    assert severity["alpha"] == pytest.approx(alpha_of_four_levels(rows), abs=1e-12)


def alpha_of_four_levels(rows: Sequence[JsonObject]) -> float:
    first: dict[tuple[str, str], int] = {}
    for row in rows:
        level = max(0, -int(row["abuse"]))
        first.setdefault((row["name"], row["annotator_id"]), level)
    names = sorted({name for name, _ in first})
    place = {name: number for number, name in enumerate(names)}
    items = np.array([place[name] for name, _ in first])
    counts = count_values(items, np.array(list(first.values())), len(names), 4)
    return float(krippendorff_alpha(counts, Level.ORDINAL))


@pytest.mark.parametrize("model", XSTEST_MODELS)
def test_xstest_classes_as_three_grades_of_one_answer(session: Session, home: Path, model: str) -> None:
    """Three nominal classes have no place among our questions but as first, second and tie."""
    expected = json_of("xstest", "expected.json")[model]
    rows = rows_of("xstest", f"xstest_v2_{model}_labels.csv")
    classes = ",".join(
        f"{name}={value}" for name, value in zip(expected_classes(), ("0", "1", "tie"), strict=True)
    )
    told = Told(
        [field_map("item=id"), field_map(f"better_response_id=label:{classes}")],
        columns_of("label=annotation_1,annotation_2"),
    )
    _, report = analysed(session, rows, home, told)
    found = figure(report, "single")
    assert round(found["fleiss_kappa"], 5) == expected["fleiss"]
    assert round(found["alpha"], 5) == expected["alpha_nominal"]


def expected_classes() -> list[str]:
    return list(json_of("xstest", "expected.json")["classes"])
