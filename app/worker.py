"""The background process: the Celery app and the whole schedule.

Run by `celery -A app.worker worker` and `celery -A app.worker beat`.
"""

from typing import Any

from celery import Celery
from celery.schedules import crontab

from app.settings import settings

LONGEST_JOB_SECONDS = 6 * 3600

celery = Celery(
    "evenhand",
    include=["app.assignments.jobs", "app.items.jobs", "app.agreement.jobs", "app.releases.jobs"],
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
            "expire leases": {"task": "assignments.expire_leases", "schedule": 60.0},
            "nightly agreement": {"task": "agreement.nightly", "schedule": crontab(hour="1", minute="0")},
            "nightly releases": {"task": "releases.nightly", "schedule": crontab(hour="2", minute="0")},
        },
    }


celery.add_defaults(configuration)
