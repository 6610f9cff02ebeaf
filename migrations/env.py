"""Alembic's entry: one connection, with time-outs so that a waiting migration never stalls the site."""

from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules

import psycopg
from alembic import context
from psycopg import sql
from psycopg.errors import DuplicateObject, UniqueViolation
from sqlalchemy import NullPool, create_engine, make_url, text

import app
from app.db import Base
from app.settings import settings

WEB_ROLE = "evenhand_web"
TIMEOUTS = ("SET lock_timeout = '5s'", "SET statement_timeout = '10min'")


def import_every_model() -> None:
    for feature in iter_modules(app.__path__, prefix="app."):
        if feature.ispkg and find_spec(f"{feature.name}.models"):
            import_module(f"{feature.name}.models")


def migrate() -> None:
    import_every_model()
    owner = settings().owner_database_url or settings().database_url
    let_web_in(owner)
    with create_engine(owner, poolclass=NullPool, hide_parameters=True).connect() as connection:
        for timeout in TIMEOUTS:
            connection.execute(text(timeout))
        connection.commit()
        context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True)
        with context.begin_transaction():
            context.run_migrations()


def let_web_in(owner: str) -> None:
    """Where DATABASE_URL is the web role's, and that can't sign in yet: with the password of the URL."""
    web = make_url(settings().database_url)
    if web.username != WEB_ROLE or web.password is None:
        return
    url = owner.replace("postgresql+psycopg://", "postgresql://")
    with psycopg.connect(url, autocommit=True) as connection:
        found = connection.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [WEB_ROLE])
        known = found.fetchone()
        if known == (True,):
            return
        # As a hash, so that no log of the server can hold the password.
        password = connection.pgconn.encrypt_password(web.password.encode(), WEB_ROLE.encode())
        with suppress(DuplicateObject, UniqueViolation):
            connection.execute(
                sql.SQL("{} ROLE {} LOGIN PASSWORD {}").format(
                    sql.SQL("ALTER" if known else "CREATE"), sql.Identifier(WEB_ROLE), password.decode()
                )
            )


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
