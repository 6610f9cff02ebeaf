"""What models wrote is shown as the text it is."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.queues.models import QueueKind
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
    assert (
        f'<div class="model-text" dir="auto" lang="" data-place="0">{written}</div>'
        in client.get(f"/annotate/queues/{queue.id}").text
    )
