"""What is told of another overlap beforehand is what it does."""

from collections import Counter
from random import Random
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.agreement.models import ItemConsensus
from app.assignments.actions import lock_member, release_assignment
from app.assignments.interventions import apply_overlap
from app.assignments.models import Assignment, AssignmentStatus
from app.audit.models import AuditEntry
from app.queues.actions import change_queue
from app.queues.forms import QueueSettings, settings_of
from app.queues.models import HeldFor, Queue, QueueItem, QueuePurpose
from app.queues.queries import queue_of
from app.steering.effect import effect_of
from tests import answer, make
from tests.browse import enter, post

N_ITEMS = 12


@pytest.fixture
def queue(session: Session) -> Queue:
    """In the middle of its work: answers, leases, surplus, a broken item, one that waits, and a gold item."""
    project = make.project(session)
    for _ in range(N_ITEMS):
        make.item(session, project)
    people = [make.user(session) for _ in range(6)]
    made = make.queue(session, project, overlap=4, members=tuple(people), max_at_once=9)
    random = Random(3)
    for person in people:
        for _ in range(random.randint(3, N_ITEMS)):
            assignment_id = make.claim(session, made, person)
            if assignment_id is None:
                break
            held = session.get_one(Assignment, assignment_id)
            way = random.random()
            if way < 0.1:
                release_assignment(session, lock_member(session, made.id, person.id), held.id)
            elif way < 0.2:
                answer.skip(session, held)
            else:
                answer.safety(session, held)
        make.claim(session, made, person)
    apply(session, made, 3)
    apply(session, made, 4)
    keep_some_surplus(session, made)
    rare = list(session.scalars(select(QueueItem).where(QueueItem.queue_id == made.id)))
    next(each for each in rare if each.n_assigned < 3).held_for = HeldFor.BROKEN
    session.add(QueueItem(queue_id=made.id, item_id=make.item(session, project).id, pos=0, overlap=0))
    session.flush()
    return made


def keep_some_surplus(session: Session, queue: Queue) -> None:
    """An overlap of 2 for now makes some of the answers surplus."""
    apply(session, queue, 2)


def apply(session: Session, queue: Queue, overlap: int, **more: Any) -> None:
    change_queue(session, queue.id, settings(queue, overlap, **more), "A test")
    session.refresh(queue)
    done_to: int | None = 0
    while done_to is not None:
        done_to = apply_overlap(session, queue.id, done_to, limit=5)


def settings(queue: Queue, overlap: int, **more: Any) -> QueueSettings:
    return QueueSettings.model_validate(
        settings_of(queue) | {"overlap": overlap, "max_overlap": None, "threshold": None} | more
    )


def places(session: Session, queue: Queue) -> dict[int, QueueItem]:
    rows = select(QueueItem).where(QueueItem.queue_id == queue.id, QueueItem.overlap > 0)
    found = list(session.scalars(rows.execution_options(populate_existing=True)))
    for each in found:
        session.expunge(each)
    return {each.item_id: each for each in found}


def statuses(session: Session, queue: Queue) -> Counter[str]:
    return Counter(session.scalars(select(Assignment.status).where(Assignment.queue_id == queue.id)))


@pytest.mark.parametrize(
    ("overlap", "more"),
    [
        (1, {}), (2, {}), (3, {}), (5, {}), (6, {}),
        (1, {"max_overlap": 4, "threshold": 0.9}), (3, {"max_overlap": 6, "threshold": 0.9}),
    ],
)  # fmt: skip
def test_it_does_what_was_told(session: Session, queue: Queue, overlap: int, more: dict[str, Any]) -> None:
    told = effect_of(session, queue.id, settings(queue, overlap, **more))
    before, were = places(session, queue), statuses(session, queue)
    apply(session, queue, overlap, **more)
    after, are = places(session, queue), statuses(session, queue)
    grown = [after[each].overlap - before[each].overlap for each in before]
    assert told.n_items == len(before) == N_ITEMS
    assert told.n_places_more == sum(each for each in grown if each > 0)
    assert told.n_places_fewer == -sum(each for each in grown if each < 0)
    assert told.n_reopened == sum(after[each].is_open and not before[each].is_open for each in before)
    assert told.n_filled == sum(before[each].is_open and not after[each].is_open for each in before)
    assert told.n_released == were[AssignmentStatus.OPEN] - are[AssignmentStatus.OPEN]
    assert told.n_kept - told.n_counted == are[AssignmentStatus.SURPLUS] - were[AssignmentStatus.SURPLUS]
    for rows, n_done, n_left in (
        (before, told.n_done_before, told.n_left_before),
        (after, told.n_done, told.n_left),
    ):
        wanted = [each for each in rows.values() if each.held_for != HeldFor.BROKEN]
        assert n_done == sum(each.n_submitted >= each.overlap for each in wanted)
        assert n_left == sum(each.overlap - each.n_submitted for each in wanted)
    assert told.n_most_left == told.n_left + sum(
        queue.max_overlap - each.overlap for each in after.values() if each.held_for != HeldFor.BROKEN
    )


