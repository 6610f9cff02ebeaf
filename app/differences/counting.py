"""Counts what differs in one dataset, and keeps the first of it."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import orjson

from app.differences.content import Change, DatasetDifference, Listed, Transition, Value
from app.differences.listing import ListRow
from app.differences.matching import Differing
from app.differences.shapes import Row
from app.releases.manifest import DatasetName

MOST_LISTED = 20
"""Of each kind of change in each dataset; the file of all has the others."""

MOST_TRANSITIONS = 20
"""Of each field."""

MOST_COUNTED = 1_000
"""Different transitions of a field; further ones are counted together."""


@dataclass(slots=True)
class Counting:
    """`fields`: in the order of the rows."""

    name: DatasetName
    list_row: ListRow
    fields: list[str] = field(default_factory=list)
    n_by_change: Counter[Change] = field(default_factory=Counter)
    n_by_field: Counter[str] = field(default_factory=Counter)
    transitions: dict[str, Counter[tuple[Value, Value]]] = field(default_factory=lambda: defaultdict(Counter))
    n_other: Counter[str] = field(default_factory=Counter)
    listed: list[Listed] = field(default_factory=list)

    def count(self, row: Differing) -> None:
        if row.before is None or row.after is None:
            change = Change.ADDED if row.before is None else Change.REMOVED
            self._note(change, row.key, [("", labels_in_short(row.before), labels_in_short(row.after))])
        else:
            self.fields = self.fields or list(row.before)
            changed = changed_fields(row.before, row.after)
            for name, *values in changed:
                self._count_field(name, *values)
            self._note(
                Change.CHANGED, row.key, [(name, as_json(old), as_json(new)) for name, old, new in changed]
            )

    def _note(self, change: Change, key: str, lines: Iterable[tuple[str, str, str]]) -> None:
        self.n_by_change[change] += 1
        for line in lines:
            listed = Listed(change, key, *line)
            self.list_row(self.name, listed)
            if self.n_by_change[change] <= MOST_LISTED:
                self.listed.append(listed)

    def _count_field(self, name: str, before: Value, after: Value) -> None:
        self.n_by_field[name] += 1
        of_field = self.transitions[name]
        if (before, after) in of_field or len(of_field) < MOST_COUNTED:
            of_field[before, after] += 1
        else:
            self.n_other[name] += 1

    def difference(self, n_before: int, n_after: int, *, is_matched: bool) -> DatasetDifference:
        names = [name for name in self.fields if self.n_by_field[name]]
        n_removed, n_changed = self.n_by_change[Change.REMOVED], self.n_by_change[Change.CHANGED]
        frequent = {name: most_frequent(self.transitions[name]) for name in names}
        n_other = {name: self.n_by_field[name] - sum(n for _, n in frequent[name]) for name in names}
        return DatasetDifference(
            name=self.name,
            is_matched=is_matched,
            n_before=n_before,
            n_after=n_after,
            n_same=n_before - n_removed - n_changed,
            n_added=self.n_by_change[Change.ADDED],
            n_removed=n_removed,
            n_changed=n_changed,
            n_by_field={name: self.n_by_field[name] for name in names},
            transitions=[Transition(name, *values, n) for name in names for values, n in frequent[name]],
            n_other={name: n for name, n in n_other.items() if n},
            listed=sorted(self.listed, key=lambda line: list(Change).index(line.change)),
        )


def most_frequent(transitions: Counter[tuple[Value, Value]]) -> list[tuple[tuple[Value, Value], int]]:
    """The same ones in the same order, whatever order they were met in."""
    by_frequency = sorted(transitions.items(), key=lambda counted: (-counted[1], repr(counted[0])))
    return by_frequency[:MOST_TRANSITIONS]


def changed_fields(before: Row, after: Row) -> list[tuple[str, Value, Value]]:
    """(field, value before, value after)."""
    return [(name, value, after[name]) for name, value in before.items() if value != after[name]]


def labels_in_short(row: Row | None) -> str:
    """Without what is null, and without the categories that do not apply."""
    if row is None:
        return ""
    told = {name: value for name, value in row.items() if value or (value is not None and "." not in name)}
    return as_json(told)


def as_json(value: object) -> str:
    return orjson.dumps(value).decode()
