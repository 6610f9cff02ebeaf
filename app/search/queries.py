"""Which items fit, a page at a time.

Items are walked in the order of their ids, the newest first, from where the last page ended. What is walked
is the smallest set that is known to hold all that can fit: the few responses with rare words, the few items
that adjudicators have, one person's answers, one queue's items; or else all of the project. A walk through
many that fit seldom ends after a moment, and says how far it came.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic

from sqlalchemy import CompoundSelect, Select, Subquery, func, literal_column, select, text, union_all
from sqlalchemy.orm import Session

from app.search.candidates import everything, few_candidates
from app.search.conditions import conditions
from app.search.scope import Id, Scope

FIRST_STEP, LARGEST_STEP = 500, 8_000
"""Items of a walk's first step, and of its last ones: each has twice as many as the one before, so that a
walk takes twice its patience at most."""
PATIENCE_SECONDS = 0.03
LONG_PATIENCE_SECONDS = 1.0
"""For who asks to look further."""
Ids = Select[int] | CompoundSelect[int]

# One plan for all searches would be wrong for most, and to compile one takes longer than to follow it. Little
# is read, and looked up by indexes: workers, and reading whole tables, would only cost.
PLAN_EACH = text("""
    SELECT set_config(name, value, true) FROM (VALUES
        ('plan_cache_mode', 'force_custom_plan'), ('jit', 'off'), ('random_page_cost', '1.1'),
        ('max_parallel_workers_per_gather', '0'), ('enable_seqscan', 'off')) AS settings (name, value)
""")


@dataclass(frozen=True, slots=True)
class Found:
    """`ids`: in their order. `next`: behind which item to go on; None at the end. `is_cut_short`: the walk
    ended before the page was full, since few of those it saw fit."""

    ids: list[int]
    next: int | None
    is_cut_short: bool


def find(
    session: Session,
    scope: Scope,
    n: int,
    after: int | None = None,
    *,
    patience_seconds: float = PATIENCE_SECONDS,
) -> Found:
    """At most `n`, behind `after`."""
    if scope.finds_nothing:
        return Found([], None, is_cut_short=False)
    session.execute(PLAN_EACH)
    few = few_candidates(session, scope, n)
    ends_at = monotonic() + patience_seconds
    ids: list[int] = []
    n_a_step = FIRST_STEP
    while True:
        step = step_of_walk(scope, after, n_a_step) if few is None else few_in_order(scope, few, after)
        ids += fitting(session, scope, step, n + 1 - len(ids))
        if len(ids) > n:
            return Found(ids[:n], ids[n - 1], is_cut_short=False)
        after = None if few is not None else end_of(session, scope, step, n_a_step)
        if after is None or monotonic() > ends_at:
            return Found(ids, after, is_cut_short=after is not None)
        n_a_step = min(2 * n_a_step, LARGEST_STEP)


def few_in_order(scope: Scope, few: Ids, after: int | None) -> Subquery:
    """All of them behind `after`. They are computed first, by what they cost as a whole: PostgreSQL can't
    know how seldom a walk would meet them."""
    item_id = few.offset(literal_column("0")).subquery("candidate").c.item_id
    return behind(scope, select(item_id).distinct(), item_id, after).subquery("step")


def step_of_walk(scope: Scope, after: int | None, n: int) -> Subquery:
    """The next `n`. Each part is cut by itself, in the order of its index."""
    parts = []
    for part in everything(scope):
        item_id = part.subquery("walked").c.item_id
        parts.append(behind(scope, select(item_id), item_id, after).limit(n).subquery())
    every = union_all(*(select(part.c.item_id) for part in parts)).subquery("candidate")
    item_id = every.c.item_id
    return behind(scope, select(item_id).distinct(), item_id, None).limit(n).subquery("step")


def behind(scope: Scope, found: Select[int], item_id: Id, after: int | None) -> Select[int]:
    oldest_first = scope.filters.oldest_first
    if after is not None:
        found = found.where(item_id > after if oldest_first else item_id < after)
    return found.order_by(item_id if oldest_first else item_id.desc())


def fitting(session: Session, scope: Scope, step: Subquery, n: int) -> Sequence[int]:
    item_id = step.c.item_id
    found = behind(scope, select(item_id).where(*conditions(scope, item_id)), item_id, None)
    return session.scalars(found.limit(n)).all()


def end_of(session: Session, scope: Scope, step: Subquery, n: int) -> int | None:
    """The last item of a step; None where there is none behind it."""
    last = func.max if scope.filters.oldest_first else func.min
    n_walked, last_id = session.execute(select(func.count(), last(step.c.item_id))).one()
    return last_id if n_walked == n else None
