"""The nightly report over PostgreSQL at paper scale: seconds and peak memory of each queue's job.

`python -m benchmarks.nightly_agreement [--share 1.0]`. 265,000 QA pairs with three safety labels each of 28
annotators, 83,400 pairs with three dual rankings each: some 800,000 and 500,000 answers. `--share`: of all
that, to see how the cost grows.
"""

import argparse
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.agreement.actions import compute_agreement, follow_answers
from app.agreement.columns import cursor_of
from app.agreement.measures.counts import Counts
from app.annotations.patterns import rebuild_patterns
from app.db import transaction
from app.projects.actions import create_project
from app.projects.pku import PKU
from app.queues.actions import create_queue
from app.queues.forms import NewQueue
from app.queues.members import set_members
from app.queues.models import QueueKind
from benchmarks.queue_states import in_bulk, make_annotators, outside_transactions
from benchmarks.stack import migrated_servers

N_QA_PAIRS, N_PAIRS = 265_000, 83_400
OVERLAP, N_ANNOTATORS = 3, 28
MOST_SECONDS, MOST_MB = 60, 600
N_DAYS = 120
ERROR = 0.12
ASSIGNMENTS = "assignment (id, queue_id, item_id, annotator_id, status, expires_at, closed_at)"
ANNOTATIONS = (
    "annotation (assignment_id, dimension, is_safe, harm_categories, harm_mask, severity, ranks,"
    " displayed_order, verdict, taxonomy_version, guideline_version, created_at)"
)
MAKE_TEXTS = text("""
    WITH prompts AS (
        INSERT INTO prompt (id, project_id, sha256, text, source) OVERRIDING SYSTEM VALUE
        SELECT n, :project_id, sha256(convert_to('prompt ' || n, 'UTF8')), 'Question ' || n || '?',
            'benchmark'
        FROM generate_series(1, :n_prompts) AS n
    ), responses AS (
        INSERT INTO response (id, prompt_id, sha256, text, source) OVERRIDING SYSTEM VALUE
        SELECT n, 1 + (n - 1) / 6, sha256(convert_to('response ' || n, 'UTF8')), 'Answer ' || n || '.',
            'model-' || n % 3
        FROM generate_series(1, :n_qa_pairs) AS n
    ), items AS (
        INSERT INTO item (id, project_id, prompt_id, kind, sha256) OVERRIDING SYSTEM VALUE
        SELECT n, :project_id, 1 + (n - 1) / 6, 'qa_pair', sha256(convert_to('item ' || n, 'UTF8'))
        FROM generate_series(1, :n_qa_pairs) AS n
        UNION ALL
        SELECT :n_qa_pairs + n, :project_id, 1 + (3 * n - 3) / 6, 'response_set',
            sha256(convert_to('set ' || n, 'UTF8'))
        FROM generate_series(1, :n_pairs) AS n
    )
    INSERT INTO item_response (item_id, position, response_id)
    SELECT n, 0, n FROM generate_series(1, :n_qa_pairs) AS n
    UNION ALL
    SELECT :n_qa_pairs + n, place, 3 * n - 2 + place
    FROM generate_series(1, :n_pairs) AS n, generate_series(0, 1) AS place
""")


