"""The keys of the workspace: no two alike on a page, and each person's own."""

from collections.abc import Mapping
from itertools import combinations

import pytest

from app.keys.bindings import actions_with, all_keys, keys_posted, own_keys, usable_key, words_of
from app.projects.pku import PKU

ACTIONS = actions_with(PKU)
DEFAULTS = {action.name: action.key for action in ACTIONS}
FIELDS = {action.field: action.key for action in ACTIONS}


def test_no_two_actions_of_a_page_have_the_same_key() -> None:
    for one, other in combinations(ACTIONS, 2):
        assert one.key != other.key or not one.meets(other), (one, other)
    assert len(FIELDS) == len(DEFAULTS) == len(ACTIONS)


def test_every_default_can_be_typed_in_again() -> None:
    assert keys_posted(FIELDS, [PKU]) == ({}, {})
    assert keys_posted({}, [PKU]) == ({}, {})


def test_every_action_and_category_has_words_and_a_key() -> None:
    assert all(words_of(action) and action.key for action in ACTIONS)
    assert {category.name for category in PKU.categories} < set(DEFAULTS)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        *(("s", "s"), ("S", "s"), (" é ", "é"), ("?", "?"), ("", ""), ("  ", ""), ("字", "字")),
        *(("enter", "Enter"), ("ENTER", "Enter"), ("shift+3", "Shift+3"), ("Shift+0", "Shift+0")),
    ],
)
def test_a_key_is_known_however_it_is_written(written: str, key: str) -> None:
    assert usable_key(written) == key


@pytest.mark.parametrize(
    "written",
    [
        *("Tab", "Escape", "Space", "ArrowUp", "F1", "ss", "Ctrl+s", "Shift+s", "Shift+10", "Shift+²"),
        *("\u0301", "\x01", "\u202e", "İ", ["s", "u"], None, 7),
    ],
)
def test_what_is_no_key_of_ours_is_refused(written: object) -> None:
    assert usable_key(written) is None


@pytest.mark.parametrize(
    ("changed", "own", "wrong"),
    [
        ({"key_safe": "ö"}, {"safe": "ö"}, set()),
        ({"key_safe": ""}, {"safe": ""}, set()),
        ({"key_safe": "u", "key_harmful": "s"}, {"safe": "u", "harmful": "s"}, set()),
        ({"key_safe": "v"}, None, {"key_safe", "key_violence"}),
        ({"key_safe": "z"}, None, {"key_safe", "key_undo"}),
        ({"key_first": "z"}, None, {"key_first", "key_undo"}),
        ({"key_first": "v"}, {"first": "v"}, set()),
        ({"key_safe": "Tab"}, None, {"key_safe"}),
        ({"key_safe": "", "key_harmful": ""}, {"safe": "", "harmful": ""}, set()),
    ],
)
def test_keys_are_stored_where_they_differ_and_refused_where_they_clash(
    changed: Mapping[str, str], own: dict[str, str] | None, wrong: set[str]
) -> None:
    found, errors = keys_posted({**FIELDS, **changed}, [PKU])
    assert set(errors) == wrong
    assert own is None or found == own


@pytest.mark.parametrize(
    ("preferences", "differing"),
    [
        ({}, {}),
        ({"keys": {}}, {}),
        ({"keys": {"safe": "ö"}}, {"safe": "ö"}),
        ({"keys": {"gone": "g"}}, {}),
        ({"keys": {"safe": "z"}}, {"safe": "z", "undo": ""}),
        ({"keys": {"first": "v"}}, {"first": "v"}),
        ({"keys_off": True, "keys": {"safe": "ö"}}, dict.fromkeys(DEFAULTS, "")),
    ],
)
def test_a_person_has_the_defaults_but_for_their_own(
    preferences: dict[str, object], differing: dict[str, str]
) -> None:
    assert all_keys(own_keys(preferences), PKU) == DEFAULTS | differing


def test_the_keys_of_all_can_not_be_changed_by_one() -> None:
    with pytest.raises(TypeError):
        all_keys(frozenset(), PKU)["safe"] = "x"  # type: ignore[index]
