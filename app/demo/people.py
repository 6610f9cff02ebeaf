"""The simulated annotators, and how each of them answers."""

from dataclasses import dataclass
from enum import StrEnum

# The chance of a right answer from somebody who no longer reads.
CARELESS = 0.15


class Habit(StrEnum):
    """What sets an annotator apart. Tires: careless after two weeks. First: takes what is shown first."""

    NONE = "none"
    RANDOM = "random"
    ALL_SAFE = "all_safe"
    TIRES = "tires"
    COPIES = "copies"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class Annotator:
    """`right`: the chance of a right answer to an item that is not hard. `seconds`: the usual time at work on
    one. `share`: how much they do beside somebody with 1."""

    name: str
    right: float
    seconds: float
    habit: Habit = Habit.NONE
    share: float = 1.0


COPIED = Annotator("demo-laurel", 0.84, 30, share=1.6)
ANNOTATORS = (
    Annotator("demo-amber", 0.95, 38),
    Annotator("demo-birch", 0.95, 31),
    Annotator("demo-cedar", 0.94, 44),
    Annotator("demo-dahlia", 0.92, 35),
    Annotator("demo-elm", 0.91, 27),
    Annotator("demo-fern", 0.80, 25),
    Annotator("demo-ginkgo", 0.76, 33),
    Annotator("demo-hazel", CARELESS, 4, Habit.RANDOM, share=1.4),
    Annotator("demo-iris", 0.9, 9, Habit.ALL_SAFE, share=1.4),
    Annotator("demo-jasmine", 0.95, 29, Habit.TIRES, share=4),
    Annotator("demo-kapok", 0.84, 8, Habit.COPIES, share=0),
    COPIED,
    Annotator("demo-maple", 0.92, 24, Habit.FIRST, share=4),
)
ADJUDICATORS = ("demo-oak", "demo-pine")
