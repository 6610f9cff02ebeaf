"""What was chosen or written and not submitted yet is kept, and found again."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.annotations.models import Annotation
from app.assignments.actions import expire_leases
from app.assignments.models import Assignment, AssignmentStatus
from app.drafts.forms import LARGEST_DRAFT_BYTES, MOST_FIELDS
from app.drafts.models import Draft
from app.queues.models import QueueKind
from tests import answer, make
from tests.browse import enter, post

SAFE: dict[str, Any] = {"is_safe": "true"}
HARMFUL: dict[str, Any] = {"is_safe": "false", "harm_categories": ["Violence", "Drugs"]}


@pytest.fixture
def annotator(client: TestClient, session: Session) -> User:
    made = make.user(session)
    enter(client, session, made)
    return made


@pytest.fixture
def assignment(session: Session, annotator: User) -> Assignment:
    project = make.project(session)
    for _ in range(2):
        make.item(session, project)
    return make.assignment(session, make.queue(session, project, members=(annotator,)), annotator)


@pytest.fixture
def dual(session: Session, annotator: User) -> Assignment:
    project = make.project(session)
    make.item(session, project, responses=("Tea.", "Coffee."))
    queue = make.queue(session, project, kind=QueueKind.DUAL, members=(annotator,))
    return make.assignment(session, queue, annotator)


def path(assignment: Assignment, action: str = "drafts/safety") -> str:
    return f"/annotate/assignments/{assignment.id}/{action}"


def drafts(session: Session) -> list[Draft]:
    return list(session.scalars(select(Draft).order_by(Draft.dimension)))


def n_answers(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(Annotation)) or 0


def test_each_save_is_the_next_version(client: TestClient, session: Session, assignment: Assignment) -> None:
    first = post(client, path(assignment), draft_version="0", **SAFE)
    assert (first.status_code, first.json()) == (200, {"version": 1})
    second = post(client, path(assignment), draft_version="1", **HARMFUL)
    assert second.json() == {"version": 2}
    (draft,) = drafts(session)
    assert (draft.dimension, draft.version, draft.content) == ("safety", 2, HARMFUL)


def test_only_the_fields_of_a_form_are_kept(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    odd: dict[str, Any] = {
        "csrf_token": "x",
        "submission_key": "page-1",
        "__proto__": "x",
        "Name": "x",
        "a b": "x",
    }
    post(client, path(assignment), **odd, **HARMFUL, rationale="")
    assert drafts(session)[0].content == HARMFUL | {"submission_key": "page-1", "rationale": ""}


def test_what_another_page_wrote_meanwhile_is_not_overwritten_but_shown(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    post(client, path(assignment), draft_version="0", submission_key="page-1", **SAFE)
    stale = post(client, path(assignment), draft_version="0", submission_key="page-2", **HARMFUL)
    assert stale.status_code == 409
    assert stale.json() == {"version": 1, "content": SAFE | {"submission_key": "page-1"}}
    chosen = post(client, path(assignment), draft_version="1", submission_key="page-2", **HARMFUL)
    assert chosen.json() == {"version": 2}


def test_a_page_that_was_not_told_of_its_save_goes_on(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    for version, fields in enumerate((SAFE, HARMFUL, SAFE), start=1):
        saved = post(client, path(assignment), draft_version="0", submission_key="page-1", **fields)
        assert saved.json() == {"version": version}


def test_the_same_answer_once_more_changes_nothing(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    for page in ("page-1", "page-1", "page-2"):
        saved = post(client, path(assignment), draft_version="0", submission_key=page, **SAFE)
        assert saved.json() == {"version": 1}
        assert drafts(session)[0].content["submission_key"] == "page-1"


@pytest.mark.parametrize(
    "fields",
    [
        {"rationale": "x" * LARGEST_DRAFT_BYTES},
        {"rationale": "ö" * (LARGEST_DRAFT_BYTES // 2)},
        {f"field_{number}": "x" for number in range(MOST_FIELDS + 1)},
        {"rationale": "a\0b"},
        {"draft_version": "-1"},
        {"draft_version": "9" * 5000},
        {"draft_version": ["1", "2"]},
    ],
)
def test_what_can_not_be_kept_is_refused(
    client: TestClient, session: Session, assignment: Assignment, fields: dict[str, Any]
) -> None:
    assert post(client, path(assignment), **fields).status_code == 422
    assert drafts(session) == []


def test_another_annotators_assignment_is_not_found(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    enter(client, session, make.user(session))
    assert post(client, path(assignment), **SAFE).status_code == 404
    assert drafts(session) == []


def test_an_admin_keeps_no_drafts(client: TestClient, session: Session, assignment: Assignment) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert post(client, path(assignment), **SAFE).status_code == 403


@pytest.mark.parametrize("dimension", ["helpfulness", "taste"])
def test_a_step_that_is_not_asked_for_has_no_draft(
    client: TestClient, session: Session, assignment: Assignment, dimension: str
) -> None:
    refused = post(client, path(assignment, f"drafts/{dimension}"), **SAFE)
    assert refused.status_code in {404, 409}
    assert drafts(session) == []


def test_the_page_goes_on_where_one_was(client: TestClient, assignment: Assignment) -> None:
    page = f"/annotate/queues/{assignment.queue_id}"
    assert 'name="draft_version" value="0"' in client.get(page).text
    post(client, path(assignment), draft_version="0", **HARMFUL)
    shown = client.get(page).text
    assert 'name="draft_version" value="1"' in shown
    checked = [tag.split(">")[0] for tag in shown.split("<input") if " checked" in tag.split(">")[0]]
    values = ("true", "false", "Violence", "Drugs", "Cybercrime")
    assert [value for value in values if any(f'value="{value}"' in tag for tag in checked)] == [
        "false",
        "Violence",
        "Drugs",
    ]


def test_a_ranking_goes_on_at_its_own_step(client: TestClient, session: Session, dual: Assignment) -> None:
    page = f"/annotate/queues/{dual.queue_id}"
    post(client, path(dual, "drafts/helpfulness"), preferred="second")
    assert client.get(page).text.count(" checked") == 1
    post(client, path(dual, "rankings/helpfulness"), preferred="second", draft_version="1")
    shown = client.get(page).text
    assert "more harmless" in shown
    assert " checked" not in shown
    assert 'name="draft_version" value="0"' in shown


def test_markup_in_a_draft_is_text(client: TestClient, assignment: Assignment) -> None:
    post(client, path(assignment), rationale="'></form><script>alert(1)</script>")
    assert "<script>alert" not in client.get(f"/annotate/queues/{assignment.queue_id}").text


def test_the_draft_ends_with_the_answer_and_does_not_come_back(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    post(client, path(assignment), draft_version="0", **SAFE)
    assert post(client, path(assignment, "safety-label"), draft_version="1", **SAFE).status_code == 303
    assert drafts(session) == []
    late = post(client, path(assignment), draft_version="1", **HARMFUL)
    assert (late.status_code, drafts(session)) == (409, [])
    assert late.headers["content-type"].startswith("text/html")


def test_the_draft_of_a_step_ends_with_it_and_does_not_come_back(
    client: TestClient, session: Session, dual: Assignment
) -> None:
    post(client, path(dual, "drafts/helpfulness"), preferred="first")
    post(client, path(dual, "rankings/helpfulness"), preferred="second", draft_version="1")
    assert drafts(session) == []
    assert post(client, path(dual, "drafts/helpfulness"), preferred="first").status_code == 409
    assert drafts(session) == []
    assert post(client, path(dual, "drafts/harmlessness"), preferred="first").status_code == 200


@pytest.mark.parametrize(
    ("action", "fields"), [("skip", {"reason": "distress"}), ("release", {})], ids=["skip", "release"]
)
def test_the_draft_ends_with_an_item_that_is_left(
    client: TestClient, session: Session, assignment: Assignment, action: str, fields: dict[str, Any]
) -> None:
    post(client, path(assignment), **SAFE)
    for _ in range(2):
        post(client, path(assignment, action), **fields)
        assert drafts(session) == []


def test_a_stale_tab_does_not_win_silently(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    post(client, path(assignment), draft_version="0", submission_key="page-1", **HARMFUL)
    stale: dict[str, Any] = {"submission_key": "page-2", **SAFE}
    for _ in range(2):
        refused = post(client, path(assignment, "safety-label"), htmx=True, draft_version="0", **stale)
        assert refused.status_code == 409
        assert "newer version of your answer" in refused.text
        assert session.get_one(Assignment, assignment.id).status == AssignmentStatus.OPEN
        assert (n_answers(session), len(drafts(session))) == (0, 1)
    assert post(client, path(assignment, "safety-label"), draft_version="1", **stale).status_code == 303
    assert (n_answers(session), drafts(session)) == (1, [])


def test_a_stale_ranking_does_not_win_silently(
    client: TestClient, session: Session, dual: Assignment
) -> None:
    post(client, path(dual, "drafts/helpfulness"), submission_key="page-1", preferred="first")
    submit = path(dual, "rankings/helpfulness")
    stale: dict[str, Any] = {"submission_key": "page-2", "preferred": "second"}
    assert post(client, submit, draft_version="0", **stale).status_code == 409
    assert n_answers(session) == 0
    assert post(client, submit, draft_version="1", **stale).status_code == 303


def test_a_page_may_submit_before_it_is_told_of_its_own_save(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    own: dict[str, Any] = {"draft_version": "0", "submission_key": "page-1"}
    post(client, path(assignment), **own, **HARMFUL)
    assert post(client, path(assignment, "safety-label"), **own, **SAFE).status_code == 303
    assert drafts(session) == []


def test_a_form_that_does_not_say_what_it_knows_is_not_asked(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    post(client, path(assignment), **HARMFUL)
    assert post(client, path(assignment, "safety-label"), **SAFE).status_code == 303
    assert drafts(session) == []


def test_a_correction_knows_no_more_of_the_draft_than_the_page_did(
    client: TestClient, assignment: Assignment
) -> None:
    post(client, path(assignment), submission_key="page-1", **SAFE)
    wrong: dict[str, Any] = {"draft_version": "0", "submission_key": "page-2", **HARMFUL}
    page = post(client, path(assignment, "safety-label"), htmx=True, **wrong)
    assert page.status_code == 422
    assert 'name="draft_version" value="0"' in page.text
    assert 'name="submission_key" value="page-2"' in page.text


def test_a_draft_outlives_its_lease_and_can_still_be_saved(
    client: TestClient, session: Session, assignment: Assignment
) -> None:
    post(client, path(assignment), draft_version="0", **SAFE)
    session.execute(update(Assignment).values(expires_at=func.now()))
    expire_leases(session, assignment.queue_id)
    assert post(client, path(assignment), draft_version="1", **HARMFUL).json() == {"version": 2}
    answer.safety(session, assignment)
    assert drafts(session) == []
