"""The pages of adjudication, and who may use them."""

from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.adjudication.models import AdjudicationCase, CaseState, Decision
from app.audit.models import Action, AuditEntry
from app.queues.models import Queue, QueueKind
from tests import make
from tests.adjudication import cases
from tests.answer import SAFE, harmful
from tests.browse import enter, post

DECISION: dict[str, Any] = {"is_safe": "true", "cause": "careless", "note": "Read twice."}


@pytest.fixture
def person(client: TestClient, session: Session) -> User:
    made = cases.adjudicator(session)
    enter(client, session, made)
    return made


@pytest.fixture
def queue(session: Session) -> Queue:
    made = cases.labelled_queue(session, [SAFE, harmful("Violence")], is_blind=False)
    cases.opened(session, made)
    return made


def n_decisions(session: Session) -> int:
    return session.scalar(select(func.count(Decision.id))) or 0


def take(client: TestClient, queue: Queue) -> str:
    """The address of the case."""
    return post(client, f"/adjudicate/queues/{queue.id}/next").headers["location"]


def test_an_adjudicator_takes_the_next_case_and_decides_it(
    client: TestClient, session: Session, person: User, queue: Queue
) -> None:
    assert "1 open case" in client.get("/adjudicate").text
    case = take(client, queue)
    shown = client.get(case).text
    assert "Annotator A" in shown
    assert "Violence <b>1</b>" in shown
    for _ in range(2):
        answer = post(client, f"{case}/decision", **DECISION)
        assert (answer.status_code, answer.headers["location"]) == (303, case)
    assert n_decisions(session) == 1
    assert session.scalars(select(AdjudicationCase.outcome)).one() == cases.SAFE
    assert take(client, queue) == f"/adjudicate?none_left_in={queue.id}"
    assert "No case is left there for you" in client.get(f"/adjudicate?none_left_in={queue.id}").text


def test_each_look_at_the_texts_is_logged(
    client: TestClient, session: Session, person: User, queue: Queue
) -> None:
    client.get(take(client, queue))
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.VIEWED)).one()
    assert (entry.actor_id, entry.queue_id) == (person.id, queue.id)


def test_a_blind_page_has_no_answers_before_the_decision(
    client: TestClient, session: Session, person: User
) -> None:
    queue = cases.labelled_queue(session, [SAFE, harmful("Violence")])
    cases.opened(session, queue)
    case = take(client, queue)
    assert "Judge by yourself first" in client.get(case).text
    assert "Annotator A" not in client.get(case).text
    assert "Annotator A" not in post(client, f"{case}/take", take="A").text
    post(client, f"{case}/decision", **DECISION)
    shown = client.get(case).text
    assert "Annotator A" in shown
    assert "Keep it, and next case" in shown


def test_an_answer_that_is_taken_fills_the_form_and_stores_nothing(
    client: TestClient, session: Session, person: User, queue: Queue
) -> None:
    page = post(client, f"{take(client, queue)}/take", take="B", cause="taste", note="So far.")
    assert page.status_code == 200
    for value in ('value="false"', 'value="Violence"', 'value="taste"'):
        (line,) = [line for line in page.text.splitlines() if value in line and "<input" in line]
        assert "checked" in line
    assert "So far." in page.text
    assert n_decisions(session) == 0


def test_what_is_missing_is_said(client: TestClient, session: Session, person: User, queue: Queue) -> None:
    answer = post(client, f"{take(client, queue)}/decision", is_safe="false", cause="unknown")
    assert answer.status_code == 422
    assert "Choose at least one harm category" in answer.text
    assert 'id="cause-error"' in answer.text
    assert n_decisions(session) == 0


def test_a_ranking_is_decided_by_ranks_of_the_items_order(
    client: TestClient, session: Session, person: User
) -> None:
    queue = cases.ranked_queue(session, [1, 2, 3], [3, 2, 1], is_blind=False)
    cases.opened(session, queue)
    case = take(client, queue)
    ranks: dict[str, Any] = {"single-rank_0": "1", "single-rank_1": "1", "single-rank_2": "3"}
    assert (
        post(client, f"{case}/decision", cause="taste", **ranks | {"single-rank_1": "9"}).status_code == 422
    )
    assert post(client, f"{case}/decision", cause="taste", **ranks).status_code == 303
    outcome = session.scalars(select(AdjudicationCase.outcome)).one()
    assert outcome == {"single": {"ranks": [1, 1, 2]}}
    assert "A = B &gt; C" in client.get(case).text


