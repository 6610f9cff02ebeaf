"""The answers. Rows are only ever added; a changed answer is a new row, and the old one says until when it
stood.

Beside them stand the answers of each item as one row, its pattern: an array of two axes with one row an
answer in ascending order, whoever gave them; of a safety label `[severity, harm mask]`, of a ranking its
ranks in the item's order. All answers that take a place are in it but those that nothing can be judged.
Triggers on the answers keep it so, in the transaction that changes them.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from app.assignments.models import Assignment
from app.db import Base


class Verdict(StrEnum):
    """What an annotator says of a response set in one dimension: an order, in which equal ranks are ties;
    that all responses are bad; or that they can't tell."""

    ORDERED = "ordered"
    ALL_BAD = "all_bad"
    CANNOT_JUDGE = "cannot_judge"


class Annotation(Base):
    """One annotator's answer on one item in one dimension.

    Safety: `is_safe`, `harm_categories` (names of the project's taxonomy, of which `taxonomy_version` was the
    version; `harm_mask` has them as bits, see app/projects/taxonomy.py: a name that has none can't be
    stored), `severity` (0 safe, 1 to 3).
    Rankings: `ranks[i]` is the rank of the item's i-th response (1 best, equal ranks are ties; all 1 where
    the verdict is that all are bad; None where it is that they can't be judged), `strength` how clear the
    difference is (1 slight to 3 strong), and `displayed_order[i]` is the position in the item of the response
    that stood in place i on the page. `contradicts_labels`: the order puts a response that this annotator
    labelled harmful above one that they labelled safe, and they kept it.
    Of both: `confidence` 0 to 3, `rationale` in the annotator's words, `evidence`: spans of responses, each
    `{"position", "start", "end"}` with the end excluded, in characters (code points) of the response's text;
    `guideline_version` that stood beside the task; `active_ms`, the time of work on the page.
    An answer counts once its assignment is submitted, until `superseded_at`: then a newer version stands.
    `submission_key`: what the form carried; the same answer sent again carries the same.
    """

    __tablename__ = "annotation"
    __table_args__ = (
        # Of the versions of an answer one alone is not superseded.
        UniqueConstraint("assignment_id", "dimension", "superseded_at", postgresql_nulls_not_distinct=True),
        CheckConstraint("dimension IN ('safety', 'helpfulness', 'harmlessness', 'single')", name="dimension"),
        CheckConstraint(
            "num_nonnulls(is_safe, severity, harm_categories)"
            " = CASE dimension WHEN 'safety' THEN 3 ELSE 0 END",
            name="safety",
        ),
        CheckConstraint(
            "is_safe = (severity = 0) AND is_safe = (harm_categories = '{}') AND severity BETWEEN 0 AND 3",
            name="safe_means_no_harm",
        ),
        CheckConstraint(
            "(harm_mask IS NULL) = (harm_categories IS NULL)"
            " AND bit_count(CAST(harm_mask AS bit(32))) = cardinality(harm_categories)",
            name="harm_mask",
        ),
        CheckConstraint(
            "num_nonnulls(verdict, displayed_order) = CASE dimension WHEN 'safety' THEN 0 ELSE 2 END"
            " AND cardinality(ranks) = cardinality(displayed_order)",
            name="ranking",
        ),
        CheckConstraint("verdict IN ('ordered', 'all_bad', 'cannot_judge')", name="verdict"),
        CheckConstraint(
            "(ranks IS NULL) = (verdict IS NULL OR verdict = 'cannot_judge')", name="ranks_of_verdict"
        ),
        CheckConstraint("confidence BETWEEN 0 AND 3", name="confidence"),
        CheckConstraint(
            "strength IS NULL OR (strength BETWEEN 1 AND 3 AND verdict = 'ordered')", name="strength"
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey(Assignment.id))
    dimension: Mapped[str]
    is_safe: Mapped[bool | None]
    harm_categories: Mapped[list[str] | None] = mapped_column(ARRAY(TEXT))
    harm_mask: Mapped[int | None]
    severity: Mapped[int | None] = mapped_column(SmallInteger)
    ranks: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    displayed_order: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    verdict: Mapped[str | None]
    strength: Mapped[int | None] = mapped_column(SmallInteger)
    contradicts_labels: Mapped[bool] = mapped_column(server_default="false")
    confidence: Mapped[int | None] = mapped_column(SmallInteger)
    rationale: Mapped[str | None]
    evidence: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB)
    taxonomy_version: Mapped[str]
    guideline_version: Mapped[int | None]
    active_ms: Mapped[int | None]
    submission_key: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    superseded_at: Mapped[datetime | None]


class ItemPattern(Base):
    """An item's answers; none any more where it is empty."""

    __tablename__ = "item_pattern"
    __table_args__ = ({"postgresql_with": {"fillfactor": 85}},)

    queue_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    answers: Mapped[list[list[int]]] = mapped_column(ARRAY(Integer), server_default="{}")


# `n_items` is 1 where an item came to these answers, -1 where it left them; not in `PatternCount` yet. Rows
# of their own, since one counter for each pattern would make all annotators wait for each other; without a
# key, which every answer would have to pay for, since there are never many.
pattern_change = Table(
    "pattern_change",
    Base.metadata,
    Column("queue_id", BigInteger, nullable=False),
    Column("dimension", Text, nullable=False),
    Column("item_id", BigInteger, nullable=False),
    Column("answers", ARRAY(Integer), nullable=False),
    Column("n_items", SmallInteger, nullable=False),
)


class PatternCount(Base):
    """How many items of the queue have exactly these answers: all that agreement needs to know of them."""

    __tablename__ = "pattern_count"
    __table_args__ = (Index(None, "queue_id", "dimension"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue_id: Mapped[int] = mapped_column(BigInteger)
    dimension: Mapped[str]
    answers: Mapped[list[list[int]]] = mapped_column(ARRAY(Integer))
    n_items: Mapped[int] = mapped_column(BigInteger)
