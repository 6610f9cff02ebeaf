"""An import's page: checked first, its columns told, brought in or discarded."""

from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.db import now
from app.items.actions import Progress, note_progress, run_import, start_import
from app.items.deciding import expire_checked
from app.items.models import Import, ImportMapping, ImportState, Item
from app.items.report import upload_path
from app.items.uploads import remove_upload
from app.projects.models import Project
from app.web.security import CSRF_FIELD
from tests import make
from tests.browse import enter, post, token
from tests.items.samples import json_lines, no_progress, plain

UNKNOWN = json_lines([{"question": "Is it <b>late</b>?", "answer": "No. " * 100, "kind": "fine", "id": 7}])


@pytest.fixture
def admin(client: TestClient, session: Session, home: Path) -> TestClient:
    enter(client, session, make.user(session, role=Role.ADMIN))
    return client


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session)


def upload(client: TestClient, project: Project, content: bytes, **fields: str) -> str:
    """The path of the import's page."""
    sent = client.post(
        f"/admin/projects/{project.id}/imports?{CSRF_FIELD}={token(client)}",
        files={"file": ("rows.jsonl", content)},
        data=fields,
        headers={"sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )
    assert sent.status_code == 303
    return sent.headers["location"]


def work(session: Session, page: str) -> Import:
    """What the worker does; the import as it is then."""
    import_id = int(page.rpartition("/")[2])
    run_import(session, import_id, upload_path(import_id), no_progress)
    session.expire_all()
    return session.get_one(Import, import_id)


def n_items(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Item)) or 0


def test_an_upload_is_checked_first_and_then_imported(
    admin: TestClient, session: Session, project: Project
) -> None:
    page = upload(admin, project, json_lines([plain(), plain(prompt="")]))
    assert "a check: nothing will be kept" in admin.get(page).text
    assert (work(session, page).state, n_items(session)) == (ImportState.CHECKED, 0)
    shown = admin.get(page).text
    assert "Import now" in shown
    assert "is empty" in shown
    assert "left out" in shown
    assert [post(admin, f"{page}/run").headers["location"] for _ in range(2)] == [page, page]
    assert session.get_one(Import, int(page.rpartition("/")[2])).state == ImportState.WAITING
    assert (work(session, page).state, n_items(session)) == (ImportState.DONE, 1)
    assert post(admin, f"{page}/run").status_code == 303
    assert "Import now" not in admin.get(page).text


def test_it_may_be_imported_at_once(admin: TestClient, session: Session, project: Project) -> None:
    page = upload(admin, project, json_lines([plain()]), check="no")
    assert (work(session, page).state, n_items(session)) == (ImportState.DONE, 1)


@pytest.mark.parametrize("check", ["yes", "no"])
def test_columns_that_are_not_known_are_asked_for(
    admin: TestClient, session: Session, project: Project, check: str
) -> None:
    page = upload(admin, project, UNKNOWN, check=check)
    assert work(session, page).lacks_columns
    shown = admin.get(page).text
    assert "Is it &lt;b&gt;late&lt;/b&gt;?" in shown
    assert '<option value="prompt" selected>' in shown
    assert post(admin, f"{page}/run").status_code == 303
    assert session.get_one(Import, int(page.rpartition("/")[2])).state == ImportState.CHECKED
    wrong = post(admin, f"{page}/columns", use_0="prompt")
    assert (wrong.status_code, "No column is told to be a response" in wrong.text) == (422, True)
    post(admin, f"{page}/columns", use_0="prompt", use_3="response")
    assert work(session, page).lacks_columns
    assert "must be a string, not a number" in admin.get(page).text
    told = {"use_0": "prompt", "use_1": "response", "use_2": "is_safe", "safe_values": "fine|good"}
    for _ in range(2):
        assert post(admin, f"{page}/columns", htmx=False, **told).headers["location"] == page
    assert (work(session, page).state, n_items(session)) == (ImportState.CHECKED, 0)
    assert "Change the columns" in admin.get(page).text
    post(admin, f"{page}/run")
    assert (work(session, page).state, n_items(session)) == (ImportState.DONE, 1)


def test_what_is_remembered_is_shown_and_can_be_forgotten(
    admin: TestClient, session: Session, project: Project
) -> None:
    page = upload(admin, project, UNKNOWN)
    work(session, page)
    post(admin, f"{page}/columns", use_0="prompt", use_1="response")
    work(session, page)
    assert "prompt = question" in admin.get(f"/admin/projects/{project.id}/imports").text
    kept = session.scalars(select(ImportMapping)).one()
    other = make.project(session)
    for owner, n_left in ((other, 1), (project, 0), (project, 0)):
        forgotten = post(admin, f"/admin/projects/{owner.id}/mappings/{kept.id}/forget")
        assert forgotten.status_code == 303
        assert session.scalar(select(func.count()).select_from(ImportMapping)) == n_left


def test_a_check_can_be_discarded_and_an_import_cancelled(
    admin: TestClient, session: Session, project: Project
) -> None:
    page = upload(admin, project, json_lines([plain()]))
    import_id = work(session, page).id
    # The job's last step, which is not run here.
    for _ in range(2):
        assert post(admin, f"{page}/cancel").headers["location"] == page
    assert (work(session, page).state, n_items(session)) == (ImportState.CANCELLED, 0)
    assert "Nothing of this file was kept." in admin.get(page).text
    post(admin, f"{page}/run")
    assert session.get_one(Import, import_id).state == ImportState.CANCELLED
    waiting = upload(admin, project, json_lines([plain()]), check="no")
    post(admin, f"{waiting}/cancel")
    assert (work(session, waiting).state, n_items(session)) == (ImportState.CANCELLED, 0)
    done = upload(admin, project, json_lines([plain()]), check="no")
    work(session, done)
    post(admin, f"{done}/cancel")
    assert session.get_one(Import, int(done.rpartition("/")[2])).state == ImportState.DONE
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject == "import")).all()
    assert actions == ["checked", "changed", "imported", "changed", "imported"]


