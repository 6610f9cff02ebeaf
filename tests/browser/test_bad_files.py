"""Files that can't be imported: a sentence says why, nothing is stored, and the site goes on."""

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import func, select

from app.accounts.models import Role
from app.db import transaction
from app.items.models import Item, Prompt
from tests import make
from tests.browser.conftest import Visits

GOOD = b'{"prompt": "Is it late?", "response": "It is ten."}\n'
MEGABYTE = 1024 * 1024

BAD_FILES = {
    "broken JSON": (b'{"prompt": "Is it late?", "respo', "not valid JSON"),
    "wrong types": (b'{"prompt": 7, "response": ["a"]}\n', "must be a string"),
    "a line of 20 MB": (b'{"prompt": "' + b"a" * 20 * MEGABYTE + b'"}\n', "longer than 4 MiB"),
    "a NUL in a text": (b'{"prompt": "Is it\\u0000late?", "response": "No."}\n', "NUL character"),
    "bare NUL bytes": (b"\0" * 1000, "not valid JSON"),
    "nothing at all": (b"", "empty"),
    "half a gzip file": (gzip.compress(GOOD * 100)[:40], "gzip"),
}


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_file_that_can_not_be_used_is_refused_in_words(visits: Visits, tmp_path: Path, name: str) -> None:
    content, reason = BAD_FILES[name]
    page = imports_page(visits)
    upload(page, tmp_path / "bad.jsonl", content)
    expect(page.locator("#import .state")).to_have_text("failed")
    expect(page.locator("#import .notice")).to_contain_text(reason)
    assert n_stored() == (0, 0)
    assert page.goto("/healthz").ok  # type: ignore[union-attr]


def test_the_good_rows_of_a_mixed_file_go_in_and_the_report_names_the_others(
    visits: Visits, tmp_path: Path
) -> None:
    page = imports_page(visits)
    upload(page, tmp_path / "mixed.jsonl", GOOD + b"no json\n" + b'{"prompt": "", "response": "No."}\n')
    expect(page.locator("#import .state")).to_have_text("done")
    assert n_stored() == (1, 1)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the report").click()
    report = download.value.path().read_text().splitlines()
    assert report[0] == "file,line,severity,field,reason,outcome"
    assert report[1].startswith('mixed.jsonl,2,error,,"not valid JSON')
    assert report[2] == "mixed.jsonl,3,error,prompt,is empty,left out"


def imports_page(visits: Visits) -> Page:
    with transaction() as session:
        admin = make.user(session, role=Role.ADMIN)
        project_id = make.project(session).id
    page = visits.page(admin)
    page.goto(f"/admin/projects/{project_id}/imports")
    return page


def upload(page: Page, path: Path, content: bytes) -> None:
    path.write_bytes(content)
    page.get_by_label("Import a file").set_input_files(path)
    page.get_by_role("button", name="Import at once").first.click()


def n_stored() -> tuple[int, int]:
    """Prompts and items."""
    with transaction() as session:
        counts = (session.scalar(select(func.count()).select_from(table)) or 0 for table in (Prompt, Item))
        return next(counts), next(counts)
