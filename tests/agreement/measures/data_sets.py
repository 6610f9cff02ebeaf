"""Data sets that others published, to compute their figures again; a test is skipped without its own.

They lie beside the checkout (or where EVENHAND_SHARED_DATA says), each with the figures to expect, to four or
five decimals, in its expected.json.
"""

import csv
import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.agreement.measures.counts import Counts

DATA = Path(os.environ.get("EVENHAND_SHARED_DATA") or Path(__file__).parents[4] / "shared" / "data")
XSTEST_MODELS = ["llama2orig", "llama2new", "mistralinstruct", "mistralguard", "gpt4"]


def path_of(data_set: str, name: str) -> Path:
    path = DATA / data_set / name
    if not path.is_file():
        pytest.skip(f"{data_set}/{name} is not on this machine")
    return path


def json_of(data_set: str, name: str) -> Any:
    return json.loads(path_of(data_set, name).read_text("utf-8"))


def rows_of(data_set: str, name: str) -> list[dict[str, str]]:
    with path_of(data_set, name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def numbered(labels: Sequence[str], values: Sequence[str], *, otherwise: int | None = None) -> Counts:
    """The place of each label in `values`; `otherwise` for one that is none of them."""
    place: dict[str, int | None] = {value: index for index, value in enumerate(values)}
    return np.array([place.get(label, otherwise) for label in labels], np.int64)


def pandalm_answers() -> Counts:
    """Shape (999, 3): three annotators on each pair, 0 tie, 1 first response better, 2 second."""
    items = json_of("pandalm", "testset-v1.json")
    return np.array([[int(item[f"annotator{n}"]) for n in (1, 2, 3)] for item in items], np.int64)


def in_long_form(answers: Counts) -> tuple[Counts, Counts, Counts]:
    """(item, annotator, value) of complete answers, shape (n_items, n_annotators)."""
    item, annotator = np.indices(answers.shape)
    return item.ravel(), annotator.ravel(), answers.ravel()
