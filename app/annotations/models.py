"""The answers. Rows are only ever added."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, SmallInteger, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from app.assignments.models import Assignment
from app.db import Base


class Annotation(Base):
    """One annotator's answer on one item in one dimension.

    Safety: `is_safe`, `harm_categories` (names of the taxonomy), `severity` (0 safe, 1 to 3).
    Rankings: `ranks[i]` is the rank of the item's i-th response (1 best, equal ranks are ties), and
    `displayed_order[i]` is the position in the item of the response that stood in place i on the page.
    An answer counts once its assignment is submitted. `submission_key`: what the form carried; the same
    answer sent again carries the same.
    """

    __tablename__ = "annotation"
    __table_args__ = (
        UniqueConstraint("assignment_id", "dimension"),
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
            "num_nonnulls(ranks, displayed_order) = CASE dimension WHEN 'safety' THEN 0 ELSE 2 END"
            " AND cardinality(ranks) = cardinality(displayed_order)",
            name="ranking",
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    assignment_id: Mapped[int] = mapped_column(ForeignKey(Assignment.id))
    dimension: Mapped[str]
    is_safe: Mapped[bool | None]
    harm_categories: Mapped[list[str] | None] = mapped_column(ARRAY(TEXT))
    severity: Mapped[int | None] = mapped_column(SmallInteger)
    ranks: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    displayed_order: Mapped[list[int] | None] = mapped_column(ARRAY(SmallInteger))
    taxonomy_version: Mapped[str]
    submission_key: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
