"""How long the statistics of quality take at paper scale; with --detection also how soon bad ones are found.

`python -m benchmarks.quality [--detection]`. Needs no server: the crowd is that of tests/quality/crowd.py.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

from app.agreement.measures.counts import Counts
from app.quality.answers import Answers
from app.quality.confusion import fit
from app.quality.findings import findings
from tests.quality.crowd import BAD_ONES, CAREFUL_ONES, MIXED, Kind, campaign
from tests.quality.detection import LOOKS, NEVER, first_alarms, of_kind

N_ANNOTATORS = 28
N_EACH = (1_000, 10_000)
SEEDS = range(200)


def main() -> None:
    parser = argparse.ArgumentParser(description="The statistics of quality.")
    parser.add_argument("--detection", action="store_true", help="how soon each bad kind is found")
    wants_detection = parser.parse_args().detection
    show_speed()
    if wants_detection:
        show_detection()


def show_speed() -> None:
    crowd = (MIXED * 2)[:N_ANNOTATORS]
    print(f"{N_ANNOTATORS} annotators; seconds, the best of three:")
    for n_each in N_EACH:
        for what, is_pairs in (("safety labels", False), ("pairs", True)):
            answers = campaign(crowd, n_each, seed=1, is_pairs=is_pairs).answers
            of_model = min(seconds(fit, answers) for _ in range(3))
            of_all = min(seconds(findings, answers) for _ in range(3))
            print(
                f"  {n_each:6,} {what:14} each: {of_all:6.2f}, of these the model {of_model:6.2f}", flush=True
            )


def seconds(compute: Callable[[Answers], object], answers: Answers) -> float:
    began = time.perf_counter()
    compute(answers)
    return time.perf_counter() - began


def show_detection() -> None:
    print(f"{len(SEEDS)} campaigns, half of safety labels, half of pairs; looks after {LOOKS} answers")
    alone, mixed = first_alarms(CAREFUL_ONES, SEEDS), first_alarms(MIXED, SEEDS)
    print(f"  false alarms on careful ones, nobody else there: {np.mean(alone < NEVER):.2%}")
    print(f"  with the bad ones there: {np.mean(of_kind(mixed, MIXED, Kind.CAREFUL) < NEVER):.2%}")
    print(
        f"  {'answers until found':22}{'median':>8}{'p90':>8}  of safety labels, pairs:  found by {LOOKS[-1]}"
    )
    for kind in BAD_ONES:
        print(f"  {kind:22}{line(of_kind(mixed, MIXED, kind))}", flush=True)


def line(found: Counts) -> str:
    """Percentiles of all, then of safety labels (even seeds) and of pairs; then the share that was found."""
    cells = [f"{percentile(found, q):>8}" for q in (50, 90)]
    apart = [f"{percentile(some, 50):>5} {percentile(some, 90):>5}" for some in (found[::2], found[1::2])]
    return f"{''.join(cells)}  {', '.join(apart)}  {np.mean(found < NEVER // 2):18.0%}"


def percentile(found: Counts, q: int) -> str:
    n = int(np.percentile(found, q, method="higher"))
    return "-" if n > NEVER // 2 else str(n)


if __name__ == "__main__":
    main()
