"""The list of started processes that survives us, so that whoever comes next can stop them."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from app.embedded.processes import stop_process


@dataclass(frozen=True)
class Record:
    name: str
    pid: int
    started: str | None
    """The process's `identity`; None when it ended at once."""
    stop_signal: int
    patience_seconds: float


def records_file(home: Path) -> Path:
    return home / "processes.json"


def write_records(home: Path, records: Iterable[Record]) -> None:
    """In the order they were started."""
    file = records_file(home)
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps([asdict(record) for record in records]), encoding="utf-8")
    os.replace(beside, file)


def read_records(home: Path) -> list[Record]:
    file = records_file(home)
    if not file.exists():
        return []
    return [Record(**fields) for fields in json.loads(file.read_text(encoding="utf-8"))]


def stop_recorded(home: Path) -> None:
    """Stop every process that a killed predecessor left behind, the last started first."""
    for record in reversed(read_records(home)):
        stop_record(record)
    records_file(home).unlink(missing_ok=True)


def stop_record(record: Record) -> None:
    stop_process(record.pid, record.started, record.stop_signal, record.patience_seconds)
