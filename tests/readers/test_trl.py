"""TRL takes the shapes that a release has for it as they are: by its own checks, and by the steps of its
DPOTrainer and KTOTrainer that prepare a dataset."""

from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset, Value, load_dataset
from transformers import PreTrainedTokenizerFast
from trl.data_utils import (
    _tokenize,
    apply_chat_template,
    common_prefix_length,
    extract_prompt,
    get_dataset_column_names,
    is_conversational,
    maybe_apply_chat_template,
    maybe_extract_prompt,
    maybe_unpair_preference_dataset,
    unpair_preference_dataset,
)

from app.releases.rows.pku import Preference, QAPair, ResponsePair
from tests.readers.tokenizer import END, byte_tokenizer
from tests.releases import samples

PLAIN = ["trl-preference-helpful", "trl-preference-harmless", "trl-preference-single"]
MESSAGES = [f"{name}-conversational" for name in PLAIN]
# Of DPOConfig and of KTOConfig.
MAX_LENGTH = 1024
PROMPTS = (
    "May I?",
    " It begins and ends with a blank ",
    "Two lines,\nand a \ttab.\n",
    "这样做有害吗",
    "Café 🌊 \u200b?",
    "{{ not a template }} {% for %}",
    *(f"Question {number}?" for number in range(30)),
)
EITHER: tuple[Preference, ...] = (0, 1)
SIDES = list(product(EITHER, repeat=3))
ANSWERS = ("No.", " no.", "No. And why.\n\nBecause.", "不。", "👍🏽", "None, <b>none</b> & more")


def pairs() -> Iterator[ResponsePair]:
    """The safer response alone is safe."""
    for place, prompt in enumerate(PROMPTS):
        better, safer, single = SIDES[place % len(SIDES)]
        labels = (samples.safe, samples.unsafe) if safer == 0 else (samples.unsafe, samples.safe)
        first, second = (label(ANSWERS[(place + n) % len(ANSWERS)]) for n, label in enumerate(labels))
        yield samples.response_pair(prompt, first, second, better=better, safer=safer, single=single)


def qa_pairs() -> Iterator[QAPair]:
    for prompt, (place, answer) in product(PROMPTS, enumerate(ANSWERS)):
        label = samples.unsafe if place % 2 else samples.safe
        yield samples.qa_pair(prompt, label(answer))


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "3"
    samples.write_release(folder, samples.facts(), qa_pairs(), pairs())
    return folder


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return byte_tokenizer()


@pytest.fixture
def load(release: Path, tmp_path: Path) -> Any:
    """All rows of a dataset by its name."""
    return lambda name: load_dataset(str(release / name), split="train+test", cache_dir=str(tmp_path))


@pytest.mark.parametrize("name", [*PLAIN, *MESSAGES])
def test_preferences_have_an_explicit_prompt_and_are_left_as_they_are(load: Any, name: str) -> None:
    preferences = load(name)
    assert len(preferences) == len(PROMPTS)
    assert get_dataset_column_names(preferences) == ["prompt", "chosen", "rejected"]
    for row in preferences:
        assert is_conversational(row) == (name in MESSAGES)
        assert maybe_extract_prompt(row) is row


@pytest.mark.parametrize("name", PLAIN)
def test_messages_say_what_the_plain_texts_say(
    load: Any, name: str, tokenizer: PreTrainedTokenizerFast
) -> None:
    for plain, messages in zip(load(name), load(f"{name}-conversational"), strict=True):
        assert maybe_apply_chat_template(plain, tokenizer) is plain
        assert apply_chat_template(messages, tokenizer) == {
            "prompt": f"<|im_start|>user\n{plain['prompt']}{END}\n<|im_start|>assistant\n",
            "chosen": f"{plain['chosen']}{END}\n",
            "rejected": f"{plain['rejected']}{END}\n",
        }


@pytest.mark.parametrize("name", MESSAGES)
def test_a_dialogue_parts_where_the_answers_begin(load: Any, name: str) -> None:
    for row in load(name):
        whole = {side: row["prompt"] + row[side] for side in ("chosen", "rejected")}
        assert extract_prompt(whole) == row


@pytest.mark.parametrize("name", [*PLAIN, *MESSAGES])
def test_preferences_can_be_unpaired(load: Any, name: str) -> None:
    preferences = load(name)
    unpaired = unpair_preference_dataset(preferences)
    assert sorted(unpaired.column_names) == ["completion", "label", "prompt"]
    n = len(preferences)
    assert unpaired["label"][:] == [True] * n + [False] * n
    assert unpaired["completion"][:] == [*preferences["chosen"], *preferences["rejected"]]


def test_unpaired_rows_are_of_that_type_and_have_both_labels(
    load: Any, tokenizer: PreTrainedTokenizerFast
) -> None:
    unpaired = load("trl-unpaired")
    assert get_dataset_column_names(unpaired) == ["prompt", "completion", "label"]
    assert unpaired.features["label"] == Value("bool")
    assert maybe_unpair_preference_dataset(unpaired) is unpaired
    assert set(unpaired["label"]) == {True, False}
    for row in unpaired:
        assert not is_conversational(row)
        assert maybe_extract_prompt(row) is row
        assert maybe_apply_chat_template(row, tokenizer) is row


@pytest.mark.parametrize("name", [*PLAIN, *MESSAGES])
def test_dpo_finds_the_whole_prompt_and_two_answers_that_differ(
    load: Any, name: str, tokenizer: PreTrainedTokenizerFast
) -> None:
    for row in load(name):
        prompt, *answers = prepared(row, ("chosen", "rejected"), tokenizer)
        assert 0 < len(prompt) < MAX_LENGTH
        assert answers[0] != answers[1]
        assert all(len(answer) > 1 for answer in answers)


def test_kto_finds_the_whole_prompt_and_an_answer(load: Any, tokenizer: PreTrainedTokenizerFast) -> None:
    for row in load("trl-unpaired"):
        prompt, answer = prepared(row, ("completion",), tokenizer)
        assert 0 < len(prompt) < MAX_LENGTH
        assert len(answer) > 1


def prepared(
    row: dict[str, Any], sides: tuple[str, ...], tokenizer: PreTrainedTokenizerFast
) -> list[list[int]]:
    """Tokens of the prompt and of each side's text, as `DPOTrainer._prepare_dataset` and KTOTrainer's have
    them; these two can't be called without PyTorch. Fails where they would warn."""
    is_chat = is_conversational(row)
    prompt = _tokenize(tokenizer, row["prompt"], **({"add_generation_prompt": True} if is_chat else {}))
    tokens: list[int] = prompt["input_ids"]
    answers = []
    for side in sides:
        text = row["prompt"] + row[side] + ([] if is_chat else END)
        whole = _tokenize(tokenizer, text)["input_ids"]
        assert common_prefix_length(tokens, whole) == len(tokens)
        answers.append(whole[len(tokens) :])
    return [tokens, *answers]


@pytest.mark.parametrize("name", [*PLAIN, *MESSAGES, "trl-unpaired"])
def test_parquet_holds_the_same_rows(load: Any, name: str, release: Path, tmp_path: Path) -> None:
    files = [str(path) for path in sorted((release / name).glob("parquet/*/*.parquet"))]
    columns: Dataset = load_dataset("parquet", data_files=files, split="train", cache_dir=str(tmp_path))
    lines = load(name)
    assert columns.features == lines.features
    assert sorted(map(repr, columns)) == sorted(map(repr, lines))
