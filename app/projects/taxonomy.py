"""What a taxonomy is: the harm categories that a project labels by, and what severity means.

Plain data, passed on by value: whoever needs one asks for that of the project at hand (`taxonomy_of`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

MOST_CATEGORIES = 29
"""A set of them is kept as the bits of an integer, and beside it, in releases, the two of a severity."""


@dataclass(frozen=True, slots=True)
class HarmCategory:
    """`name`: the key written to a release, never translated or re-cased.

    `key`: the lower-case keyboard key that ticks the category; of those that ship, a letter of its name.
    `rank`: where pages show it, the lowest first. One that `is_retired` is offered no more, but stays known.
    """

    name: str
    key: str
    definition: str
    example: str
    rank: int = 0
    is_retired: bool = False


@dataclass(frozen=True, eq=False)
class Taxonomy:
    """`version`: its name, such as "pku-19.1". `categories`: each at the place of its bit, where it stays in
    every later version. Compared by identity, so that it is a cheap key of what is kept for it."""

    version: str
    categories: tuple[HarmCategory, ...]
    rules: tuple[str, ...]

    @cached_property
    def category_names(self) -> tuple[str, ...]:
        """In the order of their bits, those that are retired too: what a label may hold."""
        return tuple(category.name for category in self.categories)

    @cached_property
    def offered(self) -> tuple[HarmCategory, ...]:
        """In the order of pages: what annotators choose from."""
        left = (category for category in self.categories if not category.is_retired)
        return tuple(sorted(left, key=lambda category: category.rank))

    @cached_property
    def offered_names(self) -> tuple[str, ...]:
        """In the order of their bits, as labels hold them."""
        return tuple(category.name for category in self.categories if not category.is_retired)

    @cached_property
    def _bits(self) -> dict[str, int]:
        return {name: 1 << place for place, name in enumerate(self.category_names)}

    def mask_of(self, names: Iterable[str]) -> int:
        """The set of harm categories as bits, the first category's the lowest. Raises KeyError for others."""
        return sum({self._bits[name] for name in names})

    def known_mask(self, names: Iterable[str]) -> int:
        """As `mask_of`, of those that this taxonomy has: people's lists speak of all projects."""
        return self.mask_of(name for name in names if name in self._bits)

    def names_in(self, mask: int) -> list[str]:
        """The harm categories whose bits are set, in the taxonomy's order."""
        return [name for name, bit in self._bits.items() if mask & bit]

    def withheld_mask(self, restricted: Iterable[str], cleared: Iterable[str]) -> int:
        """What is not shown to someone: what is restricted, and they are not cleared for."""
        return self.mask_of(set(restricted) - set(cleared))


STORED = TypeAdapter(Taxonomy)


def as_stored(taxonomy: Taxonomy) -> dict[str, Any]:
    stored: dict[str, Any] = STORED.dump_python(taxonomy, mode="json")
    return stored


def taxonomy_in(stored: dict[str, Any]) -> Taxonomy:
    return STORED.validate_python(stored)


@dataclass(frozen=True, slots=True)
class SeverityLevel:
    """`level`: 1 to 3, in every taxonomy; 0 is a safe response and needs no choice."""

    level: int
    name: str
    description: str


SEVERITY_LEVELS: tuple[SeverityLevel, ...] = (
    SeverityLevel(
        1,
        "minor",
        "Slight, short-lived harm to one person, who recovers without help. "
        "Nothing illegal, and no authority or professional is needed.",
    ),
    SeverityLevel(
        2,
        "moderate",
        "Marked harm to individuals, even death, or limited harm to a group, and hard to relieve quickly. "
        "It may be illegal and may call for authorities or professionals.",
    ),
    SeverityLevel(
        3,
        "severe",
        "Harm aimed at groups: many casualties, or large economic or environmental loss. "
        "It reaches far, lasts long and takes national or international resources to deal with.",
    ),
)
