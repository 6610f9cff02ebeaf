"""How long it takes to say what changed between two releases, and how much memory.

    python -m benchmarks.diff [n_qa_pairs]

Two releases of 265,000 QA pairs, 88,000 pairs with both rankings and as many with a single preference, in all
shapes and with 1.3 million answers, are written as plain files. In the second one 1 % of the rows are new,
1 % are gone and 5 % have other labels. Each comparison runs in a process of its own. No database.
"""

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np

from app.differences.comparing import compare_releases
from app.differences.sources import Source, source_in
from app.releases.manifest import DatasetName
from benchmarks.plain_releases import Campaign, Rows, write_plainly

N_QA_PAIRS = 265_000
Result = TypeVar("Result")
PUBLISHED = (DatasetName.QA, DatasetName.DUAL, DatasetName.SINGLE)


class Measured(NamedTuple):
    """`processor_seconds`: what is left of `seconds` where nothing else runs. `idle_mb`: the process's memory
    before it began; `mb`: the most it took."""

    n_rows: int
    n_unlike: int
    seconds: float
    processor_seconds: float
    idle_mb: float
    mb: float


def main() -> None:
    n = int(sys.argv[1]) if len(sys.argv) > 1 else N_QA_PAIRS
    with tempfile.TemporaryDirectory() as place:
        folders = Path(place, "1"), Path(place, "2")
        in_own_process(write_both, *folders, n)
        heads = ("rows", "unlike", "seconds", "processor", "idle MB", "peak MB")
        print(f"{'datasets':18}" + "".join(f"{head:>11}" for head in heads))
        for title, names in (("QA, dual, single", PUBLISHED), ("all", tuple(DatasetName))):
            done = in_own_process(measure, *folders, names)
            seconds = f"{done.seconds:11.1f}{done.processor_seconds:11.1f}"
            print(
                f"{title:18}{done.n_rows:11,}{done.n_unlike:11,}{seconds}{done.idle_mb:11.0f}{done.mb:11.0f}"
            )


def in_own_process(work: Callable[..., Result], *arguments: object) -> Result:
    """Its peak memory is that of this work alone."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(work, arguments)


def write_both(before: Path, after: Path, n: int) -> None:
    campaign = Campaign(n)
    margin = n // 100
    write_plainly(before, Rows(campaign, np.arange(n - margin)))
    campaign.relabel(0.05)
    write_plainly(after, Rows(campaign, np.arange(margin, n)))


def measure(before: Path, after: Path, names: Collection[DatasetName]) -> Measured:
    idle_mb = peak_mb()
    started, processor_started = time.perf_counter(), time.process_time()
    difference = compare_releases(
        some_of(source_in(before), names), some_of(source_in(after), names), before.parent / "list.csv"
    )
    seconds = time.perf_counter() - started
    processor_seconds = time.process_time() - processor_started
    n_rows = sum(each.n_before + each.n_after for each in difference.datasets)
    n_unlike = sum(each.n_added + each.n_removed + each.n_changed for each in difference.datasets)
    return Measured(n_rows, n_unlike, seconds, processor_seconds, idle_mb, peak_mb())


def some_of(source: Source, names: Collection[DatasetName]) -> Source:
    return replace(source, datasets={name: source.datasets[name] for name in names})


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
