"""Figures that others published for their data sets (data_sets.py), computed again from the same answers."""

from collections.abc import Callable, Hashable, Iterable
from typing import Any

import numpy as np
import pytest

from app.agreement.consensus.majority import SafetyVote, majority_preference, majority_safety
from app.agreement.measures.alpha import krippendorff_alpha, raw_agreement
from app.agreement.measures.counts import Counts, Level, Matrix, count_values, n_pairable_items, n_pairs
from app.agreement.measures.fleiss import fleiss_kappa
from tests.agreement.measures.data_sets import XSTEST_MODELS, json_of, pandalm_answers, rows_of

# Raw agreement in percent and Fleiss' kappa, as XSTest's own analysis notebook prints them.
XSTEST_PUBLISHED = dict(
    zip(XSTEST_MODELS, [(96.4, 0.93), (95.8, 0.93), (97.6, 0.92), (93.8, 0.89), (98.4, 0.97)], strict=True)
)
CONVABUSE_SEVERITIES = ["1", "0", "-1", "-2", "-3"]
CONVABUSE_FLAGS = [
    "type.ableism",
    "type.homophobic",
    "type.intellectual",
    "type.racist",
    "type.sexist",
    "type.sex_harassment",
    "type.transphobic",
    "target.generalised",
    "target.individual",
    "target.system",
    "direction.explicit",
    "direction.implicit",
]


def expected_of(data_set: str) -> dict[str, Any]:
    expected: dict[str, Any] = json_of(data_set, "expected.json")
    return expected


def counts_of(answers: Iterable[tuple[Hashable, Hashable]], values: list[Any]) -> Counts:
    """`answers`: (item, value) of each annotator's answer; `values`: all values, in their order."""
    items: dict[Hashable, int] = {}
    value_index = {value: index for index, value in enumerate(values)}
    pairs = [(items.setdefault(item, len(items)), value_index[value]) for item, value in answers]
    item_column, value_column = np.array(pairs).T
    return count_values(item_column, value_column, len(items), len(values))


def to_five_decimals(figure: Matrix | float) -> float:
    return round(float(figure), 5)


def diasafety_counts(is_rater: Callable[[str], bool]) -> Counts:
    rows = rows_of("diasafety-cc", "labels.csv")
    raters = [column for column in rows[0] if is_rater(column)]
    return counts_of(((row["item"], row[rater]) for row in rows for rater in raters), ["Safe", "Unsafe"])


def xstest_counts(model: str) -> Counts:
    rows = rows_of("xstest", f"xstest_v2_{model}_labels.csv")
    answers = [(row["id"], row[f"annotation_{n}"]) for row in rows for n in (1, 2)]
    return counts_of(answers, expected_of("xstest")["classes"])


def convabuse_answers() -> list[tuple[Hashable, dict[str, str]]]:
    """(item, row) of each annotator's first answer to each item: some answered an item twice."""
    item_columns = ("conv_id", "prev_agent", "prev_user", "agent", "user", "bot")
    first: dict[tuple[Hashable, str], dict[str, str]] = {}
    for row in rows_of("convabuse", "ConvAbuseEMNLPfull.csv"):
        item = tuple(row[column] for column in item_columns)
        first.setdefault((item, row["annotator_id"]), row)
    return [(item, row) for (item, _), row in first.items()]


def convabuse_severity(row: dict[str, str]) -> str:
    return next(severity for severity in CONVABUSE_SEVERITIES if row[f"is_abuse.{severity}"] == "1")


@pytest.mark.parametrize(
    ("raters", "marks"),
    [("all6", ("_ng", "_in")), ("ng", ("_ng",)), ("in", ("_in",))],
    ids=["all", "ng", "in"],
)
def test_diasafety_raters_agree_as_expected(raters: str, marks: tuple[str, ...]) -> None:
    expected = expected_of("diasafety-cc")
    counts = diasafety_counts(lambda column: column.endswith(marks))
    alpha = krippendorff_alpha(counts, Level.NOMINAL)
    assert to_five_decimals(alpha) == expected[f"alpha_nominal_{raters}"]
    assert (
        to_five_decimals(fleiss_kappa(counts))
        == expected["fleiss_all6" if raters == "all6" else f"fleiss_{raters}"]
    )


