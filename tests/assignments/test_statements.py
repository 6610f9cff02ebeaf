"""The statements of the way from one item to the next are short enough to be prepared once."""

import pytest
from sqlalchemy import TextClause

from app.annotations.shown import SHOWN
from app.assignments import statements

LONGEST = 4096
"""Characters; psycopg reads a longer statement anew at each execution."""


def all_statements() -> dict[str, TextClause]:
    found = {name: it for name, it in vars(statements).items() if isinstance(it, TextClause)}
    return found | {"SHOWN": SHOWN}


@pytest.mark.parametrize("name", all_statements())
def test_a_statement_is_short(name: str) -> None:
    assert len(all_statements()[name].text) < LONGEST
