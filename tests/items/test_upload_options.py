"""What an admin asks for with a file: kept with the import until its job runs, and told on its page."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.items.actions import run_import
from app.items.models import Import, ImportState
from app.items.report import upload_path
from app.web.security import CSRF_FIELD
from tests import make
from tests.browse import enter, post, token
from tests.items.samples import json_lines, no_progress, plain

RESPONSE = "A fjord is a long and narrow inlet of the sea, which a glacier made in the last ice age."
ROWS = [
    plain(response=RESPONSE),
    plain(response=RESPONSE.replace("narrow", "slender")),
    plain(response="caf\u00c3\u00a9"),
    plain(response=""),
]


@pytest.fixture
def admin(client: TestClient, session: Session) -> TestClient:
    enter(client, session, make.user(session, role=Role.ADMIN))
    return client


def upload(admin: TestClient, session: Session, **fields: str) -> Response:
    return admin.post(
        f"/admin/projects/{make.project(session).id}/imports",
        params={CSRF_FIELD: token(admin)},
        data=fields,
        files={"file": ("rows.jsonl", json_lines(ROWS))},
        follow_redirects=False,
    )


def test_similar_responses_are_left_out_where_it_is_ticked(
    admin: TestClient, session: Session, home: Path
) -> None:
    """A check says so, and what is imported after it is without them."""
    made = upload(admin, session, leave_out_similar="true", least_alike="0.75")
    started = session.scalars(select(Import)).one()
    assert (made.status_code, started.options) == (303, {"leave_out_similar": 0.75})
    page = made.headers["location"]
    for state in (ImportState.CHECKED, ImportState.DONE):
        assert run_import(session, started.id, upload_path(started.id), no_progress)
        session.expire_all()
        assert (started.state, started.n_new_qa_pairs) == (state, 2)
        assert_findings_shown(admin.get(page).text)
        post(admin, f"{page}/run")


def assert_findings_shown(page: str) -> None:
    assert "Of these left out, from a similarity of 0.75 on</dt><dd>1<" in page
    assert "Garbled: UTF-8 read as another encoding</dt><dd>1 <small>line 3</small>" in page
    assert "Empty prompts or responses</dt><dd>1 <small>line 4</small>" in page
    assert "Of a sample of 4 texts" in page
    assert "English" in page


def test_none_is_left_out_where_it_is_not_ticked(admin: TestClient, session: Session, home: Path) -> None:
    assert upload(admin, session, least_alike="0.75").status_code == 303
    assert session.scalars(select(Import.options)).one() == {"leave_out_similar": None}


@pytest.mark.parametrize("least_alike", ["", "high", "0.4", "1.1", "nan"])
def test_a_similarity_out_of_range_is_refused(
    admin: TestClient, session: Session, home: Path, least_alike: str
) -> None:
    refused = upload(admin, session, leave_out_similar="true", least_alike=least_alike)
    assert refused.status_code == 422
    assert "The similarity must be a number from 0.5 to 1." in refused.text
    assert session.scalars(select(Import)).all() == []
