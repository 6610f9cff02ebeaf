"""May someone begin an attempt? Rules over the attempts there were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from app.accounts.models import Qualification
from app.db import now
from app.gold.exams import n_right_needed
from app.gold.models import ExamAttempt
from app.queues.models import Queue, QueuePurpose


class Bar(StrEnum):
    """Why an attempt can't begin now."""

    HELD_FOR_GOOD = "held_for_good"
    NO_ATTEMPT_LEFT = "no_attempt_left"
    COOLING_DOWN = "cooling_down"
    TOO_FEW_ITEMS = "too_few_items"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One annotator before a training or an exam. `attempts`: theirs, oldest first; `held`: what they have of
    the qualification that it grants, also where it has ended; `n_unseen`: items they can still be asked."""

    queue: Queue
    attempts: Sequence[ExamAttempt]
    held: Qualification | None
    n_unseen: int

    @property
    def open(self) -> ExamAttempt | None:
        return next((attempt for attempt in self.attempts if attempt.ended_at is None), None)

    @property
    def last(self) -> ExamAttempt | None:
        """The newest one that has ended."""
        return next((attempt for attempt in reversed(self.attempts) if attempt.ended_at is not None), None)

    @property
    def n_items(self) -> int:
        """In the next attempt."""
        return self.queue.n_exam_items or max(self.n_unseen, 1)

    @property
    def n_right_needed(self) -> int:
        return n_right_needed(self.n_items, self.queue.pass_mark)

    @property
    def n_left(self) -> int | None:
        """Attempts that can still begin; None for no limit."""
        most = self.queue.max_attempts
        return None if most is None else max(most - len(counted(self.attempts)), 0)

    @property
    def waits_until(self) -> datetime | None:
        """When the cool-down after the last attempt ends; None where there is none now."""
        ended = [attempt.ended_at for attempt in counted(self.attempts) if attempt.ended_at is not None]
        until = ended[-1] + timedelta(hours=self.queue.cooldown_hours) if ended else None
        return until if until is not None and until > now() else None

    @property
    def is_qualified(self) -> bool:
        return self.held is not None and (self.held.expires_at is None or self.held.expires_at > now())

    @property
    def shows_answers(self) -> bool:
        """Of an exam that has ended: others are asked the same items, so not while another attempt is open to
        this person, who could tell and be told."""
        if self.queue.purpose == QueuePurpose.TRAINING:
            return True
        return self.open is None and (
            self.n_left == 0 or (self.last is not None and bool(self.last.is_passed))
        )

    @property
    def bar(self) -> Bar | None:
        if self.is_qualified and self.held is not None and self.held.expires_at is None:
            return Bar.HELD_FOR_GOOD
        if self.n_left == 0:
            return Bar.NO_ATTEMPT_LEFT
        if self.waits_until is not None:
            return Bar.COOLING_DOWN
        if self.n_unseen < self.n_items:
            return Bar.TOO_FEW_ITEMS
        return None


def counted(attempts: Sequence[ExamAttempt]) -> list[ExamAttempt]:
    """Those since the last that was passed, without the ones that were reset: a qualification that has ended
    can be won again."""
    since: list[ExamAttempt] = []
    for attempt in attempts:
        if attempt.is_passed:
            since.clear()
        elif attempt.reset_at is None:
            since.append(attempt)
    return since
