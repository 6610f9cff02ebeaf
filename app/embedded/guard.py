"""Waits for the death of the process that started it, then stops what that one left behind.

Run as `python -m app.embedded.guard HOME` with a pipe on standard input: the pipe's other end
closes when its holder ends, however it ends.
"""

import signal
import sys
from pathlib import Path

from app.embedded.records import stop_recorded


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    stop_recorded(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
