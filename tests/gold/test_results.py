"""What annotators see of their gold results, and what comes of a dispute."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.assignments.interventions import void_answers
from app.audit.models import Action, AuditEntry
from app.gold.models import ExamAttempt, GoldItem
from app.gold.queries import gold_items, standing_of
from app.projects.pku import PKU
from app.queues.actions import fill_queue
from app.queues.models import QueueItem
from tests import answer, make
from tests.browse import enter, post
from tests.gold.asking import Asked, asked, hold

RESULTS = "/annotate/results"
REASON = "Leaves can be sharp."


@pytest.fixture
def known(client: TestClient, session: Session) -> Asked:
    """Its annotator is signed in, and missed it."""
    made = asked(session)
    enter(client, session, made.annotator)
    return made


def enter_as_admin(client: TestClient, session: Session) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))


def n_counted(session: Session, known: Asked) -> int:
    (row,) = gold_items(session, known.queue.id, 0, 10, 0)
    assert row.n == standing_of(session, known.annotator.id).n_results
    return row.n


def test_the_page_says_what_was_asked_and_how_it_compares(client: TestClient, known: Asked) -> None:
    page = client.get(RESULTS).text
    for words in ("What is tea made of?", "Of leaves.", "Tea does no harm.", "missed", "Violence"):
        assert words in page
    assert f'href="{RESULTS}"' in client.get("/annotate").text
    assert f'href="{RESULTS}"' in client.get("/annotate/work").text


def test_a_page_behind_the_last_one_leads_back(client: TestClient, known: Asked) -> None:
    page = client.get(f"{RESULTS}?page=99").text
    assert f'There are no results on this page. <a href="{RESULTS}">' in page
    assert "page=98" not in page


def test_nobody_else_sees_it(client: TestClient, session: Session, known: Asked) -> None:
    enter(client, session, make.user(session))
    assert "What is tea" not in client.get(RESULTS).text
    assert post(client, known.dispute, reason=REASON).status_code == 404


def test_an_item_that_is_not_answered_is_not_shown(
    client: TestClient, session: Session, known: Asked
) -> None:
    other = make.item(session, known.project, prompt="What is coffee?")
    fill_queue(session, known.queue.id)
    make.gold(session, known.queue.id, other.id)
    held = hold(session, known.queue, known.annotator)
    assert held.item_id == other.id
    assert "What is coffee?" not in client.get(RESULTS).text


def test_results_of_an_open_exam_wait_for_its_end(client: TestClient, session: Session, known: Asked) -> None:
    attempt = ExamAttempt(queue_id=known.queue.id, annotator_id=known.annotator.id, number=1, n_items=1)
    session.add(attempt)
    session.flush()
    known.result(session).attempt_id = attempt.id
    session.flush()
    assert "What is tea" not in client.get(RESULTS).text
    assert post(client, known.dispute, reason=REASON).status_code == 404
    attempt.ended_at, attempt.is_passed = known.result(session).scored_at, True
    session.flush()
    assert "What is tea" in client.get(RESULTS).text


def test_covered_texts_stay_folded(client: TestClient, session: Session, known: Asked) -> None:
    session.execute(update(QueueItem).values(severity_prior=3))
    page = client.get(RESULTS).text
    assert "expected to be severe" in page
    assert "<blockquote" not in page


def test_topics_that_are_not_to_be_shown_are_not(client: TestClient, session: Session, known: Asked) -> None:
    session.execute(update(QueueItem).values(harm_mask=PKU.mask_of(["Violence"])))
    post(client, "/annotate/topics", opted_out="Violence")
    page = client.get(RESULTS).text
    assert "What is tea" not in page
    assert "Of leaves." not in page


def test_a_voided_answer_counts_nowhere(client: TestClient, session: Session, known: Asked) -> None:
    assert n_counted(session, known) == 1
    void_answers(session, known.queue.id, [known.assignment.id], "A test")
    session.expire_all()
    assert n_counted(session, known) == 0
    assert "What is tea" not in client.get(RESULTS).text
    assert post(client, known.dispute, reason=REASON).status_code == 404


def test_the_first_answer_is_the_one_that_is_compared(
    client: TestClient, session: Session, known: Asked
) -> None:
    changed = post(client, f"/annotate/assignments/{known.assignment.id}/answers/safety", is_safe="true")
    assert changed.status_code == 303
    assert "Violence" in client.get(RESULTS).text


def test_a_result_is_disputed_once(client: TestClient, session: Session, known: Asked) -> None:
    assert post(client, known.dispute, reason=" ").status_code == 422
    first = post(client, known.dispute, reason=REASON)
    assert (first.status_code, first.headers["location"]) == (303, RESULTS)
    assert post(client, known.dispute, reason="Once more").status_code == 409
    page = client.get(RESULTS).text
    assert REASON in page
    assert "an admin has not decided yet" in page
    assert n_counted(session, known) == 1


@pytest.mark.parametrize(("state", "n"), [("upheld", 0), ("dismissed", 1)])
def test_an_admin_decides_once(
    client: TestClient, session: Session, known: Asked, state: str, n: int
) -> None:
    post(client, known.dispute, reason=REASON)
    enter_as_admin(client, session)
    page = client.get(known.disputes).text
    for words in ("What is tea made of?", REASON, known.annotator.username):
        assert words in page
    assert post(client, known.decision, state=state).status_code == 422
    assert post(client, known.decision, state="open", reason="No").status_code == 422
    decided = post(client, known.decision, state=state, reason="Read the guidelines.")
    assert (decided.status_code, decided.headers["location"]) == (303, known.disputes)
    for other in ("upheld", "dismissed"):
        assert post(client, known.decision, state=other, reason="Again").status_code == 409
    assert REASON not in client.get(known.disputes).text
    assert n_counted(session, known) == n
    (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.DECIDED))
    assert (entry.reason, entry.user_id) == ("Read the guidelines.", known.annotator.id)
    enter(client, session, known.annotator)
    assert "Read the guidelines." in client.get(RESULTS).text
    assert post(client, known.dispute, reason="Still").status_code == 409


def test_with_a_decision_the_gold_item_can_be_retired(
    client: TestClient, session: Session, known: Asked
) -> None:
    post(client, known.dispute, reason=REASON)
    enter_as_admin(client, session)
    post(client, known.decision, state="upheld", reason="Right.", afterwards="retire")
    key = (known.queue.id, known.gold.item_id)
    assert session.get_one(GoldItem, key, populate_existing=True).state == "retired"


def test_with_a_decision_the_answer_can_be_changed(
    client: TestClient, session: Session, known: Asked
) -> None:
    post(client, known.dispute, reason=REASON)
    enter_as_admin(client, session)
    decided = post(client, known.decision, state="upheld", reason="Right.", afterwards="change")
    assert decided.headers["location"] == f"{known.page}/items/{known.gold.item_id}"


def test_a_dispute_belongs_to_its_queue(client: TestClient, session: Session, known: Asked) -> None:
    post(client, known.dispute, reason=REASON)
    other = make.queue(session, known.project)
    enter_as_admin(client, session)
    path = f"/admin/queues/{other.id}/gold/disputes/{known.assignment.id}/safety"
    assert REASON not in client.get(f"/admin/queues/{other.id}/gold/disputes").text
    assert post(client, path, state="upheld", reason="Right.").status_code == 409


def test_what_is_accepted_is_said(session: Session, known: Asked) -> None:
    make.item(session, known.project)
    known.queue.gold_every = None
    fill_queue(session, known.queue.id)
    answer.safety(session, make.assignment(session, known.queue, known.annotator))
    standing = standing_of(session, known.annotator.id)
    assert (standing.n_accepted, standing.n_results, standing.n_right) == (2, 1, 0)
