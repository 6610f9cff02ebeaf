"""What the benchmark of assignment measured, and how it is printed."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from benchmarks.alone import Alone, Cost
from benchmarks.annotating import latencies
from benchmarks.http_load import Heard, Trip
from benchmarks.processor_time import ProcessorTime


class Measured(NamedTuple):
    """`trips`: seconds of each; `rate`: a second while all were at it; `n_submitted`: with the warm-up."""

    trips: list[float]
    rate: float
    n_submitted: int


def measured(turns: Sequence[Sequence[Sequence[Trip]]], n_submitted: int) -> Measured:
    """`turns`: for each the round trips of each annotator. The rate is of when all of them were at it."""
    n, all_seconds = 0, 0.0
    for turn in turns:
        trips = [some for some in turn if some]
        begins_at = min(some[0].ended_at - some[0].seconds for some in trips)
        ends_at = min(some[-1].ended_at for some in trips)
        n += sum(trip.ended_at <= ends_at for some in trips for trip in some)
        all_seconds += ends_at - begins_at
    seconds = [trip.seconds for turn in turns for some in turn for trip in some]
    return Measured(seconds, n / all_seconds, n_submitted)


def show_first_claims(costs: Sequence[Cost]) -> None:
    first, *rest = costs
    print(f"  first claim: {first.seconds * 1000:,.1f} ms, {first.buffers:,} buffers;", end=" ")
    ms, buffers = (median(cost.seconds for cost in rest) * 1000, median(cost.buffers for cost in rest))
    print(f"of each who comes after: {ms:,.1f} ms, {buffers:,.0f} buffers (medians)", flush=True)


def show_alone(who: str, alone: Alone) -> None:
    print(f"  alone ({who}): p50, p95, p99 of a bare round trip{latencies(alone.trips, 2)} ms,", end=" ")
    print(f"of its claim{latencies(alone.claims, 2)} ms")
    steps = ", ".join(f"{name} {n:.0f}" for name, n in alone.buffers_by_step.items())
    print(f"    buffers a round trip: median {median(alone.buffers):.0f},", end=" ")
    print(f"from {min(alone.buffers)} to {max(alone.buffers)} (by step: {steps})", flush=True)


def show_head(what: str) -> None:
    print(f"  {what:30}{'trips':>8}{'per s':>9}{'p50 ms':>9}{'p95':>9}{'p99':>9}{'ratio':>7}")


def show(what: str, part: Measured, base: Measured) -> None:
    """`ratio`: of the rates."""
    cells = f"{len(part.trips):8,}{part.rate:9.1f}{latencies(part.trips)}{part.rate / base.rate:7.2f}"
    print(f"    {what:28}{cells}", flush=True)


def show_others(used: ProcessorTime) -> None:
    print(f"      others on this machine took {used.others / used.at:.2f} processors meanwhile", flush=True)


def show_processors(used: ProcessorTime, heard: Heard) -> None:
    """Of a load over HTTP."""
    n = max(1, heard.n_submitted)
    of_web, of_postgres, of_load = (
        f"{each / n * 1000:.2f} ms" for each in (used.web, used.postgres, heard.cpu_seconds)
    )
    print(f"      processor time a round trip: web {of_web}, PostgreSQL {of_postgres}, load {of_load}")
    show_others(used)


def show_from_the_start(cost: Cost) -> None:
    print(f"  half, who did it, with cursors set back: {cost.seconds * 1000:,.1f} ms", end=" ")
    print(f"and {cost.buffers:,} buffers for the next claim", flush=True)


def show_crowd(n_people: int, think: tuple[float, float], heard: Heard) -> None:
    seconds = [trip.seconds for trips in heard.trips for trip in trips]
    print(f"  {n_people:,} who think {think[0]:g} to {think[1]:g} s: {len(seconds):,} round trips", end=" ")
    print(f"on {heard.n_connections:,} connections, {len(heard.errors)} errors")
    print(f"    p50, p95, p99 of a round trip{latencies(seconds)} ms,", end=" ")
    print(f"of the first claim{latencies(heard.first)} ms", flush=True)
