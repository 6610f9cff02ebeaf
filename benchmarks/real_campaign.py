"""A whole campaign on real data: 2,312 rows of HH-RLHF imported, labelled, agreed upon and released.

    python -m benchmarks.real_campaign [--limit 100] [path of harmless-base-test.jsonl.gz]

Everything goes over HTTP as people do it, to a web process and a worker of the benchmark's own. The
annotators are scripts whose answers follow from the file's own preference and noise (see dialogues.py).
What is reported and released is counted anew and compared. Exit code 1: something is wrong.
"""

import argparse
import gzip
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

from app.accounts.models import Role
from app.db import transaction
from benchmarks.admin import Admin, ShownFigure, make_project
from benchmarks.annotating import Done, annotate, latencies
from benchmarks.consents import agree_all
from benchmarks.dialogues import Annotator, Dialogues, Judged, annotators, answer_of, read_dialogues
from benchmarks.released import DUAL, QA, check_files, load_as_readers_do
from benchmarks.settled import (
    ByQuestion,
    by_question,
    check_label,
    check_overlap,
    check_preference,
    raw_agreement,
)
from benchmarks.stack import ROOT, Browser, Stack, WrongResult, create_people, running_stack

DATASET = ROOT.parent / "shared" / "data" / "hh-rlhf" / "harmless-base-test.jsonl.gz"
OVERLAP = 3
MOST_ROUNDS = 20
LONGEST_LABELLING_SECONDS = 3600
PROGRESS_SECONDS = 15
ROUNDING = 0.000501
QUEUES = ("safety", "dual")
CHECKS = {QA: check_label, DUAL: check_preference}


def main() -> None:
    options = arguments()
    if not options.path.exists():
        sys.exit(f"There is no {options.path}. Name the file harmless-base/test.jsonl.gz of HH-RLHF.")
    began = time.perf_counter()
    try:
        with running_stack(web_processes=options.web_processes, with_worker=True) as stack:
            path = first_rows(options.path, options.limit, stack.children.home)
            run_campaign(stack, path, options.annotators)
    except WrongResult as wrong:
        sys.exit(f"Wrong: {wrong}")
    say(f"All is right. {time.perf_counter() - began:.0f} s in all.")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("path", nargs="?", type=Path, default=DATASET)
    parser.add_argument("--limit", type=int, help="rows to use, from the top; all of them by default")
    parser.add_argument("--annotators", type=int, default=6, help=f"{OVERLAP + 1} or more")
    parser.add_argument("--web-processes", type=int, default=1, choices=(1, 2))
    return parser.parse_args()


def first_rows(path: Path, limit: int | None, folder: Path) -> Path:
    """The file itself, or its first rows in a file of their own."""
    if limit is None:
        return path
    shorter = folder / path.name
    with gzip.open(path, "rb") as rows, gzip.open(shorter, "wb") as kept:
        kept.writelines(islice(rows, limit))
    return shorter


def run_campaign(stack: Stack, path: Path, n_annotators: int) -> None:
    dialogues, people = read_dialogues(path), annotators(n_annotators)
    create_people(["admin"], Role.ADMIN)
    annotator_ids = create_people([person.username for person in people], Role.ANNOTATOR)
    with Browser(stack.url) as browser:
        browser.sign_in("admin")
        admin = Admin(browser, make_project(browser, "HH-RLHF harmless-base test"))
        with transaction() as session:
            agree_all(session, admin.project_id, annotator_ids)
        bring_in(admin, path, dialogues)
        queue_ids = {kind: admin.make_queue(kind, OVERLAP) for kind in QUEUES}
        judged: list[Judged] = []
        for kind, queue_id in queue_ids.items():
            admin.start_queue(queue_id, [person.username for person in people])
            judged += label_queue(stack, admin, kind, queue_id, dialogues, people)
        questions = by_question(judged)
        check_overlap(questions, OVERLAP)
        for kind, queue_id in queue_ids.items():
            report_agreement(admin, kind, queue_id, questions)
        release(admin, stack.children.home, questions)


def bring_in(admin: Admin, path: Path, dialogues: Dialogues) -> None:
    began = time.perf_counter()
    facts = admin.bring_in(path)
    shown = ", ".join(f"{name.lower()} {n:,}" for name, n in facts.items())
    say(f"Import: {time.perf_counter() - began:.1f} s from the upload to the end; {shown}.")
    if facts["Rows read"] != dialogues.n_rows:
        raise WrongResult(f"the file has {dialogues.n_rows} rows")


