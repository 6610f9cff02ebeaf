"""A whole Evenhand of a benchmark's own, on free ports of this machine, and the browsers of its users."""

import os
import re
import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any, Self

import httpx2
from alembic import command
from alembic.config import Config

from app.accounts.actions import create_user
from app.accounts.forms import NewUser
from app.accounts.models import Role
from app.db import engine, session_factory, transaction
from app.embedded.children import Children, Command
from app.embedded.postgres import NAME as POSTGRES
from app.embedded.postgres import can_connect
from app.embedded.probes import web_answers, worker_answers
from app.embedded.processes import free_port
from app.embedded.programs import Programs
from app.embedded.servers import Servers, throwaway_servers
from app.settings import settings
from app.web.security import CSRF_FIELD, CSRF_HEADER

ROOT = Path(__file__).resolve().parents[1]
HOST = "127.0.0.1"
START_SECONDS = 120
LISTED_FAILURES = 5
PASSWORD = secrets.token_urlsafe(16)
TOKEN = re.compile(rf'name="{CSRF_FIELD}" value="([0-9a-f]+)"')


class WrongResult(Exception):
    """What came out is not what must; the message says what."""


@dataclass(frozen=True)
class Stack:
    url: str
    children: Children


@contextmanager
def running_stack(*, web_processes: int, with_worker: bool, durable: bool = False) -> Iterator[Stack]:
    """All of it is stopped and gone at the end. Else as `migrated_servers`."""
    with migrated_servers(durable=durable) as servers:
        children = servers.postgres.children
        try:
            port = start_web(children, web_processes)
            if with_worker:
                start_worker(children, servers.valkey.url)
            yield Stack(f"http://{HOST}:{port}", children)
        except WrongResult as wrong:
            raise WrongResult(f"{wrong}\n{failures(children)}") from wrong
        finally:
            engine().dispose()


@contextmanager
def migrated_servers(*, durable: bool = False) -> Iterator[Servers]:
    """Throw-away ones, empty; the settings of this process, and of those it starts, point to them.

    `durable`: PostgreSQL as it runs for users, waiting for the disk at each commit.
    """
    with throwaway_servers() as servers:
        if durable:
            restart_durable(servers)
        os.environ |= {
            "DATABASE_URL": servers.postgres.web_url,
            "EVENHAND_OWNER_DATABASE_URL": servers.postgres.owner_url,
            "REDIS_URL": servers.valkey.url,
            "EVENHAND_SECRET_KEY": secrets.token_hex(32),
            "EVENHAND_HOME": str(servers.postgres.children.home / "data"),
        }
        # Of servers before these.
        for known in (settings, engine, session_factory):
            known.cache_clear()
        command.upgrade(Config(ROOT / "alembic.ini"), "head")
        yield servers


def restart_durable(servers: Servers) -> None:
    servers.postgres.children.stop(POSTGRES)
    child = replace(servers.postgres, durable=True).spawn()
    url = servers.postgres.owner_url.replace("postgresql+psycopg", "postgresql")
    servers.postgres.children.wait_until_ready(child, partial(can_connect, url), START_SECONDS)


def start_web(children: Children, web_processes: int) -> int:
    """Return its port."""
    port = free_port()
    listen = ("--host", HOST, "--port", str(port), "--workers", str(web_processes))
    web = children.spawn(python_command(children, "web", (*Programs().web, *listen)))
    children.wait_until_ready(web, partial(web_answers, HOST, port), START_SECONDS)
    return port


def start_worker(children: Children, redis_url: str) -> None:
    worker = children.spawn(python_command(children, "worker", Programs().worker))
    children.wait_until_ready(worker, partial(worker_answers, redis_url), START_SECONDS)


def python_command(children: Children, name: str, arguments: tuple[str, ...]) -> Command:
    log = children.home / "logs" / f"{name}.log"
    return Command(name, (sys.executable, "-m", *arguments), env=dict(os.environ), log=log)


def failures(children: Children) -> str:
    """What the web processes noted as failed, the last few."""
    lines = children.by_name["web"].said().splitlines()
    return "\n".join([line for line in lines if not is_ordinary(line)][-LISTED_FAILURES:])


def is_ordinary(line: str) -> bool:
    return '"level": "info"' in line


def create_people(usernames: Iterable[str], role: Role) -> list[int]:
    """Their ids; all have the password PASSWORD."""
    with transaction() as session:
        return [
            create_user(session, NewUser(username=username, password=PASSWORD, role=role)).id
            for username in usernames
        ]


class Browser:
    """One person's: it keeps the cookie, the connection and the token that every form carries."""

    def __init__(self, url: str) -> None:
        self.client = httpx2.Client(base_url=url, timeout=120)
        self.token = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()

    def sign_in(self, username: str) -> None:
        """Raises WrongResult."""
        self.token = self.token_on("/sign-in")
        self.follow("/sign-in", {"username": username, "password": PASSWORD})
        self.token = self.token_on("/")

    def token_on(self, path: str) -> str:
        found = TOKEN.search(self.page(path))
        if found is None:
            raise WrongResult(f"{path} has no form")
        return found[1]

    def page(self, path: str) -> str:
        """Raises WrongResult for anything but a page."""
        return good(self.client.get(path, follow_redirects=True)).text

    def post(self, path: str, fields: Mapping[str, Any] | None = None) -> httpx2.Response:
        """As htmx sends a form."""
        headers = {"hx-request": "true", "sec-fetch-site": "same-origin"}
        return self.client.post(path, data={CSRF_FIELD: self.token, **(fields or {})}, headers=headers)

    def follow(
        self, path: str, fields: Mapping[str, Any] | None = None, files: Mapping[str, Any] | None = None
    ) -> str:
        """Send a form as without htmx; where it leads to. Raises WrongResult where it leads nowhere."""
        response = self.client.post(
            path,
            data=fields or {},
            files=files,
            headers={"sec-fetch-site": "same-origin", CSRF_HEADER: self.token},
        )
        if response.status_code != httpx2.codes.SEE_OTHER:
            raise WrongResult(f"POST {path} answered {response.status_code}: {words(response.text)[:500]}")
        return response.headers["location"]


def good(response: httpx2.Response) -> httpx2.Response:
    """Raises WrongResult."""
    if response.status_code != httpx2.codes.OK:
        raise WrongResult(f"{response.request.url} answered {response.status_code}")
    return response


def words(page: str) -> str:
    """A page's text, for messages."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page)).split())