def main() -> None:
    parser = argparse.ArgumentParser(description="The nightly agreement over PostgreSQL.")
    parser.add_argument("--share", type=float, default=1.0, help="of the paper's items")
    parser.add_argument("--queue", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.queue:
        show_queue(chosen.queue)
        return
    with migrated_servers():
        seconds = 0.0
        for queue_id in fill(chosen.share):
            began = time.perf_counter()
            # A process of its own, so that its peak is the job's.
            subprocess.run(
                [sys.executable, "-m", "benchmarks.nightly_agreement", "--queue", str(queue_id)], check=True
            )
            seconds += time.perf_counter() - began
        print(f"both queues: {seconds:.1f} s of {MOST_SECONDS} ({seconds / MOST_SECONDS:.2f} of the goal)")


def show_queue(queue_id: int) -> None:
    """The job, as the worker does it, then what one more answer costs."""
    before_mb = peak_mb()
    parts = {
        "fit and store posteriors": lambda session: follow_answers(session, queue_id, fits=True),
        "report": lambda session: compute_agreement(session, queue_id),
        "follow, nothing new": lambda session: follow_answers(session, queue_id),
    }
    for name, act in parts.items():
        print(f"  {name}: {timed(act):.2f} s", flush=True)
    print(
        f"  peak memory {peak_mb():.0f} MB, of these {before_mb:.0f} before the job"
        f" ({peak_mb() / MOST_MB:.2f} of the goal)",
        flush=True,
    )


def timed(act: Callable[[Session], object]) -> float:
    began = time.perf_counter()
    with transaction() as session:
        act(session)
    return time.perf_counter() - began


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fill(share: float) -> list[int]:
    """Both queues, every item answered; their ids."""
    n_qa_pairs, n_pairs = int(N_QA_PAIRS * share), int(N_PAIRS * share)
    people = make_annotators("annotator", N_ANNOTATORS)
    with transaction() as session:
        project_id = create_project(session, "Paper scale").id
    with in_bulk() as session:
        values = {"project_id": project_id, "n_qa_pairs": n_qa_pairs, "n_pairs": n_pairs}
        session.execute(MAKE_TEXTS, values | {"n_prompts": 1 + n_qa_pairs // 6})
        queue_ids = []
        for kind in (QueueKind.SAFETY, QueueKind.DUAL):
            new = NewQueue(name=kind, kind=kind, overlap=OVERLAP)
            queue_ids.append(create_queue(session, project_id, new, seed=1).id)
            set_members(session, queue_ids[-1], people)
        rng = np.random.default_rng(1)
        n_given = answer_all(session, queue_ids[0], people, np.arange(1, n_qa_pairs + 1), rng, safety_rows, 0)
        sets = np.arange(n_qa_pairs + 1, n_qa_pairs + n_pairs + 1)
        answer_all(session, queue_ids[1], people, sets, rng, dual_rows, n_given)
        session.execute(text("UPDATE queue_item SET n_assigned = overlap, n_submitted = overlap"))
    outside_transactions("VACUUM ANALYZE")
    for queue_id in queue_ids:
        print(f"queue {queue_id}: patterns built anew in {timed(rebuilding(queue_id)):.1f} s", flush=True)
    outside_transactions("VACUUM ANALYZE")
    return queue_ids


def rebuilding(queue_id: int) -> Callable[[Session], object]:
    return lambda session: rebuild_patterns(session, queue_id)


Rows = Callable[[Counts, Counts, np.random.Generator], Iterator[tuple[Any, ...]]]


def answer_all(
    session: Session,
    queue_id: int,
    people: list[int],
    item_ids: Counts,
    rng: np.random.Generator,
    rows: Rows,
    first_id: int,
    overlap: int = OVERLAP,
) -> int:
    """So many different annotators answer each item. Returns the newest assignment's id."""
    began = time.perf_counter()
    who = np.argsort(rng.random((item_ids.size, N_ANNOTATORS)), axis=1)[:, :overlap].ravel()
    item = np.repeat(np.arange(item_ids.size), overlap)
    ids = np.arange(first_id + 1, first_id + item.size + 1)
    with cursor_of(session).copy(f"COPY {ASSIGNMENTS} FROM STDIN".encode()) as copy:
        for assignment_id, place, person in zip(ids.tolist(), item.tolist(), who.tolist(), strict=True):
            copy.write_row(
                (assignment_id, queue_id, int(item_ids[place]), people[person], "submitted", "now", "now")
            )
    with cursor_of(session).copy(f"COPY {ANNOTATIONS} FROM STDIN".encode()) as copy:
        for assignment, *answer in rows(item, who, rng):
            day = f"2026-{1 + assignment % N_DAYS // 28:02}-{1 + assignment % 28:02}"
            copy.write_row((int(ids[assignment]), *answer, PKU.version, 1, day))
    print(f"{item.size:,} assignments answered in {time.perf_counter() - began:.1f} s", flush=True)
    return int(ids[-1])


def safety_rows(item: Counts, who: Counts, rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    """Half of the items are harmful, in one to three categories that come together; people err at a rate of
    their own, and then see another kind of item."""
    n_items = int(item.max()) + 1
    kinds = [sorted(rng.choice(19, size=1 + n % 3, replace=False).tolist()) for n in range(200)]
    truth = np.where(rng.random(n_items) < 0.5, -1, (200 * rng.random(n_items) ** 2).astype(np.int64))
    severity = rng.integers(1, 4, n_items)
    errs = rng.random(item.size) < (ERROR * (0.5 + who / N_ANNOTATORS))
    seen = np.where(
        errs, np.where(rng.random(item.size) < 0.5, -1, rng.integers(0, 200, item.size)), truth[item]
    )
    said = np.where(errs, rng.integers(1, 4, item.size), severity[item])
    for answer, (kind, level) in enumerate(zip(seen.tolist(), said.tolist(), strict=True)):
        names = [PKU.category_names[category] for category in kinds[kind]] if kind >= 0 else []
        label = (not names, names, PKU.mask_of(names), level if names else 0)
        yield answer, "safety", *label, None, None, None


def dual_rows(item: Counts, who: Counts, rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    for dimension in ("helpfulness", "harmlessness"):
        yield from ranking_rows(dimension, item, rng)


def ranking_rows(dimension: str, item: Counts, rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    truth = rng.integers(0, 3, int(item.max()) + 1)
    errs = rng.random(item.size) < 0.3
    seen = np.where(errs, rng.integers(0, 3, item.size), truth[item])
    ranks = ([1, 2], [2, 1], [1, 1])
    orders = rng.integers(0, 2, item.size).tolist()
    for answer, (value, order) in enumerate(zip(seen.tolist(), orders, strict=True)):
        shown = [order, 1 - order]
        yield answer, dimension, None, None, None, None, ranks[value], shown, "ordered"


if __name__ == "__main__":
    main()
