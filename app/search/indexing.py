"""Reading what imports brought, so that it is found: a batch at a time, behind the imports."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Any, cast

from psycopg import Connection
from sqlalchemy import func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.items.actions import lock_key
from app.items.bulk import fetch
from app.items.models import Item
from app.projects.models import Project
from app.search.models import SearchProgress
from app.search.words import as_tsvector, document, words_of

ITEMS_A_BATCH = 10_000

# Each response once, with the items of a batch.
LACKING = """
    SELECT response.id, prompt.text, response.text, prompt.source, response.source
    FROM response JOIN prompt ON prompt.id = prompt_id
    WHERE response.id IN (SELECT response_id FROM item_response WHERE item_id = ANY(%b))
      AND NOT EXISTS (SELECT FROM search_document WHERE response_id = response.id)
    ORDER BY response.id
"""
# In one order, so that two projects' jobs wait for each other and don't lock each other out.
COUNT_WORDS = """
    INSERT INTO search_word (word, n_documents)
    SELECT * FROM unnest(%b::text[], %b::bigint[]) AS news (word, n) ORDER BY word
    ON CONFLICT (word) DO UPDATE SET n_documents = search_word.n_documents + excluded.n_documents
"""


def newest_item_id(session: Session, project_id: int) -> int | None:
    """Up to which all items of the project are there; None while an import is bringing more of them, whose
    ids may be lower than those of others."""
    lock = lock_key("import into project", project_id)
    if not session.scalar(select(func.pg_try_advisory_xact_lock(lock))):
        return None
    newest: int | None = session.scalar(select(func.max(Item.id)).where(Item.project_id == project_id))
    return newest or 0


def projects_to_read(session: Session) -> list[int]:
    """Those with items that can't be found by their words yet."""
    newest = (
        select(Item.id)
        .where(Item.project_id == Project.id)
        .order_by(Item.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    read = func.coalesce(SearchProgress.up_to_item_id, 0)
    with_more = select(Project.id).outerjoin(SearchProgress, SearchProgress.project_id == Project.id)
    return list(session.scalars(with_more.where(newest > read).order_by(Project.id)))


def read_items(session: Session, project_id: int, newest_id: int) -> bool:
    """The next batch of the project's items up to this one; False where there is none left, or another
    worker is at it."""
    # Where there is one, to insert it anyway would wait for the worker that has it.
    is_there = select(SearchProgress.project_id).where(SearchProgress.project_id == project_id).exists()
    first = insert(SearchProgress).from_select(["project_id"], select(literal(project_id)).where(~is_there))
    session.execute(first.on_conflict_do_nothing())
    progress = session.scalar(
        select(SearchProgress)
        .where(SearchProgress.project_id == project_id)
        .with_for_update(skip_locked=True)
        .execution_options(populate_existing=True)
    )
    if progress is None:
        return False
    ids = session.scalars(
        select(Item.id)
        .where(Item.project_id == project_id, Item.id > progress.up_to_item_id, Item.id <= newest_id)
        .order_by(Item.id)
        .limit(ITEMS_A_BATCH)
    ).all()
    if not ids:
        return False
    store_documents(cast(Connection[Any], session.connection().connection.driver_connection), ids)
    progress.up_to_item_id = ids[-1]
    session.flush()
    return True


def store_documents(connection: Connection[Any], item_ids: Sequence[int]) -> None:
    n_documents: Counter[str] = Counter()
    # Several responses have the same prompt.
    prompt_words = lru_cache(maxsize=1000)(words_of)
    with connection.cursor() as cursor:
        rows = fetch(cursor, LACKING, (list(item_ids),))
        with cursor.copy("COPY search_document (response_id, sha256, words) FROM STDIN") as copy:
            for response_id, prompt, response, *sources in rows:
                places = document(prompt_words(prompt), words_of(response), set(sources))
                n_documents.update(places.keys())
                digest = sha256((prompt + response).encode()).digest()
                copy.write_row((response_id, digest, as_tsvector(places)))
        if n_documents:
            cursor.execute(
                COUNT_WORDS.encode(), (list(n_documents), list(n_documents.values())), prepare=False
            )
