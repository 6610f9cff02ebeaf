"""What shows that nobody wrote a text like this: lost or doubly encoded characters, noise, a loop."""

import re
from collections.abc import Sequence
from enum import StrEnum


class Garbled(StrEnum):
    MISSING = "the mark of a missing value"
    REPLACED = "replacement characters"
    MOJIBAKE = "UTF-8 read as another encoding"
    CONTROL = "control characters"
    SYMBOLS = "symbols for the most part"
    ENCODED = "base64 or the like"
    REPEATED = "the same words over and over"


# As Python, pandas, JavaScript, SQL and Excel write it.
MARKS = frozenset(
    {"NaN", "nan", "None", "null", "NULL", "undefined", "#N/A", "#NAME?", "#REF!", "#VALUE!", "#DIV/0!"}
)
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# What the later bytes of a character in UTF-8 become in Latin-1, or in Windows-1252.
LATER = (
    "[\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192\u02c6\u02dc\u2020-\u2022\u2030\u20ac\u2122]"
)
# Two bytes behind an accented capital A, Eth or N; three that begin with a small letter; quotes and dashes.
MOJIBAKE = re.compile(f"[\xc2\xc3\xd0\xd1]{LATER}|[\xe0-\xef]{LATER}{{2}}|\xe2\u20ac|\xf0\u0178")
# Of ASCII all but white space; of the second block all but the line end of mainframes.
CONTROLS = bytes(code for code in (*range(32), 127) if not chr(code).isspace())
LATE_CONTROLS = re.compile("[\x80-\x84\x86-\x9f]")
ORDINARY = bytes(code for code in range(256) if code > 127 or chr(code).isalnum() or chr(code).isspace())
FEWEST_SYMBOLS = 20
ENCODED = re.compile(rb"(?=[^0-9]*[0-9])[a-z0-9+/_=-]{80,}")
FEWEST_ENCODED_CHARACTERS = 10
LONG_ON_AVERAGE = 8
FEWEST_WORDS = 30
RUN = 4
LOOKED_AT = 200
# Prose has more than half.
MOST_DISTINCT = 0.1


def why_garbled(text: str, words: list[bytes]) -> Garbled | None:
    """The first reason that is found. `words`: the text's (see words.py)."""
    if text in MARKS:
        return Garbled.MISSING
    encoded = text.encode()
    if len(encoded) > len(text):
        if REPLACEMENT in text:
            return Garbled.REPLACED
        if MOJIBAKE.search(text):
            return Garbled.MOJIBAKE
        if LATE_CONTROLS.search(text):
            return Garbled.CONTROL
    symbols = encoded.translate(None, ORDINARY)
    if len(symbols.translate(None, CONTROLS)) < len(symbols):
        return Garbled.CONTROL
    if len(symbols) >= FEWEST_SYMBOLS and 2 * len(symbols) > len(encoded):
        return Garbled.SYMBOLS
    if is_encoded(text, words):
        return Garbled.ENCODED
    return Garbled.REPEATED if is_loop(text, words) else None


def is_encoded(text: str, words: list[bytes]) -> bool:
    """The most of it is one long word of many different letters and digits, and that is no address."""
    if len(text) <= LONG_ON_AVERAGE * len(words) or "://" in text:
        return False
    longest = max(words, key=len, default=b"")
    return (
        2 * len(longest) > len(text)
        and ENCODED.fullmatch(longest) is not None
        and len(set(longest)) >= FEWEST_ENCODED_CHARACTERS
    )


def is_loop(text: str, words: list[bytes]) -> bool:
    """The same few words; where words are long, as in scripts without spaces, the same few runs."""
    if len(words) >= FEWEST_WORDS:
        return has_few_distinct(words[:LOOKED_AT])
    if len(text) >= FEWEST_WORDS * max(2, len(words)):
        start = text[:LOOKED_AT]
        return has_few_distinct([start[place : place + RUN] for place in range(len(start))])
    return False


def has_few_distinct(some: Sequence[object]) -> bool:
    most = int(MOST_DISTINCT * len(some))
    # Of most texts a beginning twice as long has more already.
    return len(set(some[: 2 * most + 2])) <= most and len(set(some)) <= most
