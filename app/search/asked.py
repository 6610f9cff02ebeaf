"""The small language that people look for items in: words, "phrases", parts of words, numbers and hashes."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from app.items.texts.normalised_text import normalised
from app.search.words import LONGEST_WORD, Word, quoted, words_asked

TERMS = re.compile(r'"([^"]*)"?|(\S+)')
ITEM = re.compile(r"(?:id:|#)?([1-9][0-9]{0,17})", re.IGNORECASE)
SHA256 = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Asked:
    """`phrases`: each of one word or more, which follow each other; all must be there. `beginnings` and
    `parts`: of words. `item_id` or `sha256`: where it names items, and then nothing else."""

    phrases: tuple[tuple[Word, ...], ...] = ()
    beginnings: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    item_id: int | None = None
    sha256: bytes | None = None

    @property
    def has_words(self) -> bool:
        return bool(self.phrases or self.beginnings or self.parts)

    @property
    def whole_words(self) -> list[str]:
        return [word.word for phrase in self.phrases for word in phrase if word.is_whole]


def asked_in(find: str) -> Asked:
    """A term without letters, such as "%", asks for nothing."""
    found = find.strip()
    if named := ITEM.fullmatch(found):
        return Asked(item_id=int(named[1]))
    if SHA256.fullmatch(found):
        return Asked(sha256=bytes.fromhex(found))
    phrases: list[tuple[Word, ...]] = []
    beginnings: list[str] = []
    parts: list[str] = []
    for phrase, term in TERMS.findall(found):
        bare = normalised(term.strip("*")).replace(" ", "")[:LONGEST_WORD]
        if bare and term.startswith("*"):
            parts.append(bare)
        elif bare and term.endswith("*"):
            beginnings.append(bare)
        elif words := words_asked(phrase or term):
            phrases.append(tuple(words))
    return Asked(tuple(phrases), tuple(beginnings), tuple(parts))


def as_tsquery(asked: Asked, words_with_parts: Sequence[Sequence[str]]) -> str:
    """`words_with_parts`: for each part, the words it stands in."""
    terms = [followed(phrase) for phrase in asked.phrases]
    terms += [f"{quoted(beginning)}:*" for beginning in asked.beginnings]
    terms += [f"({' | '.join(map(quoted, words))})" for words in words_with_parts]
    return " & ".join(terms)


def followed(phrase: Sequence[Word]) -> str:
    text, last = "", 0
    for word in phrase:
        text += f" <{word.place - last}> " if text else ""
        text += quoted(word.word) + ("" if word.is_whole else ":*")
        last = word.place
    return f"({text})"
