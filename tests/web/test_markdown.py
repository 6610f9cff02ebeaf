"""Markdown of models and of our own people can do no harm."""

import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

import pytest

from app.web.markdown import NotShowable, markdown, model_markdown
from app.web.model_text import LONGEST_MARKDOWN, shown_text

HARMLESS_TAGS = {
    *("p", "br", "hr", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "div"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td", "a", "i"),
}
HARMLESS_ATTRIBUTES = {
    *(
        "dir",
        "role",
        "aria-label",
        "tabindex",
        "data-info",
        "data-name",
        "start",
        "href",
        "rel",
        "title",
        "class",
    ),
}
ATTACKS = [
    "<script>taken()</script>",
    "<SCRIPT SRC=//bad.invalid/x.js></SCRIPT>",
    "<scr<script>ipt>taken()</script>",
    "<img src=x onerror=taken()>",
    "<img\nsrc=x\nonerror=taken()\n>",
    "<svg onload=taken()><a xlink:href='javascript:taken()'>x</a></svg>",
    "<svg><style><img src=x onerror=taken()></style></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=taken()>",
    "<iframe srcdoc='<script>taken()</script>'>",
    "<style>@import '//bad.invalid/x.css'; body { display: none }</style>",
    "<link rel=stylesheet href=//bad.invalid/x.css>",
    "<meta http-equiv=refresh content='0; url=//bad.invalid'>",
    "<base href=//bad.invalid/>",
    "<form action=//bad.invalid><input name=csrf_token><button>Submit and next</button></form>",
    "<textarea><script>taken()</script>",
    "<!-- <img src=x onerror=taken()> -->",
    "<!--><script>taken()</script>",
    "<![CDATA[<script>taken()</script>]]>",
    "<?php taken() ?>",
    "<div style='position: fixed; inset: 0'>over all",
    "<a href='javascript:taken()'>unclosed <b><i>",
    "<b onmouseover=taken() x='",
    "[a](javascript:taken())",
    "[a](JaVaScRiPt:taken())",
    "[a](java&#10;script:taken())",
    "[a](&#x6A;avascript:taken())",
    "[a](\x01javascript:taken())",
    "[a](data:text/html;base64,PHNjcmlwdD50YWtlbigpPC9zY3JpcHQ+)",
    "[a](vbscript:taken())",
    '[a](https://bad.invalid "title onmouseover=taken()")',
    "![a](javascript:taken())",
    "![a](https://bad.invalid/seen.png)",
    '![a" onerror="taken()](x)',
    "<javascript:taken()>",
    "<https://bad.invalid>",
    "https://bad.invalid",
    "[a]: javascript:taken()\n\n[a]",
    "[a]: <javascript:taken()> 'title'\n\n![a][a]",
    "&lt;script&gt;taken()&lt;/script&gt;",
    "&#60;img src=x onerror=taken()&#62;",
    "\\<script>taken()\\</script>",
    "`<script>taken()</script>`",
    '```"><script>taken()</script>\ncode\n```',
    '```x" onfocus="taken()\ncode\n```',
    "~~~ <img src=x onerror=taken()>\n</code></pre><script>taken()</script>\n~~~",
    "    </code></pre><script>taken()</script>",
    "| <script>taken()</script> | b |\n|-|-|\n| <img src=x onerror=taken()> | d |",
    "# <script>taken()</script>",
    "> <script>\n> taken()\n> </script>",
    "- <script>\n\n  taken()\n  </script>",
    "<\x00script>taken()</script>",
    '```a\u202e"<b>\ncode\n```',
]


class Reader(HTMLParser):
    def reset(self) -> None:
        super().reset()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(html: str) -> list[tuple[str, dict[str, str | None]]]:
    parser = Reader()
    parser.feed(html)
    parser.close()
    return parser.found


def model_html(text: str) -> str:
    shown = shown_text(text, "markdown")
    assert shown.head is not None
    return shown.head + shown.rest


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("before", ["", "Some *text* ", "> ", "- "])
def test_a_models_markdown_has_no_active_part(attack: str, before: str) -> None:
    found = elements(model_html(before + attack))
    assert {tag for tag, _ in found} <= HARMLESS_TAGS - {"a"}
    assert {name for _, attributes in found for name in attributes} <= HARMLESS_ATTRIBUTES - {"href", "title"}


@pytest.mark.parametrize("attack", ATTACKS)
def test_links_of_our_own_people_lead_to_the_web_only(attack: str) -> None:
    found = elements(markdown(attack, with_links=True))
    assert {tag for tag, _ in found} <= HARMLESS_TAGS
    assert {name for _, attributes in found for name in attributes} <= HARMLESS_ATTRIBUTES
    for _, attributes in found:
        assert urlsplit(attributes.get("href") or "").scheme in {"", "http", "https", "mailto"}


@pytest.mark.parametrize(
    "written",
    [
        "[tea](https://tea.invalid)",
        "![tea](https://tea.invalid/cup.png)",
        "[tea]: https://tea.invalid 'A title'",
        "https://tea.invalid",
    ],
)
def test_where_a_link_would_lead_can_be_read(written: str) -> None:
    assert "https://tea.invalid" in model_html(written)


def test_headings_stand_below_those_of_the_page_and_skip_no_level() -> None:
    html = model_html("# One\n\n#### Two\n\n# Three\n\n###### Four\n\n###### Five")
    assert re.findall(r"<(h\d)", html) == ["h3", "h4", "h3", "h4", "h5"]


def test_a_block_runs_in_the_direction_of_its_own_words() -> None:
    html = model_html("tea\n\nشاي\n\n- شاي\n\n> 12 tea")  # noqa: RUF001
    assert re.findall(r'<(\w+) dir="(\w+)"', html) == [
        *(("p", "ltr"), ("p", "rtl"), ("ul", "rtl"), ("li", "rtl"), ("blockquote", "ltr"), ("p", "ltr"))
    ]


def test_only_code_that_is_wide_takes_the_focus() -> None:
    boxes = [
        attributes
        for tag, attributes in elements(model_html(f"    a\n\ntext\n\n    {'b' * 80}"))
        if tag == "pre"
    ]
    assert [box.get("tabindex") for box in boxes] == [None, "0"]
    assert {box["aria-label"] for box in boxes} == {"Code"}


def test_what_a_fence_says_of_its_code_is_shown() -> None:
    assert 'data-info="python and more"' in model_html("```python and more\ncode\n```")


def test_a_long_text_is_cut_between_its_blocks() -> None:
    parts = model_markdown("A paragraph about tea.\n\n" * 100, 1000)
    assert len(parts) == 3
    assert sum(html.count("<p") for html, _ in parts) == 100
    assert all(html.count("<p") == html.count("</p>") for html, _ in parts)
    assert sum(n_chars for _, n_chars in parts) <= 100 * len("A paragraph about tea.\n\n")


@pytest.mark.parametrize("text", ["> " * 60 + "deep", "* " * 60 + "deep", ">" * 20_000, "- a\n* b\n" * 3000])
def test_what_can_not_be_shown_as_markdown_is_shown_as_it_is(text: str) -> None:
    with pytest.raises(NotShowable):
        model_markdown(text, 1000)
    shown = shown_text(text, "markdown")
    assert shown.refused
    assert shown.head is None


def test_too_long_a_text_is_not_even_tried() -> None:
    assert shown_text("a" * (LONGEST_MARKDOWN + 1), "markdown").refused
    assert not shown_text("a" * LONGEST_MARKDOWN, "markdown").refused


@pytest.mark.parametrize(
    "bit",
    [
        "[",
        "![",
        "](",
        "*a_ ",
        "**",
        "_a",
        "***a ",
        ">",
        "> - ",
        "`",
        "``` \n",
        "<",
        "&",
        "\\",
        "|",
        "|a\n|-\n",
        "~~a",
        "  - a\n",
    ],
)
def test_the_worst_that_can_be_repeated_is_answered(bit: str) -> None:
    """It ends, without an error and without losing a letter; how fast is measured elsewhere."""
    text = (bit * LONGEST_MARKDOWN)[: LONGEST_MARKDOWN - 4] + "\ntea"
    shown = shown_text(text, "markdown")
    assert "tea" in shown.plain
    assert shown.refused or "tea" in f"{shown.head}{shown.rest}"
