"""What simulated annotators answer, as rows of a file of answers. The same seed and day give the same rows.

Who answers rightly answers what `truths.jsonl` says. One item in five is hard, and even careful people are
often wrong about it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import numpy as np
from numpy.random import Generator

from app.demo.people import ANNOTATORS, CARELESS, COPIED, Annotator, Habit
from app.demo.schedule import Turn, turns, turns_beside, work_days
from app.demo.texts import SAFE, Asked, Label, Told
from app.projects.pku import PKU

Row = dict[str, Any]

CHANCE_OF_HARD = 0.2
HARDER_BY = 0.3
CHANCE_OF_COPY = 0.97
CHANCE_OF_FIRST = 0.85
CHANCE_OF_SAFE = 0.95
CHANCE_OF_ANY_SAFE = 0.4
MOST_SEVERE = 3


class Simulation:
    """`today`: the day after the last answers. Chance comes in streams of its own for what is asked of whom,
    for times, and for each annotator's answers, so that the day changes nothing but who is late."""

    def __init__(self, seed: int, today: date) -> None:
        self.rng, self.of_times, *of_answers = np.random.default_rng(seed).spawn(2 + len(ANNOTATORS))
        self.of_answers = dict(zip((who.name for who in ANNOTATORS), of_answers, strict=True))
        self.today = today
        self.days = {who.name: work_days(self.of_times, today) for who in ANNOTATORS}
        self.days["demo-kapok"] = self.days[COPIED.name]

    def turns_of(self, wanted: Sequence[int], hour: float) -> dict[str, list[Turn]]:
        """Of each annotator. `wanted[i]`: how many answers the i-th item gets; copies come on top."""
        places: dict[str, list[int]] = {who.name: [] for who in ANNOTATORS}
        shares = np.array([who.share for who in ANNOTATORS])
        for place in self.rng.permutation(len(wanted)).tolist():
            n = min(wanted[place], int((shares > 0).sum()))
            chosen = self.rng.choice(len(ANNOTATORS), n, replace=False, p=shares / shares.sum())
            for index in chosen.tolist():
                places[ANNOTATORS[index].name].append(place)
        made = {who.name: self.own_turns(who, places[who.name], hour) for who in ANNOTATORS}
        for who in ANNOTATORS:
            if who.habit is Habit.COPIES:
                made[who.name] = turns_beside(self.of_times, who, made[COPIED.name])
        return made

    def own_turns(self, who: Annotator, places: Sequence[int], hour: float) -> list[Turn]:
        return turns(self.of_times, who, places, self.days[who.name], hour)

    def hard(self, n: int) -> list[bool]:
        return [bool(chance < CHANCE_OF_HARD) for chance in self.rng.random(n)]

    def is_right(self, who: Annotator, turn: Turn, *, is_hard: bool) -> bool:
        right = CARELESS if who.habit is Habit.TIRES and turn.is_late(self.today) else who.right
        return bool(self.of_answers[who.name].random() < right - HARDER_BY * is_hard)

    def labels(self, pairs: Sequence[tuple[Asked, Told]], wanted: Sequence[int]) -> list[Row]:
        """Rows of safety labels, in the order of their times."""
        hard = self.hard(len(pairs))
        known: dict[tuple[str, int], Label] = {}
        rows: list[Row] = []
        of_all = self.turns_of(wanted, hour=9)
        for who in in_order_of_copying():
            for turn in of_all[who.name]:
                asked, told = pairs[turn.place]
                label = self.label(who, turn, told.label, known, is_hard=hard[turn.place])
                known[who.name, turn.place] = label
                given = {
                    "response": told.text,
                    "is_safe": not label.severity,
                    "harm_category": list(label.categories),
                    "severity_level": label.severity,
                }
                rows.append(self.row(who, turn, asked, given))
        return sorted(rows, key=answered_at)

    def label(
        self,
        who: Annotator,
        turn: Turn,
        truth: Label,
        known: Mapping[tuple[str, int], Label],
        *,
        is_hard: bool,
    ) -> Label:
        rng = self.of_answers[who.name]
        copied = known.get((COPIED.name, turn.place))
        if who.habit is Habit.COPIES and copied and rng.random() < CHANCE_OF_COPY:
            return copied
        if who.habit is Habit.ALL_SAFE and rng.random() < CHANCE_OF_SAFE:
            return SAFE
        if who.habit is Habit.RANDOM:
            return any_label(rng)
        if self.is_right(who, turn, is_hard=is_hard):
            return truth
        return wrong_label(rng, truth)

    def orders(self, sets: Sequence[Asked], wanted: Sequence[int], *, is_dual: bool) -> list[Row]:
        """Rows of rankings: of pairs by both questions, or of sets of any size by helpfulness alone."""
        hard = self.hard(len(sets))
        known: dict[tuple[str, int], Row] = {}
        rows: list[Row] = []
        of_all = self.turns_of(wanted, hour=13.5)
        for who in in_order_of_copying():
            for turn in of_all[who.name]:
                asked, rng = sets[turn.place], self.of_answers[who.name]
                shown = [asked.responses[i] for i in rng.permutation(len(asked.responses))]
                copied = known.get((COPIED.name, turn.place))
                if who.habit is Habit.COPIES and copied and rng.random() < CHANCE_OF_COPY:
                    given = copied
                else:
                    is_right = self.is_right(who, turn, is_hard=hard[turn.place])
                    given = self.order(who, shown, is_right=is_right, is_dual=is_dual)
                known[who.name, turn.place] = given
                rows.append(self.row(who, turn, asked, given))
        return sorted(rows, key=answered_at)

    def order(self, who: Annotator, shown: Sequence[Told], *, is_right: bool, is_dual: bool) -> Row:
        """`shown`: in the order on the page."""
        rng = self.of_answers[who.name]
        takes_first = who.habit is Habit.FIRST and rng.random() < CHANCE_OF_FIRST
        guesses = who.habit is Habit.RANDOM or not is_right
        helpful = [told.helpfulness for told in shown]
        harmful = [told.label.severity for told in shown]
        if takes_first:
            helpful = harmful = list(range(len(shown)))
        elif guesses:
            helpful, harmful = (rng.permutation(len(shown)).tolist() for _ in range(2))
        if not is_dual:
            ranks = [sorted(set(helpful)).index(value) + 1 for value in helpful]
            return {"responses": [told.text for told in shown], "ranks": ranks, "dimension": "helpfulness"}
        return {
            "response_0": shown[0].text,
            "response_1": shown[1].text,
            "better_response_id": lesser(helpful),
            "safer_response_id": lesser(harmful),
        }

    def row(self, who: Annotator, turn: Turn, asked: Asked, given: Row) -> Row:
        confidence = 3 if who.habit is Habit.RANDOM else int(self.of_answers[who.name].integers(1, 4))
        return {
            "annotator": who.name,
            "prompt": asked.prompt,
            **given,
            "confidence": confidence,
            "answered_at": turn.at.isoformat(timespec="milliseconds"),
            "active_seconds": turn.seconds,
        }


def in_order_of_copying() -> list[Annotator]:
    return sorted(ANNOTATORS, key=lambda who: who.habit is Habit.COPIES)


def answered_at(row: Row) -> str:
    return str(row["answered_at"])


def lesser(values: Sequence[int]) -> int | str:
    """As a file of answers names the better of two."""
    first, second = values
    return "tie" if first == second else int(second < first)


def some_harm(rng: Generator, severity: int) -> Label:
    return Label(severity, (PKU.category_names[int(rng.integers(len(PKU.category_names)))],))


def any_label(rng: Generator) -> Label:
    return (
        SAFE if rng.random() < CHANCE_OF_ANY_SAFE else some_harm(rng, int(rng.integers(1, MOST_SEVERE + 1)))
    )


def wrong_label(rng: Generator, truth: Label) -> Label:
    """A harmful response is called safe, or a step milder or graver, or another kind of harm."""
    if not truth.severity:
        return some_harm(rng, 1)
    kind = rng.random()
    if kind < 0.45:
        return SAFE
    if kind < 0.8:
        graver = truth.severity == 1 or (truth.severity < MOST_SEVERE and rng.random() < 0.5)
        return Label(truth.severity + (1 if graver else -1), truth.categories)
    return some_harm(rng, truth.severity)
