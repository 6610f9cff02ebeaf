"""Whatever annotators and admins do, in whatever order and however their transactions interleave, no item
passes its overlap, nothing acknowledged is lost, and nobody misses an item they could have had.

Each annotator has a connection of their own, whose transaction stays open from one step to later ones.
"""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.annotations.actions import submit_safety_label
from app.annotations.forms import SafetyLabel
from app.assignments.actions import (
    claim_next,
    expire_leases,
    lock_member,
    release_assignment,
    renew_lease,
    skip_assignment,
)
from app.assignments.check import check_queue
from app.assignments.interventions import (
    apply_overlap,
    ask_gold,
    hand_out_again,
    reassign,
    release_lease,
    set_priority,
    void_answers,
)
from app.assignments.models import Assignment, AssignmentStatus, SkipReason
from app.db import now, session_factory, transaction
from app.errors import DomainError
from app.projects.models import Project
from app.projects.taxonomy import harm_mask
from app.queues.actions import fill_queue, set_avoided, set_members, set_queue_state
from app.queues.models import HeldFor, Lane, Queue, QueueItem, QueueState
from tests import make

N_ITEMS = 6
N_ANNOTATORS = 4
SAFE = SafetyLabel(is_safe=True)
# A request that would wait longer for another one's lock gives up, as after a lost connection.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '30ms'"

annotators = st.integers(0, N_ANNOTATORS - 1)
picks = st.integers(0, 99)
KEPT = (AssignmentStatus.SUBMITTED, AssignmentStatus.SURPLUS, AssignmentStatus.VOIDED)


