"""Links that let anyone download, for a time."""

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.db import now
from app.deliveries.links import Link
from app.deliveries.throttle import count_guess
from app.projects.models import Project
from app.releases.actions import request_release
from app.releases.models import Release
from tests import make
from tests.browse import enter, post
from tests.deliveries.finished import FILES, finished_release

CARD = "PKU-SafeRLHF/README.md"


@pytest.fixture
def release(client: TestClient, session: Session, home: Path) -> Release:
    """Of a project whose admin is signed in."""
    enter(client, session, make.user(session, role=Role.ADMIN))
    return finished_release(session, make.project(session))


def made(client: TestClient, release: Release, file: str = "") -> str:
    shown = post(client, f"/admin/releases/{release.id}/links", file=file, hours=24)
    found = re.search(r'value="http://testserver(/shared/[^"]+)"', shown.text)
    assert found, shown.text
    return found[1].replace("&amp;", "&")


def test_whoever_has_a_link_downloads_and_the_log_knows(
    client: TestClient, session: Session, release: Release
) -> None:
    assert f"/admin/releases/{release.id}/links" in client.get(f"/admin/releases/{release.id}").text
    of_all, of_one = made(client, release), made(client, release, CARD)
    client.cookies.clear()
    session.info.clear()  # who the session acts for: each request of its own has one of its own
    with ZipFile(BytesIO(client.get(of_all).content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == FILES
    assert client.get(of_one).content == FILES[CARD]
    links = select(AuditEntry).where(AuditEntry.subject == "download link").order_by(AuditEntry.id)
    logged = [(entry.action, (entry.after or {})["file"], entry.actor_id) for entry in session.scalars(links)]
    assert [each[:2] for each in logged] == [
        ("created", "all"),
        ("created", CARD),
        ("downloaded", "all"),
        ("downloaded", CARD),
    ]
    assert [actor is None for *_, actor in logged] == [False, False, True, True]


def test_nothing_about_a_link_can_be_altered(client: TestClient, session: Session, release: Release) -> None:
    other = finished_release(session, session.get_one(Project, release.project_id))
    link = made(client, release, CARD)
    until = re.search(r"until=(\d+)", link)
    assert until
    altered = [
        link.replace(CARD, "manifest.json"),
        link.replace(f"releases/{release.id}/", f"releases/{other.id}/"),
        link.replace(until[1], str(int(until[1]) + 1)),
        link.replace("series=0", "series=1"),
        link[:-1] + ("0" if link[-1] != "0" else "1"),
        re.sub(r"signature=\w+", "signature=é", link),
        link.replace(f"/files/{CARD}", ""),
    ]
    client.cookies.clear()
    for each in altered:
        refused = client.get(each)
        assert refused.status_code == 403, each
        assert "Ask for a new one" in refused.text
    assert client.get(link.partition("?")[0]).status_code == 404


def test_a_link_ends(client: TestClient, session: Session, release: Release) -> None:
    expired = Link(release.id, "", int(now().timestamp()) - 1, 0).address
    assert client.get(expired).status_code == 410
    link = made(client, release)
    assert client.get(link).status_code == 200
    for _ in range(2):
        assert post(client, f"/admin/releases/{release.id}/links/revoke").status_code == 303
    revoked = client.get(link)
    assert revoked.status_code == 410
    assert "revoked" in revoked.text
    assert client.get(made(client, release)).status_code == 200


def test_links_are_made_to_what_there_is(client: TestClient, session: Session, release: Release) -> None:
    path = f"/admin/releases/{release.id}/links"
    for hours in (0, 169, "soon"):
        assert post(client, path, hours=hours).status_code == 422
    for file in ("no-such-file", "../1/manifest.json", "PKU-SafeRLHF"):
        assert post(client, path, file=file, hours=1).status_code == 404
    waiting = request_release(session, release.project_id)
    assert post(client, f"/admin/releases/{waiting.id}/links", hours=1).status_code == 404


def test_guessing_ends_soon(client: TestClient, session: Session, release: Release) -> None:
    link = made(client, release)
    guess = re.sub(r"signature=\w+", "signature=0", link)
    for _ in range(99):
        count_guess("testclient")
    assert [client.get(each).status_code for each in (guess, guess, link)] == [403, 429, 429]
