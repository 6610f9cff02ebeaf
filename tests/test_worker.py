"""Sending jobs to the broker."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
SEND = """
from app.items.jobs import run_import
from app.worker import send

send(run_import, 7)
print("went on")
"""


def test_where_the_broker_is_away_the_request_goes_on() -> None:
    """Its work is in the database, and is sent again later."""
    nowhere = os.environ | {"REDIS_URL": "redis://127.0.0.1:1/0"}
    sent = subprocess.run(
        [sys.executable, "-c", SEND], cwd=ROOT, env=nowhere, capture_output=True, text=True, check=True
    )
    assert sent.stdout == "went on\n"
    assert "items.run_import (7,) not sent" in sent.stderr
