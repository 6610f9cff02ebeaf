"""PostgreSQL and Valkey together, for those who need both."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from app.embedded.children import children_of
from app.embedded.postgres import Postgres, start_postgres
from app.embedded.valkey import Valkey, start_valkey


@dataclass(frozen=True)
class Servers:
    postgres: Postgres
    valkey: Valkey


@contextmanager
def throwaway_servers() -> Iterator[Servers]:
    """Both servers, fast and empty, until the end of the block; then they and their data are gone."""
    with tempfile.TemporaryDirectory(prefix="evenhand-") as folder:
        # Open to pass through, so that root's PostgreSQL need not be moved elsewhere.
        Path(folder).chmod(0o711)
        with children_of(Path(folder)) as children:
            yield Servers(start_postgres(children, durable=False), start_valkey(children, durable=False))
