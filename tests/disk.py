"""The disk under the tests: their files need not survive a power cut, only the processes that wrote them."""

import os


def write_without_waiting() -> None:
    """In this process. A release in many small parts would wait for the disk some 500 times."""
    os.fsync = lambda fd: None
