"""The data files of a folder in the layout of Hugging Face's `datasets`.

The YAML header of its README.md names them by config; all configs together are taken, each file once.
Where it names none, it is all files under data/, or under the folder if there is no data/.
Source: the library's documentation, "Structure your repository" and "Manual configuration".
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from app.items.files.records import FileRefused

README = "README.md"
MOST_README_BYTES = 2**20
MOST_FILES = 10_000
DATA_SUFFIXES = frozenset({".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet"})
PACKED_SUFFIXES = frozenset({".gz", ".xz", ".zst", ".bz2"})
NOT_DATA = frozenset(
    {"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "manifest.json"}
)


def data_files_of(folder: Path) -> list[Path]:
    """In the order of the configs, or by path. Raises FileRefused if there are none."""
    patterns = list(dict.fromkeys(patterns_of(header_of(folder / README))))
    found = dict.fromkeys(path for pattern in patterns for path in matches(folder, pattern))
    if not patterns:
        under = folder / "data" if (folder / "data").is_dir() else folder
        found = dict.fromkeys(path for path in sorted(under.rglob("*")) if is_data(path, folder))
    if not found:
        raise FileRefused("The folder has no data files: JSON Lines, JSON, CSV, TSV or Parquet.")
    if len(found) > MOST_FILES:
        raise FileRefused(f"The folder has {len(found):,} data files; {MOST_FILES:,} is the most.")
    return list(found)


def header_of(readme: Path) -> Any:
    """None if there is none. Raises FileRefused."""
    try:
        with readme.open("rb") as file:
            text = file.read(MOST_README_BYTES).decode(errors="replace").removeprefix("\ufeff")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileRefused(f"{README} can't be opened: {error.strerror}.") from error
    lines = text.splitlines()
    if not lines or lines[0].rstrip() != "---" or "---" not in lines[1:]:
        return None
    try:
        return yaml.safe_load("\n".join(lines[1 : lines.index("---", 1)]))
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        raise FileRefused(f"The YAML header of {README} can't be read.") from error


def patterns_of(header: Any) -> Iterator[str]:
    configs = header.get("configs") if isinstance(header, dict) else None
    for config in configs if isinstance(configs, list) else []:
        if isinstance(config, dict):
            # data_dir stands before each path.
            folder = config.get("data_dir")
            before = f"{folder.strip('/')}/" if isinstance(folder, str) and folder.strip("./") else ""
            given = paths_in(config.get("data_files"))
            yield from (before + path for path in given or (["**/*"] if before else []))


def paths_in(given: Any) -> list[str]:
    """Of one path, a list, a mapping by split, or a list of splits with a path or several each."""
    if isinstance(given, str):
        return [given]
    if isinstance(given, list):
        return [path for part in given for path in paths_in(part)]
    if isinstance(given, dict):
        return paths_in(given["path"] if "path" in given else list(given.values()))
    return []


def matches(folder: Path, pattern: str) -> list[Path]:
    """At least one. Raises FileRefused, also for what lies outside of the folder."""
    pattern = pattern.removeprefix("./")
    if pattern.endswith("**"):
        # Folders alone, for Python.
        pattern += "/*"
    try:
        found = [path for path in sorted(folder.glob(pattern)) if is_within(path, folder)]
    except (ValueError, NotImplementedError):
        found = []
    if "*" in pattern:
        found = [path for path in found if is_data(path, folder)]
    if not found:
        raise FileRefused(f'{README} names "{pattern[:200]}", but there is no such file in the folder.')
    return found


def is_within(path: Path, folder: Path) -> bool:
    return path.is_file() and path.resolve().is_relative_to(folder.resolve())


def is_data(path: Path, folder: Path) -> bool:
    suffixes = path.suffixes[-2:] if path.suffix in PACKED_SUFFIXES else path.suffixes[-1:]
    is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    is_named = bool(suffixes) and suffixes[0] in DATA_SUFFIXES and path.name not in NOT_DATA
    return is_named and not is_hidden and is_within(path, folder)
