"""How fast a file becomes items, beside the limit: the same rows by one bare binary COPY into a bare table.

    python -m benchmarks.intake [--rows 265000] [--shape QA] [--prefilled 2000000]

At first the paper's scale: 265,000 QA pairs, 283 MB of JSON Lines. The limit reads the file by orjson and
writes all its fields, before the import and after it, since others use the machine too; "texts" is a COPY of
nothing but prompts and responses. `--prefilled`: a smaller file is imported into an empty project and, once
the project has so many items, another one of its size, in turn. All in throw-away servers, each import in a
process of its own.
"""

import argparse
import multiprocessing
import os
import resource
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import orjson
import psycopg
from psycopg.types.json import Jsonb
from sqlalchemy import text

from app.db import transaction
from app.embedded.postgres import NAME as POSTGRES
from app.embedded.servers import Servers
from app.items.actions import start_import
from app.items.jobs import import_file
from app.items.models import Import
from app.projects.actions import create_project
from benchmarks.intake_files import write_file
from benchmarks.processor_time import time_of_tree
from benchmarks.queue_states import in_bulk, outside_transactions
from benchmarks.stack import migrated_servers

MOST_TIMES, MOST_MB = 2.5, 300
N_BEFORE_AND_AFTER = 3
# Until PostgreSQL has counted in what its process for the connection used.
SETTLED_SECONDS = 1
PREFILLED_ROWS = 26_500
BARE_ROWS = "(a text, b text, c text, d text, e bool, f int2, g jsonb, h text)"
FILL = text("""
    WITH prompts AS (
        INSERT INTO prompt (project_id, sha256, text, source)
        SELECT :project_id, sha256(convert_to('prompt ' || n, 'UTF8')), 'Question ' || n || '?', 'benchmark'
        FROM generate_series(1, :n_items / 3) AS n RETURNING id
    ), responses AS (
        INSERT INTO response (prompt_id, sha256, text, source)
        SELECT id, sha256(convert_to('response ' || place, 'UTF8')), repeat('Answer ' || place || '. ', 20),
            'model-a'
        FROM prompts, generate_series(1, 3) AS place RETURNING id, prompt_id
    ), items AS (
        INSERT INTO item (project_id, prompt_id, kind, sha256)
        SELECT :project_id, prompt_id, 'qa_pair', sha256(convert_to('item ' || id, 'UTF8')) FROM responses
        RETURNING id, prompt_id
    )
    INSERT INTO item_response (item_id, position, response_id)
    SELECT one.id, 0, other.id
    FROM (SELECT id, row_number() OVER (ORDER BY prompt_id, id) AS n FROM items) AS one
    JOIN (SELECT id, row_number() OVER (ORDER BY prompt_id, id) AS n FROM responses) AS other USING (n)
""")


class Measured(NamedTuple):
    """`cpu`: processor seconds, of this process and of PostgreSQL."""

    seconds: float
    cpu: float
    peak_mb: float


def main() -> None:
    parser = argparse.ArgumentParser(description="How fast a file becomes items.")
    parser.add_argument("--rows", type=int, default=0, help="of the file")
    parser.add_argument("--shape", choices=("QA", "pair"), default="QA")
    parser.add_argument("--prefilled", type=int, default=0, help="items that are there already")
    chosen = parser.parse_args()
    with migrated_servers() as servers:
        home = servers.postgres.children.home / "data"
        home.mkdir(exist_ok=True)
        if chosen.prefilled:
            compare_with_prefilled(servers, home, chosen.rows or PREFILLED_ROWS, chosen.prefilled)
        else:
            compare_with_copy(servers, home / "rows.jsonl", chosen.rows or 265_000, chosen.shape)


def compare_with_copy(servers: Servers, path: Path, n_rows: int, shape: str) -> None:
    write_file(path, shape, n_rows)
    print(f"{n_rows:,} {shape} rows, {path.stat().st_size / 1e6:,.0f} MB")
    print("                      seconds   rows/s  cpu s  peak MB", flush=True)
    project_id = new_project()
    rows = [] if shape == "pair" else [measured("bare COPY of the rows", servers, copy_rows, path, n_rows)]
    texts = [measured("bare COPY of texts", servers, copy_texts, path, n_rows)]
    imported = measured("import", servers, bring_in, path, n_rows, project_id)
    texts.append(measured("bare COPY of texts", servers, copy_texts, path, n_rows))
    if rows:
        rows.append(measured("bare COPY of the rows", servers, copy_rows, path, n_rows))
    for name, limits in {"rows": rows, "texts": texts}.items():
        if limits:
            times = imported.seconds / median(limit.seconds for limit in limits)
            cpu = imported.cpu / median(limit.cpu for limit in limits)
            print(
                f"import / bare COPY of {name}: {times:.2f} times as long, {cpu:.2f} times the processor time"
            )
    print(f"goals: {MOST_TIMES} times; {imported.peak_mb:.0f} of {MOST_MB} MB")


