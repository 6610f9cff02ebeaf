"""Whatever annotators and admins do, in whatever order and however their transactions interleave, no item
passes its overlap, nothing acknowledged is lost, and nobody misses an item they could have had.

Each annotator has a connection of their own, whose transaction stays open from one step to later ones.
"""

import os
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import select, text, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.annotations.actions import submit_safety_label
from app.annotations.check import check_all_of
from app.annotations.forms import SafetyLabel
from app.annotations.patterns import fold_changes
from app.assignments.actions import (
    claim_next,
    expire_leases,
    lock_member,
    release_assignment,
    renew_lease,
    skip_assignment,
)
from app.assignments.eligibility import (
    REST,
    SEVERE,
    Membership,
    has_severe_cap_reached,
    search_values,
)
from app.assignments.interventions import (
    apply_overlap,
    hand_out_again,
    reassign,
    release_lease,
)
from app.assignments.models import Assignment, AssignmentStatus, SkipReason
from app.assignments.moves import set_priority
from app.assignments.queries import FROM_THE_START, SEVERE_TOO, open_assignment_id
from app.assignments.statements import IS_BUSY
from app.assignments.states import close_queue, drain_queue, end_drained, reopen_queue
from app.db import now, session_factory, transaction
from app.errors import DomainError
from app.projects.models import Project
from app.projects.pku import PKU
from app.queues.actions import fill_queue, set_queue_state
from app.queues.members import set_avoided, set_members
from app.queues.models import HeldFor, Lane, Queue, QueueItem, QueueMember, QueueState
from app.voids.actions import void, void_period
from app.voids.forms import Period
from tests import make

N_ITEMS = 4
N_ANNOTATORS = 4
SAFE = SafetyLabel(is_safe=True)
HARMFUL = SafetyLabel(is_safe=False, harm_categories=["Violence"], severity=2)
# A request that would wait longer for another one's lock gives up, as after a lost connection.
LOCK_TIMEOUT = "SET LOCAL lock_timeout = '30ms'"

LARGEST_PICK = 99
ADMIN_ACTIONS = (
    *("take_back", "pass_on", "void", "void_some", "change_overlap", "pause_or_run", "change_members"),
    *(
        "add_an_item",
        "change_priority",
        "opt_out",
        "make_a_gold_item",
        "change_gold",
        "mend",
        "rest",
        "fold_patterns",
    ),
    *("change_severe_caps", "fold_patterns", "drain", "close_or_open"),
)
PRIORITIES = (Lane.HIGH, Lane.NORMAL, Lane.LOW)
TOPICS: tuple[list[str], ...] = ([], ["Violence"], ["Drugs"])

annotators = st.integers(0, N_ANNOTATORS - 1)
picks = st.integers(0, LARGEST_PICK)
KEPT = (AssignmentStatus.SUBMITTED, AssignmentStatus.SURPLUS, AssignmentStatus.VOIDED)


