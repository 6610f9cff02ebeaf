"""Hours and items as a file, for whoever pays."""

from collections.abc import Iterator
from itertools import groupby

from app.people.forms import Days
from app.people.queries import DayOfWork, Work, added_up
from app.web.csv_text import csv_line

SUMS = ("items", "answers", "active_hours", "voided_items", "voided_answers", "voided_active_hours")


def lines_by_day(work: list[DayOfWork]) -> Iterator[str]:
    yield csv_line(("username", "day", *SUMS))
    for each in work:
        yield csv_line((each.username, each.day, *cells(each.done)))


def lines_by_person(work: list[DayOfWork], days: Days) -> Iterator[str]:
    """`work`: by name."""
    yield csv_line(("username", "from", "until", *SUMS))
    for username, of_person in groupby(work, key=lambda each: each.username):
        done = added_up(each.done for each in of_person)
        yield csv_line((username, days.first, days.last, *cells(done)))


def cells(work: Work) -> tuple[object, ...]:
    return (
        *(work.n_items, work.n_answers, f"{work.hours:.2f}"),
        *(work.n_items_voided, work.n_answers_voided, f"{work.hours_voided:.2f}"),
    )
