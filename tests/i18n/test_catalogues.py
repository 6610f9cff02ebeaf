"""Every message has its translation, and says the same with the same parts."""

import re
from collections.abc import Sequence
from io import BytesIO

import pytest
from babel.messages import Catalog, Message
from babel.messages.pofile import read_po, write_po

from app.i18n import ENGLISH, LOCALES
from locales.extract import extracted, is_translated, known, updated

TRANSLATED = sorted(LOCALES.keys() - {ENGLISH})
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?([a-z%])")
TAG = re.compile(r"<[^>]*>")


@pytest.fixture(scope="module", params=TRANSLATED)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return known(request.param)


def strings(said: str | Sequence[str] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())


def messages_of(catalogue: Catalog) -> list[Message]:
    return [message for message in catalogue if message.id]


def test_the_catalogue_has_what_the_code_and_the_templates_say(catalogue: Catalog) -> None:
    wanted = messages_of(updated(catalogue, extracted()))
    has = {message.id for message in messages_of(catalogue)}
    assert has == {message.id for message in wanted}, "run `make messages`, then translate what is new"


def test_every_message_is_translated_and_none_is_a_guess(catalogue: Catalog) -> None:
    missing = [message.id for message in messages_of(catalogue) if not is_translated(message)]
    assert missing == [], f"translate these in the catalogue {catalogue.locale}"
    assert [message.id for message in messages_of(catalogue) if message.fuzzy] == []


def test_a_translation_has_the_placeholders_and_tags_of_its_message(catalogue: Catalog) -> None:
    for message in messages_of(catalogue):
        originals = strings(message.id)
        for pattern in (PLACEHOLDER, TAG):
            wanted = [set(pattern.findall(original)) for original in originals]
            for string in strings(message.string):
                assert set(pattern.findall(string)) in wanted, string


def test_a_translation_can_stand_in_an_attribute(catalogue: Catalog) -> None:
    for message in messages_of(catalogue):
        if '"' not in "".join(strings(message.id)):
            assert '"' not in "".join(strings(message.string)), message.id


def test_what_comes_back_finds_its_translation_again() -> None:
    old, messages, none = Catalog("zh_CN"), Catalog(), Catalog()
    old.add("Tea", "茶")
    messages.add("Tea")
    messages.add("Coffee")
    gone = updated(old, none)
    assert ("Tea" in gone, list(gone.obsolete)) == (False, ["Tea"])
    back = updated(gone, messages)
    assert (back["Tea"].string, bool(back["Coffee"].string), list(back.obsolete)) == ("茶", False, [])


def test_what_is_said_no_more_keeps_its_translation_in_the_file() -> None:
    old = Catalog("zh_CN")
    old.add(("%(n)s tea", "%(n)s teas"), ("%(n)s 杯茶",))
    file = BytesIO()
    write_po(file, updated(old, Catalog()))
    file.seek(0)
    assert read_po(file).obsolete["%(n)s tea"].string == ("%(n)s 杯茶",)
