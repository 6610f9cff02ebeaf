"""Rows are copied beside the reading: they arrive, and what goes wrong is told where it is waited for."""

import sys
import threading
from collections.abc import Callable
from typing import Any, cast

import pytest
from psycopg import Connection
from psycopg.errors import ForeignKeyViolation
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.items.bulk import Packed, packed
from app.items.copy_rows import text_rows
from app.items.copying import CopyingBeside
from app.items.models import Prompt
from app.projects.models import Project
from tests import make

NOWHERE = 10**12


@pytest.fixture
def project(session: Session) -> Project:
    return make.project(session)


def connection_of(session: Session) -> Connection[Any]:
    """Of its innermost savepoint, which is made now."""
    return cast(Connection[Any], session.connection().connection.driver_connection)


def prompts(project_id: int, n: int, first_id: int = NOWHERE) -> list[Packed]:
    texts = [make.as_text(f"Prompt {place}") for place in range(n)]
    rows = text_rows(range(first_id, first_id + n), [project_id] * n, texts)
    return [packed("prompt (id, project_id, sha256, text, source)", rows)]


def n_prompts(session: Session) -> int | None:
    return session.scalar(select(func.count()).select_from(Prompt).where(Prompt.id >= NOWHERE))


def test_rows_have_arrived_when_it_is_left(session: Session, project: Project) -> None:
    with CopyingBeside(connection_of(session)) as copying:
        copying.begin(prompts(project.id, 20_000))
        copying.wait()
        copying.begin(prompts(project.id, 0))
    assert n_prompts(session) == 20_000
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("copying")]


def copied_beside(session: Session, copies: list[Packed], then: Callable[[], None]) -> None:
    with CopyingBeside(connection_of(session)) as copying:
        copying.begin(copies)
        then()
        copying.wait()


def test_what_goes_wrong_is_raised(session: Session) -> None:
    part = session.begin_nested()
    with pytest.raises(ForeignKeyViolation):
        copied_beside(session, prompts(NOWHERE, 1), lambda: None)
    part.rollback()
    assert n_prompts(session) == 0


def test_what_goes_wrong_at_last_is_raised_by_leaving(session: Session) -> None:
    part = session.begin_nested()
    with pytest.raises(ForeignKeyViolation), CopyingBeside(connection_of(session)) as copying:
        copying.begin(prompts(NOWHERE, 1))
    part.rollback()


def fail() -> None:
    raise KeyError


@pytest.mark.parametrize("n", [1, 20_000])
def test_another_error_waits_for_the_copying_and_stays(session: Session, project: Project, n: int) -> None:
    usual = sys.getswitchinterval()
    part = session.begin_nested()
    with pytest.raises(KeyError):
        copied_beside(session, prompts(project.id, n), fail)
    assert sys.getswitchinterval() == usual
    part.rollback()
    assert n_prompts(session) == 0
