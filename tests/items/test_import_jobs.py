"""Imports as jobs: seen while they run, harmless when delivered twice, gone when they crash."""

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from app.audit.models import Action, AuditEntry
from app.db import now, transaction
from app.items import intake, jobs
from app.items.actions import Progress, note_progress, run_import, start_import
from app.items.deciding import cancel_import, import_checked
from app.items.jobs import CRASHED, import_file
from app.items.models import Import, ImportState, Item, Prompt
from app.items.queries import ids_not_ended
from app.items.report import report_path, upload_path
from app.items.uploads import ids_of_uploads
from app.settings import settings
from tests import make
from tests.conftest import ROOT
from tests.items.samples import json_lines, no_progress, pku_pair, plain
from tests.queued import jobs_sent_by

pytestmark = pytest.mark.usefixtures("database")


def stored_upload(content: bytes, project_id: int | None = None, *, only_checks: bool = False) -> int:
    """A waiting import, its file in its place."""
    with transaction() as session:
        project_id = project_id or make.project(session).id
        size = len(content)
        import_id = start_import(session, project_id, "rows.jsonl", size, only_checks=only_checks).id
    upload_path(import_id).parent.mkdir(parents=True)
    upload_path(import_id).write_bytes(content)
    return import_id


def stored(import_id: int) -> Import:
    with transaction() as session:
        return session.get_one(Import, import_id)


def n_stored(table: type[Item | Prompt]) -> int:
    with transaction() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_job_brings_the_upload_in_and_removes_it(home: Path) -> None:
    import_id = stored_upload(json_lines([pku_pair()]))
    jobs.run_import(import_id)
    assert stored(import_id).state == ImportState.DONE
    assert n_stored(Item) == 3
    assert list((home / "imports" / str(import_id)).iterdir()) == []


def test_delivered_twice_it_runs_once(home: Path) -> None:
    import_id = stored_upload(json_lines([plain()]))
    jobs.run_import(import_id)
    finished_at = stored(import_id).finished_at
    jobs.run_import(import_id)
    assert stored(import_id).finished_at == finished_at


def test_delivered_to_two_workers_at_once_it_runs_once(home: Path) -> None:
    import_id = stored_upload(json_lines([plain()]))
    with transaction() as session:
        assert run_import(session, import_id, upload_path(import_id), no_progress)
        assert not import_file(import_id, upload_path(import_id))
    assert stored(import_id).state == ImportState.DONE
    assert n_stored(Item) == 1


def test_an_import_whose_worker_died_is_run_again(home: Path) -> None:
    import_id = stored_upload(json_lines([plain()]))
    with transaction() as session:
        note_progress(session, import_id, Progress(10, 1, 0))
    assert stored(import_id).state == ImportState.RUNNING
    assert import_file(import_id, upload_path(import_id))
    assert (stored(import_id).state, n_stored(Item)) == (ImportState.DONE, 1)


