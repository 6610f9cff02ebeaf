"""Streams of items for annotators, and each item's places in them."""

from datetime import date, datetime, time
from enum import IntEnum, StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Computed,
    ForeignKey,
    Identity,
    Index,
    SmallInteger,
    Table,
    UniqueConstraint,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.db import Base, now
from app.items.models import Item, ItemKind
from app.projects.models import Project
from app.queues.hours import has_hours, opening_hours, rest_at, told_opening


class Dimension(StrEnum):
    """What one annotation judges."""

    SAFETY = "safety"
    HELPFULNESS = "helpfulness"
    HARMLESSNESS = "harmlessness"
    SINGLE = "single"


class QueueKind(StrEnum):
    SAFETY = "safety"
    DUAL = "dual"
    HELPFULNESS = "helpfulness"
    HARMLESSNESS = "harmlessness"
    SINGLE = "single"

    @property
    def item_kind(self) -> ItemKind:
        return ItemKind.QA_PAIR if self is QueueKind.SAFETY else ItemKind.RESPONSE_SET

    @property
    def steps(self) -> tuple[Dimension, ...]:
        """The judgements asked for on each item, in this order, each on a page of its own."""
        if self is QueueKind.DUAL:
            return (Dimension.HELPFULNESS, Dimension.HARMLESSNESS)
        return (Dimension(self.value),)


class QueueState(StrEnum):
    """Draining: nobody gets a new item, what is held may be finished. Closed: over, and only read."""

    PAUSED = "paused"
    RUNNING = "running"
    DRAINING = "draining"
    CLOSED = "closed"


class QueueOrder(StrEnum):
    """In which order a queue hands out its items; `seed` decides within it, so it can be made again."""

    RANDOM = "random"
    STRATIFIED = "stratified"
    IMPORTED = "imported"


class Lane(IntEnum):
    """A queue hands out its lanes one after the other. What came back goes first; then by priority."""

    FRONT = 1
    HIGH = 2
    NORMAL = 3
    LOW = 4


class HeldFor(StrEnum):
    """Why an item is not handed out for now."""

    BROKEN = "broken"
    SAFETY = "safety"


class QueuePurpose(StrEnum):
    """A training or an exam has gold items alone: one says at once what was right, the other at its end."""

    PRODUCTION = "production"
    TRAINING = "training"
    EXAM = "exam"


# As `app.queues.queries.Progress` has them.
FIGURES = (
    *("n_items", "n_done", "n_submitted", "n_leased"),
    *("n_wanted", "n_surplus", "n_broken", "n_waiting"),
)


