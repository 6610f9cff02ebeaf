"""Signs of life from the processes of the background themselves, whatever they are busy with.

A worker's own process shows itself beside its children, which do the jobs; the schedule whenever it sends the
job that asks for an answer.
"""

import logging
from collections.abc import Callable
from typing import Any

from celery.signals import beat_init, before_task_publish, worker_ready, worker_shutdown
from celery.worker.state import active_requests
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.db import engine, transaction
from app.pulse.actions import answer_schedule, say_goodbye, show_schedule, show_worker
from app.pulse.models import PulseKind
from app.worker import celery

SECONDS_BETWEEN = 15
ANSWER = "pulse.answer"

log = logging.getLogger("evenhand.pulse")


@celery.task(name=ANSWER)
def answer() -> None:
    with transaction() as session:
        answer_schedule(session)


@worker_ready.connect
def begin_worker(sender: Any, **_: Any) -> None:
    """Once more whenever the broker is there again, which has stopped all that was timed."""
    show_this_worker()
    sender.timer.call_repeatedly(SECONDS_BETWEEN, show_this_worker)


def show_this_worker() -> None:
    alone(lambda session: show_worker(session, len(active_requests)))


@worker_shutdown.connect
def end_worker(**_: Any) -> None:
    alone(lambda session: say_goodbye(session, PulseKind.WORKER))


@beat_init.connect
def follow_schedule(**_: Any) -> None:
    """In its process alone is anything sent by the clock."""
    before_task_publish.connect(ask, sender=ANSWER, weak=False)


def ask(**_: Any) -> None:
    alone(show_schedule)


def alone(show: Callable[[Session], None]) -> None:
    """Without a connection that stays open: processes that are forked later would share it. Where the
    database is away there is nobody to show it to."""
    try:
        with transaction() as session:
            show(session)
    except OperationalError as away:
        log.warning("no sign of life: %s", away)
    finally:
        engine().dispose()
