"""Near-duplicates: planted ones are found, others are not, and likeness is what it claims to be."""

import unicodedata
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.agreement.hygiene.near_duplicates import CHARACTERS_AT_ONCE, near_duplicate_groups
from app.agreement.hygiene.signatures import (
    EMPTY,
    N_BANDS,
    N_BINS,
    SHINGLE,
    band_keys,
    likeness,
    signatures_of,
)
from app.items.texts.normalised_text import normalised

LONG = (
    "The quick brown fox jumps over the lazy dog while seven wizards watch from the old stone bridge nearby"
)


def words(rng: Random, n: int) -> list[str]:
    return ["".join(rng.choices("etaoinshrdlu", k=rng.randint(2, 9))) for _ in range(n)]


def jaccard(one: str, other: str) -> float:
    sets = [{text[i : i + SHINGLE] for i in range(len(text) - SHINGLE + 1)} for text in (one, other)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Hello,\n WORLD!! ", "hello world"),
        ("\uff28\uff45llo", "hello"),
        ("Stra\u00dfe", "strasse"),
        ("cafe\u0301", "caf\u00e9"),
        ("so\u00adft\u200bly", "softly"),
        ("\u0939\u093f\u0928\u094d\u0926\u0940\u0964", "\u0939\u093f\u0928\u094d\u0926\u0940"),
        ("\u4f60\u597d\uff0c\u4e16\u754c\u3002", "\u4f60\u597d \u4e16\u754c"),
        ("5 > 3 \u2026", "5 > 3"),
        ("...", ""),
        ("", ""),
    ],
    ids=[
        "spaces",
        "wide",
        "folded",
        "composed",
        "invisible",
        "marks kept",
        "chinese",
        "symbols",
        "dots",
        "empty",
    ],
)
def test_texts_are_normalised(text: str, expected: str) -> None:
    assert normalised(text) == expected


@settings(deadline=None)
@given(st.text(max_size=30))
def test_a_normalised_text_has_single_spaces_and_no_punctuation(text: str) -> None:
    found = normalised(text)
    assert found == " ".join(found.split())
    assert not any(unicodedata.category(c).startswith("P") for c in found)


def test_equal_texts_are_always_found() -> None:
    texts = ["Yes.", "No", "yes", "", "YES!", "...", "no", "Maybe"]
    assert near_duplicate_groups(texts).tolist() == [0, 1, 0, 3, 0, 5, 1, 7]


def test_one_changed_word_in_a_sentence_is_a_near_duplicate_and_another_sentence_is_not() -> None:
    texts = [LONG, "Nobody knows what the wizards saw", LONG.replace("seven", "eight"), LONG.upper() + "!"]
    assert near_duplicate_groups(texts).tolist() == [0, 1, 0, 0]


@pytest.mark.parametrize("texts", [[], [""], ["", "?!"], ["a"], ["ab", "cd"], ["\ud800", "b"]])
def test_nothing_and_next_to_nothing_are_alone(texts: list[str]) -> None:
    assert near_duplicate_groups(texts).tolist() == list(range(len(texts)))


def test_planted_copies_are_found_and_nothing_else() -> None:
    rng = Random(1)
    originals = [words(rng, 120) for _ in range(1000)]
    copies = []
    for original in originals[:200]:
        copy = list(original)
        for place in rng.sample(range(120), 3):
            copy[place] = words(rng, 1)[0]
        copies.append(copy)
    groups = near_duplicate_groups(" ".join(text) for text in originals + copies)
    assert groups.tolist() == [*range(1000), *range(200)]


def test_texts_from_one_template_are_not_near_duplicates() -> None:
    rng = Random(2)
    template = words(rng, 30)
    texts = [" ".join([*template, *words(rng, 30)]) for _ in range(300)]
    assert near_duplicate_groups(texts).tolist() == list(range(300))