def test_both_steps_of_a_dual_queue_stand_in_one_form(
    client: TestClient, session: Session, person: User
) -> None:
    queue = cases.ranked_queue(session, [1, 2], [2, 1], kind=QueueKind.DUAL, is_blind=False)
    cases.opened(session, queue)
    case = take(client, queue)
    cannot: dict[str, Any] = {"helpfulness-preferred": "cannot_judge", "harmlessness-preferred": "tie"}
    assert post(client, f"{case}/decision", cause="taste", **cannot).status_code == 422
    both: dict[str, Any] = {"helpfulness-preferred": "second", "harmlessness-preferred": "all_bad"}
    assert post(client, f"{case}/decision", cause="taste", **both).status_code == 303
    outcome = session.scalars(select(AdjudicationCase.outcome)).one()
    assert outcome == {"helpfulness": {"ranks": [2, 1]}, "harmlessness": {"ranks": [1, 1]}}


def test_a_case_that_is_not_with_them_is_not_shown(
    client: TestClient, session: Session, person: User, queue: Queue
) -> None:
    (case,) = cases.cases_of(session, queue)
    assert client.get(f"/adjudicate/cases/{case.id}").status_code == 409
    assert post(client, f"/adjudicate/cases/{case.id}/decision", **DECISION).status_code == 409
    assert client.get("/adjudicate/cases/999999").status_code == 404
    assert post(client, "/adjudicate/queues/999999/next").status_code == 404


def test_an_admin_looks_and_does_not_decide(client: TestClient, session: Session, queue: Queue) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    (case,) = cases.cases_of(session, queue)
    shown = client.get(f"/adjudicate/cases/{case.id}").text
    assert "Annotator A" in shown
    assert "Your decision" not in shown
    assert "Next case" not in client.get("/adjudicate").text
    assert post(client, f"/adjudicate/cases/{case.id}/decision", **DECISION).status_code == 403
    assert post(client, f"/adjudicate/queues/{queue.id}/next").status_code == 403


def test_an_admin_opens_a_decided_case_again_with_a_reason(
    client: TestClient, session: Session, queue: Queue
) -> None:
    case = cases.settle(session, queue, cases.SAFE)
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/adjudicate/cases/{case.id}"
    assert "Open it again" in client.get(path).text
    assert post(client, f"{path}/reopening", reason=" ").status_code == 422
    answers = [post(client, f"{path}/reopening", reason="The rules changed.").status_code for _ in range(2)]
    assert answers == [303, 409]
    assert cases.cases_of(session, queue)[0].state == CaseState.OPEN
    assert session.scalars(select(AuditEntry.reason).where(AuditEntry.reason.is_not(None))).all()[-1] == (
        "The rules changed."
    )


def test_an_admin_sees_figures_looks_for_cases_and_opens_one_by_hand(
    client: TestClient, session: Session
) -> None:
    queue = cases.labelled_queue(session, [SAFE, harmful("Violence")], [SAFE, SAFE])
    _split, calm = cases.item_ids(session, queue)
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/queues/{queue.id}/adjudication"
    assert "No case yet" in client.get(path).text
    for _ in range(2):
        assert post(client, f"{path}/look").status_code == 303
    assert "no majority" in client.get(f"{path}?state=open").text
    none = client.get(f"{path}?state=decided").text
    assert f'No case is in this state. <a href="{path}">' in none
    assert "No case yet" not in none
    assert post(client, f"{path}/cases", item_id=calm, reason="").status_code == 422
    unknown = post(client, f"{path}/cases", item_id=999_999, reason="Odd.")
    assert unknown.status_code == 422
    assert 'id="item_id-error">This queue has no such item.<' in unknown.text
    for typed in ("999999", "Odd."):
        assert f'value="{typed}"' in unknown.text
    for _ in range(2):
        assert post(client, f"{path}/cases", item_id=calm, reason="Odd.").status_code == 303
    assert len(cases.cases_of(session, queue)) == 2
    assert client.get("/admin/queues/999999/adjudication").status_code == 404


def test_the_settings_say_what_goes_to_adjudicators(client: TestClient, session: Session) -> None:
    queue = make.queue(session, make.project(session))
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/queues/{queue.id}/settings"
    given: dict[str, Any] = {"name": queue.name, "overlap": "3", "is_blind": "false"}
    wrong = post(client, path, adjudicates="uncertain", **given)
    assert wrong.status_code == 422
    assert "Say below which posterior" in wrong.text
    assert post(client, path, adjudicates="nonsense", **given).status_code == 422
    chosen = ["uncertain", "flag"]
    assert post(client, path, adjudicates=chosen, adjudicates_below="0.8", **given).status_code == 303
    session.refresh(queue)
    assert (queue.adjudicates, queue.adjudicates_below, queue.is_blind) == (chosen, 0.8, False)


def test_an_adjudicator_has_a_link_in_the_navigation(client: TestClient, person: User) -> None:
    assert 'href="/adjudicate"' in client.get("/annotate").text
