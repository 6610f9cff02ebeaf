"""What models wrote is shown as the text it is."""

import re
from html.parser import HTMLParser
from random import Random

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.projects.models import TextFormat
from app.queues.models import QueueKind
from app.web.model_text import LONG_CHARS, shown_text
from tests import make
from tests.browse import enter, post

MARKUP = '<script>alert("x")</script><img src=x onerror=alert(1)> {{ 7 * 7 }} {% raw %} &amp; \' "'
AS_TEXT = (
    "&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;"
    " {{ 7 * 7 }} {% raw %} &amp;amp; &#39; &#34;"
)


@pytest.mark.parametrize("kind", [QueueKind.SAFETY, QueueKind.DUAL])
@pytest.mark.parametrize("htmx", [True, False])
def test_markup_in_a_prompt_or_response_is_shown_not_used(
    client: TestClient, session: Session, kind: QueueKind, htmx: bool
) -> None:
    annotator = make.user(session)
    project = make.project(session)
    responses = (MARKUP + "1", MARKUP + "2")[: 1 if kind is QueueKind.SAFETY else 2]
    make.item(session, project, prompt=MARKUP, responses=responses)
    queue = make.queue(session, project, kind=kind, members=(annotator,))
    enter(client, session, annotator)
    post(client, f"/annotate/queues/{queue.id}/next")
    page = client.get(f"/annotate/queues/{queue.id}", headers={"hx-request": "true"} if htmx else {}).text
    assert page.count(AS_TEXT) == 1 + len(responses)
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_line_breaks_and_other_scripts_arrive_unchanged(client: TestClient, session: Session) -> None:
    written = "First line\n\n  - second\tline\nمرحبا 你好 👩‍🔬"  # noqa: RUF001
    annotator = make.user(session)
    project = make.project(session)
    make.item(session, project, responses=(written,))
    queue = make.queue(session, project, members=(annotator,))
    enter(client, session, annotator)
    make.assignment(session, queue, annotator)
    shown = f'<div class="model-text" dir="ltr" lang="" data-place="0">{written}</div>'
    assert shown in client.get(f"/annotate/queues/{queue.id}").text


def test_each_response_says_its_place_on_the_page_alone(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    project = make.project(session)
    make.item(session, project, responses=("Tea.", "Coffee.", "Water."))
    queue = make.queue(session, project, kind=QueueKind.SINGLE, members=(annotator,))
    enter(client, session, annotator)
    make.assignment(session, queue, annotator)
    page = client.get(f"/annotate/queues/{queue.id}").text
    shown = re.findall(r'data-place="(\d)">([^<]+)</div>', page)
    assert [place for place, _text in shown] == ["0", "1", "2"]
    assert {text for _place, text in shown} == {"Tea.", "Coffee.", "Water."}


ODDITIES = "ab\u202e\x01<&\"' \n\r\u200b\U000e0041é"


@pytest.mark.parametrize("letters", ["ab \n", "a", "\n", "a\r\n", "字", "e\u0301", ODDITIES])
@pytest.mark.parametrize("n_chars", [0, 1, LONG_CHARS, LONG_CHARS + 1, 30_000])
def test_the_text_content_is_the_text(letters: str, n_chars: int) -> None:
    text = "".join(Random(7).choice(letters) for _ in range(n_chars))
    assert text_content(shown_text(text).plain) == text


class Reader(HTMLParser):
    def reset(self) -> None:
        super().reset()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)


def text_content(html: str) -> str:
    parser = Reader(convert_charrefs=True)
    # Browsers read a bare carriage return as a line feed.
    parser.feed(html.replace("\r", "\n"))
    parser.close()
    return "".join(parser.found)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("a\u202eb", "U+202E"),
        ("a\x01\x02b", "U+0001 U+0002"),
        ("a\rb", "U+000D"),
        ("a" + "\u200b" * 9, "U+200B U+200B U+200B U+200B … (9)"),
        ("a\U000e0041", "U+E0041"),
    ],
)
def test_characters_that_nobody_sees_are_named(text: str, name: str) -> None:
    assert f'data-name="{name}"' in shown_text(text).plain


@pytest.mark.parametrize(
    "text",
    [
        "Windows\r\nlines",
        "👩‍🔬",
        "می‌خواهم",
        "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "é",
        "\ttab",
    ],
)
def test_characters_that_belong_into_a_text_are_not(text: str) -> None:
    assert "<i" not in shown_text(text).plain


def test_a_long_text_is_folded_at_the_end_of_a_line() -> None:
    line = "A line about tea that is repeated until the text is long.\n"
    shown = shown_text(line * 100)
    head = shown.plain.split('<div class="part rest">')[0]
    assert shown.is_folded
    assert text_content(head) == line * 40
    assert not shown_text(line * 20).is_folded


def test_a_long_line_is_folded_after_a_word_and_not_broken() -> None:
    shown = shown_text("word " * 1000)
    assert shown.plain.count('<div class="part">') == shown.plain.count("<div") == 1
    assert ' <span class="rest">word' in shown.plain


def test_the_direction_is_that_of_the_first_letter() -> None:
    assert [shown_text(text).direction for text in ("12 مرحبا tea", "12 tea مرحبا", "…")] == [
        "rtl",
        "ltr",
        "ltr",
    ]


def test_a_project_of_markdown_shows_it_and_keeps_the_text_beside_it(
    client: TestClient, session: Session
) -> None:
    annotator = make.user(session)
    project = make.project(session)
    project.text_format = TextFormat.MARKDOWN
    make.item(session, project, responses=("Some **strong** tea",))
    queue = make.queue(session, project, members=(annotator,))
    enter(client, session, annotator)
    make.assignment(session, queue, annotator)
    page = client.get(f"/annotate/queues/{queue.id}").text
    assert '<p dir="ltr">Some <strong>strong</strong> tea</p>' in page
    assert 'data-place="0">Some **strong** tea</div>' in page
