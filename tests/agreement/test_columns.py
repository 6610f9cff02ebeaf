"""Columns of numbers come out of the database whole, in the rows' order, however many there are."""

import numpy as np
import pytest
from sqlalchemy import func, null, select
from sqlalchemy.exc import DataError
from sqlalchemy.orm import Session

from app.agreement.columns import ROWS_AT_ONCE, read_columns

N_ROWS = 2 * ROWS_AT_ONCE + 5
NUMBERS = func.generate_series(1, N_ROWS).table_valued("n").render_derived()


def test_more_rows_than_come_at_once_are_read_in_their_order(session: Session) -> None:
    ascending, descending = read_columns(session, select(NUMBERS.c.n, -NUMBERS.c.n).order_by(NUMBERS.c.n))
    assert (ascending == np.arange(1, N_ROWS + 1)).all()
    assert (descending == -ascending).all()
    assert ascending.dtype == descending.dtype == np.int64


def test_no_rows_are_empty_columns(session: Session) -> None:
    columns = read_columns(session, select(NUMBERS.c.n, NUMBERS.c.n).where(NUMBERS.c.n < 0))
    assert [column.tolist() for column in columns] == [[], []]


def test_nothing_is_no_number(session: Session) -> None:
    with pytest.raises(ValueError, match="NULL"):
        read_columns(session, select(NUMBERS.c.n, func.nullif(NUMBERS.c.n, N_ROWS)))
    with pytest.raises(ValueError, match="NULL"):
        read_columns(session, select(NUMBERS.c.n, null()))


def test_what_the_database_refuses_is_an_error_that_jobs_know(session: Session) -> None:
    with pytest.raises(DataError), session.begin_nested():
        read_columns(session, select(NUMBERS.c.n / (NUMBERS.c.n - N_ROWS)))
