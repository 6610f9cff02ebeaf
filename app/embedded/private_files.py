"""Files that only their owner may read."""

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

OWNER_ONLY = 0o600


def write_private(path: Path, text: str) -> None:
    """Written beside its place and renamed in: never readable by others, never half there."""
    beside = path.with_name(f"{path.name}.new")
    beside.unlink(missing_ok=True)
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    beside.replace(path)


def kept_secret(path: Path) -> str:
    """The secret in this file, made the first time."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48))
    return path.read_text(encoding="utf-8").strip()


def write_environment(path: Path, variables: Mapping[str, str]) -> None:
    """In the form that dotenv readers and `sh` take."""
    quoted = {name: value.replace("'", "%27") for name, value in variables.items()}
    write_private(path, "".join(f"{name}='{value}'\n" for name, value in quoted.items()))
