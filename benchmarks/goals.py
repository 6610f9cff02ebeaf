"""What the assignment must reach, and how far a run is from it."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median

from benchmarks.alone import Alone
from benchmarks.annotating import percentile
from benchmarks.http_load import Heard
from benchmarks.measured import Measured

MOST_GROWTH = 1.3
MOST_BUFFERS = 80
LEAST_OF_BARE = 0.5
LEAST_HTTP_RATE = 400
MOST_HTTP_P95_MS = 100
MOST_CROWD_P95_MS = 300

BySize = dict[int, float]


def by_name_and_size() -> dict[str, BySize]:
    return defaultdict(dict)


@dataclass
class Figures:
    """By state (and annotator), then by the number of items.

    `claim_ms`, `trip_ms`, `buffers`: medians of one annotator alone; `bare`, `functions`, `http`: round trips
    a second of all together; `http_p95_ms`: of these over HTTP. `crowd`: errors, and p95 in ms, of the many
    who think.
    """

    claim_ms: dict[str, BySize] = field(default_factory=by_name_and_size)
    trip_ms: dict[str, BySize] = field(default_factory=by_name_and_size)
    buffers: dict[str, BySize] = field(default_factory=by_name_and_size)
    bare: dict[str, BySize] = field(default_factory=by_name_and_size)
    functions: dict[str, BySize] = field(default_factory=by_name_and_size)
    http: dict[str, BySize] = field(default_factory=by_name_and_size)
    http_p95_ms: dict[str, BySize] = field(default_factory=by_name_and_size)
    crowd: tuple[int, float] | None = None

    def note_alone(self, who: str, n_items: int, alone: Alone) -> None:
        self.claim_ms[who][n_items] = median(alone.claims) * 1000
        self.trip_ms[who][n_items] = median(alone.trips) * 1000
        self.buffers[who][n_items] = median(alone.buffers)

    def note_together(
        self, state: str, n_items: int, bare: Measured, functions: Measured, http: Measured
    ) -> None:
        self.bare[state][n_items] = bare.rate
        self.functions[state][n_items] = functions.rate
        self.http[state][n_items] = http.rate
        self.http_p95_ms[state][n_items] = percentile(http.trips, 95) * 1000

    def note_crowd(self, heard: Heard) -> None:
        seconds = [trip.seconds for trips in heard.trips for trip in trips]
        self.crowd = (len(heard.errors), percentile(seconds, 95) * 1000)

    def judged(self) -> Iterator[str]:
        """A line a goal."""
        for name, claim_ms in self.claim_ms.items():
            yield from growth(name, claim_ms)
        for name, size, buffers in each(self.buffers):
            yield at_most(f"buffers a round trip, {name}, {size:,} items", buffers, MOST_BUFFERS)
        for name, size, rate in each(self.functions):
            ratio = rate / self.bare[name][size]
            yield at_least(f"functions / bare SQL, {name}, {size:,} items", ratio, LEAST_OF_BARE)
        for name, size, rate in each(self.http):
            p95_ms = self.http_p95_ms[name][size]
            yield at_least(f"round trips a second over HTTP, {name}, {size:,} items", rate, LEAST_HTTP_RATE)
            yield at_most(f"p95 ms over HTTP, {name}, {size:,} items", p95_ms, MOST_HTTP_P95_MS)
        if self.crowd is not None:
            yield at_most("errors of the many who think", self.crowd[0], 0)
            yield at_most("p95 ms of the many who think", self.crowd[1], MOST_CROWD_P95_MS)

    def grown(self) -> Iterator[str]:
        """From the smallest to the largest size: what the goals do not name."""
        of_each = (
            ("round trip alone, ms", self.trip_ms),
            ("buffers", self.buffers),
            ("HTTP rate", self.http),
        )
        for what, figures in of_each:
            for name, by_size in figures.items():
                smallest, largest = by_size[min(by_size)], by_size[max(by_size)]
                yield f"{what}, {name}: {smallest:,.2f} -> {largest:,.2f}, x {largest / smallest:.2f}"


def each(figures: dict[str, BySize]) -> Iterator[tuple[str, int, float]]:
    return ((name, size, value) for name, by_size in figures.items() for size, value in by_size.items())


def growth(name: str, claim_ms: BySize) -> Iterator[str]:
    smallest = min(claim_ms)
    for size, value in claim_ms.items():
        if size != smallest:
            what = f"median claim, {name}, {size:,} items / {smallest:,} items"
            yield at_most(what, value / claim_ms[smallest], MOST_GROWTH)


def at_most(what: str, value: float, limit: float) -> str:
    return line(what, value, f"at most {limit:g}", value - limit)


def at_least(what: str, value: float, limit: float) -> str:
    return line(what, value, f"at least {limit:g}", limit - value)


def line(what: str, value: float, bound: str, missed_by: float) -> str:
    verdict = "met   " if missed_by <= 0 else "MISSED"
    by = f", missed by {missed_by:,.2f}" if missed_by > 0 else ""
    return f"{verdict}  {what}: {value:,.2f} ({bound}{by})"
