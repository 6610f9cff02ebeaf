"""Files and folders that appear whole or not at all, and survive a power cut."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HAS_FOLDER_SYNC = os.name == "posix"
"""Elsewhere a folder cannot be opened, and the file system looks after its own entries."""

FLUSHED_AT_ONCE = 8
"""A file system brings many files to disk in one go if it is not asked for one after the other."""


def flush_to_disk(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def flush_files(folder: Path) -> None:
    """All below it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    with ThreadPoolExecutor(FLUSHED_AT_ONCE) as pool:
        for _ in pool.map(flush_to_disk, files):
            pass


def flush_folders(folder: Path) -> None:
    """Bring the entries of `folder` and of every folder below it to disk; the files look after themselves."""
    for inner, _, _ in os.walk(folder):
        flush_folder(Path(inner))


def flush_folder(folder: Path) -> None:
    if not HAS_FOLDER_SYNC:
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def put_in_place(fresh: Path, folder: Path, retired: Path) -> None:
    """Rename `fresh` to `folder`; what stood there goes to `retired`, and comes back if the rename fails.

    All three on one file system. No reader ever sees a mixture; for the moment between the two renames it
    may see no folder.
    """
    had_one = folder.exists()
    if had_one:
        folder.rename(retired)
    try:
        fresh.rename(folder)
    except OSError:
        if had_one:
            retired.rename(folder)
        raise
    flush_folder(folder.parent)
