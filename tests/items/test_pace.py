"""How fast an import goes, and how long it will take."""

from datetime import UTC, datetime, timedelta

from app.items.models import Import
from app.items.pace import Pace

BEGAN = datetime(2026, 11, 1, 12, tzinfo=UTC)


def test_the_rest_is_expected_to_go_as_the_beginning_did() -> None:
    running = Import(n_bytes=1_000, n_bytes_read=250, n_rows=5_000, started_at=BEGAN)
    assert running.pace(BEGAN + timedelta(seconds=10)) == Pace(500, 30)
    running.n_bytes_read = 1_000
    assert running.pace(BEGAN + timedelta(seconds=40)) == Pace(125, 0)


def test_nothing_is_said_before_anything_is_read() -> None:
    assert Import(n_bytes=1_000, n_bytes_read=0, n_rows=0).pace(BEGAN) is None
    begun = Import(n_bytes=1_000, n_bytes_read=0, n_rows=0, started_at=BEGAN)
    assert begun.pace(BEGAN + timedelta(seconds=1)) is None