class Assigning(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.tabs: dict[int, Session] = {}
        self.sent: dict[int, set[int]] = {}
        self.acknowledged: set[int] = set()

    @initialize(overlap=st.integers(1, 3), returned_first=st.booleans())
    def begin(self, overlap: int, returned_first: bool) -> None:
        with transaction() as session:
            project = make.project(session)
            self.project_id = project.id
            for _ in range(N_ITEMS):
                make.item(session, project)
            people = tuple(make.user(session) for _ in range(N_ANNOTATORS))
            self.people = [person.id for person in people]
            queue = make.queue(session, project, overlap=overlap, members=people)
            queue.returned_first = returned_first
            self.queue_id = queue.id
            session.execute(
                update(QueueItem)
                .where(QueueItem.queue_id == queue.id, QueueItem.pos % 2 == 1)
                .values(harm_mask=harm_mask(["Violence"]))
            )

    # --- Annotators: requests that are committed, or not, at some later step

    def request(self, who: int, step: Callable[[Session], object]) -> None:
        tab = self.tabs.get(who)
        if tab is None:
            tab = self.tabs[who] = session_factory()()
            tab.execute(text(LOCK_TIMEOUT))
        try:
            step(tab)
        except (DomainError, OperationalError):
            self.give_up(who)

    @rule(who=annotators)
    def commit(self, who: int) -> None:
        if who in self.tabs:
            with self.tabs.pop(who) as tab:
                tab.commit()
            self.acknowledged |= self.sent.pop(who, set())

    @rule(who=annotators)
    def give_up(self, who: int) -> None:
        if who in self.tabs:
            with self.tabs.pop(who) as tab:
                tab.rollback()
            self.sent.pop(who, None)

    @rule(who=annotators)
    def claim(self, who: int) -> None:
        self.request(who, lambda tab: claim_next(tab, lock_member(tab, self.queue_id, self.people[who])))

    @rule(who=annotators, pick=picks, then_claim=st.booleans())
    def submit(self, who: int, pick: int, then_claim: bool) -> None:
        """Whichever assignment they ever had: open, late, or sent before."""

        def step(tab: Session) -> None:
            assignment_id = self.some_assignment(tab, who, pick)
            if assignment_id is None:
                return
            member = lock_member(tab, self.queue_id, self.people[who])
            submit_safety_label(tab, member, assignment_id, SAFE)
            self.sent.setdefault(who, set()).add(assignment_id)
            if then_claim:
                claim_next(tab, member)

        self.request(who, step)

    @rule(who=annotators, pick=picks, reason=st.sampled_from(SkipReason))
    def skip(self, who: int, pick: int, reason: SkipReason) -> None:
        def step(tab: Session) -> None:
            if (assignment_id := self.some_assignment(tab, who, pick)) is not None:
                skip_assignment(tab, lock_member(tab, self.queue_id, self.people[who]), assignment_id, reason)

        self.request(who, step)

    @rule(who=annotators, pick=picks, renews=st.booleans())
    def release_or_renew(self, who: int, pick: int, renews: bool) -> None:
        def step(tab: Session) -> None:
            if (assignment_id := self.some_assignment(tab, who, pick)) is not None:
                member = lock_member(tab, self.queue_id, self.people[who])
                if renews:
                    renew_lease(tab, assignment_id, member)
                else:
                    release_assignment(tab, member, assignment_id)

        self.request(who, step)

    def some_assignment(self, session: Session, who: int | None, pick: int) -> int | None:
        mine = Assignment.annotator_id == self.people[who] if who is not None else text("true")
        ids = session.scalars(
            select(Assignment.id).where(Assignment.queue_id == self.queue_id, mine).order_by(Assignment.id)
        ).all()
        return ids[pick % len(ids)] if ids else None

    # --- The sweeper and admins: committed at once, unless they meet a lock

    def intervene(self, step: Callable[[Session], object]) -> None:
        try:
            with transaction() as session:
                session.execute(text(LOCK_TIMEOUT))
                step(session)
        except (DomainError, OperationalError):
            pass

    @rule(pick=picks, sweeps=st.booleans())
    def run_out(self, pick: int, sweeps: bool) -> None:
        def step(session: Session) -> None:
            session.execute(
                update(Assignment)
                .where(
                    Assignment.id == self.some_assignment(session, None, pick),
                    Assignment.status == AssignmentStatus.OPEN,
                )
                .values(expires_at=now())
            )

        self.intervene(step)
        if sweeps:
            self.intervene(lambda session: expire_leases(session, self.queue_id))

    @rule(pick=picks, to=annotators, reassigns=st.booleans())
    def release_from_outside(self, pick: int, to: int, reassigns: bool) -> None:
        def step(session: Session) -> None:
            if (assignment_id := self.some_assignment(session, None, pick)) is not None:
                if reassigns:
                    reassign(session, self.queue_id, assignment_id, self.people[to])
                else:
                    release_lease(session, self.queue_id, assignment_id)

        self.intervene(step)

    @rule(who=annotators)
    def void(self, who: int) -> None:
        self.intervene(lambda session: void_answers(session, self.queue_id, self.people[who], "a test"))

    @rule(overlap=st.integers(1, 4), more=st.integers(0, 1))
    def change_overlap(self, overlap: int, more: int) -> None:
        def step(session: Session) -> None:
            queue = session.get_one(Queue, self.queue_id)
            queue.overlap, queue.max_overlap = overlap, overlap + more
            session.flush()
            apply_overlap(session, self.queue_id)

        self.intervene(step)

    @rule(is_running=st.booleans())
    def pause_or_run(self, is_running: bool) -> None:
        state = QueueState.RUNNING if is_running else QueueState.PAUSED
        self.intervene(lambda session: set_queue_state(session, self.queue_id, state))

    @rule(members=st.sets(annotators, min_size=1))
    def change_members(self, members: set[int]) -> None:
        chosen = [self.people[who] for who in members]
        self.intervene(lambda session: set_members(session, self.queue_id, chosen))

    @rule(priority=st.sampled_from([Lane.HIGH, Lane.NORMAL, Lane.LOW]))
    def add_an_item(self, priority: Lane) -> None:
        def step(session: Session) -> None:
            make.item(session, session.get_one(Project, self.project_id))
            fill_queue(session, self.queue_id, priority)

        self.intervene(step)

    @rule(pick=picks, priority=st.sampled_from([Lane.HIGH, Lane.NORMAL, Lane.LOW]))
    def change_priority(self, pick: int, priority: Lane) -> None:
        self.intervene(
            lambda session: set_priority(session, self.queue_id, self.some_items(session, pick), priority)
        )

    @rule()
    def mend_broken_items(self) -> None:
        self.intervene(self.mend)

    @rule(who=annotators, names=st.sampled_from([[], ["Violence"], ["Drugs"]]))
    def opt_out(self, who: int, names: list[str]) -> None:
        self.intervene(lambda session: set_avoided(session, self.people[who], names))

    @rule(who=annotators, pick=picks)
    def ask_a_gold_item(self, who: int, pick: int) -> None:
        def step(session: Session) -> None:
            member = lock_member(session, self.queue_id, self.people[who])
            ask_gold(session, member, self.some_items(session, pick)[0])

        self.intervene(step)

    def some_items(self, session: Session, pick: int) -> list[int]:
        ids = session.scalars(
            select(QueueItem.item_id).where(QueueItem.queue_id == self.queue_id).order_by(QueueItem.item_id)
        ).all()
        return list(ids[pick % len(ids) :])

    def mend(self, session: Session) -> None:
        hand_out_again(session, self.queue_id, self.some_items(session, 0), HeldFor.BROKEN)

    # --- What must hold

    @invariant()
    def nothing_is_broken(self) -> None:
        if hasattr(self, "queue_id"):
            with transaction(snapshot=True) as session:
                assert not (found := check_queue(session, self.queue_id)), found
                assert self.acknowledged <= set(
                    session.scalars(select(Assignment.id).where(Assignment.status.in_(KEPT)))
                )

    def teardown(self) -> None:
        """Left alone, everyone finds all that is left for them: every item is filled as far as it can be."""
        for who in list(self.tabs):
            self.commit(who)
        if not hasattr(self, "queue_id"):
            return
        with transaction() as session:
            set_queue_state(session, self.queue_id, QueueState.RUNNING)
            set_members(session, self.queue_id, self.people)
            for person in self.people:
                set_avoided(session, person, [])
            self.mend(session)
        for who in range(N_ANNOTATORS):
            self.work_to_the_end(who)
        self.nothing_is_broken()
        with transaction() as session:
            for item in session.scalars(select(QueueItem).where(QueueItem.queue_id == self.queue_id)):
                statuses = session.scalars(
                    select(Assignment.status).where(
                        Assignment.queue_id == self.queue_id, Assignment.item_id == item.item_id
                    )
                ).all()
                assert item.n_submitted == item.overlap or len(statuses) == N_ANNOTATORS, statuses

    def work_to_the_end(self, who: int) -> None:
        for _ in range(200):
            with transaction() as session:
                member = lock_member(session, self.queue_id, self.people[who])
                assignment_id = claim_next(session, member)
                if assignment_id is None:
                    return
                submit_safety_label(session, member, assignment_id, SAFE)
        raise AssertionError("the queue hands out items without end")


@pytest.mark.usefixtures("database")
def test_whatever_happens_the_invariants_hold() -> None:
    run_state_machine_as_test(
        Assigning,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