def test_a_file_that_is_gone_is_not_imported(admin: TestClient, session: Session, project: Project) -> None:
    page = upload(admin, project, json_lines([plain()]))
    upload_path(work(session, page).id).unlink()
    assert "checked from the command line" in admin.get(page).text
    assert post(admin, f"{page}/run").status_code == 409
    assert session.get_one(Import, int(page.rpartition("/")[2])).state == ImportState.CHECKED


@pytest.mark.parametrize("content", [json_lines([plain()]), UNKNOWN], ids=["known", "unknown columns"])
def test_how_long_a_checked_file_is_kept_is_said_and_then_that_it_was_deleted(
    admin: TestClient, session: Session, project: Project, content: bytes
) -> None:
    page = upload(admin, project, content)
    checked = work(session, page)
    assert checked.finished_at is not None
    until = checked.finished_at + timedelta(days=14)
    assert f"kept until {until.date()}" in admin.get(page).text
    checked.finished_at -= timedelta(days=15)
    session.flush()
    expire_checked(session, [checked.id])
    remove_upload(checked.id)
    shown = admin.get(page).text
    assert f"it was deleted on {now().date()}" in shown
    assert "kept until" not in shown
    assert "Which column is which?" not in shown
    assert post(admin, f"{page}/run").status_code == 303
    assert work(session, page).state == ImportState.CANCELLED


def test_what_moves_is_told_with_its_pace(admin: TestClient, session: Session, project: Project) -> None:
    started = start_import(session, project.id, "rows.jsonl", 1_000)
    note_progress(session, started.id, Progress(0, 0, 0))
    note_progress(session, started.id, Progress(500, 120, 3))
    session.expire_all()
    page = admin.get(f"/admin/imports/{started.id}", headers={"hx-request": "true"})
    assert "rows a second" in page.text
    assert "left" in page.text
    assert "hx-retarget" not in page.headers
    post(admin, f"/admin/imports/{started.id}/cancel")
    ended = admin.get(f"/admin/imports/{started.id}", headers={"hx-request": "true"})
    assert ended.headers["hx-retarget"] == "#import"
