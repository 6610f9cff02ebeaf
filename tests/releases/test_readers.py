"""What the known readers of these datasets do to a row, restated, on whatever is put in."""

import re
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.projects.taxonomy import CATEGORY_NAMES
from app.releases.card_fields import CONVERSATIONS, PREFERENCES
from app.releases.card_texts import PAIRED
from app.releases.manifest import DatasetName
from app.releases.rows import LabelledResponse, QAPair, ResponsePair
from tests.releases import samples
from tests.releases.samples import write_release

OF_ONE = (DatasetName.QA, DatasetName.UNPAIRED)
LONG = "word " * 300
TEXTS = st.sampled_from(["No.", "Yes.", "No. ", LONG + "a", LONG + "b", ""]) | st.text(
    min_size=1, max_size=12
)
PROMPTS = st.sampled_from(["May I?", "How?", LONG, " "]) | st.text(min_size=1, max_size=12)
SOURCES = st.sampled_from(["", "Alpaca-7B", "default"]) | st.text(max_size=8)
CATEGORIES = st.frozensets(st.sampled_from([*CATEGORY_NAMES[:3], "Not a category"]), max_size=3)
ANY_LABEL = st.builds(
    LabelledResponse,
    text=TEXTS,
    source=SOURCES,
    is_safe=st.sampled_from([True, False, False, None]),
    harm_categories=CATEGORIES,
    severity=st.sampled_from([0, 1, 2, 3, 4, None]),
)
GOOD_LABEL = st.builds(samples.safe, TEXTS, SOURCES) | st.builds(samples.unsafe, TEXTS, SOURCES)
RESPONSES = GOOD_LABEL | ANY_LABEL
SIDES = st.sampled_from([0, 1, 0, 1, 0, 1, "tie", None])
QA_PAIRS = st.builds(QAPair, PROMPTS, SOURCES, RESPONSES)
RESPONSE_PAIRS = st.builds(ResponsePair, PROMPTS, SOURCES, RESPONSES, RESPONSES, SIDES, SIDES, SIDES)


@settings(max_examples=40, deadline=None)
@given(st.lists(QA_PAIRS, max_size=8), st.lists(RESPONSE_PAIRS, max_size=8))
def test_no_reader_chokes_on_a_released_row(qa_pairs: list[QAPair], pairs: list[ResponsePair]) -> None:
    with TemporaryDirectory() as parent:
        folder = Path(parent, "3")
        manifest = write_release(folder, samples.facts(), qa_pairs, pairs)
        rows = {name: samples.rows_below(folder / name) for name in DatasetName}
    for row in rows[DatasetName.DUAL]:
        read_as_safe_rlhf(row)
        read_as_preference(row, row["better_response_id"])
        read_as_preference(row, row["safer_response_id"])
        read_as_pyrit(row)
        read_as_label(row, "is_response_0_safe", "response_0_severity_level", "response_0_harm_category")
        read_as_label(row, "is_response_1_safe", "response_1_severity_level", "response_1_harm_category")
    for row in rows[DatasetName.V0]:
        read_as_safe_rlhf(row)
    for name in (*PREFERENCES, *CONVERSATIONS):
        for row in rows[name]:
            read_as_trl_preference(row)
    for row in rows[DatasetName.UNPAIRED]:
        read_as_trl_unpaired(row)
    for row in rows[DatasetName.SINGLE]:
        read_as_preference(row, row["better_response_id"])
    for row in rows[DatasetName.QA]:
        read_as_qa(row)
        read_as_label(row, "is_safe", "severity_level", "harm_category")
    for entry in manifest.datasets:
        n_given = len(pairs) if entry.name in PAIRED else len(qa_pairs) if entry.name in OF_ONE else 0
        assert entry.n_rows == len(rows[entry.name]) == n_given - sum(entry.dropped.values())


def read_as_safe_rlhf(row: dict[str, Any]) -> None:
    """Cost model training: +1 for a safe side, -1 for an unsafe one; both sides cut at 512 tokens."""
    flags = (row["is_response_0_safe"], row["is_response_1_safe"])
    assert all(isinstance(flag, bool) for flag in flags)
    signs = [1 if flag else -1 for flag in flags]
    safer = row["safer_response_id"]
    assert signs[safer] >= signs[1 - safer]
    prompt = f"BEGINNING OF CONVERSATION: USER: {row['prompt']} ASSISTANT:"
    sides = [tokens(f"{prompt}{row[f'response_{side}']}</s>")[:512] for side in (0, 1)]
    assert sides[0] != sides[1]


def tokens(text: str) -> list[str | int]:
    """A poor tokenizer: syllables of Latin letters, and the bytes of everything else."""
    pieces = re.findall(r" ?[A-Za-z]{1,3}|[^A-Za-z]", text)
    return [token for piece in pieces for token in ([piece] if piece.isascii() else piece.encode())]


def read_as_preference(row: dict[str, Any], chosen: object) -> None:
    """align-anything and TRL: strings that are there, and an id that is 0 or 1 and no boolean."""
    assert type(chosen) is int
    assert chosen in {0, 1}
    preference = {
        "prompt": row["prompt"],
        "chosen": row[f"response_{chosen}"],
        "rejected": row[f"response_{1 - chosen}"],
    }
    assert all(isinstance(text, str) and text.strip() for text in preference.values())
    assert preference["chosen"] != preference["rejected"]
    for side in (0, 1):
        assert row[f"response_{side}_sha256"] == checksum(row["prompt"], row[f"response_{side}"])


def read_as_trl_preference(row: dict[str, Any]) -> None:
    """All three fields strings, or all three messages that end with the assistant's or the user's."""
    assert list(row) == ["prompt", "chosen", "rejected"]
    if not isinstance(row["prompt"], str):
        assert [list(message) for field in row.values() for message in field] == [["role", "content"]] * 3
        assert [field[-1]["role"] for field in row.values()] == ["user", "assistant", "assistant"]
        row = {name: field[-1]["content"] for name, field in row.items()}
    assert all(isinstance(text, str) and text.strip() for text in row.values())
    assert row["chosen"] != row["rejected"]


def read_as_trl_unpaired(row: dict[str, Any]) -> None:
    assert list(row) == ["prompt", "completion", "label"]
    assert row["prompt"].strip()
    assert row["completion"].strip()
    assert isinstance(row["label"], bool)


def read_as_qa(row: dict[str, Any]) -> None:
    assert row["prompt"].strip()
    assert row["response"].strip()
    assert isinstance(row["is_safe"], bool)
    assert row["sha256"] == checksum(row["prompt"], row["response"])


def read_as_pyrit(row: dict[str, Any]) -> None:
    for side in (0, 1):
        harms = [name for name, is_broken in row[f"response_{side}_harm_category"].items() if is_broken]
        assert set(harms) <= set(CATEGORY_NAMES)
        assert list(row[f"response_{side}_harm_category"]) == list(CATEGORY_NAMES)


def read_as_label(row: dict[str, Any], is_safe: str, severity: str, categories: str) -> None:
    """Safe, severity 0 and no category go together."""
    assert row[severity] in {0, 1, 2, 3}
    assert row[is_safe] == (row[severity] == 0) == (not any(row[categories].values()))


def checksum(prompt: str, response: str) -> str:
    return sha256((prompt + response).encode()).hexdigest()
