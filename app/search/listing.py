"""What was found, as a file: without texts, which may harm; releases have these."""

from collections.abc import Iterator
from itertools import chain

from app.accounts.models import User
from app.db import transaction
from app.projects.models import Project
from app.queues.models import Dimension
from app.search.queries import LONG_PATIENCE_SECONDS, find
from app.search.rows import Row, rows_of
from app.search.scope import Scope
from app.web.csv_text import csv_line

MOST_ROWS = 10_000
ROWS_AT_ONCE = 500
COLUMNS = (
    *("item", "kind", "sources", "queues", "n_answers", "n_harmful", "severity", "harm_categories"),
    *("orders", "answers_differ", "lowest_certainty", "case", "is_gold", "is_withdrawn"),
)


def csv_lines(user: User, project: Project, scope: Scope) -> Iterator[str]:
    """In a transaction of its own, as it is sent while it is read. At most MOST_ROWS, and none that the user
    is not cleared for."""
    yield csv_line(COLUMNS)
    with transaction() as session:
        after, n_left = None, MOST_ROWS
        while n_left:
            n = min(n_left, ROWS_AT_ONCE)
            found = find(session, scope, n, after, patience_seconds=LONG_PATIENCE_SECONDS)
            for row in rows_of(session, user, project, scope.taxonomy, found.ids):
                if not row.is_restricted:
                    yield csv_line(cells(row))
            after, n_left = found.next, n_left - len(found.ids)
            if after is None:
                return


def cells(row: Row) -> list[object]:
    labels = [given for given in row.given if given.dimension == Dimension.SAFETY]
    rankings = [given for given in row.given if given.dimension != Dimension.SAFETY]
    categories = dict.fromkeys(chain.from_iterable(given.harm_categories for given in labels))
    orders = [
        f"{given.dimension} {order}: {n}" for given in rankings for order, n in given.n_by_order.items()
    ]
    certainties = [given.certainty for given in row.given if given.certainty is not None]
    return [
        *(row.id, row.kind, "; ".join(row.sources), "; ".join(place.queue for place in row.places)),
        *(sum(len(given.answers) for given in row.given), sum(given.n_harmful for given in labels)),
        *(max((given.severity for given in labels), default=None), "; ".join(categories), "; ".join(orders)),
        *(any(given.do_differ for given in row.given), min(certainties, default=None)),
        *(row.case, row.is_gold, row.is_withdrawn),
    ]
