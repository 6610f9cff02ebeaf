"""Krippendorff's alpha against krippendorff, irrCAC and nltk, to 1e-9.

What differs: where all pairable answers are one value ours is NaN, nltk's 1, and krippendorff raises.
krippendorff and nltk read a value's place among the others as we do; so interval alpha counts places.
irrCAC has alpha with weights of agreement, 1 - differences / their largest: `identity` is nominal,
`quadratic` interval. Its `ordinal` are other weights than Krippendorff's, which depend on how often each
value was given.
"""

import irrCAC.raw
import krippendorff
import numpy as np
import pandas
import pytest
from nltk.metrics.agreement import AnnotationTask
from nltk.metrics.distance import masi_distance as masi_distance_of_nltk

from app.agreement.measures.alpha import krippendorff_alpha
from app.agreement.measures.counts import Counts, Level
from app.agreement.measures.masi import masi_alpha, masi_distance, masi_distances, set_answers
from app.agreement.measures.over_annotators import jackknife_over_annotators
from app.agreement.measures.patterns import counts_of, distinct_rows, label_patterns
from tests.oracles.crowds import ANY_ANSWERS, Answers, exactly

LEVELS = pytest.mark.parametrize("level", list(Level))


@LEVELS
@ANY_ANSWERS
def test_alpha_is_that_of_krippendorff(answers: Answers, level: Level) -> None:
    assert krippendorff_alpha(answers.counts, level) == exactly(alpha_of_krippendorff(answers, level))


def alpha_of_krippendorff(answers: Answers, level: Level) -> float:
    alpha = krippendorff.alpha(
        reliability_data=answers.with_gaps.T,
        value_domain=range(answers.n_values),
        level_of_measurement=level.value,
    )
    return float(alpha)


@LEVELS
@ANY_ANSWERS
def test_alpha_of_distinct_rows_is_that_of_all_items(answers: Answers, level: Level) -> None:
    item, _, value = answers.long_form()
    patterns = label_patterns(item, value, len(answers.table))
    rows = counts_of(patterns, np.arange(answers.n_values), answers.n_values)
    counts, weight = distinct_rows(rows, patterns.weight)
    theirs = krippendorff.alpha(value_counts=answers.counts, level_of_measurement=level.value)
    assert krippendorff_alpha(counts, level, weight) == exactly(theirs)


@ANY_ANSWERS
def test_alpha_of_a_bootstrap_sample_is_that_of_its_items(answers: Answers) -> None:
    counts = answers.counts
    weight = np.random.default_rng(5).multinomial(len(counts), np.full(len(counts), 1 / len(counts)), size=3)
    theirs = [
        krippendorff.alpha(value_counts=np.repeat(counts, times, axis=0), level_of_measurement="ordinal")
        for times in weight
    ]
    assert krippendorff_alpha(counts, Level.ORDINAL, weight) == exactly(np.array(theirs))


@LEVELS
@ANY_ANSWERS
def test_alpha_from_every_two_annotators_is_that_of_krippendorff(answers: Answers, level: Level) -> None:
    sizes = (answers.table.shape[1], answers.n_values)
    ours = jackknife_over_annotators(*answers.long_form(), *sizes, level)
    assert ours.alpha == exactly(alpha_of_krippendorff(answers, level))


@pytest.mark.parametrize(("level", "weights"), [(Level.NOMINAL, "identity"), (Level.INTERVAL, "quadratic")])
@ANY_ANSWERS
def test_alpha_is_that_of_irrcac(answers: Answers, level: Level, weights: str) -> None:
    theirs = irrCAC.raw.CAC(
        pandas.DataFrame(answers.with_gaps),
        weights=weights,
        categories=[float(value) for value in range(answers.n_values)],
        digits=15,
    )
    alpha = theirs.krippendorff()["est"]["coefficient_value"]
    assert krippendorff_alpha(answers.counts, level) == exactly(alpha)


def test_where_one_value_is_all_there_is_they_say_other_things() -> None:
    table = np.array([[0, 0, -1], [0, 0, 0], [1, -1, -1]])
    answers = Answers(table, 2)
    item, annotator, value = answers.long_form()
    rows = zip(annotator.tolist(), item.tolist(), value.tolist(), strict=True)
    assert np.isnan(krippendorff_alpha(answers.counts, Level.NOMINAL))
    assert AnnotationTask(list(rows)).alpha() == 1
    with pytest.raises(ValueError, match="more than one value"):
        krippendorff.alpha(value_counts=answers.counts[:2, :1], level_of_measurement="nominal")


# --- Sets


def random_masks(n: int, *, least: int) -> Counts:
    """Sets of up to five members; from `least` 1 on none is empty."""
    return np.random.default_rng(n).choice(np.arange(least, 32), n, replace=False)


def members(mask: int) -> frozenset[int]:
    return frozenset(bit for bit in range(5) if mask >> bit & 1)


def exact_masi_distance(one: frozenset[int], other: frozenset[int]) -> float:
    """That of Passonneau (2006); nltk's own divides by 0 where two empty sets meet."""
    if one == other:
        return 0.0
    shared = len(one & other)
    is_held = one < other or other < one
    monotonicity = (2 / 3 if is_held else 1 / 3) if shared else 0
    return 1 - shared / len(one | other) * monotonicity


@ANY_ANSWERS
def test_alpha_of_sets_is_that_of_nltk(answers: Answers) -> None:
    masks = random_masks(answers.n_values, least=0)
    assert ours_of_sets(answers, masks) == exactly(theirs_of_sets(answers, masks, exact_masi_distance))


@ANY_ANSWERS
def test_alpha_of_sets_is_that_of_nltk_with_its_own_distance(answers: Answers) -> None:
    masks = random_masks(answers.n_values, least=1)
    assert ours_of_sets(answers, masks) == exactly(theirs_of_sets(answers, masks, masi_distance_of_nltk))


@ANY_ANSWERS
def test_alpha_of_sets_is_that_of_krippendorff(answers: Answers) -> None:
    """It squares nothing by itself, so a distance stands as it is."""
    masks = random_masks(answers.n_values, least=0)
    distances = masi_distances(masks)
    theirs = krippendorff.alpha(
        value_counts=answers.counts, level_of_measurement=lambda v1, v2, i1, i2, n_v, dtype: distances[i1, i2]
    )
    assert ours_of_sets(answers, masks) == exactly(theirs)


def test_masi_distance_is_that_of_nltk() -> None:
    masks = np.arange(1, 32)
    theirs = [
        [masi_distance_of_nltk(members(one), members(other)) for other in range(1, 32)]
        for one in range(1, 32)
    ]
    assert masi_distance(masks[:, np.newaxis], masks) == exactly(np.array(theirs))


def ours_of_sets(answers: Answers, masks: Counts) -> object:
    item, _, value = answers.long_form()
    return masi_alpha(set_answers(label_patterns(item, value, len(answers.table)), masks))


def theirs_of_sets(answers: Answers, masks: Counts, distance: object) -> float:
    item, annotator, value = answers.long_form()
    sets = [members(mask) for mask in masks[value].tolist()]
    rows = list(zip(annotator.tolist(), item.tolist(), sets, strict=True))
    return float(AnnotationTask(rows, distance=distance).alpha())