def test_the_items_here_differ(session: Session, queue: Queue) -> None:
    """Or the test above would show little."""
    found = places(session, queue).values()
    assert any(each.n_surplus for each in found)
    assert any(each.is_open for each in found)
    assert any(each.n_assigned > each.n_submitted for each in found)


def test_items_in_doubt_are_counted(session: Session, queue: Queue) -> None:
    full = [each.item_id for each in places(session, queue).values() if each.n_submitted >= each.overlap]
    assert len(full) > 2
    for item_id, certainty in zip(full, (0.6, 0.8, *[0.99] * len(full)), strict=False):
        session.add(
            ItemConsensus(
                queue_id=queue.id, dimension="safety", item_id=item_id, n_answers=2, certainty=certainty,
                posterior=[certainty],
            )
        )  # fmt: skip
    session.flush()
    for threshold, n_doubtful in ((0.7, 1), (0.9, 2)):
        changed = settings(queue, 2, max_overlap=5, threshold=threshold)
        assert effect_of(session, queue.id, changed).n_doubtful == n_doubtful


def form_of(queue: Queue, **changed: Any) -> dict[str, Any]:
    known = {name: "" if value is None else value for name, value in settings_of(queue).items()}
    return known | changed


def test_the_effect_is_shown_and_nothing_stored_until_a_reason_is_given(
    client: TestClient, session: Session, queue: Queue
) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/queues/{queue.id}/settings"
    told = effect_of(session, queue.id, settings(queue, 5))
    shown = post(client, path, **form_of(queue, overlap="5"))
    assert (shown.status_code, "after_commit" in session.info) == (200, False)
    assert f"{told.n_reopened} item" in shown.text
    assert f">{told.n_left}</td>" in shown.text
    assert '<input type="hidden" name="overlap" value="5">' in shown.text
    without = post(client, path, **form_of(queue, overlap="5", reason=" "))
    assert (without.status_code, 'id="reason-error"' in without.text) == (422, True)
    assert queue_of(session, queue.id).overlap == 2
    assert post(client, path, **form_of(queue, overlap="5", reason="Doubt")).status_code == 303
    session.expire_all()
    assert queue_of(session, queue.id).overlap == 5
    assert len(session.info["after_commit"]) == 1
    assert "Doubt" in session.scalars(select(AuditEntry.reason).where(AuditEntry.queue_id == queue.id)).all()


@pytest.mark.parametrize(
    ("purpose", "said"),
    [
        (QueuePurpose.EXAM, "Everyone who takes it is asked its items"),
        (QueuePurpose.PRODUCTION, "The queue has no items yet"),
    ],
)
def test_where_it_changes_no_item_it_says_why(
    client: TestClient, session: Session, purpose: QueuePurpose, said: str
) -> None:
    project = make.project(session)
    is_exam = purpose is QueuePurpose.EXAM
    made = make.exam(session, project, n_items=2) if is_exam else make.queue(session, project)
    enter(client, session, make.user(session, role=Role.ADMIN))
    fields = {name: value for name, value in settings_of(made).items() if value is not None}
    shown = post(client, f"/admin/queues/{made.id}/settings", **fields | {"overlap": "5"})
    assert shown.status_code == 200
    assert said in shown.text
    for words in ("Of 0 items", "No item changes."):
        assert words not in shown.text


def test_other_settings_need_no_reason(client: TestClient, session: Session, queue: Queue) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/admin/queues/{queue.id}/settings"
    assert post(client, path, **form_of(queue, lease_minutes="7")).status_code == 303
    assert queue_of(session, queue.id).lease_minutes == 7
