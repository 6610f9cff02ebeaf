"""All of one person on one page, and what an admin does there."""

import csv
import re
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.actions import grant_qualification
from app.accounts.forms import Grant
from app.accounts.models import Role, SignIn, User
from app.agreement.models import AgreementReport
from app.annotations.forms import SafetyLabel
from app.assignments.models import Assignment, AssignmentStatus
from app.audit.models import Action, AuditEntry
from app.db import now
from app.gold.models import GoldResult
from app.people.counting import count_exposure
from app.people.one_person import Pace, kappas, memberships, paces
from app.quality.actions import review_trust
from app.queues.models import Queue, QueueMember
from app.queues.queries import member_ids
from app.voids.actions import void_period
from app.voids.forms import Period
from tests import answer, make
from tests.browse import enter, post

REASON = "As agreed"


@pytest.fixture
def admin(client: TestClient, session: Session) -> User:
    made = make.user(session, role=Role.ADMIN)
    enter(client, session, made)
    return made


@pytest.fixture
def annotator(session: Session) -> User:
    return make.user(session)


def working(session: Session, *people: User, n: int = 3, active_ms: int = 60_000) -> Queue:
    """A queue whose first person has answered `n` items; all others hold one."""
    project = make.project(session)
    for _ in range(n + 1):
        make.item(session, project)
    queue = make.queue(session, project, members=people)
    for _ in range(n):
        label = SafetyLabel(is_safe=True, active_ms=active_ms)
        answer.safety(session, make.assignment(session, queue, people[0]), label)
    return queue


def page_of(client: TestClient, person: User) -> str:
    shown = client.get(f"/admin/people/{person.id}")
    assert shown.status_code == 200
    return shown.text


def n_open(session: Session, person: User) -> int:
    held = select(func.count()).where(
        Assignment.annotator_id == person.id, Assignment.status == AssignmentStatus.OPEN
    )
    return session.scalars(held).one()


def test_the_page_shows_their_work_and_where_they_do_it(
    client: TestClient, session: Session, admin: User, annotator: User
) -> None:
    queue = working(session, annotator, n=3, active_ms=1_200_000)
    review_trust(session, queue.id)
    page = page_of(client, annotator)
    assert queue.name in page
    assert "<dt>Active hours</dt><dd>1.00</dd>" in page
    assert f"/admin/queues/{queue.id}/quality/people/{annotator.id}" in page
    assert f"/admin/people/{annotator.id}/exposure" in page
    count_exposure(session)
    shown = client.get(f"/admin/people/{annotator.id}/exposure").text
    assert "is kept for their sake" in shown
    assert f'<th scope="row">{now().date()}</th><td class="number">3</td>' in shown
    lines = list(csv.reader(client.get(f"/admin/people/{annotator.id}/work.csv").text.splitlines()))
    assert lines[1][0] == annotator.username
    assert lines[1][2:5] == ["3", "3", "1.00"]
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.DOWNLOADED)).one()
    assert (entry.actor_id, entry.user_id) == (admin.id, annotator.id)


def test_someone_who_has_done_nothing_has_a_page_that_says_what_will_be_there(
    client: TestClient, admin: User, annotator: User
) -> None:
    page = page_of(client, annotator)
    assert "They work in no queue yet" in page
    assert "No answer in the last 30 days" in page
    assert "No report has anything of them yet" in client.get(f"/admin/people/{annotator.id}/agreement").text


def test_of_an_admin_there_is_an_account_alone(client: TestClient, admin: User) -> None:
    page = page_of(client, admin)
    assert "Sign out everywhere" in page
    assert "What they were shown" not in page


def test_gold_counts_as_everywhere_else(session: Session, annotator: User) -> None:
    queue = working(session, annotator, n=3)
    ids = session.scalars(select(Assignment.id).where(Assignment.status == AssignmentStatus.SUBMITTED)).all()
    for place, id_ in enumerate(sorted(ids)):
        held = session.get_one(Assignment, id_)
        known = {"queue_id": queue.id, "item_id": held.item_id, "annotator_id": annotator.id}
        result = GoldResult(assignment_id=id_, dimension="safety", expected={}, scores={}, **known)
        result.is_right = place > 0
        if place == 0:
            result.dispute_state, result.dispute_reason = "upheld", "it was right"
        session.add(result)
    session.flush()
    assert [(each.n_gold, each.n_right) for each in memberships(session, annotator.id)] == [(2, 2)]
    void_period(session, queue.id, annotator.id, "a test", Period())
    assert [(each.n_gold, each.n_right) for each in memberships(session, annotator.id)] == [(0, 0)]


