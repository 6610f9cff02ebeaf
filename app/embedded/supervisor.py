"""Starting again what ends by itself, with a growing pause between two attempts."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NoReturn

from app.embedded.children import Child, Children
from app.embedded.processes import kill_group

FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
# Having run this long, a process counts as healthy: its next end is a first one again.
HEALTHY_SECONDS = 60.0
CHECK_SECONDS = 0.2


@dataclass
class Watched:
    child: Child
    spawn: Callable[[], Child]
    next_pause: float = FIRST_PAUSE_SECONDS
    started_at: float = 0.0
    due_at: float | None = None
    """When to start it again; None while it runs. Both times are of the monotonic clock."""

    def check(self, now: float, say: Callable[[str], None]) -> None:
        if self.due_at is None:
            if (code := self.child.process.poll()) is not None:
                self._plan_restart(now, code, say)
        elif now >= self.due_at:
            self.child, self.started_at, self.due_at = self.spawn(), now, None

    def _plan_restart(self, now: float, code: int, say: Callable[[str], None]) -> None:
        # What it started may still hold its port, or its jobs.
        kill_group(self.child.process.pid)
        pause = FIRST_PAUSE_SECONDS if now - self.started_at > HEALTHY_SECONDS else self.next_pause
        self.next_pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        self.due_at = now + pause
        command = self.child.command
        say(f"{command.name} ended (exit code {code}); starting it again in {pause:g} s. See {command.log}")


def watch(
    children: Children, spawns: Mapping[str, Callable[[], Child]], say: Callable[[str], None]
) -> NoReturn:
    """Keep the named children running. Raises StopRequested when asked to stop."""
    started_at = time.monotonic()
    watched = [
        Watched(children.by_name[name], spawn, started_at=started_at) for name, spawn in spawns.items()
    ]
    while True:
        children.pause(CHECK_SECONDS)
        children.keep_guard()
        for one in watched:
            one.check(time.monotonic(), say)