def test_diasafety_label_and_raters_are_unanimous_in_the_published_share_of_replies() -> None:
    expected = expected_of("diasafety-cc")
    harm = frozenset({"Harm"})
    safe, unsafe = SafetyVote(True, frozenset(), 0), SafetyVote(False, harm, 1)
    n_unanimous = 0
    rows = rows_of("diasafety-cc", "labels.csv")
    for row in rows:
        labels = [label for column, label in row.items() if "label" in column]
        consensus = majority_safety([safe if label == "Safe" else unsafe for label in labels], ["Harm"])
        assert consensus is not None
        assert consensus.n_votes == 7
        n_unanimous += consensus.winning_share == 1
    assert n_unanimous == expected["unanimous_6_plus_diasafety_count"]
    assert round(100 * n_unanimous / len(rows), 1) == 32.6


@pytest.mark.parametrize("model", XSTEST_MODELS)
def test_xstest_annotators_agree_as_published(model: str) -> None:
    expected = expected_of("xstest")[model]
    counts = xstest_counts(model)
    raw, kappa = float(raw_agreement(counts)), float(fleiss_kappa(counts))
    assert (round(100 * raw, 1), round(kappa, 2)) == XSTEST_PUBLISHED[model]
    assert n_pairs(counts) == expected["n"]
    assert to_five_decimals(raw) == expected["pct_agreement"]
    assert to_five_decimals(kappa) == expected["fleiss"]
    assert to_five_decimals(krippendorff_alpha(counts, Level.NOMINAL)) == expected["alpha_nominal"]


def test_pandalm_annotators_agree_as_expected() -> None:
    expected = expected_of("pandalm")
    answers = pandalm_answers()
    counts = counts_of(((item, value) for item, row in enumerate(answers) for value in row), [0, 1, 2])
    assert n_pairable_items(counts) == expected["items"]
    assert to_five_decimals(krippendorff_alpha(counts, Level.NOMINAL)) == expected["alpha_nominal"]
    assert to_five_decimals(fleiss_kappa(counts)) == expected["fleiss"]
    # Published for each two annotators, to four decimals; with no answer missing, ours is their mean.
    assert raw_agreement(counts) == pytest.approx(np.mean(list(expected["pct_agreement"].values())), abs=5e-5)


def test_pandalm_majorities_come_out_as_published() -> None:
    ranks = {0: (1, 1), 1: (1, 2), 2: (2, 1)}
    majorities = {0: 0, 1: 0, 2: 0}
    for answers in pandalm_answers().tolist():
        consensus = majority_preference([ranks[answer] for answer in answers], 0, 1)
        if consensus.n_ties >= 2:
            majorities[0] += 1
        elif consensus.winner is not None:
            majorities[consensus.winner + 1] += 1
    assert majorities == {0: 105, 1: 422, 2: 472}


@pytest.mark.parametrize("level", list(Level))
def test_convabuse_severity_alphas_come_out_as_expected(level: Level) -> None:
    expected = expected_of("convabuse")
    answers = convabuse_answers()
    counts = counts_of(((item, convabuse_severity(row)) for item, row in answers), CONVABUSE_SEVERITIES)
    alpha = krippendorff_alpha(counts, level)
    assert to_five_decimals(alpha) == expected[f"alpha_severity_{level}"]
    assert n_pairable_items(counts) == expected["items_with_2plus_raters"]
    assert counts[counts.sum(axis=1) >= 2].sum() == expected["rows_used"]


@pytest.mark.parametrize("flag", CONVABUSE_FLAGS)
def test_convabuse_flag_alphas_come_out_as_expected(flag: str) -> None:
    expected = expected_of("convabuse")
    counts = counts_of(((item, row[flag]) for item, row in convabuse_answers()), ["0", "1"])
    assert to_five_decimals(krippendorff_alpha(counts, Level.NOMINAL)) == expected[f"alpha_{flag}"]


@pytest.mark.parametrize("bot", [None, "CarbonBot", "E.L.I.Z.A."])
def test_convabuse_binary_abuse_alphas_come_out_as_expected(bot: str | None) -> None:
    expected = expected_of("convabuse")
    answers = [
        (item, convabuse_severity(row).startswith("-"))
        for item, row in convabuse_answers()
        if bot in (None, row["bot"])
    ]
    alpha = krippendorff_alpha(counts_of(answers, [False, True]), Level.NOMINAL)
    assert to_five_decimals(alpha) == expected["alpha_binary_abuse" + (f"_{bot}" if bot else "")]
