"""A release at paper scale: seconds and memory, beside the barest way to write one of its shapes.

    python -m benchmarks.release [--share 1.0] [--workers 2]

265,000 QA pairs with three safety labels each of 28 annotators, and 166,800 response sets of two, half with
two dual rankings each, half with two single preferences: some 1.3 million annotations, texts of about 1 KB. A
real Celery worker makes the release as it would by night, all shapes in both formats. Then, in the same run,
the JSON Lines of the QA shape alone stand beside their limit: COPY TO rows, and one orjson call each. Seconds
of the processors, PostgreSQL's too, can be compared between runs on a machine that others use as well.
"""

import argparse
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import psutil
from sqlalchemy import text

from app.agreement.columns import cursor_of
from app.agreement.measures.counts import Counts
from app.annotations.patterns import rebuild_patterns
from app.db import transaction
from app.items.garbage import garbage_collection_paused
from app.items.models import ItemKind
from app.projects.actions import create_project
from app.projects.models import Project
from app.projects.pku import PKU
from app.queues.actions import create_queue
from app.queues.forms import NewQueue
from app.queues.members import set_members
from app.queues.models import QueueKind
from app.releases.actions import release_folder, request_release
from app.releases.jobs import write
from app.releases.models import Release, ReleaseState
from app.releases.queries import release_of
from app.releases.reading.labels import labelled, safety_labels_of
from app.releases.reading.plan import PartKind, parts_of
from app.releases.reading.texts import ReleasedItem, items_in
from app.releases.rows.blocks import QABlock
from app.releases.rows.fields import lines_of
from app.releases.rows.pku import QAPair
from app.releases.rows.published import qa_rows
from app.worker import send
from benchmarks.nightly_agreement import N_ANNOTATORS, answer_all, dual_rows, ranking_rows, safety_rows
from benchmarks.processor_time import time_of_tree
from benchmarks.queue_states import in_bulk, make_annotators, outside_transactions
from benchmarks.stack import ROOT, WrongResult, migrated_servers

N_QA_PAIRS, N_SETS = 265_000, 166_800
RESPONSES_A_PROMPT = 6
N_SAFETY, N_RANKED = 3, 2
N_PARAGRAPHS, WORDS = 1_000, 130
MOST_SECONDS, MOST_MB, MOST_TIMES_BARE = 60, 500, 2
PATIENCE_SECONDS = 900
LOREM = (
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et "
    "dolore magna aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip"
)
MAKE_TEXTS = text("""
    WITH paragraph AS (
        SELECT * FROM unnest(CAST(:paragraphs AS text[])) WITH ORDINALITY AS given (text, place)
    ), prompts AS (
        INSERT INTO prompt (id, project_id, sha256, text, source) OVERRIDING SYSTEM VALUE
        SELECT n, :project_id, sha256(convert_to('prompt ' || n, 'UTF8')), 'Question ' || n || ': '
            || left(text, 90) || '?', 'benchmark'
        FROM generate_series(1, :n_prompts) AS n JOIN paragraph ON place = 1 + n % :n_paragraphs
    ), responses AS (
        INSERT INTO response (id, prompt_id, sha256, text, source) OVERRIDING SYSTEM VALUE
        SELECT n, 1 + (n - 1) / :per_prompt, sha256(convert_to('response ' || n, 'UTF8')),
            'Answer ' || n || ', ' || text, 'model-' || n % 3
        FROM generate_series(1, :n_qa_pairs) AS n JOIN paragraph ON place = 1 + n % :n_paragraphs
    ), items AS (
        INSERT INTO item (id, project_id, prompt_id, kind, sha256) OVERRIDING SYSTEM VALUE
        SELECT n, :project_id, 1 + (n - 1) / :per_prompt, 'qa_pair', sha256(convert_to('item ' || n, 'UTF8'))
        FROM generate_series(1, :n_qa_pairs) AS n
        UNION ALL
        SELECT :n_qa_pairs + n, :project_id, 1 + (n - 1) % :n_prompts, 'response_set',
            sha256(convert_to('set ' || n, 'UTF8'))
        FROM generate_series(1, :n_sets) AS n
    )
    INSERT INTO item_response (item_id, position, response_id)
    SELECT n, 0, n FROM generate_series(1, :n_qa_pairs) AS n
    UNION ALL
    SELECT :n_qa_pairs + n, place, :per_prompt * ((n - 1) % :n_prompts) + (n - 1) / :n_prompts + place + 1
    FROM generate_series(1, :n_sets) AS n, generate_series(0, 1) AS place
""")
LEAVE_ANSWERED = text("""
    DELETE FROM queue_item AS item WHERE NOT EXISTS (
        SELECT FROM assignment AS given WHERE given.queue_id = item.queue_id AND given.item_id = item.item_id
    )
""")
BARE = """
    COPY (
        SELECT prompt.text, response.text, prompt.source, response.source
        FROM item JOIN prompt ON prompt.id = prompt_id JOIN item_response ON item_id = item.id
        JOIN response ON response.id = response_id WHERE kind = 'qa_pair' ORDER BY item.id
    ) TO STDOUT
"""


