"""What a search is about: its project's queues, and what its filters name, looked up once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.accounts.queries import user_named
from app.i18n import gettext as _
from app.items.models import Import
from app.projects.queries import taxonomy_of
from app.projects.taxonomy import Taxonomy
from app.queues.models import Dimension, Queue
from app.queues.queries import queues_of_project
from app.search.asked import Asked, as_tsquery, asked_in
from app.search.forms import Filters
from app.search.models import SearchWord
from app.search.words import quoted, source_word

MOST_WORDS_OF_A_PART = 200
Id = ColumnElement[int] | InstrumentedAttribute[int]
Span = tuple[int, int]


@dataclass(frozen=True)
class Scope:
    """`queues`: of the project, or the one that is asked for. `tsquery`: of words and source; empty where
    neither is asked for. `n_with_words`: how many responses may fit it at most, of `None` nothing is known.
    `spans`: of item ids, where imports are asked for. `finds_nothing`: why nothing can be found, as words."""

    project_id: int
    filters: Filters
    asked: Asked
    queues: Sequence[Queue]
    taxonomy: Taxonomy
    tsquery: str = ""
    n_with_words: int | None = None
    annotator_id: int | None = None
    spans: tuple[Span, ...] | None = None
    finds_nothing: str = ""

    @cached_property
    def queue_ids(self) -> list[int]:
        return [queue.id for queue in self.queues]

    @cached_property
    def safety_queue_ids(self) -> list[int]:
        return [queue.id for queue in self.queues if Dimension.SAFETY in queue.steps]

    @property
    def is_about_answers(self) -> bool:
        """Only items that somebody answered can fit."""
        asked = self.filters
        return bool(
            asked.says
            or asked.says_severity
            or asked.disagreement
            or asked.certainty_below
            or asked.annotator
            or asked.answered_from
            or asked.answered_to
        )


def scope_of(
    session: Session, project_id: int, filters: Filters, every_queue: Sequence[Queue] | None = None
) -> Scope:
    """`every_queue`: of the project, where they were read before."""
    asked = asked_in(filters.find)
    if every_queue is None:
        every_queue = queues_of_project(session, project_id)
    queues = [queue for queue in every_queue if filters.queue in (None, queue.id)]
    problem = "" if queues or filters.queue is None else _("This project has no such queue.")
    if filters.find and not (asked.has_words or asked.item_id or asked.sha256):
        problem = _("There is no word in what you look for.")
    taxonomy = taxonomy_of(session, project_id)
    if {filters.says, filters.expects} - {None, *taxonomy.category_names}:
        problem = _("There is no such harm category.")
    annotator = user_named(session, filters.annotator.lower()) if filters.annotator else None
    if filters.annotator and annotator is None:
        problem = _("There is nobody named %(name)s.") % {"name": filters.annotator}
    words_with_parts = [words_with(session, part) for part in asked.parts]
    if not all(words_with_parts):
        problem = _("No text has such a word.")
    tsquery, words = query_of(asked, filters.source, words_with_parts if not problem else [])
    return Scope(
        *(project_id, filters, asked, queues, taxonomy),
        tsquery=tsquery,
        n_with_words=fewest_of(session, words, words_with_parts),
        annotator_id=annotator.id if annotator else None,
        spans=spans_of(session, project_id, filters),
        finds_nothing=problem,
    )


def query_of(asked: Asked, source: str, words_with_parts: Sequence[Sequence[str]]) -> tuple[str, list[str]]:
    """With the words that every document of it has."""
    terms = [as_tsquery(asked, words_with_parts)] if asked.has_words else []
    words = asked.whole_words
    if source:
        terms.append(quoted(source_word(source)))
        words = [*words, source_word(source)]
    return " & ".join(terms), words


def words_with(session: Session, part: str) -> Sequence[str]:
    """The most frequent words that this stands in. Sources are no words of texts."""
    is_of_texts = SearchWord.word.not_like(f"{source_word('')}%")
    return session.scalars(
        select(SearchWord.word)
        .where(SearchWord.word.contains(part, autoescape=True), is_of_texts)
        .order_by(SearchWord.n_documents.desc())
        .limit(MOST_WORDS_OF_A_PART)
    ).all()


def fewest_of(
    session: Session, words: Sequence[str], words_with_parts: Sequence[Sequence[str]]
) -> int | None:
    """How many documents may have all of them, as the rarest tells; None where only beginnings are known."""
    if not words and not words_with_parts:
        return None
    every = {*words, *(word for group in words_with_parts for word in group)}
    counts = session.execute(
        select(SearchWord.word, SearchWord.n_documents).where(SearchWord.word.in_(every))
    )
    n_by_word: dict[str, int] = dict(counts.all())
    of_words = [n_by_word.get(word, 0) for word in words]
    return min(of_words + [sum(n_by_word.get(word, 0) for word in group) for group in words_with_parts])


def spans_of(session: Session, project_id: int, filters: Filters) -> tuple[Span, ...] | None:
    """(first, last) item of each import that is asked for."""
    if not (filters.brought_by or filters.imported_from or filters.imported_to):
        return None
    found = select(Import.first_item_id, Import.last_item_id).where(Import.project_id == project_id)
    if filters.brought_by:
        found = found.where(Import.id == filters.brought_by)
    if filters.imported_from:
        found = found.where(Import.finished_at >= datetime.combine(filters.imported_from, time.min, UTC))
    if filters.imported_to:
        found = found.where(Import.finished_at < day_after(filters.imported_to))
    rows = session.execute(found.order_by(Import.first_item_id))
    return tuple((first, last) for first, last in rows if first is not None and last is not None)


def day_after(day: date) -> datetime:
    return datetime.combine(day, time.min, UTC) + timedelta(days=1)
