"""Markdown of strangers, as HTML that can do no harm."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markupsafe import Markup

# No images: they would be fetched from elsewhere. No HTML of the author's own: it is shown as text.
TAGS = {
    "p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li",
    "h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip


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
