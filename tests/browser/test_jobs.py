"""What runs in the background, watched and stopped in the browser."""

from datetime import timedelta

from playwright.sync_api import expect
from sqlalchemy import update

from app.accounts.models import Role
from app.db import now, transaction
from app.items.actions import start_import
from app.items.models import Import
from app.releases.actions import fail_release, request_release
from tests import make
from tests.browser.conftest import Visits
from tests.browser.test_accessibility import check_for_everyone


def test_an_admin_watches_an_import_and_cancels_it(visits: Visits) -> None:
    with transaction() as session:
        admin, project = make.user(session, role=Role.ADMIN), make.project(session)
        started = start_import(session, project.id, "tea.jsonl", 100)
    note_read(started.id, 10)
    page = visits.page(admin)
    page.goto(f"/admin/projects/{project.id}")
    page.get_by_role("link", name="Jobs").click()
    expect(page.get_by_text("10 %")).to_be_visible()
    check_for_everyone(page)
    note_read(started.id, 60)
    expect(page.get_by_text("60 %")).to_be_visible()
    page.get_by_role("row", name="tea.jsonl").get_by_role("button", name="Cancel").click()
    expect(page.locator(".state.cancelled")).to_be_visible()


def test_an_admin_looks_for_what_has_failed_and_tries_it_again(visits: Visits) -> None:
    with transaction() as session:
        admin, project = make.user(session, role=Role.ADMIN), make.project(session)
        start_import(session, project.id, "tea.jsonl", 100)
        release = request_release(session, project.id)
        fail_release(session, release.id, "The disk is full.")
    page = visits.page(admin)
    page.goto(f"/admin/projects/{project.id}/jobs")
    page.get_by_label("State").select_option("failed")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text("The disk is full.")).to_be_visible()
    expect(page.get_by_text("tea.jsonl")).to_be_hidden()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name=f"Release {release.number}")).to_be_visible()
    expect(page.get_by_text("The disk is full.")).to_be_hidden()


def note_read(import_id: int, n_bytes: int) -> None:
    """As a worker does it, but without one."""
    values = {"state": "running", "n_bytes_read": n_bytes, "started_at": now() - timedelta(seconds=30)}
    with transaction() as session:
        session.execute(update(Import).where(Import.id == import_id).values(values))
