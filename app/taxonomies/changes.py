"""What differs between two versions of a taxonomy."""

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from app.projects.taxonomy import HarmCategory, Taxonomy


class ChangeKind(StrEnum):
    ADDED = "new harm category"
    RETIRED = "retired"
    BROUGHT_BACK = "offered again"
    DEFINITION = "definition"
    EXAMPLE = "example"
    KEY = "key"
    ORDER = "order"
    RULES = "rules"


TOUCHING = frozenset({ChangeKind.RETIRED, ChangeKind.BROUGHT_BACK, ChangeKind.DEFINITION})
"""After which the answers that named the category may be other ones."""


class Change(NamedTuple):
    """`category`: its name; empty where the taxonomy as a whole changed. `before`, `after`: in the words of
    the versions, empty where there is nothing."""

    kind: ChangeKind
    category: str = ""
    before: str = ""
    after: str = ""


def changes_between(before: Taxonomy, after: Taxonomy) -> list[Change]:
    """By harm category, in the order of their bits; what concerns the whole comes last."""
    old = {category.name: category for category in before.categories}
    new = {category.name: category for category in after.categories}
    names = [*old, *(name for name in new if name not in old)]
    found = [change for name in names for change in changes_of(old.get(name), new.get(name))]
    found += changed_order(before, after)
    if before.rules != after.rules:
        found.append(Change(ChangeKind.RULES, "", "\n".join(before.rules), "\n".join(after.rules)))
    return found


def changes_of(old: HarmCategory | None, new: HarmCategory | None) -> Iterator[Change]:
    """Read backwards, a version that had a category is one that has it no more."""
    if old is None or new is None:
        if new is not None:
            yield Change(ChangeKind.ADDED, new.name, "", new.definition)
        if old is not None:
            yield Change(ChangeKind.RETIRED, old.name, old.definition, "")
        return
    if old.is_retired != new.is_retired:
        yield Change(ChangeKind.RETIRED if new.is_retired else ChangeKind.BROUGHT_BACK, new.name)
    parts = (
        (ChangeKind.DEFINITION, old.definition, new.definition),
        (ChangeKind.EXAMPLE, old.example, new.example),
        (ChangeKind.KEY, old.key, new.key),
    )
    for kind, was, becomes in parts:
        if was != becomes:
            yield Change(kind, new.name, was, becomes)


def changed_order(before: Taxonomy, after: Taxonomy) -> Iterator[Change]:
    """Of those that both offer: what comes or goes moves no other."""
    old = [category.name for category in before.offered if category.name in after.offered_names]
    new = [category.name for category in after.offered if category.name in before.offered_names]
    if old != new:
        yield Change(ChangeKind.ORDER, "", "\n".join(old), "\n".join(new))
