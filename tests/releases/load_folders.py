"""Loads dataset folders the way their users do, and says as JSON what came out.

Reads a JSON list of [folder, config] from standard input. A process of its own: `datasets` reads its
settings from the environment when it is imported.
"""

import json
import sys
from typing import Any

from datasets import load_dataset


def prompts(split: Any) -> list[str]:
    """As JSON; none where rows have no prompt."""
    has_any = "prompt" in split.column_names
    return sorted({json.dumps(prompt) for prompt in split["prompt"]}) if has_any else []


def loaded(folder: str, config: str | None) -> dict[str, Any]:
    splits = load_dataset(folder, config)
    train = load_dataset(folder, config, split="train")
    return {
        "rows": {name: split.num_rows for name, split in splits.items()},
        "types": {name: str(feature) for name, feature in train.features.items()},
        "first": train[0],
        "prompts": {name: prompts(split) for name, split in splits.items()},
    }


if __name__ == "__main__":
    json.dump([loaded(folder, config) for folder, config in json.load(sys.stdin)], sys.stdout)
