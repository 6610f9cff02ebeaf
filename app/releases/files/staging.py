"""The folder in which a release is made, beside its place: hidden, and gone once the release is there.

    .3/plan.json         what is to be made: the parts, and what they read
    .3/labels.npz        the safety labels, for the parts that need them
    .3/parts/0.json      what a part has made: there once all of it is safely on disk
    .3/parts/0/          its files

Whoever dies leaves these behind, and who comes next goes on with them.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from pydantic import TypeAdapter

from app.releases.files.dataset import DatasetPart
from app.releases.files.folders import flush_files, flush_folder, flush_folders, flush_to_disk
from app.releases.files.left_out import LEFT_OUT_NAME
from app.releases.reading.plan import Part


@dataclass(frozen=True, slots=True)
class Plan:
    """`as_of`: ISO 8601, UTC, when the database was read. `code_version`: a newer version begins anew."""

    as_of: str
    code_version: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class PartMade:
    """What a part has made: rows, or the agreement.

    `agreement`: the report of each queue, by its name, as `app.agreement.report.content` has it;
    `inputs`: what it was computed from, see reading/inputs.py.
    """

    datasets: tuple[DatasetPart, ...] = ()
    n_left_out: int = 0
    agreement: tuple[tuple[str, dict[str, Any]], ...] = ()
    inputs: str = ""


PLAN, MADE = TypeAdapter(Plan), TypeAdapter(PartMade)


@dataclass(frozen=True, slots=True)
class Staging:
    folder: Path

    @property
    def labels_path(self) -> Path:
        return self.folder / "labels.npz"

    def folder_of(self, part: Part) -> Path:
        return self.folder / "parts" / str(part.number)

    def made_path(self, part: Part) -> Path:
        return self.folder_of(part).with_suffix(".json")

    def plan(self) -> Plan | None:
        path = self.folder / "plan.json"
        return PLAN.validate_json(path.read_bytes()) if path.exists() else None

    def begin(self) -> None:
        """Whatever was there is gone."""
        self.remove()
        (self.folder / "parts").mkdir(parents=True)

    def keep_plan(self, plan: Plan) -> None:
        write_whole(self.folder / "plan.json", orjson.dumps(plan))

    def forget_plan(self) -> None:
        """What is here can't be gone on with any more."""
        (self.folder / "plan.json").unlink()
        flush_folder(self.folder)

    def is_made(self, part: Part) -> bool:
        return self.made_path(part).exists()

    def made(self, part: Part) -> PartMade:
        return MADE.validate_json(self.made_path(part).read_bytes())

    def begin_part(self, part: Part) -> Path:
        """An empty folder for its files."""
        folder = self.folder_of(part)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return folder

    def end_part(self, part: Part, made: PartMade) -> None:
        flush_files(self.folder_of(part))
        flush_folders(self.folder_of(part))
        write_whole(self.made_path(part), orjson.dumps(made, option=orjson.OPT_NON_STR_KEYS))

    def left_out(self, part: Part) -> Path:
        """A file that is there if the part leaves something out."""
        return self.folder_of(part) / LEFT_OUT_NAME

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


def write_whole(path: Path, content: bytes) -> None:
    """It is there with all of its content, or not at all."""
    fresh = path.with_name(f".{path.name}.fresh")
    fresh.write_bytes(content)
    flush_to_disk(fresh)
    os.replace(fresh, path)
    flush_folder(path.parent)
