"""Texts with all that does not change what they say made equal."""

from unicodedata import category, normalize


class _Kept(dict[int, int | str | None]):
    """What becomes of each character: of punctuation a space, of invisible ones nothing; filled as they come.

    Kept are letters, marks (vowels in many scripts), digits and symbols (emoji, currencies).
    """

    def __missing__(self, code: int) -> int | str | None:
        kind = category(chr(code))
        kept = " " if kind.startswith("P") else None if kind == "Cf" else code
        self[code] = kept
        return kept


_KEPT = _Kept()


def normalised(text: str) -> str:
    """In lower case (folded), Unicode's form NFKC, without punctuation, and with single spaces between words.

    Empty where nothing is left.
    """
    folded = normalize("NFKC", normalize("NFKC", text).casefold())
    return " ".join(folded.translate(_KEPT).split())
