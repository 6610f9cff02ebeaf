"""What models wrote, and people asked them: shown character by character, kept within its own box."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from markupsafe import Markup, escape

from app.web.markdown import NotShowable, direction_of, model_markdown

# What is seen of a long text at first; also the size of the parts that a browser lays out one at a time.
PART_CHARS = 2500
HEAD_LINES = 40
PART_LINES = 400
# What a line may have beyond a part's end and still be kept whole; a longer one is broken there.
LINE_CHARS = 8000
LONG_CHARS = 3000
LONG_LINES = 80
# The slowest Markdown of this length that we know takes half a second.
LONGEST_MARKDOWN = 30_000

# Control characters, and those that reorder what follows: shown by their number, and without effect.
CONTROLS = "\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u206f\ufff9-\ufffb"
# One alone joins letters or picks a glyph; many in a row are there to hide something or to flood the page.
UNSEEN = "\u00ad\u034f\u180e\u200b-\u200f\u2060-\u2064\ufe00-\ufe0f\ufeff\U000e0100-\U000e01ef"
# Behind a black flag they name a region; anywhere else they are letters that nobody sees.
TAGS = "\U000e0000-\U000e007f"
ODD = re.compile(f"[{CONTROLS}]+|\r(?!\n)|[{UNSEEN}]{{3,}}|(?<![\U0001f3f4{TAGS}])[{TAGS}]+")
MOST_NAMED = 4
# In a part with more, which no reader could make sense of, the further ones are left as they are.
MOST_MARKED = 100


@dataclass(frozen=True, slots=True)
class ShownText:
    """`plain`: HTML whose text content is the text, character by character, parts included.

    `head`, `rest`: the text as Markdown, what is seen at first and what opens; `rest` is empty for a short
    text, `head` is None where the text is shown as it is. `is_tall`: `head` is one long block.
    `refused`: it should be Markdown, but is too long or nested too deeply.
    """

    n_chars: int
    direction: str
    plain: Markup
    is_folded: bool
    head: Markup | None = None
    rest: str = ""
    is_tall: bool = False
    refused: bool = False


def shown_text(text: str, text_format: str = "plain") -> ShownText:
    plain = ShownText(len(text), direction_of(text) or "ltr", plain_html(text), is_long(text))
    if text_format != "markdown":
        return plain
    try:
        parts = model_markdown(text, PART_CHARS) if len(text) <= LONGEST_MARKDOWN else None
    except NotShowable:
        parts = None
    if parts is None:
        return replace(plain, refused=True)
    blocks = [(marked(html), n_chars) for html, n_chars in parts] or [(Markup(), 0)]
    if not plain.is_folded:
        return replace(plain, head=Markup().join(html for html, _ in blocks))
    rest = Markup().join(Markup('<div class="part">{}</div>').format(html) for html, _ in blocks[1:])
    is_tall = blocks[0][1] > 2 * PART_CHARS
    return replace(plain, head=blocks[0][0], rest=rest, is_tall=is_tall)


def is_long(text: str) -> bool:
    return len(text) > LONG_CHARS or text.count("\n") > LONG_LINES


def plain_html(text: str) -> Markup:
    """In parts where it is long; all but the first are `rest`. Parts end where lines do; where the
    first can't, the remainder of its line is `rest` too."""
    if not is_long(text):
        return marked(escape(text))
    fold = end_of_part(text, 0, HEAD_LINES)
    line_end = end_of_line(text, fold)
    tail = Markup('<span class="rest">{}</span>').format(marked(escape(text[fold:line_end])))
    head = Markup('<div class="part">{}{}</div>').format(
        marked(escape(text[:fold])), tail if fold < line_end else ""
    )
    parts = (
        Markup('<div class="part rest">{}</div>').format(marked(escape(part)))
        for part in parts_of(text, line_end)
    )
    return head + Markup().join(parts)


def parts_of(text: str, start: int) -> Iterator[str]:
    while start < len(text):
        end = end_of_line(text, end_of_part(text, start, PART_LINES))
        yield text[start:end]
        start = end


def end_of_part(text: str, start: int, n_lines: int) -> int:
    """After a line where one ends in time, else after a word."""
    window = text[start : start + PART_CHARS]
    lines = window.split("\n", n_lines)
    if len(lines) > n_lines:
        return start + len(window) - len(lines[-1])
    if start + len(window) == len(text):
        return len(text)
    at = max(window.rfind("\n", len(window) // 2), window.rfind(" ", len(window) * 9 // 10))
    return start + (at + 1 or len(window))


def end_of_line(text: str, at: int) -> int:
    """Of the line that ends at `at` or goes on there; `at` itself where it goes on for too long."""
    limit = min(at + LINE_CHARS, len(text))
    return text.find("\n", at - 1, limit) + 1 or (limit if limit == len(text) else at)


def marked(html: Markup) -> Markup:
    """The characters stay, each run in an element that names it; the names are drawn by the style sheet
    alone, so that they are no part of the text."""
    with_marks = ODD.sub(mark, str(html), MOST_MARKED)
    # A browser would read a bare one as the end of a line.
    return Markup(with_marks.replace("\r", "&#13;"))  # noqa: S704 (was safe; names are hexadecimal)


def mark(run: re.Match[str]) -> str:
    chars = run[0]
    names = " ".join(f"U+{ord(char):04X}" for char in chars[:MOST_NAMED])
    more = f" … ({len(chars)})" if len(chars) > MOST_NAMED else ""
    return f'<i class="odd" data-name="{names}{more}">{chars}</i>'