def test_the_pace_stands_beside_that_of_the_others(session: Session, annotator: User) -> None:
    other, stranger = make.user(session), make.user(session)
    queue = working(session, annotator, other, n=3, active_ms=10_000)
    working(session, stranger, active_ms=90_000)
    label = SafetyLabel(is_safe=True, active_ms=30_000)
    answer.safety(session, make.assignment(session, queue, other), label)
    assert paces(session, annotator.id) == [Pace("safety", 10, 30)]
    assert paces(session, stranger.id) == [Pace("safety", 90, None)]


def test_the_agreement_is_their_row_of_the_newest_report(session: Session, annotator: User) -> None:
    first, last = make.user(session, username="ann"), make.user(session, username="bob")
    queue = make.queue(session, make.project(session), members=(first, annotator, last))
    matrix = {
        "question": "safe",
        "annotator_ids": [first.id, annotator.id, last.id],
        "kappa": [[None, 0.5, None], [0.5, None, 0.25], [None, 0.25, None]],
        "n": [[0, 9, 0], [9, 0, 4], [0, 4, 0]],
    }
    for matrices in ([], [matrix]):
        content = {"kappa_matrices": matrices}
        session.add(AgreementReport(queue_id=queue.id, n_annotations=9, n_annotators=3, content=content))
        session.flush()
    [found] = kappas(session, annotator.id)
    assert found.pairs == [("bob", 0.25, 4), ("ann", 0.5, 9)]
    assert found.middle == 0.375


def test_they_are_paused_and_go_on(
    client: TestClient, session: Session, admin: User, annotator: User
) -> None:
    queue = working(session, annotator)
    path = f"/admin/people/{annotator.id}/pauses"
    for resumes, reason in (("false", REASON), ("false", REASON), ("true", None)):
        sent = post(client, path, queue_id=queue.id, resumes=resumes, reason=REASON)
        assert sent.status_code == 303
        member = session.get_one(QueueMember, (queue.id, annotator.id), populate_existing=True)
        assert member.pause_reason == reason
        assert (f"{REASON}</span>" in page_of(client, annotator)) is (reason is not None)
    elsewhere = make.queue(session, make.project(session))
    assert post(client, path, queue_id=elsewhere.id, reason=REASON).status_code == 404
    assert post(client, path, queue_id=queue.id, reason=" ").status_code == 422


@pytest.mark.parametrize(
    ("form", "field", "more"),
    [
        ("role", "role-reason", {"role": "adjudicator"}),
        ("activation", "activation-reason", {"is_active": "false"}),
        ("pauses", "pause-reason", {"resumes": "false"}),
        ("qualifications", "grant-reason", {"name": "Law", "last_day": "2999-01-01"}),
        ("qualifications/revoke", "revoke-2", {"name": "Medicine"}),
    ],
)
@pytest.mark.parametrize(
    ("reason", "words"), [(" ", "Fill this in."), ("x" * 1001, "Make this 1000 characters or fewer.")]
)
def test_what_was_typed_stays_where_it_is_to_be_corrected(
    client: TestClient,
    session: Session,
    admin: User,
    annotator: User,
    form: str,
    field: str,
    more: dict[str, str],
    reason: str,
    words: str,
) -> None:
    working(session, annotator)
    second = working(session, annotator)
    for name in ("Chemistry", "Medicine"):
        grant_qualification(session, annotator.id, Grant(name=name, reason=REASON))
    fields: dict[str, Any] = {"reason": reason, **more}
    if form == "pauses":
        fields["queue_id"] = str(second.id)
    sent = post(client, f"/admin/people/{annotator.id}/{form}", **fields)
    assert sent.status_code == 422
    assert sent.text.count("<details open>") == sent.text.count('id="reason-error"') == 1
    assert re.search(rf'id="reason-error">{words}</p>\s*<input id="{field}"', sent.text)
    assert f'id="{field}" name="reason" type="text" value="{reason}"' in sent.text
    for kept in ("adjudicator", "Law", "2999-01-01", str(second.id)):
        if kept in fields.values():
            assert re.search(f'value="{kept}" (selected|autocomplete)', sent.text)
    session.refresh(annotator)
    assert (annotator.role, annotator.is_active) == (Role.ANNOTATOR, True)


