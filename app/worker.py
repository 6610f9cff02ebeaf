"""The background process: the Celery app and the whole schedule.

Run by `celery -A app.worker worker` and `celery -A app.worker beat`.
"""

import logging
from typing import Any

from celery import Celery
from celery.exceptions import OperationalError as BrokerUnreachable
from celery.schedules import crontab

from app.settings import settings

log = logging.getLogger("evenhand.worker")

LONGEST_JOB_SECONDS = 6 * 3600

celery = Celery(
    "evenhand",
    include=[
        "app.pulse.jobs",
        "app.queues.jobs",
        "app.gold.jobs",
        "app.assignments.jobs",
        "app.annotations.jobs",
        "app.items.jobs",
        "app.answer_files.jobs",
        "app.agreement.jobs",
        "app.quality.jobs",
        "app.adjudication.jobs",
        "app.releases.jobs",
        "app.deliveries.jobs",
        "app.differences.jobs",
        "app.search.jobs",
        "app.people.jobs",
        "app.demo.jobs",
    ],
)


def configuration() -> dict[str, Any]:
    """Read when first needed, so that importing a job asks for no settings."""
    return {
        "broker_url": settings().redis_url,
        "broker_transport_options": {"visibility_timeout": LONGEST_JOB_SECONDS},
        "broker_connection_retry_on_startup": True,
        "task_acks_late": True,
        "task_reject_on_worker_lost": True,
        "task_ignore_result": True,
        "task_serializer": "json",
        "accept_content": ["json"],
        "worker_prefetch_multiplier": 1,
        "worker_hijack_root_logger": False,
        "timezone": "UTC",
        "beat_schedule": {
            "ask for a sign of life": every(15, "pulse.answer"),
            "fold sums": every(60, "queues.fold_sums"),
            "expire leases": every(60, "assignments.expire_leases"),
            "end drained queues": every(60, "assignments.end_drained"),
            "open ready sets": every(60, "assignments.open_ready"),
            "follow answers": every(60, "agreement.follow_all"),
            "adapt overlaps": every(600, "agreement.adapt_all"),
            "review trust": every(600, "quality.review_all"),
            "open adjudication cases": every(120, "adjudication.open_all"),
            "find gold rot": every(600, "gold.find_rot"),
            "resume imports": every(120, "items.resume_imports"),
            "resume imports of answers": every(120, "answer_files.resume_imports"),
            "resume releases": every(120, "releases.resume_releases"),
            "resume comparisons": every(120, "differences.resume_comparisons"),
            "read new items": every(60, "search.read_all_new"),
            "count exposure": every(600, "people.count_exposure"),
            "resume the demo": every(120, "demo.resume"),
            "send deliveries": every(30, "deliveries.send_due"),
            "old uploads": {"task": "items.remove_uploads", "schedule": crontab(hour="0", minute="15")},
            "nightly check": {"task": "annotations.check", "schedule": crontab(hour="0", minute="30")},
            "near-duplicates": {
                "task": "agreement.find_all_near_duplicates",
                "schedule": crontab(hour="0", minute="45"),
            },
            "nightly agreement": {"task": "agreement.nightly", "schedule": crontab(hour="1", minute="0")},
            "nightly releases": {"task": "releases.nightly", "schedule": crontab(hour="2", minute="0")},
        },
    }


def every(seconds: float, job: str) -> dict[str, Any]:
    """One that still waits when the next is due is dropped."""
    return {"task": job, "schedule": seconds, "options": {"expires": seconds}}


celery.add_defaults(configuration)


def send(job: Any, *arguments: int | str) -> None:
    """Queue a job whose work the database knows of: a message that can't be sent now is sent again later."""
    try:
        job.delay(*arguments)
    except BrokerUnreachable as unreachable:
        log.warning("%s %s not sent: %s", job.name, arguments, unreachable)
