"""Parts of a benchmark over simulated labels, each in a process of its own, to see its own peak of memory."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.simulated_labels import Labels

ROOT = Path(__file__).parents[1]
N_RUNS = 3


@dataclass(frozen=True)
class Timed:
    """`seconds`, and those of the processors: the best of N_RUNS. `figures`: what was computed.

    `mb`: peak memory of the process less that when the labels had been loaded.
    """

    seconds: float
    processor_seconds: float
    mb: float
    figures: list[float]


def make_labels(path: Path, n_items: int) -> dict[str, int]:
    """Writes simulated labels; how many answers, different labels and different sets they have."""
    made: dict[str, int] = said_by(sys.executable, "benchmarks.simulated_labels", str(path), str(n_items))
    return made


def in_own_process(python: str, module: str, part: str, labels: Path, *numbers: int) -> Timed:
    """`numbers`: what the part takes beside the labels."""
    return Timed(**said_by(python, module, part, str(labels), *map(str, numbers)))


def said_by(python: str, module: str, *arguments: str) -> Any:
    """What a module of ours prints as JSON; exits with its errors when it fails."""
    command = [python, "-m", module, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}:\n{done.stderr}")
    return json.loads(done.stdout)


def run(parts: Mapping[str, Callable[..., Sequence[float]]]) -> None:
    """The other side of `in_own_process`: a module's main calls it with what it can do."""
    _, part, path, *numbers = sys.argv
    labels = Labels.load(Path(path))
    held_mb = peak_mb()
    seconds, processor_seconds = [], []
    figures: Sequence[float] = []
    for _ in range(N_RUNS):
        began, processor_began = time.perf_counter(), time.process_time()
        figures = parts[part](labels, *map(int, numbers))
        seconds.append(time.perf_counter() - began)
        processor_seconds.append(time.process_time() - processor_began)
    timed = Timed(min(seconds), min(processor_seconds), peak_mb() - held_mb, list(figures))
    print(json.dumps(asdict(timed)))


def peak_mb() -> float:
    """On Linux not by getrusage: to that a process is born with the peak of whoever started it."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().partition("VmHWM:")[2].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
