"""What the form of filters offers, and how much of the project is read already."""

from typing import Any, NamedTuple

from sqlalchemy import ScalarSelect, Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.items.models import Item
from app.items.queries import imports_with_items
from app.queues.models import Queue, QueueMember
from app.search.models import SearchProgress, SearchWord
from app.search.words import source_word

MOST_OFFERED = 50
MOST_COUNTED = 10_000
FIRST_SOURCE = source_word("")
BEHIND_SOURCES = FIRST_SOURCE[:-1] + chr(ord(FIRST_SOURCE[-1]) + 1)


class Offered(NamedTuple):
    """`sources`: the most frequent ones, of all projects. `people`: names of all who are, or were, members of
    a queue of the project. `imports`: (id, file name) of the newest ones that brought items."""

    sources: list[str]
    people: list[str]
    imports: list[tuple[int, str]]


def offered_of(session: Session, project_id: int) -> Offered:
    """In one statement, since the page has many."""
    row = session.execute(
        select(as_list(sources()), as_list(people(project_id)), as_list(imports_with_items(project_id)))
    ).one()
    words, names, imports = ([] if found is None else found for found in row)
    return Offered(
        [word.removeprefix(FIRST_SOURCE) for word in words], names, [(id_, name) for id_, name in imports]
    )


def as_list(found: Select[*tuple[Any, ...]]) -> ScalarSelect[Any]:
    rows = found.subquery()
    value = rows.c[0] if len(rows.c) == 1 else func.jsonb_build_array(*rows.c)
    return select(func.jsonb_agg(value)).select_from(rows).scalar_subquery()


def sources() -> Select[str]:
    return (
        select(SearchWord.word)
        .where(SearchWord.word >= FIRST_SOURCE, SearchWord.word < BEHIND_SOURCES)
        .order_by(SearchWord.n_documents.desc(), SearchWord.word)
        .limit(MOST_OFFERED)
    )


def people(project_id: int) -> Select[str]:
    return (
        select(User.username)
        .join(QueueMember, QueueMember.annotator_id == User.id)
        .join(Queue, Queue.id == QueueMember.queue_id)
        .where(Queue.project_id == project_id)
        .distinct()
        .order_by(User.username)
    )


def n_unread(session: Session, project_id: int) -> int:
    """Of the project's items, how many can't be found by their words yet; counted up to MOST_COUNTED + 1."""
    read = select(SearchProgress.up_to_item_id).where(SearchProgress.project_id == project_id)
    behind = select(Item.id).where(
        Item.project_id == project_id, Item.id > func.coalesce(read.scalar_subquery(), 0)
    )
    counted = select(func.count()).select_from(behind.limit(MOST_COUNTED + 1).subquery())
    return session.scalars(counted).one()
