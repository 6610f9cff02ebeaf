"""Do these tests notice when a guard is gone? With `EVENHAND_WITHOUT=room` before it, pytest must fail in
tests/assignments/test_machine.py and test_races.py; GUARDS names the others."""

import os

import pytest
from sqlalchemy import text

from app.assignments import actions

# Name: the statement, what is taken out of it, and what stands there instead.
GUARDS = {
    "room": ("CLAIM", "AND item.is_open", ""),
    "close-once": ("CLOSE", "AND status = 'open'", ""),
    # These two matter to threads alone: in the machine a request that would wait gives up.
    "item-lock": ("CLAIM", "FOR NO KEY UPDATE SKIP LOCKED", ""),
    "member-lock": ("LOCK_MEMBER", "FOR NO KEY UPDATE OF member", ""),
    "low-water-cursor": ("CLAIM", "(SELECT pos - 1 FROM passed_over)", "NULL"),
    "new-position": ("MOVE_AHEAD", "SET pos = base + turn", "SET pos = pos"),
}


@pytest.fixture(autouse=True)
def without_a_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    name = os.environ.get("EVENHAND_WITHOUT")
    if name is not None:
        statement, guard, instead = GUARDS[name]
        whole = getattr(actions, statement).text
        assert guard in whole
        monkeypatch.setattr(actions, statement, text(whole.replace(guard, instead)))
