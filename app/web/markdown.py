"""Markdown of strangers, as HTML that can do no harm."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import Any
from unicodedata import bidirectional

import nh3
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup

from app.i18n import gettext as _

# No images: they would be fetched from elsewhere. No HTML of the author's own: it is shown as text.
TAGS = {
    "p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
# What we put in ourselves: a model's text has no HTML and so no attributes.
OWN_ATTRIBUTES = {"*": {"dir", "role", "aria-label", "tabindex", "data-info"}, "ol": {"start"}}
# The parser drops what is nested deeper, so such a text is not shown as Markdown at all.
MOST_NESTED = 40
# htmx looks at every element that comes and goes.
MOST_TOKENS = 5000
# A text's headings stand below the page's own h1 and h2, and skip no level.
PAGE_HEADINGS = 2
SMALLEST_HEADING = 6
# Longer lines of code may have to scroll sideways.
NARROW_LINE = 36


class NotShowable(ValueError):
    """Nested deeper than is shown, or of more elements than a browser swaps in unnoticed."""


@lru_cache
def parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])


def markdown(text: str, *, with_links: bool = False) -> Markup:
    """`with_links`: for texts of our own people; a model's links would lead anywhere."""
    html = nh3.clean(
        parser().render(text),
        tags=TAGS | {"a"} if with_links else TAGS,
        attributes={"a": {"href"}} if with_links else {},
        url_schemes={"https", "http", "mailto"},
    )
    return Markup(html)  # noqa: S704 (cleaned just now)


@lru_cache
def model_parser() -> MarkdownIt:
    """Links, images and references stay as they were written: where they lead is seen, and leads nowhere."""
    made = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": MOST_NESTED})
    made.enable(["table", "strikethrough"]).disable(["link", "image", "autolink", "reference"])
    made.core.ruler.push("fit_into_page", fit_into_page)
    made.add_render_rule("fence", code_box)
    made.add_render_rule("code_block", code_box)
    made.add_render_rule("table_open", table_box)
    made.add_render_rule("table_close", table_box_end)
    return made


def model_markdown(text: str, part_chars: int) -> list[tuple[Markup, int]]:
    """A model's text in parts of about `part_chars` characters, cut between its outermost blocks; each with
    the number of characters it was made of. Raises NotShowable."""
    tokens = model_parser().parse(text)
    n_tokens = sum(1 + len(token.children or ()) for token in tokens)
    if n_tokens > MOST_TOKENS or any(token.level >= MOST_NESTED - 1 for token in tokens):
        raise NotShowable
    line_starts = [0, *accumulate(len(line) + 1 for line in re.split("\r\n|\r|\n", text))]
    parts: list[tuple[list[Token], int]] = []
    for block in blocks_of(tokens):
        first_line, end_line = block[0].map or (0, 0)
        n_chars = line_starts[end_line] - line_starts[first_line]
        if parts and (parts[-1][1] + n_chars <= part_chars or parts[-1][1] < part_chars // 3):
            parts[-1] = ([*parts[-1][0], *block], parts[-1][1] + n_chars)
        else:
            parts.append((block, n_chars))
    return [(cleaned(part), n_chars) for part, n_chars in parts]


def blocks_of(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    block: list[Token] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting < 1:
            yield block
            block = []


def cleaned(tokens: Sequence[Token]) -> Markup:
    made = model_parser()
    html = made.renderer.render(tokens, made.options, {})
    return Markup(nh3.clean(html, tags=TAGS | {"div"}, attributes=OWN_ATTRIBUTES))  # noqa: S704 (cleaned)


def fit_into_page(state: StateCore) -> None:
    """Each block runs in the direction of its first words; headings take their place below the page's."""
    level = PAGE_HEADINGS
    undecided: list[Token] = []
    for token in state.tokens:
        if token.nesting == 1:
            undecided.append(token)
        elif token.content and (direction := direction_of(token.content)):
            for block in undecided:
                block.attrSet("dir", direction)
            undecided.clear()
        if token.type == "heading_open":
            level = min(int(token.tag[1]) + PAGE_HEADINGS, level + 1, SMALLEST_HEADING)
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{level}"


def direction_of(text: str) -> str | None:
    """That of the first letter that has one."""
    kinds = (bidirectional(char) for char in text)
    kind = next((kind for kind in kinds if kind in {"L", "R", "AL"}), None)
    return kind and ("ltr" if kind == "L" else "rtl")


def code_box(renderer: Any, tokens: Sequence[Token], at: int, *rest: Any) -> str:
    """Scrolls by itself where a line is long, and then takes the focus, so that keys can scroll it."""
    token = tokens[at]
    attributes = Markup(' role="group" aria-label="{}"').format(_("Code"))
    if token.info:
        info = "".join(char if char.isprintable() else " " for char in token.info)
        attributes += Markup(' data-info="{}"').format(info.strip())
    if any(len(line.expandtabs()) > NARROW_LINE for line in token.content.split("\n")):
        attributes += Markup(' tabindex="0"')
    return Markup("<pre{}><code>{}</code></pre>\n").format(attributes, token.content)


def table_box(renderer: Any, tokens: Sequence[Token], at: int, *rest: Any) -> str:
    box = Markup('<div role="group" aria-label="{}" tabindex="0" dir="{}">\n<table>\n')
    return box.format(_("Table"), tokens[at].attrGet("dir") or "ltr")


def table_box_end(renderer: Any, tokens: Sequence[Token], at: int, *rest: Any) -> str:
    return "</table>\n</div>\n"
