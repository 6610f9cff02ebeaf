"""Alembic's entry: one connection, with time-outs so that a waiting migration never stalls the site."""

from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

from alembic import context
from sqlalchemy import text

import app
from app.db import Base, engine

TIMEOUTS = ("SET lock_timeout = '5s'", "SET statement_timeout = '10min'")


def import_every_model() -> None:
    for feature in iter_modules(app.__path__, prefix="app."):
        if feature.ispkg and find_spec(f"{feature.name}.models"):
            import_module(f"{feature.name}.models")


def migrate() -> None:
    import_every_model()
    with engine().connect() as connection:
        for timeout in TIMEOUTS:
            connection.execute(text(timeout))
        connection.commit()
        context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()


def print_sql() -> None:
    """`alembic upgrade head --sql`: for reading, and for the linter of locks."""
    context.configure(dialect_name="postgresql", literal_binds=True)
    with context.begin_transaction():
        for timeout in TIMEOUTS:
            context.execute(timeout)
        context.run_migrations()


if context.is_offline_mode():
    print_sql()
else:
    migrate()
