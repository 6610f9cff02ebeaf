"""Comparing two releases in the browser, with a worker that compares them."""

from playwright.sync_api import expect

from app.accounts.models import Role
from app.db import transaction
from tests import make
from tests.browser.conftest import Visits
from tests.browser.places import open_details
from tests.browser.test_accessibility import check_for_everyone
from tests.differences.test_difference_page import released_twice


def test_an_admin_compares_a_release_with_the_one_before(visits: Visits) -> None:
    with transaction() as session:
        admin = make.user(session, role=Role.ADMIN)
        before, after = released_twice(session)
    page = visits.page(admin)
    page.goto(f"/admin/releases/{after.id}")
    page.get_by_role("link", name="Compare with another release").click()
    check_for_everyone(page)
    page.get_by_role("button", name="Compare").click()
    expect(
        page.get_by_role("heading", name=f"Release {after.number} against {before.number}")
    ).to_be_visible()
    expect(page.get_by_role("link", name="Download all that differs as CSV")).to_be_visible()
    open_details(page)
    expect(page.get_by_role("cell", name="severity_level").first).to_be_visible()
    check_for_everyone(page)
