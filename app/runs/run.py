"""What runs, or has run, in the background of a project, as one kind of row whatever its table."""

from datetime import datetime, timedelta
from enum import StrEnum
from math import ceil
from typing import NamedTuple

from app.i18n import N_


class RunKind(StrEnum):
    IMPORT = "import"
    ANSWERS = "answers"
    AGREEMENT = "agreement"
    TRUST = "trust"
    RELEASE = "release"
    COMPARISON = "comparison"
    DELIVERY = "delivery"
    CALL = "call"


class RunState(StrEnum):
    """`checked`: an import that was read, and waits for someone to say yes."""

    WAITING = "waiting"
    RUNNING = "running"
    CHECKED = "checked"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


WORDS = {
    RunKind.IMPORT: N_("Import of items"),
    RunKind.ANSWERS: N_("Import of answers"),
    RunKind.AGREEMENT: N_("Agreement report"),
    RunKind.TRUST: N_("Trust review"),
    RunKind.RELEASE: N_("Making of a release"),
    RunKind.COMPARISON: N_("Comparison"),
    RunKind.DELIVERY: N_("Delivery"),
    RunKind.CALL: N_("Webhook call"),
}


class Place(NamedTuple):
    """Of one run in the list; the last two ids tell apart what came at one time."""

    asked_at: datetime
    kind: str
    id: int
    target_id: int


class Run(NamedTuple):
    """`name`: of the file, the queue, the target or the webhook; `number`: of the release, `other`: of the
    one it is compared with. `id` is the row's, `place_id` that of whatever has the page: the import, the
    queue or the release; `target_id`: of the target, or of the other release. `n_done` of `n_all` (bytes, or
    items) are read since `began_at`; `n_rejected`: rows of an import; `n_tries`: of an errand, which waits
    until `due_at`."""

    kind: str
    id: int
    asked_at: datetime
    state: str
    place_id: int
    name: str | None = None
    number: int | None = None
    other: int | None = None
    target_id: int | None = None
    error: str | None = None
    began_at: datetime | None = None
    ended_at: datetime | None = None
    n_done: int | None = None
    n_all: int | None = None
    n_rejected: int | None = None
    n_tries: int | None = None
    due_at: datetime | None = None

    @property
    def place(self) -> Place:
        """In the list, which goes down from the newest."""
        return Place(self.asked_at, self.kind, self.id, self.target_id or 0)

    @property
    def is_moving(self) -> bool:
        """Soon to be another; one that waits for its next try may do so for long."""
        return self.state == RunState.RUNNING or (self.state == RunState.WAITING and not self.n_tries)

    @property
    def took(self) -> timedelta | None:
        """From its beginning to its end, where both are known."""
        if self.ended_at is None:
            return None
        return max(timedelta(), self.ended_at - (self.began_at or self.asked_at))

    def seconds_left(self, at: datetime) -> int | None:
        """At the pace so far; None while nothing has been read."""
        if self.state != RunState.RUNNING or not (self.began_at and self.n_done and self.n_all):
            return None
        seconds = (at - self.began_at).total_seconds()
        return ceil(seconds * max(0, self.n_all - self.n_done) / self.n_done)
