"""What a queue's answers say of its annotators, and what follows from it."""

from typing import Any, NamedTuple

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.annotations.forms import SafetyLabel
from app.assignments.actions import lock_member
from app.assignments.eligibility import Refusal, refusal
from app.audit.models import AuditEntry
from app.gold.models import DisputeState, GoldResult
from app.projects.models import Project
from app.quality.actions import AlreadyResolved, add_rule, resolve_alert, resume_member, review_trust
from app.quality.forms import NewRule
from app.quality.models import Alert, Bound, RuleAction
from app.quality.outcomes import Collector
from app.quality.queries import queues_with_news
from app.queues.actions import fill_queue
from app.queues.models import Queue, QueueItem
from tests import answer, make

N_GOLD = 10


class Crowd(NamedTuple):
    queue: Queue
    careful: User
    wrong: User
    admin: User


@pytest.fixture
def crowd(session: Session) -> Crowd:
    """Every item is gold; one annotator has all of them right, one none."""
    project = make.project(session)
    items = [make.item(session, project).id for _ in range(N_GOLD)]
    careful, wrong = make.user(session), make.user(session)
    queue = make.queue(session, project, overlap=2, members=(careful, wrong))
    queue.gold_rate = 0.5
    for item_id in items:
        make.gold(session, queue.id, item_id)
    session.flush()
    for person, label in ((careful, answer.SAFE), (wrong, answer.harmful("Violence"))):
        answer_all(session, queue, person, label)
    return Crowd(queue, careful, wrong, make.user(session, role=Role.ADMIN))


def answer_all(session: Session, queue: Queue, person: User, label: SafetyLabel) -> None:
    while make.claim(session, queue, person) is not None:
        answer.safety(session, make.assignment(session, queue, person), label)


def rule(session: Session, crowd: Crowd, **changed: object) -> None:
    new = {
        "collector": Collector.GOLD,
        "window": 20,
        "min_n": 2,
        "bound": Bound.UPPER,
        "threshold": 0.9,
        "action": RuleAction.PAUSE,
    }
    add_rule(session, crowd.queue.id, NewRule.model_validate(new | changed), crowd.admin.id)


def gold_numbers(session: Session, crowd: Crowd, person: User) -> dict[str, Any]:
    report = review_trust(session, crowd.queue.id)
    return next(each for each in report.findings[str(person.id)] if each["name"] == "gold")


def test_a_report_says_how_many_gold_items_were_right(session: Session, crowd: Crowd) -> None:
    right = gold_numbers(session, crowd, crowd.careful)
    n_asked = session.scalars(select(GoldResult).where(GoldResult.annotator_id == crowd.careful.id)).all()
    assert right["n"] == len(n_asked)
    assert right["facts"] == {"n_right": len(n_asked), "expected": pytest.approx(0, abs=0.5)}


def test_an_upheld_dispute_leaves_the_count(session: Session, crowd: Crowd) -> None:
    before = gold_numbers(session, crowd, crowd.wrong)
    disputed = session.scalars(select(GoldResult).where(GoldResult.annotator_id == crowd.wrong.id)).first()
    assert disputed is not None
    disputed.dispute_state, disputed.dispute_reason = DisputeState.UPHELD, "The known answer was wrong."
    session.flush()
    after = gold_numbers(session, crowd, crowd.wrong)
    assert after["n"] == before["n"] - 1


def test_a_rule_pauses_and_says_why(session: Session, crowd: Crowd) -> None:
    rule(session, crowd)
    review_trust(session, crowd.queue.id)
    paused = lock_member(session, crowd.queue.id, crowd.wrong.id)
    assert refusal(paused) is Refusal.MEMBER_PAUSED
    assert paused.pause_reason is not None
    assert paused.pause_reason.startswith("0 of the last ")
    assert lock_member(session, crowd.queue.id, crowd.careful.id).pause_reason is None
    alert = session.scalars(select(Alert).where(Alert.rule_id.is_not(None))).one()
    assert (alert.annotator_id, alert.has_paused) == (crowd.wrong.id, True)
    actions = session.scalars(select(AuditEntry.action).where(AuditEntry.user_id == crowd.wrong.id)).all()
    assert "paused" in actions


