"""The keys of the workspace: which there are, what they are by default, and what someone made of them.

A key is one character as the keyboard types it, lower-case; `Shift+` and a digit; or `Enter`. Tab, Escape,
Space and the arrows keep their own use. An action whose key is empty has none.
"""

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from app.i18n import gettext as _
from app.projects.taxonomy import HARM_CATEGORIES, SEVERITY_LEVELS

OwnKeys = frozenset[tuple[str, str]]


class Page(StrEnum):
    """Where a key acts; those of every page act beside those of the others."""

    EVERY = "every"
    SAFETY = "safety"
    RANKING = "ranking"


@dataclass(frozen=True, slots=True)
class Action:
    """`name`: how templates ask for its key, as in `keys["safe"]`; a harm category's is its own."""

    name: str
    key: str
    page: Page

    @property
    def field(self) -> str:
        return "key_" + self.name.lower().replace(" ", "_").replace("-", "_")

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
    *(Action(category.name, category.key, Page.SAFETY) for category in HARM_CATEGORIES),
    *(Action(f"severity_{level.level}", str(level.level), Page.SAFETY) for level in SEVERITY_LEVELS),
    Action("first", "1", Page.RANKING),
    Action("second", "2", Page.RANKING),
    Action("tie", "0", Page.RANKING),
    Action("ordered", "o", Page.RANKING),
    Action("all_bad", "b", Page.RANKING),
    Action("cannot_judge", "c", Page.RANKING),
    *(Action(f"strength_{level}", key, Page.RANKING) for level, key in enumerate("wer", start=1)),
)
ACTION_OF: Mapping[str, Action] = MappingProxyType({action.name: action for action in ACTIONS})


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
    return _(action.name)


def keys_of(preferences: Mapping[str, Any]) -> Mapping[str, str]:
    """Of each action by its name; `preferences`: a person's."""
    return all_keys(own_keys(preferences))


def own_keys(preferences: Mapping[str, Any]) -> OwnKeys:
    """Where they differ from the defaults. All are empty for someone who wants no keys."""
    if preferences.get("keys_off"):
        return frozenset((action.name, "") for action in ACTIONS)
    stored: Mapping[str, str] = preferences.get("keys", {})
    return frozenset((name, key) for name, key in stored.items() if name in ACTION_OF)


@lru_cache(maxsize=256)
def all_keys(own: OwnKeys) -> Mapping[str, str]:
    """A default gives way where its key was given to another action, as may happen when a new one comes."""
    chosen = dict(own)
    found = {}
    for action in ACTIONS:
        taken = {chosen[name] for name in chosen if ACTION_OF[name].meets(action)}
        default = "" if action.key in taken else action.key
        found[action.name] = chosen.get(action.name, default)
    return MappingProxyType(found)


def keys_posted(posted: Mapping[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """From the form: the keys that differ from the defaults, by action; and what is wrong, by field.

    A field that was not sent keeps its default.
    """
    keys: dict[str, str] = {}
    errors: dict[str, str] = {}
    for action in ACTIONS:
        key = usable_key(posted.get(action.field, action.key))
        if key is None:
            errors[action.field] = _("Use one character, Shift with a digit, or Enter. Empty means no key.")
        else:
            keys[action.name] = key
    for action, other in clashes(keys):
        message = _("%(key)s is also the key of “%(other)s”. Choose another.")
        errors.setdefault(action.field, message % {"key": keys[action.name], "other": words_of(other)})
    return {name: key for name, key in keys.items() if key != ACTION_OF[name].key}, errors


def clashes(keys: Mapping[str, str]) -> Iterable[tuple[Action, Action]]:
    """Each action that shares its key with another of the same page, and that other one."""
    for name, key in keys.items():
        for other, others_key in keys.items():
            if key and key == others_key and name != other and ACTION_OF[name].meets(ACTION_OF[other]):
                yield ACTION_OF[name], ACTION_OF[other]


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
