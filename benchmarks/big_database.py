"""A database as a long campaign leaves it.

`python -m benchmarks.big_database [--items 2000000]` fills the one of DATABASE_URL, which is migrated and
empty; EVENHAND_OWNER_DATABASE_URL is its owner's. Two million items of three projects get 0.8 million answers
of 180 annotators, in six queues: one of safety labels and one of dual preferences run, one is done, one is
paused, one waits for the stage before, one is an exam.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.agreement.actions import compute_agreement, follow_answers
from app.annotations.patterns import rebuild_patterns
from app.db import transaction
from app.people.counting import count_exposure
from app.projects.actions import create_project
from app.quality.actions import review_trust
from app.queues.actions import add_without_places, create_queue, set_queue_state
from app.queues.counting import rebuild_progress
from app.queues.forms import NewQueue
from app.queues.members import set_members
from app.queues.models import QueueKind, QueuePurpose, QueueState
from app.search.jobs import read_all
from benchmarks.big_answers import Work, make_kinds, work_on
from benchmarks.big_records import (
    ATTEMPTS,
    PAST_AGREEMENT,
    PAST_TRUST,
    QUALIFICATIONS,
    RESOLVED_ALERTS,
    keep_records,
)
from benchmarks.big_texts import make_texts
from benchmarks.consents import agree_all
from benchmarks.queue_states import in_bulk, make_annotators, outside_transactions
from benchmarks.stack import create_people

N_ANNOTATORS, N_ADJUDICATORS, N_ADMINS = 180, 12, 8
PROJECTS = {"Everyday answers": 0.75, "Kitchen and garden": 0.05, "Letters": 0.2}
N_GOLD = 1500
ADMIN = "admin"


def main() -> None:
    parser = argparse.ArgumentParser(description="A database as a long campaign leaves it.")
    parser.add_argument("--items", type=int, default=2_000_000)
    fill(parser.parse_args().items)


def fill(n_items: int) -> None:
    people = make_people()
    project_ids = []
    with transaction() as session:
        project_ids = [create_project(session, name).id for name in PROJECTS]
        for project_id in project_ids:
            agree_all(session, project_id, people[Role.ANNOTATOR])
    with timed("texts and items"), in_bulk() as session:
        make_texts(session, project_ids, [int(n_items * share) for share in PROJECTS.values()])
    with timed("statistics of these"):
        outside_transactions("VACUUM ANALYZE")
    with timed("words"):
        for project_id in project_ids:
            read_all(project_id)
    with timed("queues"):
        queue_ids = make_queues(project_ids, people[Role.ANNOTATOR])
    with timed("statistics of these"):
        outside_transactions("VACUUM ANALYZE queue_item")
    safety = do_work(n_items, queue_ids, people)
    with transaction() as session:
        for queue_id in queue_ids:
            rebuild_progress(session, queue_id)
    with timed("what lies around"), in_bulk() as session:
        make_kinds(session)
        keep_records(
            session,
            project_id=project_ids[0],
            queue_id=safety.queue_id,
            last=safety.n_full,
            admin_id=people[Role.ADMIN][0],
            admins=people[Role.ADMIN],
            adjudicators=people[Role.ADJUDICATOR],
            members=people[Role.ANNOTATOR],
        )
    with timed("statistics of these"):
        outside_transactions("VACUUM ANALYZE")
    for queue_id in queue_ids[:4]:
        follow(queue_id)
    with timed("reports of the past"), in_bulk() as session:
        for statement in (RESOLVED_ALERTS, PAST_AGREEMENT, PAST_TRUST):
            values = {"admin_id": people[Role.ADMIN][0], "n_days": 60}
            session.execute(statement, {name: values[name] for name in statement.compile().params})
    with timed("what people were shown"), transaction() as session:
        count_exposure(session)
    with timed("statistics of all"):
        outside_transactions("VACUUM ANALYZE")


def make_people() -> dict[Role, list[int]]:
    """Their ids by role; one admin has a password."""
    create_people([ADMIN], Role.ADMIN)
    numbers = {Role.ANNOTATOR: N_ANNOTATORS, Role.ADJUDICATOR: N_ADJUDICATORS, Role.ADMIN: N_ADMINS - 1}
    for role, n in numbers.items():
        ids = make_annotators(f"some-{role}", n)
        with transaction() as session:
            session.execute(
                text("UPDATE user_account SET role = :role, created_at = now() - interval '90 days'"
                     " WHERE id = ANY(:ids)"), {"role": role, "ids": ids}
            )  # fmt: skip
    with transaction() as session:
        rows = session.execute(select(User.role, User.id).order_by(User.id)).all()
    return {role: [row.id for row in rows if row.role == role] for role in Role}


def make_queues(project_ids: list[int], annotators: list[int]) -> list[int]:
    """Safety, dual, done, paused, waiting, exam."""
    big, small, middle = project_ids
    exam = {"purpose": QueuePurpose.EXAM, "grants": "safety", "pass_mark": 0.8, "n_exam_items": 20}
    new = (
        (big, {"name": "Safety", "kind": QueueKind.SAFETY, "gold_every": 25}, QueueState.RUNNING),
        (big, {"name": "Dual preference", "kind": QueueKind.DUAL, "overlap": 2}, QueueState.RUNNING),
        (small, {"name": "First round", "kind": QueueKind.SAFETY, "overlap": 1}, QueueState.PAUSED),
        (middle, {"name": "Safety of letters", "kind": QueueKind.SAFETY}, QueueState.PAUSED),
        (
            big,
            {"name": "Helpfulness", "kind": QueueKind.HELPFULNESS, "waits_for_safety": True},
            QueueState.PAUSED,
        ),
        (big, {"name": "Exam", "kind": QueueKind.SAFETY} | exam, QueueState.RUNNING),
    )
    queue_ids = []
    for project_id, settings, state in new:
        with timed(f"queue {settings['name']}"), in_bulk() as session:
            queue_id = create_queue(session, project_id, NewQueue.model_validate(settings), seed=1).id
            set_members(session, queue_id, annotators)
            set_queue_state(session, queue_id, state)
            session.execute(text("UPDATE queue SET created_at = now() - interval '75 days'"))
            queue_ids.append(queue_id)
    with in_bulk() as session:
        add_without_places(session, queue_ids[5], range(3, 200, 3))
        session.execute(ATTEMPTS, {"queue_id": queue_ids[5], "members": annotators})
        session.execute(QUALIFICATIONS, {"members": annotators})
        session.execute(
            text("UPDATE queue SET adjudicates = '{no_majority,severe}' WHERE id = :id"), {"id": queue_ids[0]}
        )
    return queue_ids


def do_work(n_items: int, queue_ids: list[int], people: dict[Role, list[int]]) -> Work:
    """The first is returned."""
    members, admin_id = people[Role.ANNOTATOR], people[Role.ADMIN][0]
    works = (
        Work(queue_ids[0], 3, int(n_items * 0.055), members, ["safety"]),
        Work(queue_ids[1], 2, int(n_items * 0.0375), members[:120], ["helpfulness", "harmlessness"]),
        Work(queue_ids[2], 1, int(n_items * 0.03), members[:40], ["safety"]),
        Work(queue_ids[3], 3, int(n_items * 0.0125), members[60:], ["safety"]),
    )
    for number, work in enumerate(works):
        with timed(f"answers in queue {work.queue_id}"), in_bulk() as session:
            make_kinds(session)
            work_on(session, work, admin_id, n_gold=0 if number else N_GOLD)
    return works[0]


def follow(queue_id: int) -> None:
    """What the worker makes of answers."""
    acts: tuple[Callable[[Session], object], ...] = (
        lambda session: rebuild_patterns(session, queue_id),
        lambda session: follow_answers(session, queue_id, fits=True),
        lambda session: compute_agreement(session, queue_id),
        lambda session: review_trust(session, queue_id),
    )
    for name, act in zip(("patterns", "posteriors", "agreement", "trust"), acts, strict=True):
        with timed(f"{name} of queue {queue_id}"), transaction() as session:
            session.execute(text("SET LOCAL plan_cache_mode = auto"))
            act(session)
        outside_transactions("VACUUM ANALYZE item_pattern, pattern_change, pattern_count, item_consensus")


@contextmanager
def timed(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"{what}: {time.perf_counter() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
