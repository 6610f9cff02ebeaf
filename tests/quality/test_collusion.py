"""Pairs who answer alike: by being right, by chance, and by copying."""

import numpy as np
import pytest

from app.agreement.measures.counts import Counts
from app.quality import collusion
from app.quality.collusion import Likeness, likeness
from app.quality.confusion import fit
from tests.quality.make import answers_of, answers_to_all


def alike(said: Counts, gold: Counts | None = None, n_values: int = 4) -> Likeness:
    """`said`: shape (n_annotators, n_items)."""
    answers = answers_to_all(said, gold, n_values=n_values)
    return likeness(answers, fit(answers))


def crowd(n_people: int, n_items: int, seed: int) -> tuple[Counts, Counts]:
    """What they said, right in 85 %, and what is true."""
    random = np.random.default_rng(seed)
    truth = random.integers(0, 4, n_items)
    wrong = (truth + random.integers(1, 4, (n_people, n_items))) % 4
    return np.where(random.random(wrong.shape) < 0.85, truth, wrong), truth


def test_counts_by_hand() -> None:
    """The key says 0 for all; 0 and 1 are alike in three items of four, and once in a wrong answer."""
    said = np.array([[0, 0, 1, 1], [0, 0, 1, 0], [0, 0, 0, 0]])
    found = alike(said, gold=np.zeros(4, np.int64), n_values=2)
    assert found.n_shared.tolist() == (4 - 4 * np.eye(3)).tolist()
    assert found.n_alike.tolist() == [[0, 3, 2], [3, 0, 3], [2, 3, 0]]
    assert found.n_unusual.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 0]]
    assert found.log_evidence == pytest.approx(found.log_evidence.T)


def test_people_who_work_by_themselves_are_as_alike_as_expected() -> None:
    said, truth = crowd(6, 3_000, seed=1)
    for gold in (None, truth):
        found = alike(said, gold)
        others = ~np.eye(6, dtype=np.bool_)
        assert found.n_alike[others] == pytest.approx(found.expected_alike[others], rel=0.03)
        assert found.log_evidence[others].max() < 0


def test_a_copy_shows_by_shared_wrong_answers() -> None:
    said, _ = crowd(5, 200, seed=2)
    said[1, :190] = said[0, :190]
    evidence = alike(said).log_evidence
    assert evidence[0, 1] == evidence.max()
    assert evidence[0, 1] > np.log(1e6)


def test_evidence_against_independent_people_is_as_rare_as_it_says() -> None:
    found = np.array([alike(*crowd(4, 60, seed=seed)).log_evidence[0, 1] for seed in range(100)])
    assert np.mean(found > np.log(1 / 0.05)) <= 0.05


def test_pairs_come_once_in_chunks_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    said, truth = crowd(5, 40, seed=3)
    whole = alike(said, truth)
    monkeypatch.setattr(collusion, "CHUNK", 1)
    in_parts = alike(said, truth)
    assert in_parts.n_alike.tolist() == whole.n_alike.tolist()
    assert in_parts.log_evidence == pytest.approx(whole.log_evidence)


def test_nobody_shares_anything() -> None:
    none = np.array([], np.int64)
    found = likeness(empty := answers_of(none, none, none, n_annotators=2), fit(empty))
    assert found.n_shared.tolist() == found.log_evidence.tolist() == [[0, 0], [0, 0]]
