"""What `datasets.load_dataset` makes of folders, without a network."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

LOADER = Path(__file__).with_name("load_folders.py")


def loaded_by_datasets(wanted: Sequence[tuple[Path, str | None]], cache: Path) -> list[dict[str, Any]]:
    """Of each folder and config; None: of the one that is the default."""
    run = subprocess.run(
        [sys.executable, LOADER],
        input=json.dumps([(str(folder), config) for folder, config in wanted]),
        env=os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(cache), "HF_DATASETS_CACHE": str(cache)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=300,
    )
    found: list[dict[str, Any]] = json.loads(run.stdout)
    return found