def test_a_text_that_comes_a_thousand_times_with_a_word_changed_is_one_group() -> None:
    rng = Random(3)
    original = words(rng, 100)
    texts = []
    for _ in range(1000):
        copy = list(original)
        copy[rng.randrange(100)] = words(rng, 1)[0]
        texts.append(" ".join(copy))
    assert (near_duplicate_groups(texts) == 0).all()


def test_a_text_longer_than_a_lot_is_found_like_any_other() -> None:
    rng = Random(8)
    long = words(rng, 20_000)
    texts = ["short", " ".join(long), "", " ".join([*long, "end"]), LONG, " ".join(words(rng, 20_000))]
    assert len(texts[1]) > CHARACTERS_AT_ONCE
    assert near_duplicate_groups(texts).tolist() == [0, 1, 2, 1, 4, 5]


def test_pairs_below_the_threshold_are_found_once_it_is_lowered() -> None:
    other = LONG.replace("quick", "slow").replace("seven", "eleven")
    assert 0.7 < jaccard(normalised(LONG), normalised(other)) < 0.8
    assert near_duplicate_groups([LONG, other]).tolist() == [0, 1]
    assert near_duplicate_groups([LONG, other], least_alike=0.6).tolist() == [0, 0]


def test_the_order_of_texts_does_not_matter() -> None:
    rng = Random(4)
    texts = [" ".join(words(rng, 40)) for _ in range(60)]
    texts += [text + " indeed" for text in texts[:20]] + texts[30:40]
    order = list(range(len(texts)))
    rng.shuffle(order)
    groups = near_duplicate_groups(texts)
    shuffled = near_duplicate_groups(texts[place] for place in order)
    same_before = groups[:, np.newaxis] == groups
    same_after = shuffled[:, np.newaxis] == shuffled
    assert np.array_equal(same_before[np.ix_(order, order)], same_after)


def test_likeness_is_the_jaccard_index_within_its_error() -> None:
    rng = Random(5)
    differences = []
    for _ in range(400):
        one = words(rng, 100)
        other = [word if rng.random() < 0.93 else words(rng, 1)[0] for word in one]
        pair = [" ".join(one), " ".join(other)]
        signatures = signatures_of(pair)
        differences.append(likeness(signatures[:1], signatures[1:])[0] - jaccard(*pair))
    assert abs(np.mean(differences)) < 0.006
    assert np.std(differences) < 0.045


def test_the_likeness_of_short_texts_is_nearly_exact() -> None:
    rng = Random(6)
    for _ in range(50):
        one = " ".join(words(rng, 3))
        pair = [one, one + rng.choice("xyz")]
        signatures = signatures_of(pair)
        assert likeness(signatures[:1], signatures[1:])[0] == pytest.approx(jaccard(*pair), abs=0.12)


def test_pairs_at_the_threshold_share_a_band() -> None:
    rng = Random(7)
    n_pairs, n_sharing = 0, 0
    while n_pairs < 300:
        one = words(rng, 60)
        other = [word if rng.random() < 0.94 else words(rng, 1)[0] for word in one]
        pair = [" ".join(one), " ".join(other)]
        if 0.78 < jaccard(*pair) < 0.86:
            keys = band_keys(signatures_of(pair))
            n_pairs, n_sharing = n_pairs + 1, n_sharing + bool((keys[0] == keys[1]).any())
    assert n_sharing / n_pairs > 0.98


def test_a_signature_does_not_depend_on_the_texts_beside_it() -> None:
    texts = ["", "abc", LONG, "", "abcdefgh", "x"]
    together = signatures_of(texts)
    assert together.shape == (6, N_BINS)
    assert band_keys(together).shape == (6, N_BANDS)
    assert (together[[0, 3]] == EMPTY).all()
    for place, text in enumerate(texts):
        assert np.array_equal(signatures_of([text])[0], together[place])
    assert np.isnan(likeness(together[:1], together[3:4]))


def test_a_signature_is_the_same_on_every_machine() -> None:
    found = signatures_of(["abcdef"])[0]
    assert {place: int(found[place]) for place in np.flatnonzero(found != EMPTY)} == {
        72: 2175222062,
        114: 1513023724,
    }
