"""The site as it runs, web process and worker, and browsers that report what went wrong in them."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, Response, expect

from app.accounts.models import User
from app.db import transaction
from app.embedded.children import Child, Command, children_of
from app.embedded.probes import web_answers, worker_answers
from app.embedded.processes import free_port
from app.embedded.programs import Programs
from app.web.security import cookie_name
from tests import make
from tests.browser.chromium import open_browser

HOST = "127.0.0.1"
START_SECONDS = 60
PATIENCE_MS = 15_000
NO_NETWORK = "net::ERR_INTERNET_DISCONNECTED"

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Visits:
    """The browsers of one test, each with cookies of its own."""

    browser: Browser
    site: str
    expected: set[int] = field(default_factory=set)
    """Statuses of 400 and above that the test provokes."""
    cuts_network: bool = False
    """The test takes the network away: requests that fail for it are no problem."""
    problems: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def page(self, user: User | None = None, **options: Any) -> Page:
        """A page of a new browser in which `user` is signed in; `options`: those of Playwright's contexts."""
        context = self.browser.new_context(base_url=self.site, reduced_motion="reduce", **options)
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        if user is not None:
            context.add_cookies([{"name": cookie_name(), "value": token_of(user), "url": self.site}])
        return self.watched(context.new_page())

    def second_tab(self, page: Page) -> Page:
        return self.watched(page.context.new_page())

    def watched(self, page: Page) -> Page:
        page.on("console", self.note_console)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("requestfailed", self.note_failure)
        page.on("response", self.note_status)
        return page

    def note_console(self, message: ConsoleMessage) -> None:
        # Chromium repeats here what `note_status` knows already.
        if self.cuts_network and message.text.startswith("htmx:"):
            return
        if message.type in {"error", "warning"} and not message.text.startswith("Failed to load resource"):
            self.problems.append(f"console: {message.text}")

    def note_failure(self, request: Request) -> None:
        # Leaving a page ends its requests; a download ends as one too.
        expected = {"net::ERR_ABORTED"} | ({NO_NETWORK} if self.cuts_network else set())
        if request.failure not in expected:
            self.problems.append(f"{request.method} {request.url}: {request.failure}")

    def note_status(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.problems.append(f"{response.request.method} {response.url}: {response.status}")


def token_of(user: User) -> str:
    with transaction() as session:
        return make.sign_in_token(session, user)


@pytest.fixture(scope="session")
def site(servers: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a web process on the test servers, with a worker beside it."""
    port = free_port()
    programs = Programs()
    # A broker database of its own, or the worker would do the jobs that other tests send.
    environment = os.environ | {"REDIS_URL": os.environ["REDIS_URL"].removesuffix("/0") + "/2"}
    with children_of(tmp_path_factory.mktemp("site")) as children:

        def start(name: str, *arguments: str) -> Child:
            log = children.home / "logs" / f"{name}.log"
            return children.spawn(Command(name, (sys.executable, "-m", *arguments), env=environment, log=log))

        web = start("web", *programs.web, "--host", HOST, "--port", str(port))
        worker = start("worker", *programs.worker)
        children.wait_until_ready(web, partial(web_answers, HOST, port), START_SECONDS)
        children.wait_until_ready(worker, partial(worker_answers, environment["REDIS_URL"]), START_SECONDS)
        yield f"http://{HOST}:{port}"


# Not for the whole run: while Playwright is open, no other test of this thread can start an event loop.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with open_browser() as opened:
        yield opened


@pytest.fixture
def visits(browser: Browser, site: str, database: None) -> Iterator[Visits]:
    """Fails the test for whatever went wrong in its browsers unexpected."""
    opened = Visits(browser, site)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.problems == []