def compare_with_prefilled(servers: Servers, folder: Path, n_rows: int, n_items: int) -> None:
    project_id = new_project()
    paths = [folder / f"{seed}.jsonl" for seed in range(2 * N_BEFORE_AND_AFTER + 1)]
    for seed, path in enumerate(paths):
        write_file(path, "QA", n_rows, seed)
    print("                      seconds   rows/s  cpu s  peak MB", flush=True)
    measured("warm-up", servers, bring_in, paths.pop(), n_rows, project_id)
    before, after = (
        [measured(name, servers, bring_in, path, n_rows, project_id) for path in some]
        for name, some in stages(paths, project_id, n_items)
    )
    times = median(one.seconds for one in after) / median(one.seconds for one in before)
    cpu = median(one.cpu for one in after) / median(one.cpu for one in before)
    print(f"with {n_items:,} items: {times:.2f} times as long, {cpu:.2f} times the processor time")


def stages(paths: list[Path], project_id: int, n_items: int) -> Iterator[tuple[str, list[Path]]]:
    yield "import into few items", paths[:N_BEFORE_AND_AFTER]
    began = time.perf_counter()
    with in_bulk() as session:
        session.execute(FILL, {"project_id": project_id, "n_items": n_items})
    outside_transactions("VACUUM ANALYZE")
    print(f"{n_items:,} items made in {time.perf_counter() - began:.0f} s", flush=True)
    yield "import into many", paths[N_BEFORE_AND_AFTER:]


def new_project() -> int:
    with transaction() as session:
        return create_project(session, "Benchmark").id


def measured(
    name: str, servers: Servers, work: Callable[..., float], path: Path, n_rows: int, *args: Any
) -> Measured:
    postgres_pid = servers.postgres.children.by_name[POSTGRES].process.pid
    cpu_before = time_of_tree(postgres_pid)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        seconds, cpu, peak_mb = pool.apply(in_child, (work, path, *args))
    time.sleep(SETTLED_SECONDS)
    done = Measured(seconds, cpu + time_of_tree(postgres_pid) - cpu_before, peak_mb)
    print(f"{name:22}{seconds:7.1f}{n_rows / seconds:9,.0f}{done.cpu:7.1f}{peak_mb:9.0f}", end="")
    print(f"  (this process {cpu:.1f}, PostgreSQL {done.cpu - cpu:.1f})", flush=True)
    return done


def in_child(work: Callable[..., float], *args: Any) -> tuple[float, float, float]:
    before = time.process_time()
    seconds = work(*args)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return seconds, time.process_time() - before, peak_mb


def bring_in(path: Path, project_id: int) -> float:
    """Seconds from the file to committed items."""
    with transaction() as session:
        import_id = start_import(session, project_id, path.name, path.stat().st_size).id
    began = time.perf_counter()
    import_file(import_id, path)
    seconds = time.perf_counter() - began
    with transaction() as session:
        ended = session.get_one(Import, import_id)
        if (ended.state, ended.n_rejected) != ("done", 0):
            raise RuntimeError(f"{ended.state}: {ended.error}, {ended.n_rejected} rejected")
    return seconds


def copy_rows(path: Path) -> float:
    types = ("text", "text", "text", "text", "bool", "int2", "jsonb", "text")
    return copy_bare(path, BARE_ROWS, types, all_fields)


def all_fields(row: dict[str, Any]) -> tuple[object, ...]:
    *others, categories, digest = row.values()
    return *others, Jsonb(categories, dumps=orjson.dumps), digest


def copy_texts(path: Path) -> float:
    return copy_bare(path, "(a text, b text, c text)", ("text", "text", "text"), texts_alone)


def texts_alone(row: dict[str, Any]) -> tuple[object, ...]:
    return row["prompt"], row.get("response", row.get("response_0")), row.get("response_1")


def copy_bare(
    path: Path, columns: str, types: tuple[str, ...], cells: Callable[[dict[str, Any]], tuple[object, ...]]
) -> float:
    began = time.perf_counter()
    url = os.environ["EVENHAND_OWNER_DATABASE_URL"].replace("+psycopg", "")
    with psycopg.connect(url) as connection, path.open("rb") as lines:
        connection.execute(f"CREATE TABLE bare {columns}".encode())
        with connection.cursor().copy("COPY bare FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(types)
            for line in lines:
                copy.write_row(cells(orjson.loads(line)))
        connection.commit()
        seconds = time.perf_counter() - began
        connection.execute("DROP TABLE bare")
    return seconds


if __name__ == "__main__":
    main()