def test_signed_out_everywhere_the_next_request_asks_for_the_password(
    client: TestClient, session: Session, admin: User, annotator: User
) -> None:
    enter(client, session, annotator)
    assert client.get("/annotate", follow_redirects=False).status_code == 200
    make.sign_in_token(session, annotator)
    theirs = client.cookies["evenhand"]
    enter(client, session, admin)
    assert "in 2 browsers" in page_of(client, annotator)
    for _ in range(2):
        assert post(client, f"/admin/people/{annotator.id}/sign-outs").status_code == 303
    assert session.scalars(select(SignIn).where(SignIn.user_id == annotator.id)).all() == []
    assert "nowhere" in page_of(client, annotator)
    client.cookies.set("evenhand", theirs)
    assert client.get("/annotate", follow_redirects=False).headers["location"].startswith("/sign-in")


def test_who_is_deactivated_is_signed_out_and_gives_back_what_they_hold(
    client: TestClient, session: Session, admin: User, annotator: User
) -> None:
    queue = working(session, annotator)
    make.assignment(session, queue, annotator)
    make.sign_in_token(session, annotator)
    path = f"/admin/people/{annotator.id}/activation"
    for is_active in ("false", "false", "true"):
        assert post(client, path, is_active=is_active, reason=REASON).status_code == 303
        session.refresh(annotator)
        assert annotator.is_active is (is_active == "true")
        assert n_open(session, annotator) == 0
    assert session.scalars(select(SignIn).where(SignIn.user_id == annotator.id)).all() == []
    assert len(memberships(session, annotator.id)) == 1
    assert post(client, path, is_active="false", reason=" ").status_code == 422


def test_who_becomes_an_admin_leaves_their_queues(
    client: TestClient, session: Session, admin: User, annotator: User
) -> None:
    queue = working(session, annotator)
    make.assignment(session, queue, annotator)
    path = f"/admin/people/{annotator.id}/role"
    assert post(client, path, role="adjudicator", reason=REASON).status_code == 303
    assert (n_open(session, annotator), member_ids(session, queue.id)) == (1, {annotator.id})
    assert post(client, path, role="admin", reason=REASON).status_code == 303
    assert (n_open(session, annotator), member_ids(session, queue.id)) == (0, set())
    session.refresh(annotator)
    assert annotator.role == Role.ADMIN
    assert post(client, path, role="owner", reason=REASON).status_code == 422


def test_one_admin_always_stays(client: TestClient, session: Session, admin: User) -> None:
    path = f"/admin/people/{admin.id}"
    assert post(client, f"{path}/role", role="annotator", reason=REASON).status_code == 409
    assert post(client, f"{path}/activation", is_active="false", reason=REASON).status_code == 409
    make.user(session, role=Role.ADMIN)
    assert post(client, f"{path}/role", role="annotator", reason=REASON).status_code == 303


def test_what_they_asked_stands_there(
    client: TestClient, session: Session, admin: User, annotator: User
) -> None:
    queue = working(session, annotator)
    held = make.assignment(session, queue, annotator)
    make.comment(session, held, annotator, text="Is this a threat?")
    assert "Is this a threat?" in page_of(client, annotator)


def test_nobody_else_opens_any_of_it(client: TestClient, session: Session, annotator: User) -> None:
    adjudicator = make.user(session, role=Role.ADJUDICATOR)
    for who in (annotator, adjudicator):
        enter(client, session, who)
        for end in ("", "/agreement", "/exposure", "/work.csv"):
            assert client.get(f"/admin/people/{annotator.id}{end}").status_code == 403
        for end in ("role", "activation", "sign-outs", "pauses"):
            assert post(client, f"/admin/people/{annotator.id}/{end}").status_code == 403


def test_there_is_no_page_of_nobody(client: TestClient, admin: User) -> None:
    for end in ("", "/agreement", "/work.csv"):
        assert client.get(f"/admin/people/999999{end}").status_code == 404
    for end in ("role", "activation", "sign-outs"):
        sent = post(client, f"/admin/people/999999/{end}", role="admin", is_active="true", reason=REASON)
        assert sent.status_code == 404
