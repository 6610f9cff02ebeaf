"""The words of a text, whatever its language, and the forms that PostgreSQL takes them in.

Words are folded (`normalised`), never stemmed. Scripts that put no spaces between words give each pair of
neighbouring letters as a word, so that a word of two letters is found there too; trigrams, and PostgreSQL's
own parser, would not find it.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from app.items.texts.normalised_text import normalised

LONGEST_WORD = 60
MOST_WORDS = 50_000
# Nothing lies between the last word of a prompt and the first one of its response: no phrase may, either.
GAP = 10

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uf900-\ufaff\U00020000-\U0003ffff"
)
PICTURES = "\u2190-\u2bff\U0001f000-\U0001faff"
# Beside blanks and punctuation, which `normalised` takes out.
NO_LETTERS = r"\x00-\x1f$+<=>^`|~"
SPECIAL = re.compile(f"[{UNSPACED}{PICTURES}{NO_LETTERS}]")
RUNS = re.compile(rf"([{UNSPACED}]+)|([{PICTURES}])|([^\s{NO_LETTERS}{UNSPACED}{PICTURES}]+)")


class Word(NamedTuple):
    """`place`: counted from 1. `is_whole`: false where longer words may begin with it."""

    word: str
    place: int
    is_whole: bool = True


def words_of(text: str) -> list[str]:
    """All that a text is found by, in order; none has a quote or a backslash in it. The last letter of a run
    without spaces is a word too: so each of its letters begins one."""
    folded = normalised(text)
    if SPECIAL.search(folded) is None:
        return [word[:LONGEST_WORD] for word in folded.split()]
    found: list[str] = []
    for unspaced, picture, spaced in RUNS.findall(folded):
        if unspaced:
            found += (unspaced[n : n + 2] for n in range(len(unspaced)))
        else:
            found.append((picture or spaced)[:LONGEST_WORD])
    return found


def words_asked(text: str) -> list[Word]:
    """Of what someone looks for: all of them, at these places."""
    found: list[Word] = []
    place = 0
    for unspaced, picture, spaced in RUNS.findall(normalised(text)):
        if len(unspaced) > 1:
            found += (Word(unspaced[n : n + 2], place + n + 1) for n in range(len(unspaced) - 1))
            place += len(unspaced)
        else:
            place += 1
            found.append(Word((unspaced or picture or spaced)[:LONGEST_WORD], place, not unspaced))
    return found


def source_word(source: str) -> str:
    """Where a text comes from, as a word that no text can have: punctuation is never part of one."""
    return f"source:{source[:500]}"


def document(prompt: Sequence[str], response: Sequence[str], sources: set[str]) -> dict[str, str]:
    """Of the words of both texts: each with its places, as a tsvector has them behind it."""
    places = dict.fromkeys(map(source_word, sources), "")
    for words, behind in ((prompt, 0), (response, len(prompt) + GAP)):
        for place, word in enumerate(words[:MOST_WORDS], behind + 1):
            known = places.get(word)
            places[word] = f"{known},{place}" if known else f":{place}"
    return places


def as_tsvector(places: dict[str, str]) -> str:
    return " ".join([f"'{word}'{at}" if at else quoted(word) for word, at in places.items()])


def quoted(word: str) -> str:
    """As both of PostgreSQL's types take it."""
    return "'" + word.replace("\\", "\\\\").replace("'", "''") + "'"
