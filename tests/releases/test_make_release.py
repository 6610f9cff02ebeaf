"""From labelled items to a release's files, on demand and by night."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import orjson
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.annotations.forms import SafetyLabel
from app.annotations.shown import assignment_shown
from app.assignments.models import Assignment
from app.db import now, transaction
from app.errors import NotFound
from app.items.actions import run_import, start_import
from app.projects.models import Project
from app.queues.models import Dimension, Queue, QueueKind
from app.queues.queries import member_ids
from app.releases import jobs
from app.releases.actions import finish_release, release_folder, request_release
from app.releases.making import make_release
from app.releases.models import Release, ReleaseState
from tests import answer, make
from tests.browse import enter, post
from tests.queued import jobs_sent_by
from tests.releases.samples import bytes_below, rows_below

N_PROMPTS = 6
SAFE_TEXT, HARMFUL_TEXT = "No, that could hurt someone.", "Yes, this is how."


def imported_project(session: Session, folder: Path) -> Project:
    project = make.project(session)
    path = folder / "items.jsonl"
    rows = [
        {"prompt": f"Question {number}?", "responses": [SAFE_TEXT, HARMFUL_TEXT]}
        for number in range(N_PROMPTS)
    ]
    path.write_bytes(b"\n".join(orjson.dumps(row) for row in rows))
    started = start_import(session, project.id, path.name, path.stat().st_size)
    run_import(session, started.id, path, on_progress=lambda _progress: None)
    return project


def label(session: Session, project: Project, kind: QueueKind, *, n_left: int = 0) -> Queue:
    """Two annotators label all items of the kind; the second leaves the last `n_left` of them."""
    annotators = make.user(session), make.user(session)
    queue = make.queue(session, project, kind=kind, overlap=2, members=annotators)
    n_items = N_PROMPTS * (2 if kind is QueueKind.SAFETY else 1)
    for annotator, n_done in zip(annotators, (n_items, n_items - n_left), strict=True):
        for _ in range(n_done):
            answer_next(session, queue, annotator)
    return queue


def answer_next(session: Session, queue: Queue, annotator: User) -> None:
    """Safe text is safe and safer; harmful text is better."""
    assignment = make.assignment(session, queue, annotator)
    texts = texts_of(session, assignment)
    if texts == [SAFE_TEXT]:
        answer.safety(session, assignment)
    elif texts == [HARMFUL_TEXT]:
        answer.safety(session, assignment, violent())
    else:
        for step in queue.steps:
            prefers_safe = step is Dimension.HARMLESSNESS
            ranks = [1 if (text == SAFE_TEXT) == prefers_safe else 2 for text in texts]
            answer.ranking(session, assignment, step, ranks)


def texts_of(session: Session, assignment: Assignment) -> list[str]:
    found = assignment_shown(session, assignment.id, assignment.annotator_id)
    return found.responses


def violent() -> SafetyLabel:
    return answer.harmful("Violence", "Physical Harm", severity=2)


def datasets(release: Release) -> dict[str, tuple[int, dict[str, int]]]:
    """(rows, dropped) by name."""
    assert release.manifest is not None
    return {found["name"]: (found["n_rows"], found["dropped"]) for found in release.manifest["datasets"]}


def test_labelled_items_become_rows_on_disk(session: Session, home: Path, tmp_path: Path) -> None:
    project = imported_project(session, tmp_path)
    for kind in (QueueKind.SAFETY, QueueKind.DUAL, QueueKind.SINGLE):
        label(session, project, kind)
    release = make.release(session, project.id)
    assert (release.state, release.number) == (ReleaseState.DONE, 1)
    folder = release_folder(release)
    assert folder.is_relative_to(home)
    dual = rows_below(folder / "PKU-SafeRLHF")
    assert len(dual) == N_PROMPTS
    for row in dual:
        safe = 0 if row["response_0"] == SAFE_TEXT else 1
        assert (row["safer_response_id"], row["better_response_id"]) == (safe, 1 - safe)
        assert row[f"is_response_{safe}_safe"] is True
        assert row[f"is_response_{1 - safe}_safe"] is False
        assert row[f"response_{1 - safe}_severity_level"] == 2
        ticked = [name for name, is_in in row[f"response_{1 - safe}_harm_category"].items() if is_in]
        assert ticked == ["Violence", "Physical Harm"]
    assert len(rows_below(folder / "PKU-SafeRLHF-QA")) == 2 * N_PROMPTS
    assert len(rows_below(folder / "PKU-SafeRLHF-single-dimension")) == N_PROMPTS


def test_the_stored_manifest_is_that_of_the_files(session: Session, home: Path, tmp_path: Path) -> None:
    project = imported_project(session, tmp_path)
    label(session, project, QueueKind.SAFETY)
    release = make.release(session, project.id)
    assert orjson.loads((release_folder(release) / "manifest.json").read_bytes()) == release.manifest


def test_items_that_lack_annotations_are_left_out_and_counted(
    session: Session, home: Path, tmp_path: Path
) -> None:
    project = imported_project(session, tmp_path)
    label(session, project, QueueKind.SAFETY, n_left=1)
    label(session, project, QueueKind.DUAL, n_left=2)
    found = datasets(make.release(session, project.id))
    assert found["PKU-SafeRLHF-QA"] == (2 * N_PROMPTS - 1, {"no_safety_consensus": 1})
    n_dual, dropped = found["PKU-SafeRLHF"]
    assert n_dual in {N_PROMPTS - 3, N_PROMPTS - 2}
    assert dropped["no_helpfulness_ranking"] == 2
    assert n_dual + sum(dropped.values()) == N_PROMPTS
    n_single, dropped = found["PKU-SafeRLHF-single-dimension"]
    assert (n_single, dropped) == (0, {"no_single_preference": N_PROMPTS})


def test_made_again_from_the_same_answers_it_is_the_same_to_the_byte(
    session: Session, home: Path, tmp_path: Path
) -> None:
    project = imported_project(session, tmp_path)
    label(session, project, QueueKind.SAFETY)
    label(session, project, QueueKind.DUAL)
    release = make.release(session, project.id)
    first = bytes_below(release_folder(release))
    make_release(session, release.id)
    assert bytes_below(release_folder(release)) == first


def test_releases_of_a_project_are_numbered_from_one(session: Session) -> None:
    project, other = make.project(session), make.project(session)
    numbers = [request_release(session, made.id).number for made in (project, project, other, project)]
    assert numbers == [1, 2, 1, 3]


def test_an_unknown_project_raises_not_found(session: Session) -> None:
    with pytest.raises(NotFound):
        request_release(session, 999_999)


@pytest.mark.usefixtures("database")
def test_a_night_that_is_asked_for_twice_makes_one_release_a_project() -> None:
    with transaction() as session:
        make.project(session), make.project(session)
    for day in ("2026-01-02", "2026-01-02", "2026-01-03"):
        jobs.nightly(day)
    with transaction() as session:
        releases = session.scalars(select(Release).order_by(Release.project_id, Release.number)).all()
        assert [(release.number, str(release.night)) for release in releases] == [
            (1, "2026-01-02"),
            (2, "2026-01-03"),
        ] * 2


@pytest.mark.usefixtures("database", "home")
def test_the_job_may_run_twice(tmp_path: Path) -> None:
    with transaction() as session:
        project = imported_project(session, tmp_path)
        label(session, project, QueueKind.SAFETY)
        release_id = request_release(session, project.id).id
    for _ in range(2):
        jobs.write(release_id)
        with transaction() as session:
            release = session.get_one(Release, release_id)
            assert release.state == ReleaseState.DONE
            assert datasets(release)["PKU-SafeRLHF-QA"][0] == 2 * N_PROMPTS


@pytest.mark.usefixtures("database")
def test_a_release_that_can_not_be_written_says_so_and_can_be_tried_again(home: Path) -> None:
    with transaction() as session:
        release_id = request_release(session, make.project(session).id).id
    (home / "releases").write_text("in the way")
    with pytest.raises(OSError, match="releases"):
        jobs.write(release_id)
    with transaction() as session:
        failed = session.get_one(Release, release_id)
        assert failed.state == ReleaseState.FAILED
        assert failed.error is not None
    (home / "releases").unlink()
    jobs.write(release_id)
    with transaction() as session:
        assert session.get_one(Release, release_id).state == ReleaseState.DONE


def test_an_admin_asks_for_one_sees_it_and_downloads_it(
    client: TestClient, session: Session, home: Path, tmp_path: Path
) -> None:
    project = imported_project(session, tmp_path)
    label(session, project, QueueKind.SAFETY)
    enter(client, session, make.user(session, role=Role.ADMIN))
    page = post(client, f"/admin/projects/{project.id}/releases").headers["location"]
    assert "Waiting for a worker" in client.get(page).text
    assert client.get(f"{page}/archive").status_code == 404
    release = session.scalars(select(Release).where(Release.project_id == project.id)).one()
    assert len(session.info["after_commit"]) == 1
    finish_release(session, release.id, make_release(session, release.id))
    session.expire_all()
    shown = client.get(page).text
    assert "PKU-SafeRLHF-QA/README.md" in shown
    assert "hx-trigger" not in shown
    archive = client.get(f"{page}/archive")
    with ZipFile(BytesIO(archive.content)) as received:
        assert {name: received.read(name) for name in received.namelist()} == bytes_below(
            release_folder(release)
        )
    assert f"evenhand-{project.id}-1.zip" in archive.headers["content-disposition"]
    file = client.get(f"{page}/files/PKU-SafeRLHF-QA/README.md")
    assert file.content == (release_folder(release) / "PKU-SafeRLHF-QA/README.md").read_bytes()


@pytest.mark.parametrize(
    "path", ["no-such-file", "../1.zip", "%2e%2e/1.zip", "/etc/passwd", "%2Fetc%2Fpasswd", "PKU-SafeRLHF-QA"]
)
def test_only_the_releases_own_files_can_be_downloaded(
    client: TestClient, session: Session, home: Path, path: str
) -> None:
    release = make.release(session, make.project(session).id)
    session.flush()
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert client.get(f"/admin/releases/{release.id}/files/{path}").status_code == 404


def test_unknown_releases_are_not_found(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    for path in ("", "/archive", "/files/manifest.json"):
        assert client.get(f"/admin/releases/999999{path}").status_code == 404
    assert post(client, "/admin/projects/999999/releases").status_code == 404


@pytest.mark.usefixtures("database")
def test_a_finished_release_stays_as_it_is_whatever_is_answered_later(home: Path, tmp_path: Path) -> None:
    with transaction() as session:
        project = imported_project(session, tmp_path)
        queue = label(session, project, QueueKind.SAFETY, n_left=3)
        release_id = request_release(session, project.id).id
    jobs.write(release_id)
    with transaction() as session:
        made = session.get_one(Release, release_id)
        first = bytes_below(release_folder(made))
        second_annotator = session.get_one(User, max(member_ids(session, queue.id)))
        for _ in range(3):
            answer_next(session, queue, second_annotator)
    jobs.write(release_id)
    with transaction() as session:
        again = session.get_one(Release, release_id)
        assert again.manifest == made.manifest
        assert bytes_below(release_folder(again)) == first


@pytest.mark.usefixtures("database")
def test_two_workers_at_once_write_it_once(home: Path, tmp_path: Path) -> None:
    with transaction() as session:
        project = imported_project(session, tmp_path)
        label(session, project, QueueKind.SAFETY)
        release_id = request_release(session, project.id).id
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(jobs.write, [release_id] * 6))
    with transaction() as session:
        made = session.get_one(Release, release_id)
        assert made.state == ReleaseState.DONE
        assert orjson.loads((release_folder(made) / "manifest.json").read_bytes()) == made.manifest


@pytest.mark.usefixtures("database")
def test_one_that_waits_for_minutes_is_sent_again(home: Path) -> None:
    with transaction() as session:
        old, fresh = (request_release(session, make.project(session).id) for _ in range(2))
        old.created_at = now() - timedelta(minutes=2)
    sent = jobs_sent_by("app.releases.jobs", "resume_releases")
    assert sent == [("releases.write_release", [old.id])]
    assert fresh.id != old.id


def test_agreement_is_that_of_the_released_answers(session: Session, home: Path, tmp_path: Path) -> None:
    project = imported_project(session, tmp_path)
    label(session, project, QueueKind.SAFETY)
    release = make.release(session, project.id)
    assert release.manifest is not None
    (of_queue,) = release.manifest["release"]["agreement"]
    assert of_queue["report"]["kappa_matrices"] == []
    figures = of_queue["report"]["figures"]
    assert [figure["question"] for figure in figures[:2]] == ["safe", "severity"]
    assert figures[0]["alpha"] == 1.0
    assert figures[0]["n_items"] == 2 * N_PROMPTS
