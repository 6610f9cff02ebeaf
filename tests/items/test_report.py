"""The report lists what was left out, and stays of a bearable size."""

from pathlib import Path

import pytest

from app.items import report
from app.items.report import report_of, report_path


def test_it_counts_everything_and_lists_the_first(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "MOST_LISTED", 2)
    with report_of(7, "rows, all.jsonl") as opened:
        opened.warn(1, "is_safe", "odd")
        for line in range(2, 6):
            opened.error(line, "prompt", "is empty")
    assert (opened.n_errors, opened.n_warnings) == (4, 1)
    assert opened.first == "The first: line 2: prompt is empty."
    assert report_path(7).read_text(encoding="utf-8").splitlines() == [
        "file,line,severity,field,reason,outcome",
        '"rows, all.jsonl",1,warning,is_safe,odd,imported',
        '"rows, all.jsonl",2,error,prompt,is empty,left out',
        '"rows, all.jsonl",3,warning,,only the first 2 problems are listed,',
    ]


def test_it_appears_only_when_it_is_whole(home: Path) -> None:
    with report_of(7, "rows.jsonl") as opened:
        opened.error(1, "prompt", "is empty")
        assert not report_path(7).exists()
    assert report_path(7).exists()


def test_there_is_none_without_anything_to_report(home: Path) -> None:
    with report_of(7, "rows.jsonl"):
        pass
    assert list(report_path(7).parent.iterdir()) == []
