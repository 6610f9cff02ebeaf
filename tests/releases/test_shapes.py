"""Rows that training code reads without a change, read as its documentation says."""

from pathlib import Path
from typing import Any

import pytest

from app.projects.pku import PKU
from app.releases.manifest import DatasetName, Split
from app.releases.rows.blocks import PairBlock
from app.releases.rows.pku import LabelledResponse, ResponsePair
from app.releases.rows.rules import DropReason, why_pair_dropped
from app.releases.rows.training import AskedPrompt, v0_rows
from tests.releases import samples
from tests.releases.samples import write_release

CHOICES = {
    DatasetName.HELPFUL: "better",
    DatasetName.HARMLESS: "safer",
    DatasetName.OVERALL: "single",
    DatasetName.HELPFUL_CHAT: "better",
    DatasetName.HARMLESS_CHAT: "safer",
    DatasetName.OVERALL_CHAT: "single",
}
PLAIN = tuple(CHOICES)[:3]


def rows_of(folder: Path, name: DatasetName, *pairs: ResponsePair) -> list[dict[str, Any]]:
    write_release(folder / "3", samples.facts(), [], pairs)
    return samples.rows_below(folder / "3" / name)


def said(row: dict[str, Any], field: str) -> str:
    """The text of a field, whether it stands alone or in messages that TRL takes for a conversation."""
    value = row[field]
    if isinstance(value, str):
        return value
    (message,) = value
    assert list(message) == ["role", "content"]
    assert message["role"] == ("user" if field == "prompt" else "assistant")
    return str(message["content"])


@pytest.mark.parametrize("name", CHOICES)
@pytest.mark.parametrize("preferred", [0, 1])
def test_chosen_is_the_preferred_response(tmp_path: Path, name: DatasetName, preferred: int) -> None:
    first, second = samples.safe("No."), samples.safe("Sorry, no.")
    pair = samples.response_pair("May I?", first, second, **{CHOICES[name]: preferred})  # type: ignore[arg-type]
    (row,) = rows_of(tmp_path, name, pair)
    assert list(row) == ["prompt", "chosen", "rejected"]
    texts = ("No.", "Sorry, no.")
    assert said(row, "prompt") == "May I?"
    assert (said(row, "chosen"), said(row, "rejected")) == (texts[preferred], texts[1 - preferred])


@pytest.mark.parametrize("name", CHOICES)
def test_a_preference_needs_no_other_one_and_no_safety_labels(tmp_path: Path, name: DatasetName) -> None:
    others: dict[str, Any] = dict.fromkeys(("better", "safer", "single")) | {CHOICES[name]: 0}
    pair = samples.response_pair("May I?", samples.unlabelled(), samples.unlabelled("Or not."), **others)
    assert len(rows_of(tmp_path, name, pair)) == 1


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (samples.unsafe(), samples.safe(), DropReason.SAFER_SIDE_UNSAFE),
        (samples.unlabelled(), samples.safe(), None),
        (samples.unsafe(), samples.unlabelled(), None),
    ],
)
def test_harmless_never_prefers_a_response_known_as_unsafe_to_a_safe_one(
    first: LabelledResponse, second: LabelledResponse, reason: DropReason | None
) -> None:
    reasons = why_pair_dropped(samples.response_pair("?", first, second, safer=0), PKU.category_names)
    assert reasons.harmless == reason
    assert reasons.helpful is None


@pytest.mark.parametrize("name", PLAIN)
def test_ties_and_texts_alike_are_left_out_and_counted(tmp_path: Path, name: DatasetName) -> None:
    tie: Any = {CHOICES[name]: "tie"}
    alike = samples.response_pair("May I?", samples.safe("No."), samples.safe(" No. "))
    pairs = [samples.response_pair(**tie), alike, samples.response_pair()]
    manifest = write_release(tmp_path / "3", samples.facts(), [], pairs)
    (entry,) = [entry for entry in manifest.datasets if entry.name is name]
    assert entry.n_rows == 1
    assert sorted(entry.dropped.values()) == [1, 1]
    assert entry.dropped[DropReason.SAME_RESPONSES] == 1


def test_an_unpaired_label_is_the_safety_of_that_response_alone(tmp_path: Path) -> None:
    pairs = [samples.qa_pair("?", samples.safe("No.")), samples.qa_pair("?", samples.unsafe("Yes."))]
    manifest = write_release(tmp_path / "3", samples.facts(), [*pairs, samples.qa_pair(" ")], [])
    rows = samples.rows_below(tmp_path / "3" / DatasetName.UNPAIRED)
    assert [list(row.items()) for row in rows] == [
        [("prompt", "?"), ("completion", completion), ("label", label)]
        for completion, label in (("No.", True), ("Yes.", False))
    ]
    (entry,) = [entry for entry in manifest.datasets if entry.name is DatasetName.UNPAIRED]
    assert list(entry.counts.values()) == [1, 1]
    assert entry.dropped == {DropReason.EMPTY_TEXT: 1}


def test_a_row_of_v0_has_its_seven_keys_in_order() -> None:
    (row,) = samples.rows_told(v0_rows(PairBlock.of([samples.response_pair()])))
    assert list(row) == [
        "prompt",
        "response_0",
        "response_1",
        "is_response_0_safe",
        "is_response_1_safe",
        "better_response_id",
        "safer_response_id",
    ]


def test_v0_holds_the_pairs_of_the_whole_shape(tmp_path: Path) -> None:
    samples.write_all(tmp_path / "3")
    whole, v0 = (samples.rows_below(tmp_path / "3" / name) for name in (DatasetName.DUAL, DatasetName.V0))
    assert len(v0) == len(whole) > 0
    for row, of_whole in zip(v0, whole, strict=True):
        assert row == {key: of_whole[key] for key in row}


def test_prompts_are_released_once_without_empty_ones(tmp_path: Path) -> None:
    prompts = [AskedPrompt("Why?", "demo"), AskedPrompt(" ", "demo"), AskedPrompt("How?", "")]
    manifest = write_release(tmp_path / "3", samples.facts(), [], [], prompts)
    (entry,) = [entry for entry in manifest.datasets if entry.name is DatasetName.PROMPT]
    rows = samples.rows_below(tmp_path / "3" / DatasetName.PROMPT)
    assert {row["prompt"]: row["prompt_source"] for row in rows} == {"Why?": "demo", "How?": ""}
    assert list(rows[0]) == ["prompt", "prompt_source"]
    assert entry.configs == {"default": entry.configs["default"]}
    assert entry.dropped == {DropReason.EMPTY_TEXT: 1}
    assert Split.TRAIN in entry.configs["default"]
