"""An item's history reads as a story, from a constant number of statements."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.adjudication.models import AdjudicationCase, Decision
from app.assignments.models import Assignment, SkipReason
from app.audit.models import Action, AuditEntry
from app.db import now
from app.flags.actions import flag_label
from app.gold.models import GoldItem, GoldResult
from app.history.queries import items_beside
from app.history.severity import severity_of
from app.history.story import story_of
from app.inspections.actions import judge_answer, make_batch
from app.inspections.forms import BatchPlan, InspectorVerdict
from app.items.actions import start_import
from app.items.models import Item
from app.projects.models import Project
from app.queues.models import Queue, QueueItem
from app.voids.actions import void
from app.wellbeing.actions import uncover
from app.wellbeing.models import PROMPT
from app.withdrawals.actions import end_withdrawal, withdraw
from app.withdrawals.forms import Withdrawing
from app.withdrawals.models import Withdrawal, WithdrawalKind
from app.withdrawals.reach import named_by
from tests import answer, make
from tests.adjudication import cases
from tests.browse import enter
from tests.test_query_counts import statements

LABEL = {"safety": {"is_safe": True, "harm_categories": [], "severity": 0}}


def eventful(session: Session, admin: User) -> Item:
    """Of all that can happen to an item, each at least once."""
    project = make.project(session)
    item = make.item(session, project)
    make.reference_safety(session, item.id, [], 0)
    for _ in range(2):
        happen(session, admin, item, make_queue(session, item))
    return item


def make_queue(session: Session, item: Item) -> Queue:
    people = tuple(make.user(session) for _ in range(3))
    return make.queue(session, session.get_one(Project, item.project_id), members=people)


def happen(session: Session, admin: User, item: Item, queue: Queue) -> None:
    first, second, third = (make.member(session, queue) for _ in range(3))
    asked = make.assignment(session, queue, first)
    uncover(session, asked.id, PROMPT)
    flag_label(session, asked.id, 0, "Too strict")
    make.comment(session, asked, first, "Is tea meant?")
    make.comment(session, asked, admin, "It is.")
    answer.safety(session, asked, answer.harmful("Violence", severity=1))
    answer.skip(session, make.assignment(session, queue, second), SkipReason.CANNOT_JUDGE)
    judged = make.assignment(session, queue, third)
    answer.safety(session, judged)
    planned = BatchPlan(sample_share=1, min_right=0.5, share_wrong=0.6, risk=0.1)
    batch_id = make_batch(session, queue.id, planned, admin.id, seed=1)
    verdict = InspectorVerdict(is_right=False, comment="It is safe")
    judge_answer(session, batch_id, asked.id, admin.id, verdict)
    session.add(GoldItem(queue_id=queue.id, item_id=item.id, answers=LABEL, source="made"))
    session.flush()
    session.add(
        GoldResult(
            assignment_id=asked.id,
            dimension="safety",
            queue_id=queue.id,
            item_id=item.id,
            annotator_id=first.id,
            expected=LABEL["safety"],
            scores={"is_safe": 0.0},
            is_right=False,
            dispute_state="upheld",
            dispute_reason="Tea it was",
            disputed_at=now(),
            decided_by=admin.id,
            decided_at=now(),
            decision_reason="So it was",
        )
    )
    case = AdjudicationCase(
        queue_id=queue.id,
        item_id=item.id,
        reasons=["no_majority"],
        state="decided",
        outcome=LABEL,
        decided_at=now(),
    )
    session.add(case)
    session.flush()
    decision = {"adjudicator_id": admin.id, "answers": LABEL, "cause": "taste", "note": "Mild"}
    session.add(Decision(case_id=case.id, is_blind=True, is_third=False, **decision))
    void(session, queue.id, [asked.id], "Careless", annotator_id=first.id)
    form = Withdrawing(kind=WithdrawalKind.PROMPT, named=(str(item.id),), reason="A name is in it")
    withdraw(session, item.project_id, named_by(session, item.project_id, form), form.reason)
    standing = select(Withdrawal.id).where(Withdrawal.ended_at.is_(None))
    end_withdrawal(session, item.project_id, session.scalars(standing).one(), "No name was in it")


@pytest.fixture
def admin(session: Session) -> User:
    return make.user(session, role=Role.ADMIN)


def test_everything_that_happened_is_told(client: TestClient, session: Session, admin: User) -> None:
    item = eventful(session, admin)
    enter(client, session, admin)
    page = client.get(f"/admin/items/{item.id}")
    assert page.status_code == 200
    for words in (
        *("brought a label of it", "Its queue was made", "Leased", "Uncovered the prompt"),
        *("Flagged the safety label of response A", "Too strict", "Asked", "Is tea meant?", "It is."),
        *("Answered", "Violence", "Submitted", "Skipped: cannot judge", "Became a gold item", "As gold"),
        *("Disputed the gold result", "Tea it was", "So it was", "Went to adjudicators: no majority"),
        *("Settled: safety: safe", "Decided: safety: safe", "Mild", "came into inspection batch"),
        *("is wrong", "It is safe", "was voided", "Careless", "Audit log: inspected answer, decided"),
        *("Withdrawn from releases: prompt", "A name is in it", "No name was in it"),
    ):
        assert words in page.text, words


def test_a_case_that_was_withdrawn_is_told_of(client: TestClient, session: Session, admin: User) -> None:
    queue = cases.labelled_queue(session, [answer.SAFE, answer.harmful("Violence")])
    (case,) = cases.opened(session, queue)
    assert case.withdrawn_at is None
    session.execute(update(QueueItem).where(QueueItem.queue_id == queue.id).values(overlap=3))
    cases.opened(session, queue)
    enter(client, session, admin)
    page = client.get(f"/admin/items/{case.item_id}").text
    for words in ("Went to adjudicators: no majority", "Was withdrawn from adjudicators: it lacked answers"):
        assert words in page


def test_it_is_in_the_order_of_time(session: Session, admin: User) -> None:
    story = story_of(session, eventful(session, admin).id)
    assert [event.at for event in story] == sorted(event.at for event in story)
    what = [event.what for event in story]
    assert what.index("Leased") < what.index("Answered")


def test_a_longer_story_needs_no_more_statements(session: Session, admin: User) -> None:
    item = eventful(session, admin)
    with statements() as few:
        n_events = len(story_of(session, item.id))
    for _ in range(3):
        happen(session, admin, item, make_queue(session, item))
    with statements() as many:
        assert len(story_of(session, item.id)) > n_events
    assert len(many) == len(few) <= 15


def test_looking_at_it_is_noted(client: TestClient, session: Session, admin: User) -> None:
    item = make.item(session, make.project(session), responses=("A hot drink.",))
    enter(client, session, admin)
    for n_before in range(2):
        assert "A hot drink." in client.get(f"/admin/items/{item.id}").text
        views = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.VIEWED)).all()
        assert [view.item_id for view in views] == [item.id] * (n_before + 1)


@pytest.mark.parametrize("role", [Role.ANNOTATOR, Role.ADJUDICATOR])
def test_it_is_for_admins(client: TestClient, session: Session, role: Role) -> None:
    item = make.item(session, make.project(session))
    enter(client, session, make.user(session, role=role))
    assert client.get(f"/admin/items/{item.id}").status_code == 403


def test_an_unknown_item_is_not_found(client: TestClient, session: Session, admin: User) -> None:
    enter(client, session, admin)
    assert client.get("/admin/items/999999").status_code == 404
    assert session.scalars(select(Assignment)).all() == []


def test_it_tells_which_import_brought_it(session: Session) -> None:
    project = make.project(session)
    item = make.item(session, project)
    came = start_import(session, project.id, "cakes.jsonl", 10)
    came.first_item_id = came.last_item_id = item.id
    session.flush()
    (event,) = story_of(session, item.id)
    assert event.what == f"Came with import {came.id} (cakes.jsonl)"


def test_texts_are_covered_where_anybody_calls_them_harmful(
    client: TestClient, session: Session, admin: User
) -> None:
    enter(client, session, admin)
    project = make.project(session)
    item = make.item(session, project)
    assert "covered-texts" not in client.get(f"/admin/items/{item.id}").text
    make.reference_safety(session, item.id, ["Violence"], 2)
    assert "moderate" in client.get(f"/admin/items/{item.id}").text
    queue = make.queue(session, project, members=(make.user(session),))
    given = make.assignment(session, queue, make.member(session, queue))
    answer.safety(session, given, answer.harmful("Violence", severity=3))
    assert severity_of(session, item.id) == 3


def test_it_leads_to_the_items_with_the_same_responses(
    client: TestClient, session: Session, admin: User
) -> None:
    enter(client, session, admin)
    both = make.item_with_pairs(session, make.project(session), responses=("one", "two"))
    pairs = [each.id for each in items_beside(session, both.id)]
    assert len(pairs) == 2
    assert f'href="/admin/items/{pairs[1]}"' in client.get(f"/admin/items/{both.id}").text
    assert [each.id for each in items_beside(session, pairs[0])] == [both.id]
