"""Is a downloaded release what its readers need? Written from the formats' descriptions alone, so that it
shares no mistake with the code that writes releases."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from pyarrow.parquet import read_metadata

from app.projects.pku import PKU
from benchmarks.stack import ROOT, WrongResult

DUAL, QA, SINGLE = "PKU-SafeRLHF", "PKU-SafeRLHF-QA", "PKU-SafeRLHF-single-dimension"
V0, PROMPT, UNPAIRED = "PKU-SafeRLHF-v0", "PKU-SafeRLHF-prompt", "trl-unpaired"
PREFERENCES = tuple(f"trl-preference-{name}" for name in ("helpful", "harmless", "single"))
CONVERSATIONS = tuple(f"{name}-conversational" for name in PREFERENCES)
TEXTS = ("prompt", "response_0", "response_1")
SOURCES = ("prompt_source", "response_0_source", "response_1_source")
FLAGS = ("is_response_0_safe", "is_response_1_safe")
SIDES = ("better_response_id", "safer_response_id")
CHECKSUMS = ("response_0_sha256", "response_1_sha256")
KEYS = {
    DUAL: (
        *(*TEXTS, *SOURCES, *FLAGS),
        *("response_0_harm_category", "response_1_harm_category"),
        *("response_0_severity_level", "response_1_severity_level"),
        *(*SIDES, *CHECKSUMS),
    ),
    QA: (
        *("prompt", "response", "prompt_source", "response_source"),
        *("is_safe", "severity_level", "harm_category", "sha256"),
    ),
    SINGLE: (*TEXTS, *SOURCES, SIDES[0], *CHECKSUMS),
    V0: (*TEXTS, *FLAGS, *SIDES),
    PROMPT: ("prompt", "prompt_source"),
    UNPAIRED: ("prompt", "completion", "label"),
    **dict.fromkeys((*PREFERENCES, *CONVERSATIONS), ("prompt", "chosen", "rejected")),
    "annotations": (
        *("item", "responses", "dimension", "annotator", "is_safe", "severity_level", "harm_category"),
        *("verdict", "ranks", "displayed_order", "strength", "confidence", "answered_at"),
        *("taxonomy_version", "guideline_version"),
    ),
    "consensus": ("item", "responses", "dimension", "n_judgements", "shares", "posterior", "pairs"),
}
ROLES = ("user", "assistant", "assistant")
READER_TOKENS = 512

AnyRow = dict[str, Any]


def released_rows(folder: Path, name: str) -> Iterator[tuple[Path, AnyRow]]:
    """Each row with its file. Raises WrongResult for a broken rule."""
    for path in sorted((folder / name).glob("data/*/*.jsonl")):
        with path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                row = json.loads(line)
                if broken := broken_rule(name, row):
                    raise WrongResult(f"{path.relative_to(folder)}, line {number}: {broken}")
                yield path, row


def broken_rule(name: str, row: AnyRow) -> str | None:
    if tuple(row) != KEYS[name]:
        return f"the keys are {list(row)}"
    if not all(isinstance(row[key], str) for key in row if key.endswith("_source")):
        return "a source is no string"
    if "item" in row:
        return broken_item(row["item"], row["responses"])
    if name == QA:
        return (
            broken_label(row["is_safe"], row["harm_category"], row["severity_level"])
            or broken_text(row["prompt"], row["response"])
            or broken_checksum(row["prompt"], row["response"], row["sha256"])
        )
    if name == PROMPT:
        return broken_text(row["prompt"])
    if name == UNPAIRED:
        is_labelled = isinstance(row["label"], bool)
        return broken_text(row["prompt"], row["completion"]) if is_labelled else "the label is no boolean"
    if name in (*PREFERENCES, *CONVERSATIONS):
        return broken_preference(row, is_chat=name in CONVERSATIONS)
    return (
        broken_pair(row)
        or (broken_checksums(row) if name in (DUAL, SINGLE) else None)
        or (broken_labels(row) if name == DUAL else None)
        or (broken_dual(row) if name in (DUAL, V0) else None)
    )


def broken_item(item: object, responses: object) -> str | None:
    if not isinstance(responses, list) or not all(isinstance(each, str) for each in responses):
        return "the responses are no list of checksums"
    joined = sha256("".join(responses).encode()).hexdigest()
    is_right = item == (responses[0] if len(responses) == 1 else joined)
    return None if is_right else "the item is not named by its responses"


def broken_preference(row: AnyRow, *, is_chat: bool) -> str | None:
    """TRL: three texts, or three lists of one message."""
    texts = list(row.values())
    if is_chat:
        texts = [said_by(role, field) for role, field in zip(ROLES, texts, strict=True)]
    return broken_text(*texts) or alike(*texts)


def said_by(role: str, messages: object) -> object:
    """None where the role has not just said one thing."""
    match messages:
        case [{"role": speaker, "content": text}] if speaker == role:
            return text
    return None


def broken_pair(row: AnyRow) -> str | None:
    texts = [row[key] for key in TEXTS]
    if not is_number(row["better_response_id"], 1):
        return "better_response_id is not 0 or 1"
    return broken_text(*texts) or alike(*texts)


def alike(prompt: str, first: str, second: str) -> str | None:
    if read_part(prompt, first) == read_part(prompt, second):
        return f"the responses are alike in the first {READER_TOKENS} words and marks"
    return None


def broken_checksums(row: AnyRow) -> str | None:
    prompt, *responses = (row[key] for key in TEXTS)
    broken = (
        broken_checksum(prompt, response, row[key])
        for response, key in zip(responses, CHECKSUMS, strict=True)
    )
    return next(filter(None, broken), None)


def broken_labels(row: AnyRow) -> str | None:
    for side in (0, 1):
        parts = (row[f"response_{side}_{part}"] for part in ("harm_category", "severity_level"))
        if broken := broken_label(row[f"is_response_{side}_safe"], *parts):
            return f"response {side}: {broken}"
    return None


def broken_dual(row: AnyRow) -> str | None:
    """What safe-rlhf dies of."""
    if not all(isinstance(row[flag], bool) for flag in FLAGS):
        return "a safe flag is no boolean"
    safer = row["safer_response_id"]
    if not is_number(safer, 1):
        return "safer_response_id is not 0 or 1"
    if row[FLAGS[1 - safer]] and not row[FLAGS[safer]]:
        return "the safer side is unsafe, the other one safe"
    return None


def broken_label(is_safe: object, harm_category: object, severity: object) -> str | None:
    if not isinstance(is_safe, bool) or not is_number(severity, 3):
        return "the safe flag or the severity is of another type"
    if not isinstance(harm_category, dict) or tuple(harm_category) != PKU.category_names:
        return "the harm categories are not the 19, in their order"
    if not all(isinstance(flag, bool) for flag in harm_category.values()):
        return "a harm category is not true or false"
    if is_safe != (severity == 0) or is_safe == any(harm_category.values()):
        return "safe, severity 0 and no harm category do not go together"
    return None


def broken_text(*texts: object) -> str | None:
    is_right = all(isinstance(text, str) and text.strip() for text in texts)
    return None if is_right else "a text is empty or no string"


def broken_checksum(prompt: str, response: str, checksum: object) -> str | None:
    is_right = sha256((prompt + response).encode()).hexdigest() == checksum
    return None if is_right else "a checksum is not that of prompt and response"


def is_number(value: object, most: int) -> bool:
    return type(value) is int and 0 <= value <= most


def read_part(prompt: str, response: str) -> list[str]:
    """The words a reader keeps: no tokenizer makes fewer tokens than there are words."""
    return f"{prompt} {response}".split()[:READER_TOKENS]


def check_files(folder: Path, name: str, entry: AnyRow) -> list[AnyRow]:
    """All rows of a dataset, if they and the manifest's `entry` agree. Raises WrongResult."""
    n_by_file: dict[Path, int] = {}
    splits: dict[str, set[str]] = {}
    rows = []
    for path, row in released_rows(folder, name):
        n_by_file[path] = n_by_file.get(path, 0) + 1
        subject = json.dumps(row.get("prompt", row.get("item")))
        splits.setdefault(path.stem.partition("-")[0], set()).add(subject)
        rows.append(row)
    for path in sorted((folder / name).glob("parquet/*/*.parquet")):
        n_by_file[path] = read_metadata(path).num_rows
    expected = {folder / file["path"]: (file["n_rows"], file["sha256"]) for file in entry["files"]}
    found = {path: (n, sha256(path.read_bytes()).hexdigest()) for path, n in n_by_file.items()}
    if found != expected or entry["n_rows"] != len(rows):
        raise WrongResult(f"{name}: the manifest and the files disagree")
    if set.intersection(splits.get("train", set()), splits.get("test", set())):
        raise WrongResult(f"{name}: a prompt is in train and in test")
    return rows


def load_as_readers_do(folder: Path, entries: list[AnyRow]) -> dict[str, int]:
    """Rows of each dataset's default config by `datasets.load_dataset`, without a network."""
    wanted = [[str(folder / entry["name"]), config] for entry in entries for config in entry["configs"]]
    environment = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(folder / "cache"),
        "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    }
    loaded = subprocess.run(
        [sys.executable, str(ROOT / "tests" / "releases" / "load_folders.py")],
        input=json.dumps(wanted),
        capture_output=True,
        text=True,
        env=environment,
        timeout=300,
        check=False,
    )
    if loaded.returncode:
        raise WrongResult(f"load_dataset failed: {loaded.stderr[-2000:]}")
    counts = [sum(answer["rows"].values()) for answer in json.loads(loaded.stdout)]
    n_by_config = {(place, config): n for (place, config), n in zip(wanted, counts, strict=True)}
    return {entry["name"]: n_by_config[str(folder / entry["name"]), "default"] for entry in entries}