def test_others_see_the_progress_but_no_content_before_the_end(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", 1)
    import_id = stored_upload(json_lines([plain(), plain(prompt="Why?")]))
    seen: list[tuple[str, int, int]] = []
    show = jobs.show_progress

    def show_and_look(id_: int, progress: Progress) -> None:
        show(id_, progress)
        seen.append((stored(id_).state, stored(id_).n_rows, n_stored(Item)))

    monkeypatch.setattr(jobs, "show_progress", show_and_look)
    import_file(import_id, upload_path(import_id))
    assert seen == [("running", 0, 0), ("running", 1, 0), ("running", 2, 0)]
    assert n_stored(Item) == 2


def stop_after(n_calls: int, error: BaseException) -> Callable[[int, Progress], None]:
    calls: list[Progress] = []

    def stop(_: int, progress: Progress) -> None:
        calls.append(progress)
        if len(calls) > n_calls:
            raise error

    return stop


@pytest.mark.parametrize("error", [RuntimeError("a bug"), KeyboardInterrupt()])
def test_a_crash_leaves_nothing_and_marks_the_import_failed(
    home: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", 1)
    monkeypatch.setattr(jobs, "show_progress", stop_after(2, error))
    import_id = stored_upload(json_lines([plain(), plain(prompt="Why?")]))
    with pytest.raises(type(error)):
        import_file(import_id, upload_path(import_id))
    assert (stored(import_id).state, stored(import_id).error) == (ImportState.FAILED, CRASHED)
    assert (n_stored(Prompt), n_stored(Item)) == (0, 0)


def test_an_upload_that_is_gone_fails_with_a_sentence(home: Path) -> None:
    import_id = stored_upload(b"")
    upload_path(import_id).unlink()
    jobs.run_import(import_id)
    assert stored(import_id).error == "The file can't be opened: No such file or directory."


@pytest.mark.parametrize("only_checks", [False, True])
def test_one_that_is_cancelled_while_it_runs_stops_at_once_and_leaves_nothing(
    home: Path, monkeypatch: pytest.MonkeyPatch, only_checks: bool
) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", 1)
    show = jobs.show_progress
    seen: list[int] = []

    def show_then_cancel(import_id: int, progress: Progress) -> None:
        show(import_id, progress)
        seen.append(progress.n_rows)
        if progress.n_rows == 1:
            with transaction() as session:
                assert cancel_import(session, import_id)

    monkeypatch.setattr(jobs, "show_progress", show_then_cancel)
    rows = [plain(), plain(prompt=""), plain(prompt="Why?"), plain(prompt="How?")]
    import_id = stored_upload(json_lines(rows), only_checks=only_checks)
    jobs.run_import(import_id)
    assert (stored(import_id).state, n_stored(Prompt), n_stored(Item)) == (ImportState.CANCELLED, 0, 0)
    assert seen == [0, 1]
    assert not report_path(import_id).exists()
    jobs.run_import(import_id)
    assert stored(import_id).state == ImportState.CANCELLED


def test_a_checked_upload_stays_until_it_is_brought_in(home: Path) -> None:
    import_id = stored_upload(json_lines([plain()]), only_checks=True)
    jobs.run_import(import_id)
    assert (stored(import_id).state, n_stored(Item)) == (ImportState.CHECKED, 0)
    with transaction() as session:
        assert import_checked(session, import_id)
        assert not import_checked(session, import_id)
    jobs.run_import(import_id)
    assert (stored(import_id).state, n_stored(Item)) == (ImportState.DONE, 1)
    assert not upload_path(import_id).exists()


def test_a_killed_worker_leaves_nothing_and_the_next_one_brings_all_in(home: Path) -> None:
    rows = [plain(prompt=f"Question {number}?", response="So. " * 50) for number in range(20_000)]
    import_id = stored_upload(json_lines(rows))
    command = [sys.executable, "-c", f"from app.items.jobs import run_import; run_import({import_id})"]
    with subprocess.Popen(command, cwd=ROOT) as worker:
        while stored(import_id).n_rows == 0:
            assert worker.poll() is None
            time.sleep(0.02)
        worker.kill()
    assert (stored(import_id).state, n_stored(Prompt), n_stored(Item)) == (ImportState.RUNNING, 0, 0)
    with transaction() as session:
        session.get_one(Import, import_id).created_at = now() - timedelta(minutes=2)
        session.flush()
        # What `resume_imports` sends.
        assert ids_not_ended(session, of_answers=False) == [import_id]
    # The server notices the lost connection, and with it frees the lock, by and by.
    while stored(import_id).state == ImportState.RUNNING:
        jobs.run_import(import_id)
    assert (stored(import_id).state, n_stored(Prompt), n_stored(Item)) == (ImportState.DONE, 20_000, 20_000)


def test_two_files_of_the_same_content_at_once_make_each_item_once(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", 7)
    rows = [plain(prompt=f"Question {number}?") for number in range(100)]
    first = stored_upload(json_lines(rows))
    second = stored_upload(json_lines(reversed(rows)), stored(first).project_id)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(jobs.run_import, [first, second]))
    assert {stored(first).state, stored(second).state} == {ImportState.DONE}
    assert stored(first).n_new_qa_pairs + stored(second).n_new_qa_pairs == 100
    assert n_stored(Item) == 100


def test_a_name_that_can_not_be_stored_is_refused_in_words(home: Path) -> None:
    import_id = stored_upload(b'{"a\\u0000b": 1}\n')
    path = upload_path(import_id).rename(home / "elsewhere.jsonl")
    assert import_file(import_id, path)
    assert stored(import_id).state == ImportState.FAILED
    assert "fit no known shape. Found: a?b." in (stored(import_id).error or "")


def test_what_waits_for_minutes_is_sent_again(home: Path) -> None:
    old, ended, fresh = (stored_upload(json_lines([plain()])) for _ in range(3))
    jobs.run_import(ended)
    with transaction() as session:
        for import_id in (old, ended):
            session.get_one(Import, import_id).created_at = now() - timedelta(minutes=2)
    assert jobs_sent_by("app.items.jobs", "resume_imports") == [("items.run_import", [old])]
    assert stored(fresh).state == ImportState.WAITING


def checked_upload(content: bytes, days_ago: int) -> int:
    import_id = stored_upload(content, only_checks=True)
    jobs.run_import(import_id)
    with transaction() as session:
        session.get_one(Import, import_id).finished_at = now() - timedelta(days=days_ago)
    return import_id


def test_uploads_that_nobody_imports_are_deleted_and_with_them_what_was_left_behind(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EVENHAND_CHECKED_UPLOAD_DAYS", "3")
    settings.cache_clear()
    old, lately = (checked_upload(json_lines([plain()]), days_ago) for days_ago in (4, 2))
    of_command = checked_upload(json_lines([plain()]), days_ago=4)
    upload_path(of_command).unlink()
    waiting, left_over = (stored_upload(json_lines([plain()])) for _ in range(2))
    with transaction() as session:
        assert cancel_import(session, left_over)
    for _ in range(2):
        jobs.remove_uploads()
    assert sorted(ids_of_uploads()) == sorted([lately, waiting])
    assert [stored(import_id).state for import_id in (lately, of_command, waiting)] == [
        ImportState.CHECKED,
        ImportState.CHECKED,
        ImportState.WAITING,
    ]
    assert stored(old).state == ImportState.CANCELLED
    assert stored(old).expired_at is not None
    with transaction() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.REMOVED)).one()
        assert told.actor_id is None
        assert told.after == {"import": old, "file_name": "rows.jsonl", "state": "cancelled"}
