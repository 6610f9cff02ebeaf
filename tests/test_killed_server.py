"""The web process is killed amid 500 submissions: what it acknowledged is there, exactly once."""

import asyncio
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from app.annotations.models import Annotation
from app.assignments.check import check_queue
from app.assignments.models import Assignment, AssignmentStatus
from app.db import transaction
from app.web.security import CSRF_FIELD, token_of_browser
from tests import make
from tests.serve import HOST, Server, served

N_SUBMISSIONS = 500
N_BEFORE_THE_KILL = 100


class Submission(NamedTuple):
    """One annotator's only one, as their browser sends it."""

    assignment_id: int
    browser: str

    def request(self) -> bytes:
        fields = {
            CSRF_FIELD: token_of_browser(self.browser),
            "is_safe": "true",
            "submission_key": f"key-{self.assignment_id}",
        }
        body = urlencode(fields)
        lines = (
            f"POST /annotate/assignments/{self.assignment_id}/safety-label HTTP/1.1",
            f"Host: {HOST}",
            f"Cookie: evenhand={self.browser}",
            "Sec-Fetch-Site: same-origin",
            "HX-Request: true",
            "Content-Type: application/x-www-form-urlencoded",
            f"Content-Length: {len(body)}",
            "Connection: close",
        )
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


@pytest.mark.usefixtures("database")
def test_every_acknowledged_submission_is_there_exactly_once(tmp_path: Path) -> None:
    queue_id, submissions = held_by_500_people()
    log = tmp_path / "web.log"
    with served(log) as server:
        acknowledged = asyncio.run(send_all(server, submissions, kill_after=N_BEFORE_THE_KILL))
        port = server.port
    assert N_BEFORE_THE_KILL <= len(acknowledged) < N_SUBMISSIONS
    assert acknowledged <= answered(queue_id).keys()
    with served(log, port) as server:
        # Whoever got no answer sends again; and, by mistake, so does everybody else.
        again = asyncio.run(send_all(server, submissions))
    assert again == {submission.assignment_id for submission in submissions}
    assert answered(queue_id) == dict.fromkeys(again, 1)
    with transaction(snapshot=True) as session:
        assert check_queue(session, queue_id) == []


def held_by_500_people() -> tuple[int, list[Submission]]:
    with transaction() as session:
        project = make.project(session)
        for _ in range(N_SUBMISSIONS // 2):
            make.item(session, project)
        people = [make.user(session) for _ in range(N_SUBMISSIONS)]
        queue = make.queue(session, project, overlap=2, members=tuple(people))
        held = [make.claim(session, queue, person) for person in people]
        browsers = [make.sign_in_token(session, person) for person in people]
        return queue.id, [
            Submission(assignment_id, browser)
            for assignment_id, browser in zip(held, browsers, strict=True)
            if assignment_id is not None
        ]


async def send_all(
    server: Server, submissions: Sequence[Submission], kill_after: int | None = None
) -> set[int]:
    """All at once. Ids of the assignments whose submission was answered as stored; the process is killed
    without warning as soon as there are `kill_after` of them."""
    acknowledged: set[int] = set()

    async def send(submission: Submission) -> None:
        try:
            reader, writer = await asyncio.open_connection(HOST, server.port)
            writer.write(submission.request())
            answer = await reader.read()
            writer.close()
        except OSError:
            return
        # Cut off in the middle is no answer.
        if answer.startswith(b"HTTP/1.1 200") and b"</section>" in answer:
            acknowledged.add(submission.assignment_id)
            if len(acknowledged) == kill_after:
                server.process.send_signal(signal.SIGKILL)

    await asyncio.gather(*map(send, submissions))
    return acknowledged


def answered(queue_id: int) -> dict[int, int]:
    """Assignment id to how many annotations it has, of those submitted."""
    with transaction() as session:
        rows = session.execute(
            select(Assignment.id, func.count(Annotation.id))
            .join(Annotation, Annotation.assignment_id == Assignment.id)
            .where(Assignment.queue_id == queue_id, Assignment.status == AssignmentStatus.SUBMITTED)
            .group_by(Assignment.id)
        )
        return dict(rows.all())
