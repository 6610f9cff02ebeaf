"""The keys of the workspace: which there are, what they are by default, and what someone made of them.

A key is one character as the keyboard types it, lower-case; `Shift+` and a digit; or `Enter`. Tab, Escape,
Space and the arrows keep their own use. An action whose key is empty has none.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from app.i18n import gettext as _
from app.i18n import readable
from app.projects.taxonomy import SEVERITY_LEVELS, Taxonomy

OwnKeys = frozenset[tuple[str, str]] | None
"""The key of each action by its name, where it is not the usual one; None for someone who wants no keys."""


class Page(StrEnum):
    """Where a key acts; those of every page act beside those of the others."""

    EVERY = "every"
    SAFETY = "safety"
    RANKING = "ranking"


@dataclass(frozen=True, slots=True)
class Action:
    """`name`: how templates ask for its key, as in `keys["safe"]`; a harm category's is its own, which its
    project's taxonomy names."""

    name: str
    key: str
    page: Page

    @property
    def field(self) -> str:
        return "key_" + self.name.lower().replace(" ", "-")

    def meets(self, other: "Action") -> bool:
        """Can both stand on one page?"""
        return self.page is other.page or Page.EVERY in {self.page, other.page}


ACTIONS: tuple[Action, ...] = (
    Action("submit", "Enter", Page.EVERY),
    Action("undo", "z", Page.EVERY),
    Action("reveal", "j", Page.EVERY),
    Action("evidence", "f", Page.EVERY),
    Action("guidelines", "q", Page.EVERY),
    Action("ask", "k", Page.EVERY),
    Action("help", "?", Page.EVERY),
    *(Action(f"confidence_{level}", f"Shift+{level}", Page.EVERY) for level in range(4)),
    Action("safe", "s", Page.SAFETY),
    Action("harmful", "u", Page.SAFETY),
    Action("safe_next", "0", Page.SAFETY),
    Action("filter", "/", Page.SAFETY),
    *(Action(f"severity_{level.level}", str(level.level), Page.SAFETY) for level in SEVERITY_LEVELS),
    Action("first", "1", Page.RANKING),
    Action("second", "2", Page.RANKING),
    Action("tie", "0", Page.RANKING),
    Action("ordered", "o", Page.RANKING),
    Action("all_bad", "b", Page.RANKING),
    Action("cannot_judge", "c", Page.RANKING),
    *(Action(f"strength_{level}", key, Page.RANKING) for level, key in enumerate("wer", start=1)),
)
"""Of every project. Those of its harm categories come beside them."""


def actions_with(taxonomy: Taxonomy) -> tuple[Action, ...]:
    """All that there are in one project."""
    own = (Action(category.name, category.key, Page.SAFETY) for category in taxonomy.offered)
    return (*ACTIONS, *own)


def actions_of_all(taxonomies: Iterable[Taxonomy]) -> tuple[Action, ...]:
    """Of several projects, each name once."""
    found = {action.name: action for action in ACTIONS}
    for taxonomy in taxonomies:
        found |= {action.name: action for action in actions_with(taxonomy) if action.name not in found}
    return tuple(found.values())


def words_of(action: Action) -> str:
    """What it does, for people."""
    words = {
        "submit": _("Submit, or go on"),
        "undo": _("Take the last answer back"),
        "reveal": _("Uncover the texts"),
        "evidence": _("Mark what is selected as evidence"),
        "guidelines": _("Open the guidelines"),
        "ask": _("Ask about this item"),
        "help": _("Show the keys of this page"),
        "safe": _("Safe"),
        "safe_next": _("Safe, and next"),
        "harmful": _("Harmful"),
        "filter": _("Find a harm category"),
        "first": _("The first response is better"),
        "second": _("The second response is better"),
        "tie": _("Equally good"),
        "ordered": _("As ranked"),
        "all_bad": _("All are bad"),
        "cannot_judge": _("Can't judge"),
    }
    if action.name in words:
        return words[action.name]
    kind, level = action.name.rpartition("_")[::2]
    if kind == "severity":
        return _("Severity %(level)s") % {"level": level}
    if kind == "strength":
        return _("Strength of the preference %(level)s") % {"level": level}
    if kind == "confidence":
        return _("Confidence %(level)s") % {"level": level}
    return readable(action.name)


def keys_of(preferences: Mapping[str, Any]) -> Mapping[str, str]:
    """Of each action by its name, but for harm categories; `preferences`: a person's."""
    return usual_keys(own_keys(preferences))


def own_keys(preferences: Mapping[str, Any]) -> OwnKeys:
    stored: Mapping[str, str] = preferences.get("keys", {})
    return None if preferences.get("keys_off") else frozenset(stored.items())


@lru_cache(maxsize=256)
def all_keys(own: OwnKeys, taxonomy: Taxonomy) -> Mapping[str, str]:
    """Of each action by its name, in one project."""
    return chosen_keys(own, actions_with(taxonomy))


@lru_cache(maxsize=256)
def usual_keys(own: OwnKeys) -> Mapping[str, str]:
    """Of those of every project."""
    return chosen_keys(own, ACTIONS)


def chosen_keys(own: OwnKeys, actions: Sequence[Action]) -> Mapping[str, str]:
    """A default gives way where its key was given to another action, as may happen when a new one comes."""
    if own is None:
        return MappingProxyType(dict.fromkeys((action.name for action in actions), ""))
    chosen = dict(own)
    found = {}
    for action in actions:
        taken = {chosen[other.name] for other in actions if other.name in chosen and other.meets(action)}
        default = "" if action.key in taken else action.key
        found[action.name] = chosen.get(action.name, default)
    return MappingProxyType(found)


def keys_posted(
    posted: Mapping[str, Any], taxonomies: Sequence[Taxonomy]
) -> tuple[dict[str, str], dict[str, str]]:
    """From the form: the keys that differ from the defaults, by action; and what is wrong, by field.

    A field that was not sent keeps its default. `taxonomies`: of the projects that the keys are for; harm
    categories of different ones may share a key, since they never meet.
    """
    keys: dict[str, str] = {}
    errors: dict[str, str] = {}
    for action in actions_of_all(taxonomies):
        key = usable_key(posted.get(action.field, action.key))
        if key is None:
            errors[action.field] = _("Use one character, Shift with a digit, or Enter. Empty means no key.")
        elif key != action.key:
            keys[action.name] = key
    for taxonomy in taxonomies:
        for action, other, key in clashes(keys, actions_with(taxonomy)):
            message = _("%(key)s is also the key of “%(other)s”. Choose another.")
            errors.setdefault(action.field, message % {"key": key, "other": words_of(other)})
    return keys, errors


def clashes(keys: Mapping[str, str], actions: Sequence[Action]) -> Iterable[tuple[Action, Action, str]]:
    """Each action that shares its key with another of the same page, that other one, and the key."""
    chosen = [(action, keys.get(action.name, action.key)) for action in actions]
    for action, key in chosen:
        for other, others_key in chosen:
            if key and key == others_key and action is not other and action.meets(other):
                yield action, other, key


def usable_key(written: object) -> str | None:
    """As it is stored, whatever its case; None for what is no key of ours."""
    key = written.strip() if isinstance(written, str) else "not one"
    if key.lower() == "enter":
        return "Enter"
    if len(key) == 7 and key.lower().startswith("shift+") and key[-1] in "0123456789":
        return f"Shift+{key[-1]}"
    lower = key.lower()
    is_character = len(lower) == 1 and lower.isprintable() and unicodedata.category(lower)[0] not in "MZ"
    return lower if is_character or not lower else None
