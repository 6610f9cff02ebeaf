"""The words of the reader's language. English is written in the code; the other languages are catalogues."""

from contextvars import ContextVar
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

ENGLISH = "en"
LOCALES = {ENGLISH: "English", "zh-CN": "简体中文"}
CATALOGUES = Path(__file__).resolve().parents[1] / "locales"

# Set at the edge of each request; jobs and the command line speak English.
LOCALE: ContextVar[str] = ContextVar("locale", default=ENGLISH)


def gettext(message: str) -> str:
    """In English where it has no translation."""
    # Under the empty string a catalogue keeps its header.
    return catalogue(LOCALE.get()).gettext(message) if message else ""


def ngettext(singular: str, plural: str, n: int) -> str:
    return catalogue(LOCALE.get()).ngettext(singular, plural, n)


def readable(name: str) -> str:
    """A harm category as people read it, translated. Some are spelled for machines, as in
    "drug_abuse,weapons", which becomes "Drug abuse, weapons"."""
    return gettext(plain_english(name))


def plain_english(name: str) -> str:
    """In English; what has no "_" is for people already."""
    if "_" not in name:
        return name
    words = name.replace("_", " ").replace(",", ", ")
    return words[0].upper() + words[1:]


def weekday_name(number: int) -> str:
    """As ISO 8601 numbers them, from 1, a Monday."""
    names = Locale.parse(LOCALE.get(), sep="-").days["format"]["wide"]
    return str(names[number - 1])


def N_(message: str) -> str:  # noqa: N802 (the name that extractors of messages know)
    """Marks what a table of the module holds, for `gettext` to translate when it is used."""
    return message


@lru_cache
def catalogue(locale: str) -> NullTranslations:
    """One of LOCALES, read once a process."""
    if locale == ENGLISH:
        return NullTranslations()
    compiled = BytesIO()
    with catalogue_path(locale).open("rb") as file:
        write_mo(compiled, read_po(file))
    compiled.seek(0)
    return GNUTranslations(compiled)


def catalogue_path(locale: str) -> Path:
    return CATALOGUES / f"{locale.replace('-', '_')}.po"
