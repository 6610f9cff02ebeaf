"""Telling processes apart, waiting for them and stopping them. Standard library only."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path


class StartError(Exception):
    """Something did not start; the message is a sentence for the person at the terminal."""


def identity(pid: int) -> str | None:
    """A text that no later process with the same pid shares; None when it has ended (a zombie too)."""
    return _identity_from_proc(pid) if sys.platform == "linux" else _identity_from_ps(pid)


def _identity_from_proc(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The command's name, in parentheses, may hold anything; the fields behind it are numbered in proc(5).
    fields = stat.rpartition(")")[2].split()
    state, started_ticks = fields[0], fields[19]
    return None if state in "ZX" else f"{_boot_id()}/{started_ticks}"


def _boot_id() -> str:
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def _identity_from_ps(pid: int) -> str | None:
    state, _, started = _ps(pid, "stat=,lstart=").strip().partition(" ")
    return None if not state or state.startswith("Z") else started.strip()


def command_line(pid: int) -> str:
    """The arguments joined by spaces; empty when there is no such process."""
    if sys.platform != "linux":
        return _ps(pid, "command=").strip()
    with suppress(OSError):
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        return os.fsdecode(b" ".join(arguments)).strip()
    return ""


def _ps(pid: int, columns: str) -> str:
    command = ["ps", "-ww", "-o", columns, "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def stop_process(pid: int, started: str | None, stop_signal: int, patience_seconds: float) -> None:
    """Ask the process to end; kill what is left of its group once it has, or when patience is over.

    `started`: its `identity`; a process that does not match it is another one and is left alone.
    """
    if started is None or identity(pid) != started:
        return
    with suppress(ProcessLookupError):
        os.kill(pid, stop_signal)
    wait_for_end(pid, started, patience_seconds)
    kill_group(pid)
    wait_for_end(pid, started, 5)


def kill_group(leader: int) -> None:
    """Kill what is left of the process group that this process led."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, signal.SIGKILL)


def wait_for_end(pid: int, started: str, seconds: float) -> bool:
    """True when the process ended in time."""
    deadline = time.monotonic() + seconds
    while identity(pid) == started:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_port_free(host: str, port: int) -> bool:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with closing(socket.socket(family, kind, protocol)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except PermissionError as denied:
            raise StartError(f"Port {port} may be used by the administrator only.") from denied
        except OSError:
            return False
    return True
