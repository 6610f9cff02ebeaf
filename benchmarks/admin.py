"""How a script does an admin's work: by the forms and pages that an admin uses."""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import NamedTuple

from benchmarks.stack import Browser, WrongResult, good, words

STATE = re.compile(r'class="state (\w+)"')
FACT = re.compile(r"<dt>([^<]*)</dt><dd>([^<]*)</dd>")
PERSON = re.compile(r'name="annotator_ids" value="(\d+)"[^>]*>\s*(\S+)')
FIGURE = re.compile(r'<th scope="row">([^<]*)</th>((?:<td[^>]*>[^<]*</td>\s*)+)</tr>')
CELL = re.compile(r"<td[^>]*>([^<]*)</td>")
LONGEST_JOB_SECONDS = 600


class ShownFigure(NamedTuple):
    """A row of the agreement page; None where it is not defined."""

    question: str
    alpha: float | None
    raw_agreement: float | None
    n_items: int
    n_pairs: int


@dataclass(frozen=True)
class Admin:
    """Signed in with `browser`."""

    browser: Browser
    project_id: int

    def bring_in(self, path: Path) -> dict[str, int]:
        """Upload the file and wait for the end; the numbers on the page of the import."""
        with path.open("rb") as file:
            place = self.browser.follow(
                f"/admin/projects/{self.project_id}/imports", files={"file": (path.name, file)}
            )
        return facts_on(self.finished_page(place))

    def make_queue(self, kind: str, overlap: int) -> int:
        fields = {"name": kind, "kind": kind, "overlap": str(overlap), "lease_minutes": "30"}
        return int(number_at_end(self.browser.follow(f"/admin/projects/{self.project_id}/queues", fields)))

    def start_queue(self, queue_id: int, usernames: Sequence[str]) -> None:
        known = {name: id_ for id_, name in PERSON.findall(self.browser.page(f"/admin/queues/{queue_id}"))}
        ids = [known[name] for name in usernames]
        self.browser.follow(f"/admin/queues/{queue_id}/members", {"annotator_ids": ids})
        self.browser.follow(f"/admin/queues/{queue_id}/state", {"state": "running"})

    def progress(self, queue_id: int) -> dict[str, int]:
        return facts_on(self.browser.page(f"/admin/queues/{queue_id}"))

    def agreement(self, queue_id: int) -> list[ShownFigure]:
        """Computed now."""
        place = self.browser.follow(f"/agreement/queues/{queue_id}")
        page = wait_for(lambda: self.browser.page(place), lambda page: "The worker is computing" not in page)
        return [shown_figure(question, CELL.findall(cells)) for question, cells in FIGURE.findall(page)]

    def release(self) -> bytes:
        """Make one; its zip file."""
        place = self.browser.follow(f"/admin/projects/{self.project_id}/releases")
        self.finished_page(place)
        return good(self.browser.client.get(f"{place}/archive")).content

    def finished_page(self, place: str) -> str:
        """Of an import or a release that is done. Raises WrongResult where it failed."""
        page = wait_for(
            lambda: self.browser.page(place), lambda page: state_on(page) not in {"waiting", "running"}
        )
        if state_on(page) != "done":
            raise WrongResult(f"{place}: {words(page)[:500]}")
        return page


def make_project(browser: Browser, name: str) -> int:
    return number_at_end(browser.follow("/admin/projects", {"name": name}))


def number_at_end(path: str) -> int:
    return int(path.rpartition("/")[2])


def state_on(page: str) -> str:
    found = STATE.search(page)
    if found is None:
        raise WrongResult(f"a page shows no state: {words(page)[:500]}")
    return found[1]


def facts_on(page: str) -> dict[str, int]:
    """The numbers of the page's list of facts; of "3 of 8" the first."""
    facts = {name: value.partition(" of ")[0].replace(",", "") for name, value in FACT.findall(page)}
    return {name: int(value) for name, value in facts.items() if value.isdigit()}


def shown_figure(question: str, cells: Sequence[str]) -> ShownFigure:
    """`cells`: level, alpha, raw agreement, prevalence, items, pairs."""
    alpha, raw = (None if cell == "not defined" else float(cell) for cell in cells[1:3])
    n_items, n_pairs = (int(cell.replace(",", "")) for cell in cells[4:6])
    return ShownFigure(unescape(question), alpha, raw, n_items, n_pairs)


def wait_for(page: Callable[[], str], is_ready: Callable[[str], bool]) -> str:
    """Look twice a second. Raises WrongResult after LONGEST_JOB_SECONDS."""
    deadline = time.monotonic() + LONGEST_JOB_SECONDS
    while not is_ready(shown := page()):
        if time.monotonic() > deadline:
            raise WrongResult(f"not ready after {LONGEST_JOB_SECONDS} s: {words(shown)[:500]}")
        time.sleep(0.5)
    return shown