def test_looked_at_again_nothing_is_raised_twice(session: Session, crowd: Crowd) -> None:
    rule(session, crowd)
    for _ in range(2):
        review_trust(session, crowd.queue.id)
    assert len(session.scalars(select(Alert).where(Alert.rule_id.is_not(None))).all()) == 1


def test_who_may_go_on_is_not_paused_again_by_the_same_answers(session: Session, crowd: Crowd) -> None:
    rule(session, crowd)
    review_trust(session, crowd.queue.id)
    alert = session.scalars(select(Alert).where(Alert.rule_id.is_not(None))).one()
    resolve_alert(session, alert, "They had not read the guidelines.", crowd.admin.id, resumes=True)
    review_trust(session, crowd.queue.id)
    assert lock_member(session, crowd.queue.id, crowd.wrong.id).pause_reason is None


def test_new_answers_raise_it_again_though_the_window_holds_as_many(session: Session, crowd: Crowd) -> None:
    rule(session, crowd, window=2)
    review_trust(session, crowd.queue.id)
    alert = session.scalars(select(Alert).where(Alert.rule_id.is_not(None))).one()
    resolve_alert(session, alert, "They had not read the guidelines.", crowd.admin.id, resumes=True)
    project = session.get_one(Project, crowd.queue.project_id)
    for _ in range(N_GOLD):
        make.item(session, project)
    fill_queue(session, crowd.queue.id)
    for item_id in session.scalars(select(QueueItem.item_id).where(QueueItem.queue_id == crowd.queue.id)):
        make.gold(session, crowd.queue.id, item_id)
    answer_all(session, crowd.queue, crowd.wrong, answer.harmful("Violence"))
    review_trust(session, crowd.queue.id)
    assert lock_member(session, crowd.queue.id, crowd.wrong.id).pause_reason is not None


def test_an_alert_is_resolved_once(session: Session, crowd: Crowd) -> None:
    rule(session, crowd, action=RuleAction.NOTIFY)
    review_trust(session, crowd.queue.id)
    alert = session.scalars(select(Alert).where(Alert.rule_id.is_not(None))).one()
    resolve_alert(session, alert, "Looked at.", crowd.admin.id, resumes=False)
    with pytest.raises(AlreadyResolved):
        resolve_alert(session, alert, "Looked at again.", crowd.admin.id, resumes=False)


@pytest.mark.parametrize(
    "changed",
    [
        {"action": RuleAction.NOTIFY},
        {"min_n": 1000},
        {"threshold": 0.0},
        {"collector": Collector.FIRST_PLACE},
        {"collector": Collector.UNHURRIED},
    ],
)
def test_where_the_condition_does_not_hold_nobody_is_paused(
    session: Session, crowd: Crowd, changed: dict[str, Any]
) -> None:
    rule(session, crowd, **changed)
    review_trust(session, crowd.queue.id)
    assert lock_member(session, crowd.queue.id, crowd.wrong.id).pause_reason is None


def test_a_pause_ends_once(session: Session, crowd: Crowd) -> None:
    rule(session, crowd)
    review_trust(session, crowd.queue.id)
    assert resume_member(session, crowd.queue.id, crowd.wrong.id, "Talked to.")
    assert not resume_member(session, crowd.queue.id, crowd.wrong.id, "Talked to.")


def test_a_queue_is_looked_at_again_once_it_has_a_tenth_more_answers(session: Session, crowd: Crowd) -> None:
    assert list(queues_with_news(session)) == [crowd.queue.id]
    n_answers = review_trust(session, crowd.queue.id).n_answers
    assert list(queues_with_news(session)) == []
    member = make.member(session, crowd.queue)
    crowd.queue.gold_rate = None
    for _ in range(-(-n_answers // 10)):
        assert list(queues_with_news(session)) == []
        answer.safety(session, make.assignment(session, crowd.queue, member))
    assert list(queues_with_news(session)) == [crowd.queue.id]
