"""One click brings the demo campaign, and one takes it away."""

from playwright.sync_api import expect
from sqlalchemy import select

from app.accounts.models import Role, User
from app.db import transaction
from app.projects.models import Project
from tests import make
from tests.browser.conftest import Visits

LOADED_WITHIN_MS = 120_000


def test_an_admin_loads_the_demo_looks_at_it_and_removes_it(visits: Visits) -> None:
    with transaction() as session:
        admin = make.user(session, role=Role.ADMIN)
    page = visits.page(admin)
    page.goto("/admin")
    page.get_by_role("button", name="Load the demo campaign").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    page.get_by_role("link", name="Look at it").click(timeout=LOADED_WITHIN_MS)
    expect(page.get_by_role("navigation", name="Project Demo campaign: everyday life")).to_be_visible()
    page.goto("/admin")
    page.get_by_role("link", name="Remove the demo campaign").click()
    expect(page.get_by_text("266")).to_be_visible()
    page.get_by_role("button", name="Remove it").click()
    expect(page.get_by_role("button", name="Load the demo campaign")).to_be_visible()
    with transaction() as session:
        assert session.scalars(select(Project.id)).all() == []
        assert session.scalars(select(User.username)).all() == [admin.username]