def main() -> None:
    parser = argparse.ArgumentParser(description="A release at paper scale.")
    parser.add_argument("--share", type=float, default=1.0, help="of the paper's items")
    parser.add_argument("--workers", type=int, default=2, help="the worker's processes")
    chosen = parser.parse_args()
    with migrated_servers() as servers:
        project_id = fill(chosen.share)
        show_release(project_id, chosen.workers)
        show_one_shape(project_id, servers.postgres.children.home)


def fill(share: float) -> int:
    """A project, every item answered; its id."""
    n_qa_pairs = int(N_QA_PAIRS * share) // RESPONSES_A_PROMPT * RESPONSES_A_PROMPT
    n_sets = int(N_SETS * share)
    people = make_annotators("annotator", N_ANNOTATORS)
    chance, rng = random.Random(1), np.random.default_rng(1)
    with transaction() as session:
        project_id = create_project(session, "Paper scale").id
    with in_bulk() as session:
        values = {"project_id": project_id, "n_qa_pairs": n_qa_pairs, "n_sets": n_sets}
        values |= {"n_prompts": n_qa_pairs // RESPONSES_A_PROMPT, "per_prompt": RESPONSES_A_PROMPT}
        paragraphs = [" ".join(chance.choices(LOREM.split(), k=WORDS)) for _ in range(N_PARAGRAPHS)]
        session.execute(MAKE_TEXTS, values | {"paragraphs": paragraphs, "n_paragraphs": N_PARAGRAPHS})
        sets = np.arange(n_qa_pairs + 1, n_qa_pairs + n_sets + 1)
        half = n_sets // 2
        queues = (
            (QueueKind.SAFETY, np.arange(1, n_qa_pairs + 1), safety_rows, N_SAFETY),
            (QueueKind.DUAL, sets[:half], dual_rows, N_RANKED),
            (QueueKind.SINGLE, sets[half:], single_rows, N_RANKED),
        )
        last_id, queue_ids = 0, []
        for kind, item_ids, rows, overlap in queues:
            new = NewQueue(name=kind, kind=kind, overlap=overlap)
            queue_ids.append(create_queue(session, project_id, new, seed=1).id)
            set_members(session, queue_ids[-1], people)
            last_id = answer_all(session, queue_ids[-1], people, item_ids, rng, rows, last_id, overlap)
        session.execute(LEAVE_ANSWERED)
        session.execute(text("UPDATE queue_item SET n_assigned = overlap, n_submitted = overlap"))
    outside_transactions("VACUUM ANALYZE")
    for queue_id in queue_ids:
        with transaction() as session:
            rebuild_patterns(session, queue_id)
    outside_transactions("VACUUM ANALYZE")
    return project_id


def single_rows(item: Counts, who: Counts, rng: np.random.Generator) -> Iterator[tuple[Any, ...]]:
    return ranking_rows("single", item, rng)


def show_release(project_id: int, n_workers: int) -> None:
    with worker(n_workers) as process:
        with transaction() as session:
            release_id = request_release(session, project_id).id
        began, used = time.perf_counter(), time_of_tree(os.getpid())
        send(write, release_id)
        peak_mb, planned = 0.0, None
        while (release := found(release_id)).state not in (ReleaseState.DONE, ReleaseState.FAILED):
            if planned is None and release.planned_at is not None:
                planned = time.perf_counter() - began
            peak_mb = max(peak_mb, *(memory_mb(child) for child in process.children(recursive=True)), 0.0)
            if time.perf_counter() - began > PATIENCE_SECONDS:
                raise WrongResult("the release takes too long")
            time.sleep(0.2)
        seconds, processor_seconds = time.perf_counter() - began, time_of_tree(os.getpid()) - used
    if release.manifest is None:
        raise WrongResult(f"the release failed: {release.error}")
    n_bytes = sum(path.stat().st_size for path in release_folder(release).rglob("*") if path.is_file())
    n_rows = sum(entry["n_rows"] for entry in release.manifest["datasets"])
    print(
        f"release: {seconds:.1f} s of {MOST_SECONDS} ({seconds / MOST_SECONDS:.2f} of the goal), of these"
        f" {planned or 0:.1f} s for models; {processor_seconds:.1f} s of the processors;"
        f" {n_rows:,} rows, {n_bytes / 1e9:.2f} GB"
    )
    print(f"largest process: {peak_mb:.0f} MB ({peak_mb / MOST_MB:.2f} of the goal)")
    for entry in release.manifest["datasets"]:
        print(f"  {entry['name']:<40}{entry['n_rows']:>10,} rows {entry['n_bytes'] / 1e6:>8.0f} MB")


@contextmanager
def worker(n_processes: int) -> Iterator[psutil.Process]:
    arguments = (
        "celery",
        "-A",
        "app.worker",
        "worker",
        "--loglevel",
        "WARNING",
        "--concurrency",
        str(n_processes),
    )
    with subprocess.Popen([sys.executable, "-m", *arguments], cwd=ROOT) as process:
        try:
            yield psutil.Process(process.pid)
        finally:
            process.terminate()


def memory_mb(process: psutil.Process) -> float:
    try:
        return float(process.memory_info().rss) / 2**20
    except psutil.NoSuchProcess:
        return 0.0


def found(release_id: int) -> Release:
    with transaction() as session:
        return release_of(session, release_id)


def show_one_shape(project_id: int, folder: Path) -> None:
    """By turns, since the machine's speed changes."""
    ours, bare = [], []
    for _ in range(3):
        ours.append(timed(partial(write_qa_lines, project_id, folder / "ours.jsonl")))
        bare.append(timed(partial(write_bare_lines, folder / "bare.jsonl")))
    seconds, processor_seconds = (min(ours)[which] / min(bare)[which] for which in (0, 1))
    print(
        f"QA shape as JSON Lines: {min(ours)[0]:.2f} s; bare: {min(bare)[0]:.2f} s; {seconds:.2f} times,"
        f" {processor_seconds:.2f} in seconds of the processors, goal {MOST_TIMES_BARE}"
    )


def timed(act: Callable[[], None]) -> tuple[float, float]:
    """Seconds, and those of the processors."""
    began, used = time.perf_counter(), time_of_tree(os.getpid())
    act()
    return time.perf_counter() - began, time_of_tree(os.getpid()) - used


def write_qa_lines(project_id: int, path: Path) -> None:
    """Texts and labels as a release reads them, its checksums, and its rows."""
    with transaction(snapshot=True) as session, path.open("wb") as file, garbage_collection_paused():
        project = session.get_one(Project, project_id)
        parts = [part for part in parts_of(session, project_id) if part.kind is PartKind.QA_PAIRS]
        labels = safety_labels_of(session, project, parts)
        for part in parts:
            for items in items_in(session, project_id, ItemKind.QA_PAIR, part):
                codes = labels.codes_of([item.responses[0].id for item in items])
                pairs = [qa_pair_of(item, code) for item, code in zip(items, codes, strict=True)]
                lines = lines_of(qa_rows(QABlock.of(pairs), PKU.category_names))
                file.write(lines.buffers()[2])


def qa_pair_of(item: ReleasedItem, code: int) -> QAPair:
    response = labelled(item.responses[0].text, item.responses[0].source, code, PKU)
    return QAPair(item.prompt, item.prompt_source, response, item.checksums[0])


def write_bare_lines(path: Path) -> None:
    names = ("prompt", "response", "prompt_source", "response_source")
    with transaction() as session, path.open("wb") as file, cursor_of(session).copy(BARE.encode()) as rows:
        for row in rows.rows():
            file.write(orjson.dumps(dict(zip(names, row, strict=True)), option=orjson.OPT_APPEND_NEWLINE))


if __name__ == "__main__":
    main()