class Assigning(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.tabs: dict[int, Session] = {}
        self.sent: dict[int, set[int]] = {}
        self.acknowledged: set[int] = set()

    @initialize(
        overlap=st.integers(1, 3),
        returned_first=st.booleans(),
        severe=st.sets(st.integers(1, N_ITEMS)),
        max_in_row=st.sampled_from([None, 1, 2]),
    )
    def begin(self, overlap: int, returned_first: bool, severe: set[int], max_in_row: int | None) -> None:
        with transaction() as session:
            project = make.project(session)
            self.project_id = project.id
            for _ in range(N_ITEMS):
                make.item(session, project)
            people = tuple(make.user(session) for _ in range(N_ANNOTATORS))
            self.people = [person.id for person in people]
            queue = make.queue(
                session,
                project,
                overlap=overlap,
                members=people,
                returned_first=returned_first,
                max_severe_in_row=max_in_row,
                blur_from=None,
            )
            self.queue_id = queue.id
            session.execute(
                update(QueueItem)
                .where(QueueItem.queue_id == queue.id, QueueItem.pos % 2 == 1)
                .values(harm_mask=PKU.mask_of(["Violence"]))
            )
            session.execute(
                update(QueueItem)
                .where(QueueItem.queue_id == queue.id, QueueItem.pos.in_(severe))
                .values(severity_prior=SEVERE)
            )

    # --- Annotators: requests that are committed, or not, at some later step

    def request(self, who: int, step: Callable[[Session], object], *, commits: bool) -> None:
        tab = self.tabs.get(who)
        if tab is None:
            tab = self.tabs[who] = session_factory()()
            tab.execute(text(LOCK_TIMEOUT))
        try:
            step(tab)
        except (DomainError, OperationalError):
            self.give_up(who)
        if commits:
            self.commit(who)

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

    @rule(who=annotators, commits=st.booleans())
    def claim(self, who: int, commits: bool) -> None:
        self.request(who, lambda tab: claim_next(tab, self.member(tab, who)), commits=commits)

    @rule(who=annotators, pick=picks, then_claims=st.booleans(), commits=st.booleans())
    def submit(self, who: int, pick: int, then_claims: bool, commits: bool) -> None:
        """What they hold, or whichever assignment they ever had: late, or sent before."""

        def step(tab: Session) -> None:
            member = self.member(tab, who)
            assignment_id = self.theirs(tab, who, pick) or claim_next(tab, member)
            if assignment_id is None:
                return
            submit_safety_label(tab, member, assignment_id, SAFE if pick % 2 else HARMFUL)
            self.sent.setdefault(who, set()).add(assignment_id)
            if then_claims:
                claim_next(tab, member)

        self.request(who, step, commits=commits)

    @rule(who=annotators, pick=picks, way=st.sampled_from([*SkipReason, "release", "renew"]))
    def leave_or_renew(self, who: int, pick: int, way: str) -> None:
        def step(tab: Session) -> None:
            member = self.member(tab, who)
            if (assignment_id := self.theirs(tab, who, pick)) is None:
                return
            if way == "renew":
                renew_lease(tab, assignment_id, member)
            elif way == "release":
                release_assignment(tab, member, assignment_id)
            else:
                skip_assignment(tab, member, assignment_id, SkipReason(way))

        self.request(who, step, commits=pick % 2 == 0)

    def member(self, session: Session, who: int) -> Membership:
        return lock_member(session, self.queue_id, self.people[who])

    def theirs(self, session: Session, who: int, pick: int) -> int | None:
        """Mostly what they hold."""
        held = open_assignment_id(session, self.queue_id, self.people[who])
        return self.some_assignment(session, who, pick) if held is None or pick > LARGEST_PICK / 2 else held

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

    @rule(action=st.sampled_from(ADMIN_ACTIONS), who=annotators, pick=picks)
    def administer(self, action: str, who: int, pick: int) -> None:
        self.intervene(lambda session: getattr(self, action)(session, who, pick))

    def take_back(self, session: Session, _who: int, pick: int) -> None:
        if (assignment_id := self.some_assignment(session, None, pick)) is not None:
            release_lease(session, self.queue_id, assignment_id)

    def pass_on(self, session: Session, who: int, pick: int) -> None:
        if (assignment_id := self.some_assignment(session, None, pick)) is not None:
            reassign(session, self.queue_id, assignment_id, self.people[who])

    def void(self, session: Session, who: int, pick: int) -> None:
        """All of one annotator's answers; or those since some answer, or before it."""
        since_or_until = ("since", "until")[pick % 2]
        some = self.some_assignment(session, None, pick) if pick % 3 else None
        at = session.scalar(select(Assignment.closed_at).where(Assignment.id == some))
        period = Period.model_validate({since_or_until: at})
        void_period(session, self.queue_id, self.people[who], "a test", period)

    def void_some(self, session: Session, _who: int, pick: int) -> None:
        """Of several annotators at once, as a refused batch is."""
        ids = session.scalars(select(Assignment.id).where(Assignment.queue_id == self.queue_id))
        void(session, self.queue_id, sorted(ids)[:: pick % 4 + 1], "a test")

    def change_overlap(self, session: Session, who: int, pick: int) -> None:
        queue = session.get_one(Queue, self.queue_id)
        queue.overlap, queue.max_overlap = who + 1, who + 1 + pick % 2
        session.flush()
        apply_overlap(session, self.queue_id)

    def pause_or_run(self, session: Session, _who: int, pick: int) -> None:
        state = QueueState.PAUSED if pick % 4 == 0 else QueueState.RUNNING
        set_queue_state(session, self.queue_id, state)

    def drain(self, session: Session, who: int, pick: int) -> None:
        """Or look whether that has come to its end."""
        if who:
            drain_queue(session, self.queue_id, (QueueState.PAUSED, QueueState.CLOSED)[pick % 2], "a test")
        else:
            end_drained(session, self.queue_id)

    def close_or_open(self, session: Session, who: int, _pick: int) -> None:
        """Mostly open, or nothing would happen any more."""
        if who:
            reopen_queue(session, self.queue_id, "a test")
            set_queue_state(session, self.queue_id, QueueState.RUNNING)
        else:
            close_queue(session, self.queue_id, "a test")

    def change_members(self, session: Session, who: int, _pick: int) -> None:
        """All but one; or, said of the last, all."""
        left_out = self.people[who] if who else None
        set_members(session, self.queue_id, [person for person in self.people if person != left_out])

    def add_an_item(self, session: Session, _who: int, pick: int) -> None:
        make.item(session, session.get_one(Project, self.project_id))
        fill_queue(session, self.queue_id, PRIORITIES[pick % 3])

    def change_priority(self, session: Session, who: int, pick: int) -> None:
        set_priority(session, self.queue_id, self.some_items(session, pick), PRIORITIES[who % 3])

    def opt_out(self, session: Session, who: int, pick: int) -> None:
        set_avoided(session, self.people[who], TOPICS[pick % 3])

    def make_a_gold_item(self, session: Session, _who: int, pick: int) -> None:
        for item_id in self.some_items(session, pick)[:1]:
            make.gold(session, self.queue_id, item_id)

    def change_gold(self, session: Session, _who: int, pick: int) -> None:
        session.get_one(Queue, self.queue_id).gold_every = (None, 2, 3)[pick % 3]

    def fold_patterns(self, session: Session, _who: int, _pick: int) -> None:
        fold_changes(session, self.queue_id)

    def mend(self, session: Session, _who: int, _pick: int) -> None:
        hand_out_again(session, self.queue_id, self.some_items(session, 0), HeldFor.BROKEN)

    def rest(self, session: Session, who: int, _pick: int) -> None:
        rest_long(session, self.queue_id, self.people[who])

    def change_severe_caps(self, session: Session, who: int, pick: int) -> None:
        queue = session.get_one(Queue, self.queue_id)
        queue.max_severe_in_row = pick % 3 or None
        queue.max_severe_a_day = who or None

    def some_items(self, session: Session, pick: int) -> list[int]:
        ids = session.scalars(
            select(QueueItem.item_id).where(QueueItem.queue_id == self.queue_id).order_by(QueueItem.item_id)
        ).all()
        return list(ids[pick % len(ids) :])

    # --- What must hold

    @invariant()
    def nothing_is_broken(self) -> None:
        if hasattr(self, "queue_id"):
            with transaction(snapshot=True) as session:
                assert not (found := check_all_of(session, self.queue_id)), found
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
            reopen_queue(session, self.queue_id, "a test")
            set_queue_state(session, self.queue_id, QueueState.RUNNING)
            set_members(session, self.queue_id, self.people)
            session.get_one(Queue, self.queue_id).max_severe_a_day = None
            for person in self.people:
                set_avoided(session, person, [])
            self.mend(session, 0, 0)
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
                if assignment_id is not None:
                    submit_safety_label(session, member, assignment_id, SAFE)
                elif has_severe_cap_reached(member):
                    rest_long(session, self.queue_id, self.people[who])
                else:
                    everything = search_values(member) | SEVERE_TOO | FROM_THE_START
                    assert not session.scalar(IS_BUSY, everything), "an item for them was never found"
                    return
        raise AssertionError("the queue hands out items without end")


def rest_long(session: Session, queue_id: int, annotator_id: int) -> None:
    """From severe items."""
    session.execute(
        update(QueueMember)
        .where(QueueMember.queue_id == queue_id, QueueMember.annotator_id == annotator_id)
        .values(severe_at=now() - REST)
    )


@pytest.mark.usefixtures("database")
def test_whatever_happens_the_invariants_hold() -> None:
    run_state_machine_as_test(
        Assigning,
        settings=settings(
            max_examples=40,
            derandomize="CI" in os.environ,
            phases=[Phase.generate] if "EVENHAND_WITHOUT" in os.environ else tuple(Phase),
            stateful_step_count=80,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
