"""An item as annotators are shown it."""

from pathlib import Path

from sqlalchemy.orm import Session

from app.items.queries import imports_of_project, item_to_show
from tests import make
from tests.items.samples import bring_in, json_lines, plain


def test_it_has_its_prompt_and_its_responses_in_order(session: Session) -> None:
    item = make.item(session, make.project(session), prompt="Why?", responses=("B", "A", "C"))
    session.expunge_all()
    shown = item_to_show(session, item.id)
    assert shown is not None
    assert shown.prompt.text == "Why?"
    assert [member.response.text for member in shown.members] == ["B", "A", "C"]


def test_there_is_none_of_an_unknown_id(session: Session) -> None:
    assert item_to_show(session, 0) is None


def test_imports_are_listed_newest_first_and_for_one_project(session: Session, home: Path) -> None:
    project = make.project(session)
    bring_in(session, make.project(session), json_lines([plain()]), home)
    ids = [bring_in(session, project, json_lines([plain()]), home).id for _ in range(3)]
    assert [found.id for found in imports_of_project(session, project.id)] == ids[::-1]
    assert [found.id for found in imports_of_project(session, project.id, limit=2)] == ids[:0:-1]
