"""All findings of a queue: which there are, what they carry, and what always holds."""

import json
import math
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.quality.answers import UNKNOWN, Answers, JudgedPair, judged_pairs
from app.quality.finding import MOST_FINDINGS, Finding, FindingName
from app.quality.findings import findings
from tests.quality.crowd import CAREFUL_ONES, MIXED, Kind, campaign
from tests.quality.make import answers_of

SAFETY = [name for name in FindingName if name != FindingName.PLACE]
PAIRS = [name for name in FindingName if not name.startswith("agreement_")]
NONE = np.array([], np.int64)


@pytest.mark.parametrize("is_pairs", [False, True])
def test_findings_can_be_written_as_json(is_pairs: bool) -> None:
    found = findings(campaign(MIXED, 20, seed=2, is_pairs=is_pairs).answers)
    written = json.loads(json.dumps([[asdict(one) for one in of_one] for of_one in found], allow_nan=False))
    assert written[0][0]["name"] == "gold"
    assert written[0][0]["n"] == 2


@pytest.mark.parametrize(("is_pairs", "names"), [(False, SAFETY), (True, PAIRS)])
def test_a_dimension_has_its_findings_in_order(is_pairs: bool, names: list[FindingName]) -> None:
    found = findings(campaign(CAREFUL_ONES, 20, seed=1, is_pairs=is_pairs).answers)
    assert len(names) <= MOST_FINDINGS
    assert [[finding.name for finding in of_one] for of_one in found] == [names] * len(CAREFUL_ONES)


def test_without_answers_nothing_is_said() -> None:
    empty = answers_of(NONE, NONE, NONE, n_annotators=3, harm_mask=NONE)
    for of_one in findings(empty):
        assert [finding.name for finding in of_one] == SAFETY
        assert all(finding.n == 0 and finding.figure is None and finding.facts == {} for finding in of_one)
        assert not any(finding.is_alarm for finding in of_one)


def test_without_annotators_there_is_nobody() -> None:
    assert findings(answers_of(NONE, NONE, NONE, n_annotators=0)) == ()


def test_one_answer_alone_raises_no_alarm() -> None:
    one = np.array([0])
    (of_one,) = findings(answers_of(one, one, one, gold=np.array([1])))
    assert not any(finding.is_alarm for finding in of_one)
    gold = by_name(of_one)[FindingName.GOLD]
    assert (gold.n, gold.facts["n_right"]) == (1, 0)


def test_each_bad_habit_is_named() -> None:
    for is_pairs in (False, True):
        found = findings(campaign(MIXED, 320, seed=4, is_pairs=is_pairs).answers)
        alarms = {
            kind: {one.name for one in of_one if one.is_alarm}
            for kind, of_one in zip(MIXED, found, strict=True)
        }
        assert alarms[Kind.CAREFUL] == set()
        assert FindingName.AGREEMENT in alarms[Kind.RANDOM]
        assert (FindingName.PLACE if is_pairs else FindingName.RUN) in alarms[Kind.ALWAYS_FIRST]
        assert FindingName.INFORMATIVENESS in alarms[Kind.ALWAYS_FIRST]
        assert FindingName.DRIFT in alarms[Kind.TURNED]
        assert FindingName.SPEED in alarms[Kind.FAST]
        copied, copier = MIXED.index(Kind.COPIED), MIXED.index(Kind.COPIER)
        likeness = by_name(found[copier])[FindingName.LIKENESS]
        assert (likeness.is_alarm, likeness.facts["partner"]) == (True, copied)


def test_everybody_bad_is_still_found_by_the_gold_items() -> None:
    found = findings(campaign((Kind.RANDOM,) * 4, 320, seed=1).answers)
    assert all(by_name(of_one)[FindingName.GOLD].is_alarm for of_one in found)


