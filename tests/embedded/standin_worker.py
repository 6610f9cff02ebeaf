"""A Celery app without a job."""

import os

from celery import Celery

app = Celery(broker=os.environ.get("REDIS_URL"))
