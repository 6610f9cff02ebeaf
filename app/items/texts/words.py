"""A text as its words, quickly: good enough to see what is repeated, and what two texts share."""

APART = "\t\n\r\f\v!\"#$%&'()*,.:;<>?@[\\]^`{|}~"
_PLAIN = bytes(
    ord(" " if chr(code) in APART else chr(code).lower()) if code < 128 else code for code in range(256)
)


def words_of(text: str) -> list[bytes]:
    """In lower case and UTF-8, without punctuation. A text of a script without spaces is few long words."""
    return text.encode().translate(_PLAIN).split()
