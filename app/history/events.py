"""What can have happened to an item, each as one small event."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from app.annotations.models import Annotation

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""Of responses, by position."""


@dataclass(frozen=True, slots=True)
class Event:
    """`what`: a sentence in the reader's language. `who`: None where the system did it by itself. `words`:
    what someone typed; `answer`: the version of an answer that it tells of."""

    at: datetime
    what: str
    who: str | None = None
    queue: str | None = None
    words: str | None = None
    answer: Annotation | None = None


def in_order(*sources: Iterable[Event]) -> Sequence[Event]:
    """By time; at the same moment in the order of the sources."""
    return sorted(chain(*sources), key=lambda event: event.at)
