"""Which names of harm categories a file may use: the project's own, PKU's, BeaverTails'."""

from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache

from app.projects.beavertails import BEAVERTAILS
from app.projects.pku import PKU

Categories = frozenset[str]
Vocabularies = tuple[Categories, ...]

HARM_CATEGORY_KEYS = frozenset(PKU.category_names)
BEAVERTAILS_KEYS = frozenset(BEAVERTAILS.category_names)
PKU_ALONE: Vocabularies = (HARM_CATEGORY_KEYS,)
LONGEST_NAME_SHOWN = 60
MOST_NEAREST = 3
LIKE_ENOUGH = 0.5


def vocabularies_of(own: Categories) -> Vocabularies:
    """Those of labels that come with items. `own`: the project's; PKU's labels are kept under PKU's names."""
    return PKU_ALONE if own == HARM_CATEGORY_KEYS else (own, HARM_CATEGORY_KEYS)


def vocabulary_for(names: Iterable[str], vocabularies: Vocabularies) -> Categories:
    """The one that has most of the names; of several the first."""
    asked = list(names)
    return max(vocabularies, key=lambda known: len(known.intersection(asked)))


def named_with_nearest(name: str, known: Categories) -> str:
    """In quotes, with the names that whoever wrote it may have meant."""
    shown = name[:LONGEST_NAME_SHOWN]
    nearest = nearest_names(shown, known)
    return f'"{shown}"' + (f"; the nearest: {', '.join(nearest)}" if nearest else "")


@lru_cache(maxsize=1024)
def nearest_names(name: str, known: Categories) -> tuple[str, ...]:
    """In quotes, whatever their case."""
    by_folded = {each.casefold(): each for each in sorted(known)}
    close = get_close_matches(name.casefold(), by_folded, MOST_NEAREST, LIKE_ENOUGH)
    return tuple(f'"{by_folded[each]}"' for each in close)
