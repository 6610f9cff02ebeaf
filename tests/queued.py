"""What a job really sends to the broker."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import redis

from app.settings import settings

ROOT = Path(__file__).parents[1]
QUEUE = "celery"


def jobs_sent_by(module: str, job: str) -> list[tuple[str, list[object]]]:
    """Names and arguments, in order. The job runs beside us with a broker that no worker reads."""
    quiet_broker = settings().redis_url.removesuffix("/0") + "/1"
    subprocess.run(
        [sys.executable, "-c", f"from {module} import {job}; {job}()"],
        cwd=ROOT,
        env=os.environ | {"REDIS_URL": quiet_broker},
        check=True,
    )
    with redis.Redis.from_url(quiet_broker) as broker:
        messages = [json.loads(message) for message in broker.lrange(QUEUE, 0, -1)]
        broker.delete(QUEUE)
    return [
        (message["headers"]["task"], json.loads(base64.b64decode(message["body"]))[0])
        for message in reversed(messages)
    ]