class Queue(Base):
    """`seed` decides the order of the items; it is stored so that the order can be made again.

    `overlap` to `max_overlap`: annotations an item gets; it gets more than `overlap` while the posterior of
    its label is below `threshold` (0.5 to 1; None: never). The caps count annotations of one annotator, None
    for no cap; `max_at_once` counts live leases, those in other queues too. Only people with the
    `qualification` get items, and none that they annotated in the queue `not_by_queue_id`. It
    hands out nothing before all items of the queue `after_queue_id` have their answers. With
    `waits_for_safety` a response set opens once each of its QA pairs has all its safety labels. Texts of
    items with a severity prior of `blur_from` or more are covered until the annotator uncovers them (None:
    never). Answers can be changed for `edit_minutes` after they were submitted. `last_pos`: the newest
    position in any lane; whoever takes positions keeps this row locked until they commit, so nobody sees a
    position before a smaller one. `n_breaks`: what the last check of the invariants found.

    A gold item is asked at each `gold_every`-th turn of an annotator, or with a chance of `gold_rate` at any
    (None: never). A training or exam asks `n_exam_items`; who has `pass_mark` (0 to 1) of them right gets the
    qualification `grants` for `valid_days` (None: for ever), in at most `max_attempts` with `cooldown_hours`
    between. `drains_to`: the state that a draining queue takes once nobody holds an item any more.
    A running queue hands out items from `opens_at` on and before `closes_at` (None: no bound), on `weekdays`
    in the hours from `hours_from` until `hours_until` by the clock of `time_zone` (`app.queues.hours`).
    `adjudicates`: why items go to adjudicators (`app.adjudication.models.CaseReason`), posteriors
    below `adjudicates_below` among them; `is_blind`: adjudicators judge before they see the answers.
    """

    __tablename__ = "queue"
    __table_args__ = (
        UniqueConstraint("project_id", "name"),
        CheckConstraint("kind IN ('safety', 'dual', 'helpfulness', 'harmlessness', 'single')", name="kind"),
        CheckConstraint("state IN ('paused', 'running', 'draining', 'closed')", name="state"),
        CheckConstraint(
            "drains_to IN ('paused', 'closed') AND (state = 'draining') = (drains_to IS NOT NULL)",
            name="drains_to",
        ),
        CheckConstraint("opens_at < closes_at", name="schedule"),
        CheckConstraint(
            "cardinality(weekdays) > 0 AND weekdays <@ '{1,2,3,4,5,6,7}'::smallint[]", name="weekdays"
        ),
        CheckConstraint(
            "num_nulls(hours_from, hours_until) <> 1 AND hours_from <> hours_until", name="hours"
        ),
        CheckConstraint("item_order IN ('random', 'stratified', 'imported')", name="item_order"),
        CheckConstraint("overlap BETWEEN 1 AND 50", name="overlap"),
        CheckConstraint("max_overlap BETWEEN overlap AND 50", name="max_overlap"),
        CheckConstraint("threshold > 0.5 AND threshold < 1", name="threshold"),
        CheckConstraint("lease_minutes BETWEEN 1 AND 1440", name="lease_minutes"),
        CheckConstraint(
            "max_total > 0 AND max_a_day > 0 AND max_at_once > 0 AND max_skips_in_row > 0", name="caps"
        ),
        CheckConstraint("max_severe_a_day >= 0", name="max_severe_a_day"),
        CheckConstraint("max_severe_in_row > 0", name="max_severe_in_row"),
        CheckConstraint("blur_from BETWEEN 1 AND 3", name="blur_from"),
        CheckConstraint("edit_minutes BETWEEN 0 AND 10080", name="edit_minutes"),
        CheckConstraint("purpose IN ('production', 'training', 'exam')", name="purpose"),
        CheckConstraint("gold_every > 1 AND gold_rate > 0 AND gold_rate <= 0.5", name="gold"),
        CheckConstraint("num_nonnulls(gold_every, gold_rate) < 2", name="gold_is_one_way"),
        CheckConstraint(
            "pass_mark BETWEEN 0 AND 1 AND n_exam_items > 0 AND max_attempts > 0 AND cooldown_hours >= 0"
            " AND valid_days > 0",
            name="exam",
        ),
        CheckConstraint("adjudicates_below BETWEEN 0 AND 1", name="adjudicates_below"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey(Project.id))
    name: Mapped[str]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=QueueState.PAUSED)
    drains_to: Mapped[str | None]
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    weekdays: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger), server_default="{1,2,3,4,5,6,7}")
    hours_from: Mapped[time | None]
    hours_until: Mapped[time | None]
    time_zone: Mapped[str] = mapped_column(server_default="UTC")
    overlap: Mapped[int] = mapped_column(SmallInteger)
    max_overlap: Mapped[int] = mapped_column(SmallInteger)
    threshold: Mapped[float | None]
    lease_minutes: Mapped[int] = mapped_column(SmallInteger)
    item_order: Mapped[str] = mapped_column(server_default=QueueOrder.RANDOM)
    returned_first: Mapped[bool] = mapped_column(server_default="true")
    uncertain_first: Mapped[bool] = mapped_column(server_default="false")
    seed: Mapped[int] = mapped_column(BigInteger)
    max_total: Mapped[int | None]
    max_a_day: Mapped[int | None]
    max_severe_a_day: Mapped[int | None]
    max_severe_in_row: Mapped[int | None]
    blur_from: Mapped[int | None] = mapped_column(SmallInteger)
    edit_minutes: Mapped[int] = mapped_column(server_default="60")
    max_at_once: Mapped[int] = mapped_column(SmallInteger, server_default="3")
    max_skips_in_row: Mapped[int] = mapped_column(SmallInteger, server_default="10")
    qualification: Mapped[str | None]
    not_by_queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"))
    after_queue_id: Mapped[int | None] = mapped_column(ForeignKey("queue.id"))
    waits_for_safety: Mapped[bool] = mapped_column(server_default="false")
    purpose: Mapped[str] = mapped_column(server_default=QueuePurpose.PRODUCTION)
    gold_every: Mapped[int | None] = mapped_column(SmallInteger)
    gold_rate: Mapped[float | None]
    grants: Mapped[str | None]
    pass_mark: Mapped[float | None]
    n_exam_items: Mapped[int | None] = mapped_column(SmallInteger)
    max_attempts: Mapped[int | None] = mapped_column(SmallInteger)
    cooldown_hours: Mapped[int] = mapped_column(server_default="0")
    valid_days: Mapped[int | None]
    adjudicates: Mapped[list[str]] = mapped_column(ARRAY(TEXT), server_default="{}")
    adjudicates_below: Mapped[float | None]
    is_blind: Mapped[bool] = mapped_column(server_default="true")
    last_pos: Mapped[int] = mapped_column(BigInteger, server_default="0")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    checked_at: Mapped[datetime | None]
    n_breaks: Mapped[int | None]

    project: Mapped[Project] = relationship(lazy="raise")

    @property
    def steps(self) -> tuple[Dimension, ...]:
        return QueueKind(self.kind).steps

    @property
    def shown_state(self) -> str:
        """Of a running queue that rests by its times: that, in the words of people."""
        rests = rest_at(self, now()) if self.state == QueueState.RUNNING else None
        return rests or self.state

    @property
    def has_hours(self) -> bool:
        return has_hours(self)

    @property
    def opening_hours(self) -> str:
        return opening_hours(self)

    @property
    def told_opening(self) -> str | None:
        return told_opening(self, now())

    @property
    def item_kind(self) -> ItemKind:
        return QueueKind(self.kind).item_kind

    @property
    def are_answers_changeable(self) -> bool:
        """In a training or an exam the first answer is what counts."""
        return self.purpose == QueuePurpose.PRODUCTION and self.edit_minutes > 0


