"""A folder of this machine, or one that is mounted on it."""

import shutil
from pathlib import Path

from app.deliveries.errors import NotDelivered
from app.deliveries.stores.contents import Place, ReleaseFile, refuse_other_sizes, sha256_of
from app.releases.files.folders import flush_files, flush_folders, put_in_place


def bring_to_folder(place: Place, number: int, files: list[ReleaseFile]) -> None:
    """Copied aside and renamed: readers see all of it or nothing. Raises NotDelivered."""
    root = Path(place.address)
    # Not made here: where a disk is not mounted, its folder is missing or empty for a reason.
    if not root.is_dir():
        raise NotDelivered(f"There is no folder {root} on the machine of the worker.")
    try:
        if not holds(root / str(number), files):
            put_copy(root, str(number), files)
    except OSError as error:
        raise NotDelivered(str(error)) from error


def holds(folder: Path, files: list[ReleaseFile]) -> bool:
    """These very files, and no other."""
    found = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    return found.keys() == {file.name for file in files} and all(
        found[file.name].stat().st_size == file.n_bytes and sha256_of(found[file.name]) == file.sha256
        for file in files
    )


def put_copy(root: Path, name: str, files: list[ReleaseFile]) -> None:
    # Named, so that what a killed worker leaves is cleared away by the next.
    aside, retired = root / f".{name}.fresh", root / f".{name}.retired"
    for left_over in (aside, retired):
        shutil.rmtree(left_over, ignore_errors=True)
    for file in files:
        copy = aside / file.name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file.path, copy)
    refuse_other_sizes(files, {file.name: (aside / file.name).stat().st_size for file in files})
    flush_files(aside)
    flush_folders(aside)
    put_in_place(aside, root / name, retired)
    shutil.rmtree(retired, ignore_errors=True)
