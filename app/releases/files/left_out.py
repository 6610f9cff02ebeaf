"""The list of what a release leaves out: an object a line, with the reason for each dataset it is not in.

    {"kind": "pair", "responses": [SHA-256, SHA-256], "reasons": {"PKU-SafeRLHF": "helpfulness_tie", ...}}

Told by checksums as everywhere in a release, so that the list holds no texts.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from pathlib import Path

import orjson

from app.releases.manifest import DatasetName
from app.releases.rows.rules import DropReason

LEFT_OUT_NAME = "left-out.jsonl"
BLOCK_BYTES = 65_536


class Kind(StrEnum):
    PROMPT = "prompt"
    QA_PAIR = "qa_pair"
    PAIR = "pair"
    ANNOTATION = "annotation"


class LeftOut:
    """Holds no more in memory than a block. There is no file as long as nothing is left out."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / LEFT_OUT_NAME
        self._waiting = bytearray()
        self.n_rows = 0

    def add(
        self, kind: Kind, checksums: Sequence[str], reasons: Mapping[DatasetName, DropReason], **more: str
    ) -> None:
        """`checksums`: of the prompt, or of prompt and response, of each response."""
        texts = {"prompt": checksums[0]} if kind is Kind.PROMPT else {"responses": checksums}
        row = {"kind": kind} | texts | more | {"reasons": reasons}
        self._waiting += orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS)
        self.n_rows += 1
        if len(self._waiting) >= BLOCK_BYTES:
            self.finish()

    def finish(self) -> None:
        if self._waiting:
            with self._path.open("ab") as file:
                file.write(self._waiting)
            self._waiting.clear()
