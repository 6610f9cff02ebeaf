"""How many items a project has: sums that follow them."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.items.counting import fold_item_counts
from app.items.models import ItemKind, item_count
from app.items.queries import n_items_by_kind
from tests import make


def test_items_of_each_kind_and_project_are_counted_before_a_fold_and_after(session: Session) -> None:
    project, other = make.project(session), make.project(session)
    for _ in range(3):
        make.item(session, project)
    make.item(session, project, responses=("Tea.", "Milk."))
    make.item(session, other)
    expected = {ItemKind.QA_PAIR: 3, ItemKind.RESPONSE_SET: 1}
    assert n_items_by_kind(session, project.id) == expected
    fold_item_counts(session)
    fold_item_counts(session)
    assert n_items_by_kind(session, project.id) == expected
    assert session.scalar(select(func.count()).select_from(item_count)) == 3
    make.item(session, project)
    assert n_items_by_kind(session, project.id)[ItemKind.QA_PAIR] == 4
    assert n_items_by_kind(session, make.project(session).id) == dict.fromkeys(ItemKind, 0)
