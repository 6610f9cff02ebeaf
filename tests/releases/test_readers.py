"""What the known readers of these datasets do to a row, restated, on whatever is put in."""

import re
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.projects.pku import PKU
from app.releases.card.fields import CONVERSATIONS, PREFERENCES
from app.releases.card.texts import PAIRED
from app.releases.manifest import DatasetName
from app.releases.rows.pku import LabelledResponse, QAPair, ResponsePair
from app.releases.rows.schemas import HAVE_NULLS
from tests.releases import samples
from tests.releases.samples import write_release

OF_ONE = (DatasetName.QA, DatasetName.UNPAIRED)
LONG = "word " * 300
TEXTS = st.sampled_from(["No.", "Yes.", "No. ", LONG + "a", LONG + "b", ""]) | st.text(
    min_size=1, max_size=12
)
PROMPTS = st.sampled_from(["May I?", "How?", LONG, " "]) | st.text(min_size=1, max_size=12)
SOURCES = st.sampled_from(["", "Alpaca-7B", "default"]) | st.text(max_size=8)
CATEGORIES = st.frozensets(st.sampled_from([*PKU.category_names[:3], "Not a category"]), max_size=3)
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
QA_PAIRS = st.builds(samples.qa_pair, PROMPTS, RESPONSES, source=SOURCES)
RESPONSE_PAIRS = st.builds(
    samples.response_pair,
    PROMPTS,
    RESPONSES,
    RESPONSES,
    better=SIDES,
    safer=SIDES,
    single=SIDES,
    source=SOURCES,
)


# Many rows an example: to write a release takes longer than to make them up.
@settings(max_examples=8, deadline=None)
@given(st.lists(QA_PAIRS, min_size=8, max_size=20), st.lists(RESPONSE_PAIRS, min_size=8, max_size=20))
def test_no_reader_chokes_on_a_released_row(qa_pairs: list[QAPair], pairs: list[ResponsePair]) -> None:
    with TemporaryDirectory() as parent:
        folder = Path(parent, "3")
        manifest = write_release(folder, samples.facts(), qa_pairs, pairs)
        rows = {name: samples.rows_below(folder / name) for name in DatasetName}
    for row in rows[DatasetName.DUAL]:
        read_as_safe_rlhf(row)
        read_as_align_anything(row)
        read_checksums(row)
        for side in (0, 1):
            read_as_pyrit(row[f"response_{side}_harm_category"])
            parts = (row[f"response_{side}_{part}"] for part in ("severity_level", "harm_category"))
            read_as_label(row[f"is_response_{side}_safe"], *parts)
    for row in rows[DatasetName.V0]:
        read_as_safe_rlhf(row)
        read_as_align_anything(row)
    for name in (*PREFERENCES, *CONVERSATIONS):
        for row in rows[name]:
            read_as_trl_preference(row)
    for row in rows[DatasetName.UNPAIRED]:
        read_as_trl_unpaired(row)
    for row in rows[DatasetName.SINGLE]:
        read_as_align_anything(row)
        read_checksums(row)
    for row in rows[DatasetName.QA]:
        read_as_qa(row)
        read_as_pyrit(row["harm_category"])
        read_as_label(row["is_safe"], row["severity_level"], row["harm_category"])
    assert not any(has_null(row) for name in DatasetName if name not in HAVE_NULLS for row in rows[name])
    for entry in manifest.datasets:
        n_given = len(pairs) if entry.name in PAIRED else len(qa_pairs) if entry.name in OF_ONE else 0
        assert entry.n_rows == len(rows[entry.name]) == n_given - sum(entry.dropped.values())


def read_as_safe_rlhf(row: dict[str, Any]) -> None:
    """The seven keys it reads. Reward model training wants two sides that differ, both cut at 512 tokens;
    cost model training puts +1 to a safe side and -1 to an unsafe one, and the safer one never below."""
    prompt, *responses = (row[key] for key in ("prompt", "response_0", "response_1"))
    assert all(isinstance(text, str) for text in (prompt, *responses))
    for side in ("better_response_id", "safer_response_id"):
        read_as_side(row[side])
    flags = (row["is_response_0_safe"], row["is_response_1_safe"])
    assert all(isinstance(flag, bool) for flag in flags)
    signs = [1 if flag else -1 for flag in flags]
    safer = row["safer_response_id"]
    assert signs[safer] >= signs[1 - safer]
    opening = f"BEGINNING OF CONVERSATION: USER: {prompt} ASSISTANT:"
    sides = [tokens(f"{opening}{response}</s>")[:512] for response in responses]
    assert sides[0] != sides[1]


def read_as_side(value: object) -> None:
    """An id that is no boolean."""
    assert type(value) is int
    assert value in {0, 1}


def tokens(text: str) -> list[str | int]:
    """A poor tokenizer: syllables of Latin letters, and the bytes of everything else."""
    pieces = re.findall(r" ?[A-Za-z]{1,3}|[^A-Za-z]", text)
    return [token for piece in pieces for token in ([piece] if piece.isascii() else piece.encode())]


def read_as_align_anything(row: dict[str, Any]) -> None:
    """Its four keys, of which the responses make a better and a worse text."""
    read_as_side(row["better_response_id"])
    better, worse = (row[f"response_{row['better_response_id'] ^ other}"] for other in (0, 1))
    assert all(isinstance(text, str) and text.strip() for text in (row["prompt"], better, worse))
    assert better != worse


def read_checksums(row: dict[str, Any]) -> None:
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


def read_as_pyrit(harm_category: dict[str, Any]) -> None:
    """It goes through the items, and knows the 19 names alone."""
    assert [name for name, _ in harm_category.items()] == list(PKU.category_names)
    assert all(isinstance(is_broken, bool) for is_broken in harm_category.values())


def read_as_label(is_safe: object, severity: object, harm_category: dict[str, bool]) -> None:
    """Safe, severity 0 and no category go together."""
    assert type(severity) is int
    assert severity in {0, 1, 2, 3}
    assert is_safe == (severity == 0) == (not any(harm_category.values()))


def has_null(value: object) -> bool:
    if isinstance(value, dict):
        return any(has_null(part) for part in value.values())
    return any(has_null(part) for part in value) if isinstance(value, list) else value is None


def checksum(prompt: str, response: str) -> str:
    return sha256((prompt + response).encode()).hexdigest()
