"""How fast answers given elsewhere become a finished queue: 33,334 QA pairs with three annotators each.

    python -m benchmarks.answer_files [n_items]

In throw-away servers. Printed: seconds, rate and the process's peak memory of the first import, and of the
same file again, which makes nothing new; then the seconds that the database and this process computed, for a
machine that others use too.
"""

import os
import resource
import secrets
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from time import perf_counter
from typing import Any

import orjson
from alembic import command
from alembic.config import Config

from app.annotations.check import check_all_of
from app.answer_files.actions import start_answer_import
from app.answer_files.jobs import import_answer_file
from app.answer_files.told import Told
from app.db import engine, transaction
from app.embedded.servers import throwaway_servers
from app.projects.actions import create_project
from app.projects.pku import PKU
from app.queues.queries import queues_of_project

ROOT = Path(__file__).parents[1]
N_ANNOTATORS = 60
ANSWERS_AN_ITEM = 3


def main() -> None:
    n_items = int(sys.argv[1]) if len(sys.argv) > 1 else 33_334
    with tempfile.TemporaryDirectory() as folder:
        with throwaway_servers() as started:
            os.environ |= {
                "DATABASE_URL": started.postgres.web_url,
                "EVENHAND_OWNER_DATABASE_URL": started.postgres.owner_url,
                "REDIS_URL": started.valkey.url,
                "EVENHAND_SECRET_KEY": secrets.token_hex(32),
                "EVENHAND_HOME": folder,
            }
            command.upgrade(Config(ROOT / "alembic.ini"), "head")
            path = Path(folder) / "answers.jsonl"
            with path.open("wb") as file:
                file.writelines(orjson.dumps(row) + b"\n" for row in rows(n_items))
            measure(path)
            engine().dispose()
        print(f"computed: this process {cpu(resource.RUSAGE_SELF):.0f} s, ", end="")
        print(f"the servers {cpu(resource.RUSAGE_CHILDREN):.0f} s")


def rows(n_items: int) -> Iterator[dict[str, Any]]:
    rng = Random(7)
    for item in range(n_items):
        prompt, response = f"Question {item}? " + "word " * 30, f"Answer {item}. " + "text " * 100
        for annotator in rng.sample(range(N_ANNOTATORS), ANSWERS_AN_ITEM):
            severity = max(0, rng.randint(-2, 3))
            named = rng.sample(PKU.category_names, rng.randint(1, 2)) if severity else []
            label = {"is_safe": not severity, "severity_level": severity, "harm_category": named}
            yield {"annotator": annotator, "prompt": prompt, "response": response, **label}


def measure(path: Path) -> None:
    with transaction() as session:
        project_id = create_project(session, "Measured").id
    print("                answers  seconds  answers/s  peak MB")
    for name in ("first import", "once more"):
        with transaction() as session:
            n_bytes = path.stat().st_size
            import_id = start_answer_import(session, project_id, path.name, n_bytes, Told()).id
        began = perf_counter()
        brought = import_answer_file(import_id, path)
        seconds = perf_counter() - began
        n_answers = (brought.n_answers + brought.n_known) if brought else 0
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{name:14}{n_answers:9,}{seconds:9.1f}{n_answers / seconds:11,.0f}{peak_mb:9.0f}")
    with transaction(snapshot=True) as session:
        (queue,) = queues_of_project(session, project_id)
        print(f"breaks found by the check: {len(check_all_of(session, queue.id))}")


def cpu(of: int) -> float:
    """Seconds; of children, those that have ended."""
    used = resource.getrusage(of)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
