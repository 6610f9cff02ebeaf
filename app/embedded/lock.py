"""One stack a data folder: a lock that the operating system frees when its holders end."""

import fcntl
import os
import time
from pathlib import Path

from app.embedded.processes import StartError, identity

# Longer than the guard of a killed stack needs to stop what that stack had started.
CLEANING_SECONDS = 90


def take_lock(path: Path) -> int:
    """Return the descriptor that holds the lock; closing every copy of it frees the lock.

    Raises StartError when a living process holds it. When only the guard of a killed one does,
    waits until the guard has cleaned up.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + CLEANING_SECONDS
    while not _try_lock(descriptor):
        pid, _, started = os.pread(descriptor, 200, 0).decode().partition(" ")
        if (pid and identity(int(pid)) == started) or time.monotonic() > deadline:
            os.close(descriptor)
            raise StartError(f"Already running with the data in {path.parent} (process {pid or 'unknown'}).")
        time.sleep(0.1)
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()} {identity(os.getpid())}".encode(), 0)
    return descriptor


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
