"""An admin compares two releases of a project."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.annotations.forms import SafetyLabel
from app.audit.models import Action, AuditEntry
from app.db import now, transaction
from app.differences import jobs
from app.differences.actions import make_difference
from app.differences.kept import DifferenceState, Kept, keep, kept_of, kept_path, list_path
from app.differences.queries import items_by_key
from app.items.models import Item
from app.projects.models import Project
from app.releases.actions import release_folder, request_release
from app.releases.models import Release
from app.releases.rows.judgements import item_key
from app.releases.rows.pku import text_checksum
from tests import answer, make
from tests.browse import enter, post
from tests.queued import jobs_sent_by

PROMPT, RESPONSE = "May I?", "Of course."
HARMFUL = answer.harmful("Violence", severity=3)


def released_twice(session: Session) -> tuple[Release, Release]:
    """One item is labelled anew in the second, and one is new."""
    project = make.project(session)
    make.item(session, project, prompt=PROMPT, responses=(RESPONSE,))
    label(session, project, answer.SAFE, n_annotators=1)
    first = make.release(session, project.id)
    make.item(session, project)
    label(session, project, HARMFUL, n_annotators=2)
    return first, make.release(session, project.id)


def label(session: Session, project: Project, said: SafetyLabel, n_annotators: int) -> None:
    """In a queue of its own; in a release all answers of an item count, of whatever queue."""
    annotators = tuple(make.user(session) for _ in range(n_annotators))
    queue = make.queue(session, project, overlap=n_annotators, members=annotators)
    item_ids = session.scalars(select(Item.id).where(Item.project_id == project.id)).all()
    for annotator in annotators:
        answer.all_safety(session, queue, annotator, dict.fromkeys(item_ids, said))


def page_of(before: Release, after: Release) -> str:
    return f"/admin/releases/{after.id}/differences/{before.id}"


def test_an_admin_chooses_a_release_waits_and_sees_what_changed(
    client: TestClient, session: Session, home: Path
) -> None:
    before, after = released_twice(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    address = f"/admin/releases/{after.id}/differences"
    assert address in client.get(f"/admin/releases/{after.id}").text
    assert f'<option value="{before.id}" selected' in client.get(address).text
    page = post(client, address, other_id=before.id).headers["location"]
    assert page == page_of(before, after)
    assert "every 1s" in client.get(page).text
    assert client.get(f"{page}/list.csv").status_code == 404
    assert len(session.info["after_commit"]) == 1
    make_difference(session, before, after)
    shown = client.get(page).text
    assert "every 1s" not in shown
    assert "false → true" in shown
    assert "severity_level" in shown
    item_id = session.scalars(select(Item.id).where(Item.project_id == after.project_id)).first()
    assert f'<a href="/admin/items/{item_id}">' in shown
    assert PROMPT not in shown
    assert RESPONSE not in shown


def test_the_list_is_downloaded_and_that_is_noted(client: TestClient, session: Session, home: Path) -> None:
    before, after = released_twice(session)
    make_difference(session, before, after)
    enter(client, session, make.user(session, role=Role.ADMIN))
    listed = client.get(f"{page_of(before, after)}/list.csv")
    assert listed.content == list_path(before, after).read_bytes()
    assert b"PKU-SafeRLHF-QA,changed," in listed.content
    assert RESPONSE.encode() not in listed.content
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.DOWNLOADED)).one()
    assert entry.after == {"number": 2, "file": "2-against-1.csv"}


def test_asked_for_twice_or_the_other_way_round_it_is_compared_once(
    client: TestClient, session: Session, home: Path
) -> None:
    before, after = released_twice(session)
    enter(client, session, make.user(session, role=Role.ADMIN))
    make_difference(session, before, after)
    kept = kept_path(before, after).read_bytes()
    for one, other in ((after, before), (before, after)):
        answered = post(client, f"/admin/releases/{one.id}/differences", other_id=other.id)
        assert (answered.status_code, answered.headers["location"]) == (303, page_of(before, after))
    assert "after_commit" not in session.info
    assert kept_path(before, after).read_bytes() == kept


def test_releases_that_cannot_be_compared_are_refused(
    client: TestClient, session: Session, home: Path
) -> None:
    before, after = released_twice(session)
    waiting = request_release(session, after.project_id)
    foreign = make.release(session, make.project(session).id)
    enter(client, session, make.user(session, role=Role.ADMIN))
    address = f"/admin/releases/{after.id}/differences"
    for other in (after.id, waiting.id, foreign.id, 999_999):
        assert post(client, address, other_id=other).status_code == 404
        assert client.get(f"{address}/{other}").status_code == 404
        assert client.get(f"{address}/{other}/list.csv").status_code == 404
    assert post(client, address, other_id="x").status_code == 422
    assert "Compare again" not in client.get(f"{address}/{before.id}").text


@pytest.mark.usefixtures("database", "home")
def test_a_broken_release_fails_with_its_reason_and_can_be_compared_once_it_is_mended() -> None:
    with transaction() as session:
        before, after = released_twice(session)
    (path,) = (release_folder(after) / "PKU-SafeRLHF-QA").rglob("*.parquet")
    whole = path.read_bytes()
    path.write_bytes(b"")
    jobs.compare(before.id, after.id)
    kept = kept_of(before, after)
    assert kept is not None
    assert kept.state is DifferenceState.FAILED
    assert f"{path} is broken" in (kept.error or "")
    path.write_bytes(whole)
    jobs.compare(after.id, before.id)
    kept = kept_of(before, after)
    assert kept is not None
    assert kept.state is DifferenceState.DONE
    beside = {found.name for found in release_folder(after).parent.iterdir()}
    assert {name for name in beside if "against" in name} == {"2-against-1.json", "2-against-1.csv"}


def ask(before: Release, after: Release, minutes_ago: int) -> None:
    asked_at = now() - timedelta(minutes=minutes_ago)
    keep(before, after, Kept(state=DifferenceState.WAITING, asked_at=asked_at))


@pytest.mark.usefixtures("database", "home")
def test_one_that_waits_for_minutes_is_sent_again() -> None:
    with transaction() as session:
        old, fresh, done = (released_twice(session) for _ in range(3))
        make_difference(session, *done)
    ask(*old, minutes_ago=2)
    ask(*fresh, minutes_ago=0)
    sent = jobs_sent_by("app.differences.jobs", "resume_comparisons")
    assert sent == [("differences.compare", [release.id for release in old])]


@pytest.mark.usefixtures("database", "home")
def test_sent_twice_it_is_compared_once_and_what_a_killed_worker_left_is_cleared_away() -> None:
    with transaction() as session:
        before, after = released_twice(session)
    ask(before, after, minutes_ago=2)
    place = list_path(before, after)
    left_over = place.with_name(f".{place.name}.killed")
    left_over.mkdir()
    (left_over / place.name).write_bytes(b"dataset,")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(jobs.compare, [before.id] * 4, [after.id] * 4))
    kept = kept_path(before, after).read_bytes()
    assert b'"state":"done"' in kept
    assert not left_over.exists()
    jobs.compare(before.id, after.id)
    assert kept_path(before, after).read_bytes() == kept


def test_what_another_version_kept_is_not_shown(session: Session, home: Path) -> None:
    before, after = released_twice(session)
    for content in ('{"version": 0, "state": "done", "asked_at": "2026-01-02T03:04:05Z"}', "{}", "["):
        kept_path(before, after).write_text(content)
        assert kept_of(before, after) is None


def test_items_are_found_by_the_keys_of_rows(session: Session) -> None:
    project = make.project(session)
    texts = ("One.", "Two.", "Three.")
    of_set = make.item(session, project, prompt=PROMPT, responses=texts)
    pair = make.item(session, project, prompt="Other?", responses=(RESPONSE,))
    make.item(session, make.project(session), prompt=PROMPT, responses=texts)
    checksums = [text_checksum(PROMPT, text) for text in texts]
    both = " ".join(sorted((checksums[2], checksums[0])))
    whole = f"{item_key(checksums)} harmlessness"
    single = text_checksum("Other?", RESPONSE)
    keys = {both, whole, single, f"{single} safety", checksums[0], text_checksum("New?", "Text")}
    assert items_by_key(session, project.id, keys) == {
        **dict.fromkeys((both, whole), of_set.id),
        **dict.fromkeys((single, f"{single} safety"), pair.id),
    }
