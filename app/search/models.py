"""What items are found by: the words of their texts, as PostgreSQL's full text search keeps them.

Jobs fill these tables behind the imports (`app.search.indexing`), which must not wait for that.
"""

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.projects.models import Project


class SearchDocument(Base):
    """A response with its prompt. `words`: see words.py. `sha256`: of both, as releases publish it.

    Without a foreign key: rows are written by the hundred thousand, and what is imported stays.
    """

    __tablename__ = "search_document"
    __table_args__ = (Index(None, "words", postgresql_using="gin"), Index(None, "sha256"))

    response_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sha256: Mapped[bytes] = mapped_column(LargeBinary(32))
    words: Mapped[str] = mapped_column(TSVECTOR)


class SearchWord(Base):
    """`n_documents` that have the word, in all projects: what says which way to look for it, and never less
    than there are. Trigrams find the words that a part of a word stands in."""

    __tablename__ = "search_word"
    __table_args__ = (
        Index(
            "search_word_parts_idx",
            "word",
            postgresql_using="gin",
            postgresql_ops={"word": "gin_trgm_ops"},
        ),
        {"postgresql_with": {"fillfactor": 80}},
    )

    word: Mapped[str] = mapped_column(primary_key=True)
    n_documents: Mapped[int] = mapped_column(BigInteger)


class SearchProgress(Base):
    """All items of the project up to this one can be found by their words."""

    __tablename__ = "search_progress"

    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id), primary_key=True)
    up_to_item_id: Mapped[int] = mapped_column(BigInteger, server_default="0")