class QueueMember(Base):
    """Its row is the lock that every request of this annotator in this queue takes first.

    `cursors[lane]`: every open item of the lane up to this position is one they had, or may never get.
    Once a cap on severe items has passed some over, that holds for `resume_cursors`, and `cursors` speak of
    the other items alone. `avoided`: bits of the harm categories that this person has opted out
    of or is not cleared for, on this row since a claim must see them as they are when it gets the lock.
    `n_today` and `n_severe_today` are of `day` (UTC); None in a cap: the queue's. `n_severe_in_row`: severe
    items handed out since the last other one; the newest was handed out, or its lease ended, at `severe_at`.
    A member who is paused (`pause_reason`) gets nothing until an admin lets them go on.
    """

    __tablename__ = "queue_member"

    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"), primary_key=True)
    annotator_id: Mapped[int] = mapped_column(ForeignKey(User.id), primary_key=True, index=True)
    is_active: Mapped[bool] = mapped_column(server_default="true")
    cursors: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{0,0,0,0}")
    resume_cursors: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))
    avoided: Mapped[int] = mapped_column(server_default="0")
    max_total: Mapped[int | None]
    max_a_day: Mapped[int | None]
    n_submitted: Mapped[int] = mapped_column(server_default="0")
    n_skips_in_row: Mapped[int] = mapped_column(server_default="0")
    day: Mapped[date] = mapped_column(server_default="epoch")
    n_today: Mapped[int] = mapped_column(server_default="0")
    n_severe_today: Mapped[int] = mapped_column(server_default="0")
    n_severe_in_row: Mapped[int] = mapped_column(server_default="0")
    severe_at: Mapped[datetime | None]
    pause_reason: Mapped[str | None]
    paused_at: Mapped[datetime | None]


class QueueItem(Base):
    """An item's places in one queue: narrow, apart from the text, since every claim writes here.

    `n_assigned` counts live leases and submitted assignments, so it can never pass `overlap`; `n_surplus`
    the answers that came when no place was free. A gold item wants no place: its `overlap` is 0.
    `harm_mask` (bit i: the i-th harm category of the taxonomy) and `severity_prior` (0 to 3) are what is
    expected from labels that came with the item.
    """

    __tablename__ = "queue_item"
    __table_args__ = (
        CheckConstraint("lane BETWEEN 1 AND 4", name="lane"),
        CheckConstraint("n_assigned BETWEEN 0 AND overlap", name="n_assigned"),
        CheckConstraint("n_submitted BETWEEN 0 AND n_assigned", name="n_submitted"),
        CheckConstraint("n_surplus >= 0", name="n_surplus"),
        CheckConstraint("held_for IN ('broken', 'safety')", name="held_for"),
        Index("queue_item_open_idx", "queue_id", "lane", "pos", unique=True, postgresql_where="is_open"),
        Index("queue_item_held_idx", "queue_id", "held_for", postgresql_where="held_for IS NOT NULL"),
        Index(
            "queue_item_harm_idx",
            "queue_id",
            "item_id",
            postgresql_where="harm_mask <> 0 OR severity_prior > 0",
        ),
        {"postgresql_with": {"fillfactor": 85, "autovacuum_vacuum_scale_factor": 0.02}},
    )

    queue_id: Mapped[int] = mapped_column(ForeignKey("queue.id"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey(Item.id), primary_key=True, index=True)
    pos: Mapped[int] = mapped_column(BigInteger)
    lane: Mapped[int] = mapped_column(SmallInteger, server_default="3")
    overlap: Mapped[int] = mapped_column(SmallInteger)
    n_assigned: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    n_submitted: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    n_surplus: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    severity_prior: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    harm_mask: Mapped[int] = mapped_column(server_default="0")
    held_for: Mapped[str | None]
    is_open: Mapped[bool] = mapped_column(
        Boolean, Computed("n_assigned < overlap AND held_for IS NULL", persisted=True)
    )


EXPECTS_HARM: ColumnElement[bool] = literal_column("(harm_mask <> 0 OR severity_prior > 0)")
"""As its index has it."""

# How far a queue is: the sums of its rows here. Triggers on its items add a row for whatever changes, and
# once a minute they are folded into one; a counter to be changed would make all annotators wait for each
# other. Without a key, which every claim would have to pay for, since there are never many.
queue_progress = Table(
    "queue_progress",
    Base.metadata,
    Column("queue_id", BigInteger, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in FIGURES),
)
