"""How fast a file becomes items: 50,000 QA rows, and 50,000 pair rows of 16 keys, about 1 KB a row.

    DATABASE_URL=postgresql://... python benchmarks/intake.py [n_rows]

Each import runs in a process of its own, in a scratch database that is made and dropped here. Beside it
stands the limit: the same texts through one bare binary COPY into a table without keys or indexes.
"""

import json
import multiprocessing
import os
import random
import resource
import secrets
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import psycopg
from psycopg import sql

from app.db import Base, engine, transaction
from app.items.actions import start_import
from app.items.jobs import import_file
from app.items.models import Import
from app.projects.models import Project
from app.projects.taxonomy import CATEGORY_NAMES, TAXONOMY_VERSION

LOREM = (
    "lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor incididunt ut labore et "
    "dolore magna aliqua enim ad minim veniam quis nostrud exercitation ullamco laboris nisi aliquip"
)
ROWS_A_PROMPT = 3


class Measured(NamedTuple):
    seconds: float
    peak_mb: float


def main() -> None:
    n_rows = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    url = os.environ["DATABASE_URL"].replace("postgresql+psycopg://", "postgresql://")
    print("shape       rows   MB  seconds   rows/s  peak MB  bare COPY rows/s  ratio")
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "REDIS_URL": os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0"),
            "EVENHAND_SECRET_KEY": secrets.token_hex(32),
            "EVENHAND_HOME": folder,
        }
        for shape, make_rows in (("QA", qa_rows), ("pair", pair_rows)):
            path = Path(folder) / f"{shape}.jsonl"
            with path.open("wb") as file:
                file.writelines(orjson.dumps(row) + b"\n" for row in make_rows(n_rows))
            compare(shape, n_rows, path, url)


def compare(shape: str, n_rows: int, path: Path, url: str) -> None:
    name = f"evenhand_intake_{secrets.token_hex(4)}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        os.environ["DATABASE_URL"] = url.rpartition("/")[0] + f"/{name}"
        try:
            imported = in_child(bring_in, path)
            limit = in_child(copy_bare, path)
        finally:
            server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
    rate, limit_rate = n_rows / imported.seconds, n_rows / limit.seconds
    print(
        f"{shape:7}{n_rows:9,}{path.stat().st_size / 1e6:5.0f}{imported.seconds:9.1f}{rate:9,.0f}"
        f"{imported.peak_mb:9.0f}{limit_rate:18,.0f}{rate / limit_rate:7.2f}"
    )


def in_child(work: Any, path: Path) -> Measured:
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return Measured(*pool.apply(measure, (work, path)))


def measure(work: Any, path: Path) -> tuple[float, float]:
    seconds: float = work(path)
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def bring_in(path: Path) -> float:
    """Seconds from the file to committed items."""
    Base.metadata.create_all(engine())
    with transaction() as session:
        project = Project(name="Benchmark", taxonomy_version=TAXONOMY_VERSION)
        session.add(project)
        session.flush()
        import_id = start_import(session, project.id, path.name, path.stat().st_size).id
    start = time.perf_counter()
    import_file(import_id, path)
    seconds = time.perf_counter() - start
    with transaction() as session:
        ended = session.get_one(Import, import_id)
        if (ended.state, ended.n_rejected) != ("done", 0):
            raise RuntimeError(f"{ended.state}: {ended.error}, {ended.n_rejected} rejected")
    return seconds


def copy_bare(path: Path) -> float:
    start = time.perf_counter()
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection, path.open("rb") as lines:
        connection.execute("CREATE TABLE bare (prompt text, first text, second text)")
        with connection.cursor().copy("COPY bare FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(("text", "text", "text"))
            for line in lines:
                row = json.loads(line)
                copy.write_row(
                    (row["prompt"], row.get("response", row.get("response_0")), row.get("response_1"))
                )
    return time.perf_counter() - start


def qa_rows(n_rows: int) -> Iterator[dict[str, object]]:
    chance = random.Random(1)
    for number in range(n_rows):
        categories, severity = label(chance)
        yield {
            "prompt": prompt(number, n_rows),
            "response": words(chance, 75),
            "prompt_source": "benchmark",
            "response_source": "model-a",
            "is_safe": severity == 0,
            "severity_level": severity,
            "harm_category": categories,
            "sha256": secrets.token_hex(32),
        }


def pair_rows(n_rows: int) -> Iterator[dict[str, object]]:
    chance = random.Random(2)
    for number in range(n_rows):
        row: dict[str, object] = {"prompt": prompt(number, n_rows), "prompt_source": "benchmark"}
        for side in (0, 1):
            categories, severity = label(chance)
            row |= {
                f"response_{side}": words(chance, 25),
                f"response_{side}_source": f"model-{side}",
                f"is_response_{side}_safe": severity == 0,
                f"response_{side}_harm_category": categories,
                f"response_{side}_severity_level": severity,
                f"response_{side}_sha256": secrets.token_hex(32),
            }
        is_first_safe = row["is_response_0_safe"]
        yield row | {
            "better_response_id": chance.randrange(2),
            "safer_response_id": 0 if is_first_safe else 1,
        }


def prompt(number: int, n_rows: int) -> str:
    """Each prompt comes ROWS_A_PROMPT times, far apart."""
    which = number % max(1, n_rows // ROWS_A_PROMPT)
    return f"{words(random.Random(which), 15)} {which}?"


def label(chance: random.Random) -> tuple[dict[str, bool], int]:
    """Categories and severity; a third of them are safe."""
    severity = chance.choice((0, 0, 1, 2, 3, 3))
    names = set(chance.sample(CATEGORY_NAMES, 2)) if severity else set()
    return {name: name in names for name in CATEGORY_NAMES}, severity


def words(chance: random.Random, n: int) -> str:
    return " ".join(chance.choices(LOREM.split(), k=n))


if __name__ == "__main__":
    main()
