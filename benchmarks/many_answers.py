"""Peak memory of what a release computes over all answers of a queue, against the goal of 500 MB.

`python -m benchmarks.many_answers [--items 2000000] [--annotators 28] [--kind dual]`. QA pairs with three
safety labels each, or response sets of two with two dual rankings each: the models that are fitted to all of
them, the report of agreement, and the labels of a release, each in a process of its own, as a worker does it.
Filling the database takes some minutes.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable

import psutil
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.agreement.actions import compute_agreement, follow_answers
from app.annotations.patterns import RECOUNTED
from app.db import transaction
from app.items.models import ItemKind
from app.projects.actions import create_project
from app.projects.pku import PKU
from app.queues.actions import create_empty_queue
from app.queues.forms import NewQueue
from app.queues.members import set_members
from app.queues.models import Dimension, Lane, Queue, QueueKind
from app.queues.queries import queue_of
from app.releases.reading.labels import safety_labels_of
from app.releases.reading.plan import PartKind, parts_of
from benchmarks.big_answers import ANSWER_RANKS, ANSWER_SAFETY, make_kinds
from benchmarks.processor_time import time_of_tree
from benchmarks.queue_states import in_bulk, make_annotators, outside_transactions
from benchmarks.stack import migrated_servers
from benchmarks.timed_parts import peak_mb

OVERLAPS = {QueueKind.SAFETY: 3, QueueKind.DUAL: 2}
ITEM_KINDS = {QueueKind.SAFETY: ItemKind.QA_PAIR, QueueKind.DUAL: ItemKind.RESPONSE_SET}
ANSWERS = {QueueKind.SAFETY: ANSWER_SAFETY, QueueKind.DUAL: ANSWER_RANKS}
N_DAYS = 120
STEP = 999_983  # a prime
MOST_MB = 500
# They have no texts: nothing here reads one.
MAKE_ITEMS = text("""
    WITH items AS (
        INSERT INTO item (id, project_id, prompt_id, kind, sha256) OVERRIDING SYSTEM VALUE
        SELECT n, :project_id, n, :item_kind, sha256(convert_to('item ' || n, 'UTF8'))
        FROM generate_series(1, :n_items) AS n
    )
    INSERT INTO item_response (item_id, position, response_id)
    SELECT n, place, :n_responses * (n - 1) + place + 1
    FROM generate_series(1, :n_items) AS n, generate_series(0, :n_responses - 1) AS place
""")
# In any order, and finished: to count the places afterwards takes as long again.
FILL_QUEUE = text(f"""
    INSERT INTO queue_item (queue_id, item_id, lane, pos, overlap, n_assigned, n_submitted)
    SELECT :queue_id, 1 + n * {STEP} % :n_items, {Lane.NORMAL:d}, n, :overlap, :overlap, :overlap
    FROM generate_series(CAST(1 AS bigint), :n_items) AS n
""")  # noqa: S608 - constants
# Different members for an item, by its hash; the newest answers come last in the table.
GIVE = text("""
    INSERT INTO assignment (queue_id, item_id, annotator_id, status, created_at, expires_at, closed_at)
    SELECT :queue_id, item_id,
        (CAST(:members AS bigint[]))[1 + (first + place * step) % cardinality(CAST(:members AS bigint[]))],
        'submitted', given_at, given_at, given_at
    FROM queue_item, generate_series(0, :overlap - 1) AS place,
        LATERAL (SELECT hashint8extended(item_id, 1) & 1048575 AS first,
                 1 + (hashint8extended(item_id, 2) & 1048575) % ((:n_members - 1) / (:overlap - 1)) AS step,
                 now() - interval '1 day' * floor(:n_days * (1 - pos / CAST(:n_items AS float))) AS given_at
        ) AS drawn
    WHERE queue_id = :queue_id ORDER BY pos
""")
COUNT_PATTERNS = text(f"""
    INSERT INTO pattern_count (queue_id, dimension, answers, n_items)
    SELECT :queue_id, dimension, answers, count(*) FROM ({RECOUNTED}) AS items GROUP BY dimension, answers
""")  # noqa: S608 - a constant


def main() -> None:
    parser = argparse.ArgumentParser(description="Memory of what a release computes over all answers.")
    parser.add_argument("--items", type=int, default=2_000_000)
    parser.add_argument("--annotators", type=int, default=28)
    parser.add_argument("--kind", type=QueueKind, choices=list(OVERLAPS), default=QueueKind.SAFETY)
    parser.add_argument("--part", choices=PARTS, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.part:
        show_part(chosen.part)
        return
    with migrated_servers():
        fill(chosen.items, chosen.annotators, chosen.kind)
        for part in PARTS:
            used = time_of_tree(os.getpid())
            # A process of its own, so that its peak is the part's.
            subprocess.run([sys.executable, "-m", "benchmarks.many_answers", "--part", part], check=True)
            seconds = time_of_tree(os.getpid()) - used
            print(f"  {seconds:.1f} s of the processors, with PostgreSQL's", flush=True)


def fill(n_items: int, n_annotators: int, kind: QueueKind) -> None:
    """A queue in which every item has its answers."""
    began = time.perf_counter()
    people = make_annotators("annotator", n_annotators)
    with transaction() as session:
        project_id = create_project(session, "Many answers").id
    with in_bulk() as session:
        new = NewQueue(name=kind, kind=kind, overlap=OVERLAPS[kind])
        queue_id = create_empty_queue(session, project_id, new, seed=1).id
        set_members(session, queue_id, people)
    values = {"queue_id": queue_id, "members": people, "n_members": n_annotators, "overlap": OVERLAPS[kind]}
    values |= {"n_days": N_DAYS, "n_items": n_items, "project_id": project_id}
    values |= {"taxonomy_version": PKU.version, "item_kind": ITEM_KINDS[kind]}
    values |= {"n_responses": 1 if kind is QueueKind.SAFETY else 2}
    values |= {"dimensions": [Dimension.HELPFULNESS, Dimension.HARMLESSNESS]}
    with in_bulk() as session:
        session.execute(text("SET LOCAL work_mem = '512MB'"))
        make_kinds(session)
        for statement in (MAKE_ITEMS, FILL_QUEUE, GIVE, ANSWERS[kind], COUNT_PATTERNS):
            session.execute(statement, {name: values[name] for name in statement.compile().params})
    outside_transactions("VACUUM ANALYZE")
    print(f"{n_items * OVERLAPS[kind]:,} answers made in {time.perf_counter() - began:.0f} s", flush=True)


def show_part(name: str) -> None:
    """Peak memory, and seconds of this process."""
    with transaction() as session:
        queue_id = session.scalars(select(Queue.id)).one()
    before_mb, used = peak_mb(), psutil.Process().cpu_times().user
    with transaction(snapshot=True) as session:
        PARTS[name](session, queue_id)
    used = psutil.Process().cpu_times().user - used
    print(
        f"{name}: peak {peak_mb():.0f} MB ({peak_mb() / MOST_MB:.2f} of the goal), of these {before_mb:.0f}"
        f" before; {used:.1f} s of the processor",
        flush=True,
    )


def show_labels(session: Session, queue_id: int) -> None:
    """What is kept in a file for every part of a release."""
    project = queue_of(session, queue_id).project
    parts = [part for part in parts_of(session, project.id) if part.kind is PartKind.QA_PAIRS]
    safety_labels_of(session, project, parts)


PARTS: dict[str, Callable[[Session, int], object]] = {
    "models": lambda session, queue_id: follow_answers(session, queue_id, fits=True),
    "report": compute_agreement,
    "labels": show_labels,
}

if __name__ == "__main__":
    main()
