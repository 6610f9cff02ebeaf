"""A written folder loads with `datasets.load_dataset`, by the default config and by model."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.projects.pku import PKU
from app.releases.card.texts import PAIRED
from app.releases.files.dataset import split_of
from app.releases.manifest import DatasetName, Split
from app.releases.rows.pku import QAPair
from tests.releases import samples
from tests.releases.loaded import loaded_by_datasets
from tests.releases.samples import write_release

N_PROMPTS = 60
N_TEST = sum(split_of(f"Question {number}?") is Split.TEST for number in range(N_PROMPTS))
PROMPT_IN = {split_of(prompt): prompt for prompt in (f"Question {number}?" for number in range(10))}
MISLEADING_MODELS = ("1e5", "7", "no", "null")
Loaded = dict[tuple[str, str], dict[str, Any]]

CONFIGS = {
    **{f"full/{name}": ("default", "alpaca-7b", "mixed") for name in PAIRED},
    "full/PKU-SafeRLHF-QA": ("default", "alpaca-7b", "alpaca3-8b"),
    "full/trl-unpaired": ("default", "alpaca-7b", "alpaca3-8b"),
    "full/PKU-SafeRLHF-prompt": ("default",),
    "full/annotations": ("default", "safety", "single"),
    "full/consensus": ("default", "safety", "single"),
    "one row in train/PKU-SafeRLHF-QA": ("default", "alpaca-7b"),
    "one row in test/PKU-SafeRLHF-QA": ("default", "alpaca-7b"),
    "misleading/PKU-SafeRLHF-QA": ("default", *MISLEADING_MODELS),
}


def misleading_pairs() -> list[QAPair]:
    """Models with names that YAML reads as a number, a boolean or null, and one with test prompts only."""
    pairs = [
        samples.qa_pair(PROMPT_IN[Split.TRAIN], samples.safe(source=source)) for source in MISLEADING_MODELS
    ]
    return [*pairs, samples.qa_pair(PROMPT_IN[Split.TEST], samples.safe(source="test only"))]


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder, facts = tmp_path_factory.mktemp("releases"), samples.facts()
    samples.write_all(folder / "full", N_PROMPTS)
    write_release(folder / "misleading", facts, misleading_pairs(), [])
    for split, prompt in PROMPT_IN.items():
        write_release(folder / f"one row in {split}", facts, [samples.qa_pair(prompt)], [])
    return folder


@pytest.fixture(scope="module")
def loaded(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Loaded:
    wanted = [(folder, config) for folder, configs in CONFIGS.items() for config in configs]
    made = loaded_by_datasets(
        [(releases / folder, config) for folder, config in wanted], tmp_path_factory.mktemp("cache")
    )
    return dict(zip(wanted, made, strict=True))


def test_the_configs_of_the_models_add_up_to_the_default(loaded: Loaded) -> None:
    for folder in (f"full/{name}" for name in samples.DATASETS if name is not DatasetName.PROMPT):
        default, *models = (loaded[folder, config]["rows"] for config in CONFIGS[folder])
        for split in Split:
            assert default[split] == sum(rows[split] for rows in models)


def test_all_rows_arrive_in_their_split(loaded: Loaded) -> None:
    rows = {name: loaded[f"full/{name}", "default"]["rows"] for name in samples.DATASETS}
    once = {"train": N_PROMPTS - N_TEST, "test": N_TEST}
    twice = {split: 2 * n for split, n in once.items()}
    assert all(rows[name] == once for name in (DatasetName.PROMPT, *PAIRED))
    assert all(rows[name] == twice for name in (DatasetName.QA, DatasetName.UNPAIRED, DatasetName.CONSENSUS))
    assert sum(rows[DatasetName.ANNOTATIONS].values()) == N_PROMPTS * 3 + N_PROMPTS // 2


def test_no_loaded_prompt_is_in_both_splits(loaded: Loaded) -> None:
    for name in samples.DATASETS:
        prompts = loaded[f"full/{name}", "default"]["prompts"]
        assert set(prompts["train"]).isdisjoint(prompts["test"])


def test_a_loaded_row_is_the_row_that_was_written(loaded: Loaded) -> None:
    row = loaded["full/PKU-SafeRLHF", "alpaca-7b"]["first"]
    pairs = samples.many_response_pairs(N_PROMPTS)
    written = next(pair for pair in pairs if split_of(pair.prompt) is Split.TRAIN)
    assert row == samples.dual_row(written)
    assert list(row) == list(samples.dual_row(written))
    assert list(row["response_0_harm_category"]) == list(PKU.category_names)


def test_flags_load_as_booleans_and_ids_as_integers(loaded: Loaded) -> None:
    types = loaded["full/PKU-SafeRLHF", "default"]["types"]
    assert types["is_response_0_safe"] == types["is_response_1_safe"] == "Value('bool')"
    for name in ("better_response_id", "safer_response_id", "response_0_severity_level"):
        assert types[name] == "Value('int64')"


def test_fields_that_begin_with_null_load_as_what_they_are(loaded: Loaded) -> None:
    types = loaded["full/annotations", "safety"]["types"]
    assert types == loaded["full/annotations", "single"]["types"]
    assert types["ranks"] == "List(Value('int64'))"
    assert types["guideline_version"] == "Value('int64')"
    assert loaded["full/annotations", "single"]["first"]["ranks"] == [1, 2]
    assert loaded["full/annotations", "safety"]["first"]["ranks"] is None
    consensus = loaded["full/consensus", "single"]["first"]
    assert consensus["pairs"][0]["tie_share"] == 0.5
    assert consensus["n_judgements"] == 2


def test_messages_load_with_their_roles(loaded: Loaded) -> None:
    first = loaded["full/trl-preference-harmless-conversational", "default"]["first"]
    assert [message["role"] for message in first["prompt"]] == ["user"]
    assert [message["role"] for message in (*first["chosen"], *first["rejected"])] == ["assistant"] * 2


def test_a_dataset_of_one_row_has_a_train_split_whatever_its_prompt(loaded: Loaded) -> None:
    for split in Split:
        for config in ("default", "alpaca-7b"):
            assert loaded[f"one row in {split}/PKU-SafeRLHF-QA", config]["rows"] == {"train": 1}


def test_every_config_on_the_card_has_a_train_split(releases: Path, loaded: Loaded) -> None:
    folder = "misleading/PKU-SafeRLHF-QA"
    header = yaml_header(releases / folder / "README.md")
    assert [config["config_name"] for config in header["configs"]] == ["default", *MISLEADING_MODELS]
    assert loaded[folder, "default"]["rows"] == {"train": 4, "test": 1}
    for model in MISLEADING_MODELS:
        assert loaded[folder, model]["rows"] == {"train": 1}


def test_the_header_says_what_the_hub_asks_for(releases: Path) -> None:
    header = yaml_header(releases / "full/PKU-SafeRLHF/README.md")
    assert header["license"] == "cc-by-nc-4.0"
    assert header["task_categories"] == ["text-generation"]
    assert header["language"] == ["en"]
    assert header["size_categories"] == ["n<1K"]
    assert {"safety", "human-feedback", "rlhf"} <= set(header["tags"])


def yaml_header(card: Path) -> dict[str, Any]:
    found = re.match(r"---\n(.*?\n)---\n", card.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    header: dict[str, Any] = yaml.safe_load(found[1])
    return header
