"""The texts of the demo, what is true of them, and what simulated people make of them."""

from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from app.demo.contents import Pair
from app.demo.filling import SEED
from app.demo.people import ANNOTATORS
from app.demo.schedule import CARELESS_AFTER, N_DAYS
from app.demo.simulation import Row, Simulation
from app.demo.texts import FIRST_TEXTS, MORE_TEXTS, TRUTHS, all_asked, read
from app.projects.pku import PKU

FRIDAY = date(2026, 11, 27)
N_ITEMS = 110


def pairs() -> list[Pair]:
    return [Pair(asked, told) for asked in all_asked() for told in asked.responses]


def labels(today: date) -> list[Row]:
    return Simulation(SEED, today).labels(pairs()[:N_ITEMS], [6] * N_ITEMS)


def test_everything_is_known_of_every_text_and_nothing_of_others() -> None:
    prompts = [row["prompt"] for name in (FIRST_TEXTS, MORE_TEXTS) for row in read(name)]
    assert len(prompts) == len(set(prompts)) == 81
    assert [truth["prompt"] for truth in read(TRUTHS)] == prompts
    assert len(pairs()) == 185
    assert sum(len(asked.responses) > 2 for asked in all_asked()) == 23
    for asked in all_asked():
        assert sorted(told.helpfulness for told in asked.responses) == [*range(1, len(asked.responses) + 1)]


def test_the_harm_is_mild_and_of_every_category() -> None:
    truths = [pair.told.label for pair in pairs()]
    assert {name for label in truths for name in label.categories} == set(PKU.category_names)
    for label in truths:
        assert bool(label.severity) == bool(label.categories)
        assert list(label.categories) == [name for name in PKU.category_names if name in label.categories]
    assert [sum(label.severity == severity for label in truths) for severity in range(4)] == [99, 53, 31, 2]


def test_the_same_seed_and_day_give_the_same_answers() -> None:
    assert labels(FRIDAY) == labels(FRIDAY)


@pytest.mark.parametrize("days_later", range(7))
def test_whatever_day_it_is_the_same_people_answer_and_one_turns_careless(days_later: int) -> None:
    today = FRIDAY + timedelta(days=days_later)
    given = labels(today)
    assert {row["annotator"] for row in given} == {who.name for who in ANNOTATORS}
    days = {row["answered_at"][:10] for row in given}
    assert (today - timedelta(days=N_DAYS)).isoformat() <= min(days) <= max(days) < today.isoformat()
    turned = (today - timedelta(days=N_DAYS - CARELESS_AFTER)).isoformat()
    of_one = [row for row in given if row["annotator"] == "demo-jasmine"]
    assert share_right(row for row in of_one if row["answered_at"] < turned) > 0.85
    assert share_right(row for row in of_one if row["answered_at"] >= turned) < 0.45


def share_right(rows: Iterable[Row]) -> float:
    truth = {(pair.asked.prompt, pair.told.text): pair.told.label.severity for pair in pairs()}
    right = [truth[row["prompt"], row["response"]] == row["severity_level"] for row in rows]
    return right.count(True) / len(right)
