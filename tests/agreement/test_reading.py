"""A stored report is read as it was written, and one of other code as far as it goes."""

import json
from dataclasses import asdict

import pytest

from app.agreement.report.content import Figure, Report
from app.agreement.report.reading import report_from
from tests.agreement.page.sample_report import Kind, sample_report


@pytest.mark.parametrize("kind", ["safety", "dual"])
def test_what_was_written_is_read_again(kind: Kind) -> None:
    report = sample_report(kind=kind)
    assert report_from(json.loads(json.dumps(asdict(report)))) == report


def test_what_is_missing_is_empty_and_what_is_not_known_is_left_out() -> None:
    read = report_from({"figures": [{"question": "safe", "alpha": 0.4, "n_items": 3, "colour": "red"}]})
    figure = Figure("safe", "", 3, 0, 0, alpha=0.4)
    assert read == Report(0, 0, 0, 0, 0, [figure], version=read.version)
    assert report_from({}) == Report(0, 0, 0, 0, 0, [])


def test_nothing_in_place_of_a_row_or_a_number_stays_nothing() -> None:
    read = report_from({"near_duplicates": None, "figures": [{"alpha": None}]})
    assert read.near_duplicates is None
    assert read.figures[0].alpha is None
