"""The imports of a project, as its page lists them."""

from pathlib import Path

from sqlalchemy.orm import Session

from app.items.queries import imports_of_project
from tests import make
from tests.items.samples import bring_in, json_lines, plain


def test_they_come_newest_first_and_for_one_project(session: Session, home: Path) -> None:
    project = make.project(session)
    bring_in(session, make.project(session), json_lines([plain()]), home)
    ids = [bring_in(session, project, json_lines([plain()]), home).id for _ in range(3)]
    assert [found.id for found in imports_of_project(session, project.id)] == ids[::-1]
