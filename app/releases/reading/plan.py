"""The parts that a release is made in: runs of items, each small enough to be made in seconds.

Several workers may make parts at once, in any order; each reads the same snapshot of the database.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.agreement.queries import Ids
from app.items.models import Item, ItemKind, Prompt


class PartKind(StrEnum):
    """What a part holds. The longest come first, so that none of them is left to one worker at the end."""

    AGREEMENT = "agreement"
    RESPONSE_SETS = "response_sets"
    QA_PAIRS = "qa_pairs"
    PROMPTS = "prompts"


ITEMS_A_PART = {PartKind.RESPONSE_SETS: 20_000, PartKind.QA_PAIRS: 50_000, PartKind.PROMPTS: 500_000}


@dataclass(frozen=True, slots=True)
class Part:
    """The items, or prompts, from `first_id` to `last_id`, both included; of the agreement none."""

    number: int
    kind: PartKind
    first_id: int = 0
    last_id: int = 0
    n_items: int = 0

    @property
    def ids(self) -> Ids:
        return Ids(self.first_id, self.last_id)


def parts_of(session: Session, project_id: int) -> list[Part]:
    """Numbered from 0. Rows of one dataset come in the order of the parts."""
    found = [Part(0, PartKind.AGREEMENT)]
    for kind, ids in ids_by_kind(project_id).items():
        for first_id, last_id, n_items in runs_of(session, ids, ITEMS_A_PART[kind]):
            found.append(Part(len(found), kind, first_id, last_id, n_items))
    return found


def ids_by_kind(project_id: int) -> dict[PartKind, Select[int]]:
    items = select(Item.id).where(Item.project_id == project_id)
    return {
        PartKind.RESPONSE_SETS: items.where(Item.kind == ItemKind.RESPONSE_SET),
        PartKind.QA_PAIRS: items.where(Item.kind == ItemKind.QA_PAIR),
        PartKind.PROMPTS: select(Prompt.id).where(Prompt.project_id == project_id),
    }


def runs_of(session: Session, ids: Select[int], n_together: int) -> Sequence[tuple[int, int, int]]:
    """(first id, last id, how many) of every `n_together` ids in ascending order."""
    found = ids.subquery()
    place = func.row_number().over(order_by=found.c.id) - 1
    numbered = select(found.c.id, (place // n_together).label("run")).subquery()
    rows = session.execute(
        select(func.min(numbered.c.id), func.max(numbered.c.id), func.count())
        .group_by(numbered.c.run)
        .order_by(numbered.c.run)
    )
    return [(first_id, last_id, n_items) for first_id, last_id, n_items in rows]
