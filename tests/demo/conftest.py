"""The whole demo campaign, loaded once for each file that asks for it, beside another project."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from app.accounts.models import Role, User
from app.audit.actions import act_as
from app.db import transaction
from app.demo import jobs
from app.demo.actions import ask_for_demo
from tests import make
from tests.tables import empty_tables


@dataclass(frozen=True)
class Loaded:
    """`annotator`: of the first start."""

    project_id: int
    other_id: int
    admin: User
    annotator: User


@pytest.fixture(scope="module")
def loaded(servers: None) -> Iterator[Loaded]:
    with transaction() as session:
        admin = make.user(session, role=Role.ADMIN)
        annotator = make.user(session, username="annotator")
        other = make.project(session)
        make.queue(session, other, members=(annotator,))
        make.item(session, other)
        act_as(session, admin.id)
        project_id = ask_for_demo(session, admin.id)
    assert project_id is not None
    try:
        jobs.load(project_id)
        yield Loaded(project_id, other.id, admin, annotator)
    finally:
        empty_tables()
