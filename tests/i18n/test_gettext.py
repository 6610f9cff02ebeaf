"""The words of a language, and those it lacks."""

from collections.abc import Iterator

import pytest

from app.i18n import LOCALE, gettext, ngettext
from app.projects.pku import PKU
from app.projects.taxonomy import SEVERITY_LEVELS


@pytest.fixture
def chinese() -> Iterator[None]:
    token = LOCALE.set("zh-CN")
    yield
    LOCALE.reset(token)


def test_outside_of_a_request_the_words_are_english() -> None:
    assert gettext("Sign in") == "Sign in"
    assert [ngettext("%(n)s answer", "%(n)s answers", n) % {"n": n} for n in (1, 2)] == [
        "1 answer",
        "2 answers",
    ]


def test_a_language_has_words_and_plurals_of_its_own(chinese: None) -> None:
    assert gettext("Sign in") == "登录"
    assert [ngettext("%(n)s answer", "%(n)s answers", n) % {"n": n} for n in (1, 2)] == [
        "1 份答案",
        "2 份答案",
    ]


def test_what_has_no_translation_is_english(chinese: None) -> None:
    assert gettext("Nobody translates this.") == "Nobody translates this."
    assert ngettext("one of these", "many of these", 2) == "many of these"
    assert gettext("") == ""


def test_labels_are_shown_in_the_language_and_stored_as_ever(chinese: None) -> None:
    shown = [gettext(category.name) for category in PKU.categories]
    assert len(set(shown)) == len(PKU.categories)
    assert not {category.name for category in PKU.categories} & set(shown)
    assert [gettext(level.name) for level in SEVERITY_LEVELS] == ["轻微", "中等", "严重"]
