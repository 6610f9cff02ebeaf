"""Who takes how much of this machine's processors."""

import os
import time
from contextlib import suppress
from typing import NamedTuple

import psutil


class ProcessorTime(NamedTuple):
    """Seconds of all processors: of the web processes, PostgreSQL, and everyone who is not ours."""

    at: float
    web: float
    postgres: float
    others: float

    def since(self, before: "ProcessorTime") -> "ProcessorTime":
        return ProcessorTime(*(now - then for now, then in zip(self, before, strict=True)))


def processor_time(web_pid: int, postgres_pid: int) -> ProcessorTime:
    used = psutil.cpu_times()
    busy = used.user + used.system + getattr(used, "softirq", 0) + getattr(used, "steal", 0)
    ours = time_of_tree(os.getpid())
    return ProcessorTime(time.monotonic(), time_of_tree(web_pid), time_of_tree(postgres_pid), busy - ours)


def time_of_tree(pid: int) -> float:
    """Of this process and all it started, those that have ended too."""
    seconds = 0.0
    with suppress(psutil.NoSuchProcess):
        root = psutil.Process(pid)
        for process in (root, *root.children(recursive=True)):
            with suppress(psutil.NoSuchProcess):
                seconds += sum(process.cpu_times()[:4])
    return seconds