def label_queue(
    stack: Stack, admin: Admin, kind: str, queue_id: int, dialogues: Dialogues, people: Sequence[Annotator]
) -> list[Judged]:
    """Everyone labels until every item has its annotations. Raises WrongResult where that does not end."""
    work = {person: Done() for person in people}
    began = time.perf_counter()
    with ThreadPoolExecutor(len(people)) as pool:
        # An item that was skipped may be left for someone who has already gone: they come back.
        for _ in range(MOST_ROUNDS):
            futures = [
                pool.submit(label_alone, stack.url, person, queue_id, dialogues, done)
                for person, done in work.items()
            ]
            watch(kind, futures, list(work.values()))
            progress = admin.progress(queue_id)
            if progress["Finished"] == progress["Items"]:
                break
    print_labelling(kind, progress, list(work.values()), time.perf_counter() - began)
    if progress["Finished"] != progress["Items"]:
        raise WrongResult(f"{kind}: items are left after {MOST_ROUNDS} rounds: {progress}")
    return [note for done in work.values() for note in done.notes if isinstance(note, Judged)]


def label_alone(url: str, person: Annotator, queue_id: int, dialogues: Dialogues, done: Done) -> None:
    with Browser(url) as browser:
        browser.sign_in(person.username)
        annotate(browser, queue_id, lambda task: answer_of(person, dialogues, task), done)


def watch(kind: str, futures: Sequence[Future[None]], work: Sequence[Done]) -> None:
    """Say how far they are until all are done; raise what stopped one of them."""
    deadline = time.monotonic() + LONGEST_LABELLING_SECONDS
    while wait(futures, timeout=PROGRESS_SECONDS).not_done:
        say(f"  {kind}: {sum(len(done.seconds) for done in work):,} answers")
        if time.monotonic() > deadline:
            raise WrongResult(f"{kind}: labelling takes longer than {LONGEST_LABELLING_SECONDS} s")
    for future in futures:
        future.result()


def print_labelling(kind: str, progress: dict[str, int], work: Sequence[Done], seconds: float) -> None:
    trips = [each for done in work for each in done.seconds]
    n_judged = sum(note is not None for done in work for note in done.notes)
    errors = [error for done in work for error in done.errors]
    say(
        f"{kind}: {progress['Items']:,} items, {progress['Submitted']:,} assignments submitted, "
        f"{n_judged:,} annotations and {len(trips) - n_judged} skips by {len(work)} annotators\n"
        f"  {seconds:.0f} s, {len(trips) / seconds:.1f} round trips/s, {len(errors)} errors; "
        f"ms p50, p95, p99:{latencies(trips)}"
    )
    for error in errors:
        say(f"  {error}")


def report_agreement(admin: Admin, kind: str, queue_id: int, questions: ByQuestion) -> None:
    """Print the page's figures; the raw agreement must be the one counted here."""
    began = time.perf_counter()
    figures = admin.agreement(queue_id)
    say(f"Agreement, {kind}: {time.perf_counter() - began:.1f} s")
    say(f"  {'question':42} {'alpha':>7} {'raw':>7} {'items':>7} {'pairs':>8}")
    for figure in figures:
        alpha, raw = ("-" if n is None else f"{n:.3f}" for n in (figure.alpha, figure.raw_agreement))
        say(f"  {figure.question:42} {alpha:>7} {raw:>7} {figure.n_items:7,} {figure.n_pairs:8,}")
    for dimension in {asked for asked, _ in questions}:
        question = "safe" if dimension == "safety" else dimension
        for figure in figures:
            if figure.question == question:
                check_raw_agreement(figure, raw_agreement(questions, dimension))


def check_raw_agreement(figure: ShownFigure, counted: float) -> None:
    if figure.raw_agreement is None or abs(figure.raw_agreement - counted) > ROUNDING:
        raise WrongResult(f"raw agreement on {figure.question}: shown {figure.raw_agreement}, is {counted}")


def release(admin: Admin, home: Path, questions: ByQuestion) -> None:
    began = time.perf_counter()
    archive, folder = home / "release.zip", home / "release"
    archive.write_bytes(admin.release())
    n_mb = archive.stat().st_size / 1e6
    say(f"Release: {time.perf_counter() - began:.1f} s with its download, {n_mb:.2f} MB")
    with ZipFile(archive) as packed:
        packed.extractall(folder)
    entries = json.loads((folder / "manifest.json").read_text())["datasets"]
    for entry in entries:
        rows = check_files(folder, entry["name"], entry)
        for row in rows:
            if entry["name"] in CHECKS:
                CHECKS[entry["name"]](questions, row)
        say(f"  {entry['name']}: {len(rows):,} rows, each checked; dropped: {entry['dropped'] or 'none'}")
        if entry["name"] == DUAL and rows:
            for key in ("better_response_id", "safer_response_id"):
                say(f"    {key} is 0 in {sum(row[key] == 0 for row in rows) / len(rows):.1%}")
    loaded = load_as_readers_do(folder, [entry for entry in entries if entry["n_rows"]])
    say(f"  load_dataset gives {loaded}")
    if loaded != {entry["name"]: entry["n_rows"] for entry in entries if entry["n_rows"]}:
        raise WrongResult("load_dataset gives other numbers of rows")


def say(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    main()