def test_items_that_come_sorted_make_nobody_suspect() -> None:
    """A file in which two hundred safe items come one after the other."""
    item, annotator = np.repeat(np.arange(400), 3), np.tile([0, 1, 2], 400)
    value = np.where(item < 200, 0, item % 4)
    for of_one in findings(answers_of(item, annotator, value, n_values=4)):
        run = by_name(of_one)[FindingName.RUN]
        assert (run.figure, run.is_alarm) == (201, False)


@given(seed=st.integers(0, 1_000), is_pairs=st.booleans())
@settings(deadline=None, max_examples=15)
def test_renaming_annotators_renames_the_findings(seed: int, is_pairs: bool) -> None:
    answers = campaign(MIXED, 40, seed, is_pairs=is_pairs).answers
    names = np.random.default_rng(seed).permutation(len(MIXED))
    renamed = findings(replace(answers, annotator=names[answers.annotator]))
    for of_one, name in zip(findings(answers), names, strict=True):
        for one, again in zip(of_one, renamed[name], strict=True):
            assert (one.name, one.n, one.is_alarm) == (again.name, again.n, again.is_alarm)
            assert numbers(one) == pytest.approx(numbers(again), abs=1e-6)


@given(seed=st.integers(0, 1_000), n_mended=st.integers(1, 10))
@settings(deadline=None, max_examples=15)
def test_more_right_gold_answers_never_lower_the_bounds(seed: int, n_mended: int) -> None:
    answers = campaign(CAREFUL_ONES, 60, seed).answers
    wrong = np.flatnonzero(answers.is_gold & (answers.annotator == 0) & (answers.value != answers.gold))
    mended = answers.value.copy()
    mended[wrong[:n_mended]] = answers.gold[wrong[:n_mended]]
    before, after = (gold_of_first(one) for one in (answers, replace(answers, value=mended)))
    assert after.lower is not None
    assert before.lower is not None
    assert after.lower >= before.lower
    assert not (after.is_alarm and not before.is_alarm)


@pytest.mark.parametrize(
    ("column", "wrong"),
    [("item", 9), ("annotator", -1), ("value", 2), ("gold", -2), ("place", 2)],
)
def test_it_refuses_what_is_out_of_range(column: str, wrong: int) -> None:
    one = np.array([0])
    columns: dict[str, Any] = {column: np.array([wrong])}
    with pytest.raises(ValueError, match=f"^{column} must lie in"):
        replace(answers_of(one, one, one, place=one), **columns)


def test_it_refuses_columns_of_unequal_length() -> None:
    one = np.array([0])
    with pytest.raises(ValueError, match="same length"):
        replace(answers_of(one, one, one), n_words=NONE)


@pytest.mark.parametrize(
    ("ranks", "displayed_order", "pairs"),
    [
        ([1, 2], [0, 1], [JudgedPair(0, 1, 0, 0)]),
        ([1, 2], [1, 0], [JudgedPair(0, 1, 0, 1)]),
        ([2, 1], [1, 0], [JudgedPair(0, 1, 1, 0)]),
        ([1, 1], [1, 0], [JudgedPair(0, 1, 2, UNKNOWN)]),
        ([3, 1, 2, 4, 5], [4, 3, 2, 1, 0], [JudgedPair(0, 1, 1, 0), JudgedPair(2, 3, 0, 1)]),
    ],
)
def test_a_ranking_is_judged_in_disjoint_pairs(
    ranks: list[int], displayed_order: list[int], pairs: list[JudgedPair]
) -> None:
    assert judged_pairs(ranks, displayed_order) == pairs


def by_name(of_one: tuple[Finding, ...]) -> dict[FindingName, Finding]:
    return {finding.name: finding for finding in of_one}


def gold_of_first(answers: Answers) -> Finding:
    return by_name(findings(answers)[0])[FindingName.GOLD]


def numbers(finding: Finding) -> list[float]:
    found = (finding.figure, finding.lower, finding.upper, finding.limit, finding.p)
    return [math.inf if number is None else number for number in found]
