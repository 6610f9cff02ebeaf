"""A web process of its own, as it runs for users, on the servers and settings of the test run."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from httpx2 import Client, TransportError

from app.embedded.programs import Programs

HOST = "127.0.0.1"
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    port: int
    process: subprocess.Popen[bytes]

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.port}"


@contextmanager
def served(log: Path, port: int | None = None) -> Iterator[Server]:
    """Ready to answer; ended at the end, if it still runs. `port`: a free one where none is given."""
    port = port or free_port()
    command = [sys.executable, "-m", *Programs().web, "--host", HOST, "--port", str(port)]
    with log.open("ab") as output:
        server = Server(port, subprocess.Popen(command, stdout=output, stderr=output, env=dict(os.environ)))
        try:
            wait_until_ready(server)
            yield server
        finally:
            server.process.terminate()
            server.process.wait(timeout=30)


def free_port() -> int:
    with socket.create_server((HOST, 0)) as free:
        port: int = free.getsockname()[1]
        return port


def wait_until_ready(server: Server) -> None:
    give_up_at = time.monotonic() + START_SECONDS
    with Client(base_url=server.address, trust_env=False) as client:
        while time.monotonic() < give_up_at and server.process.poll() is None:
            try:
                if client.get("/healthz").status_code == 200:
                    return
            except TransportError:
                time.sleep(0.1)
    raise AssertionError("the server did not start")
