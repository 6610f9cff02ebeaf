"""What was computed about annotators' agreement and about the labels that items probably have."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    REAL,
    BigInteger,
    Computed,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base
from app.queues.models import Queue

MAIN_FIGURES = (
    'jsonb_path_query_array(content, \'$.figures[*] ? (@.question == "safe" || @.question == "helpfulness"'
    ' || @.question == "harmlessness" || @.question == "single")\')'
)


class LiveAgreement(Base):
    """The newest figures, from the counts of patterns. `figures`: as report/content.py has them."""

    __tablename__ = "live_agreement"

    queue_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    figures: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    n_items: Mapped[int] = mapped_column(BigInteger)
    n_answers: Mapped[int] = mapped_column(BigInteger)
    computed_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ConsensusModel(Base):
    """The newest fit of Dawid and Skene's model, to `n_answers` answers: what posteriors follow from.

    `content`: see report/posteriors.py.
    """

    __tablename__ = "consensus_model"

    queue_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    n_answers: Mapped[int] = mapped_column(BigInteger)
    fitted_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ItemConsensus(Base):
    """What an item's true label probably is, by the model of its queue.

    `posterior` of a safety label: the chance that it is harmful, of each severity 0 to 3, and of each harm
    category in the taxonomy's order; of a ranking, for every pair of responses (report/answers.py:
    pairs_in_order): that the first is better, the second, neither. `certainty`: the chance of the more
    probable of safe and harmful, or of the most probable outcome of the least certain pair.
    Without a foreign key: whole queues are written at once, and no item ever leaves its queue.
    """

    __tablename__ = "item_consensus"

    queue_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    dimension: Mapped[str] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    n_answers: Mapped[int] = mapped_column(SmallInteger)
    certainty: Mapped[float] = mapped_column(REAL)
    posterior: Mapped[list[float]] = mapped_column(ARRAY(REAL))


class NearDuplicate(Base):
    """A QA pair in nearly the same words as others of its project. `first_item_id`: the first of them."""

    __tablename__ = "near_duplicate"

    item_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    project_id: Mapped[int] = mapped_column(BigInteger, index=True)
    first_item_id: Mapped[int] = mapped_column(BigInteger)


class NearDuplicateSearch(Base):
    """The newest one in a project, which had `n_items` QA pairs then."""

    __tablename__ = "near_duplicate_search"

    project_id: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    n_items: Mapped[int] = mapped_column(BigInteger)
    searched_at: Mapped[datetime] = mapped_column(server_default=func.now())


class OverlapReport(Base):
    """What the adaptive overlap did at one time.

    Of the `n_finished` items that have all their annotations, `n_confident` have a posterior of the queue's
    threshold or more; `n_raised` were given one more place, `n_at_most` can get no more. `n_saved`:
    annotations that the confident ones would have got, had all items the queue's most.
    """

    __tablename__ = "overlap_report"
    __table_args__ = (Index(None, "queue_id", "computed_at"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey(Queue.id))
    computed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    n_finished: Mapped[int]
    n_confident: Mapped[int]
    n_raised: Mapped[int]
    n_at_most: Mapped[int]
    n_saved: Mapped[int]


class AgreementReport(Base):
    """A queue's agreement at one time; never changed. `night`: its day (UTC) if it is a nightly one.

    `content`: the whole report, as `app.agreement.report.content.Report` has it; `main_figures`: of its
    figures those that stand for a dimension each, so that a page over many queues need not read the rest.
    """

    __tablename__ = "agreement_report"
    __table_args__ = (Index(None, "queue_id", "computed_at"), UniqueConstraint("queue_id", "night"))

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    queue_id: Mapped[int] = mapped_column(ForeignKey(Queue.id))
    computed_at: Mapped[datetime] = mapped_column(server_default=func.now())
    night: Mapped[date | None]
    n_annotations: Mapped[int]
    n_annotators: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)
    main_figures: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, Computed(MAIN_FIGURES, persisted=True))
