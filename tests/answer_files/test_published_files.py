"""Published files as they lie, without a conversion: a JSON array, and CSV."""

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.agreement.actions import compute_agreement
from app.answer_files.told import Told, columns_of
from app.items.fields import field_map
from tests import make
from tests.agreement.measures.data_sets import json_of, path_of
from tests.answer_files.files import bring_in_path, queue_in

XSTEST_CLASSES = "label:1_full_compliance=0,2_full_refusal=1,3_partial_refusal=tie"


def alpha_of(session: Session, path: Path, told: Told) -> float:
    project = make.project(session)
    ended = bring_in_path(session, project, path, told)
    assert (ended.import_.error, ended.import_.n_rejected, ended.brought.n_repeated) == (None, 0, 0)
    report = compute_agreement(session, queue_in(session, project).id)
    alpha: float = report.content["figures"][0]["alpha"]
    return round(alpha, 5)


@pytest.mark.usefixtures("home")
def test_pandalm(session: Session) -> None:
    told = Told(
        [field_map("item=idx"), field_map("better_response_id=label:0=tie,1=0,2=1")],
        columns_of("label=annotator1,annotator2,annotator3"),
    )
    found = alpha_of(session, path_of("pandalm", "testset-v1.json"), told)
    assert found == json_of("pandalm", "expected.json")["alpha_nominal"]


@pytest.mark.usefixtures("home")
def test_diasafety(session: Session) -> None:
    raters = ",".join(f"label{n}_{country}" for country in ("ng", "in") for n in (1, 2, 3))
    told = Told(
        [field_map("is_safe=rated:Safe")],
        columns_of(f"rated={raters}"),
        default_category="Insulting Behavior",
        default_severity=1,
    )
    found = alpha_of(session, path_of("diasafety-cc", "labels.csv"), told)
    assert found == json_of("diasafety-cc", "expected.json")["alpha_nominal_all6"]


@pytest.mark.usefixtures("home")
def test_xstest(session: Session) -> None:
    told = Told(
        [field_map("item=id"), field_map(f"better_response_id={XSTEST_CLASSES}")],
        columns_of("label=annotation_1,annotation_2"),
    )
    found = alpha_of(session, path_of("xstest", "xstest_v2_gpt4_labels.csv"), told)
    assert found == json_of("xstest", "expected.json")["gpt4"]["alpha_nominal"]
