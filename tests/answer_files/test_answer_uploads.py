"""Answers that are uploaded in the browser go the way of `evenhand import-answers`."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.annotations.models import Annotation
from app.answer_files import jobs
from app.answer_files.actions import import_answers, start_answer_import
from app.answer_files.told import Columns, Told, as_stored, told_of
from app.db import now, transaction
from app.items.fields import field_map
from app.items.models import Import, ImportState, Item
from app.items.queries import ids_not_ended
from app.items.report import report_path, upload_path
from app.projects.models import Project
from app.queues.models import Queue, QueueKind
from app.web.security import CSRF_FIELD
from tests import make
from tests.answer_files.files import safety, unsafe
from tests.browse import enter, post, token
from tests.items.samples import JsonObject, json_lines, no_progress, report_rows
from tests.queued import jobs_sent_by

ROWS: list[JsonObject] = [
    {"worker": "ann", "item": 1, "label": "Fine"},
    {"worker": "bob", "item": 1, "label": "Bad"},
    {"worker": "bob", "item": 1, "label": "Fine"},
    {"worker": "", "item": 2, "label": "Fine"},
]
TOLD = {
    "queue_name": "Raters",
    "kind": "safety",
    "maps": "annotator=worker\r\n\r\nis_safe=label:Fine\r\n",
    "default_category": "Violence",
    "default_severity": "2",
}


@pytest.fixture
def admin(client: TestClient, session: Session, home: Path) -> TestClient:
    enter(client, session, make.user(session, role=Role.ADMIN))
    return client


def upload(
    client: TestClient, project: Project, rows: Sequence[JsonObject] = ROWS, /, **fields: str
) -> tuple[int, str]:
    """Status, and where it leads to or what it says."""
    sent = client.post(
        f"/admin/projects/{project.id}/answer-imports?{CSRF_FIELD}={token(client)}",
        files={"file": ("labels.jsonl", json_lines(rows))},
        data=fields,
        headers={"sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )
    return sent.status_code, sent.headers.get("location") or sent.text


def work(session: Session, page: str) -> Import:
    import_id = int(page.rpartition("/")[2])
    import_answers(session, import_id, upload_path(import_id), no_progress)
    session.expire_all()
    return session.get_one(Import, import_id)


def n_kept(session: Session) -> list[int]:
    """Queues, answers, items and people of imports."""
    counts = [
        session.scalar(select(func.count()).select_from(table)) or 0 for table in (Queue, Annotation, Item)
    ]
    people = select(func.count()).select_from(User).where(User.username.startswith("import-"))
    return [*counts, session.scalar(people) or 0]


def test_they_are_checked_first_and_then_become_a_queue(admin: TestClient, session: Session) -> None:
    project = make.project(session)
    status, page = upload(admin, project, **TOLD)
    assert status == 303
    checked = work(session, page)
    assert (checked.state, checked.n_new_answers, checked.n_rejected, checked.n_warnings) == (
        *(ImportState.CHECKED, 2, 1),
        1,
    )
    assert n_kept(session) == [0, 0, 0, 0]
    assert "left out" in report_path(checked.id).read_text()
    shown = admin.get(page).text
    assert "New answers" in shown
    post(admin, f"{page}/run")
    assert session.get_one(Import, checked.id).state == ImportState.CHECKED
    assert [post(admin, f"{page}/run-answers").status_code for _ in range(2)] == [303, 303]
    done = work(session, page)
    assert (done.state, done.n_new_answers, done.n_known) == (ImportState.DONE, 2, 0)
    assert n_kept(session) == [1, 2, 1, 2]
    assert session.scalars(select(Queue.name)).all() == ["Raters"]
    assert "finished queue" in admin.get(page).text
    again = work(session, upload(admin, project, check="no", **TOLD)[1])
    assert (again.n_new_answers, again.n_known) == (0, 2)


def test_nothing_need_be_told(admin: TestClient, session: Session) -> None:
    status, page = upload(admin, make.project(session), **dict.fromkeys(TOLD, ""))
    assert status == 303
    assert (work(session, page).error or "").startswith("The first row holds no answer that is known here")


@pytest.mark.parametrize(
    ("rows", "fields"),
    [
        (
            [safety("a1", is_safe="Fine"), unsafe("a1", severity_level=None), unsafe("a1", harm_category=[])],
            {},
        ),
        ([safety("a1", label="Fine")], {"maps": "is_safe=label:Good=true"}),
        ([safety("a1")], {"columns": "is_safe=ann,bob"}),
        ([{"annotator": "a1", "item": 1, "better_response_id": "left"}], {"kind": "helpfulness"}),
    ],
)
def test_reasons_name_no_option_of_the_command_line(
    admin: TestClient, session: Session, rows: list[JsonObject], fields: dict[str, str]
) -> None:
    done = work(session, upload(admin, make.project(session), rows, **fields)[1])
    reasons = [reason for _line, _severity, _field, reason in report_rows(done)]
    assert len(reasons) == len(rows)
    assert "--" not in " ".join(reasons)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("maps", "annotator=worker\nlabel", "read: write OURS=THEIRS"),
        ("columns", "label", "read: write FIELD=COLUMN"),
        ("kind", "mood", "Choose one of"),
        ("default_severity", "7", "Enter 3 or less"),
        ("queue_name", "x" * 101, "100 characters or fewer"),
    ],
)
def test_what_cannot_be_understood_is_said_beside_its_field(
    admin: TestClient, session: Session, field: str, value: str, sentence: str
) -> None:
    status, page = upload(admin, make.project(session), **(TOLD | {field: value}))
    assert (status, sentence in page) == (422, True)
    assert f'id="{field}-error"' in page
    assert session.scalars(select(Import)).all() == []


def test_what_was_told_comes_back_as_it_was_stored() -> None:
    told = Told(
        [field_map("item=id"), field_map("is_safe=label:a|b"), field_map("ranks=r:x=1,y=null")],
        Columns("label", ("ann", "bob")),
        *(QueueKind.SAFETY, "Violence", 2, "Raters"),
    )
    assert told_of(as_stored(told)) == told
    assert told_of(as_stored(Told())) == Told(maps=[])


@pytest.mark.usefixtures("database")
def test_the_job_reads_what_was_told_and_what_is_lost_is_sent_again(home: Path) -> None:
    content = json_lines([safety("a1"), unsafe("a2")])
    with transaction() as session:
        project_id = make.project(session).id
        told = Told(queue_name="Old")
        started = start_answer_import(session, project_id, "old.jsonl", len(content), told)
        started.created_at = now() - timedelta(minutes=2)
    upload_path(started.id).parent.mkdir(parents=True)
    upload_path(started.id).write_bytes(content)
    with transaction() as session:
        assert ids_not_ended(session, of_answers=False) == []
    sent = jobs_sent_by("app.answer_files.jobs", "resume_answer_imports")
    assert sent == [("answer_files.run_import", [started.id])]
    for _ in range(2):
        jobs.run_answer_import(started.id)
    with transaction() as session:
        assert session.scalars(select(Queue.name)).all() == ["Old"]
        assert session.get_one(Import, started.id).state == ImportState.DONE
    assert not upload_path(started.id).exists()
