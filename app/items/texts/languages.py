"""The languages of texts, from a sample of fixed size that their hashes alone decide."""

import lzma
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from shutil import copyfileobj
from tempfile import TemporaryFile
from typing import Any

import numpy as np
from py3langid.langid import MODEL_DIR, MODEL_FILE, LanguageIdentifier

SAMPLE = 1_000
LONGEST_LOOKED_AT = 500
# Of a few words, of numbers or of code no language can be told.
LEAST_CERTAIN = 0.5
UNKNOWN = "und"
ABOVE_ALL = b"\xff" * 33


class LanguageSample:
    """Those SAMPLE texts that have the least hashes, each counted once however often it comes."""

    def __init__(self) -> None:
        self._texts: dict[bytes, str] = {}
        self._below = ABOVE_ALL

    def add(self, text: str, sha256: bytes) -> None:
        if sha256 < self._below:
            self._texts[sha256] = text[:LONGEST_LOOKED_AT]
            if len(self._texts) >= 2 * SAMPLE:
                self._keep_least()

    def _keep_least(self) -> None:
        least = sorted(self._texts)[:SAMPLE]
        self._texts = {sha256: self._texts[sha256] for sha256 in least}
        self._below = least[-1]

    def counted(self) -> list[tuple[str, int]]:
        """How many texts are in each language (ISO 639), the most frequent first."""
        least = sorted(self._texts)[:SAMPLE]
        return Counter(language_of(self._texts[sha256]) for sha256 in least).most_common()


def language_of(text: str) -> str:
    """Its code, UNKNOWN where it can't be told."""
    code: str
    code, certainty = identifier().classify(text)
    return code if certainty >= LEAST_CERTAIN else UNKNOWN


@contextmanager
def identifier_read_beside() -> Iterator[None]:
    """By another thread, while others read rows; it is there when this is left without an error."""
    with ThreadPoolExecutor(1, "languages") as thread:
        reading = thread.submit(identifier)
        yield
        reading.result()


@lru_cache(maxsize=1)
def identifier() -> Any:
    """Takes half a second and 75 MB once in a process.

    The package's own way to read its model holds the largest table twice for a moment, which would be the
    most memory that an import ever takes.
    """
    with TemporaryFile() as unpacked:
        with lzma.open(MODEL_DIR / MODEL_FILE) as packed:
            copyfileobj(packed, unpacked, 2**20)
        unpacked.seek(0)
        with np.load(unpacked) as model:
            return LanguageIdentifier(
                model["ptc"],
                model["pc"],
                model["classes"].tolist(),
                memoryview(model["nextmove"]),
                model["out_feat"].tolist(),
                norm_probs=True,
                tk_row=model["nextmove_row"].tolist(),
            )
