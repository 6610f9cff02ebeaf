"""What annotators do on the workspace, by mouse or by keyboard alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from playwright.sync_api import Page
from sqlalchemy import update

from app.accounts.models import User
from app.db import transaction
from app.projects.pku import PKU
from app.queues.models import Queue, QueueItem, QueueKind
from tests import make

KEY_OF_CATEGORY = {category.name: category.key for category in PKU.categories}


@dataclass(frozen=True)
class Verdict:
    """A safety label; harmful where it names categories."""

    harm_categories: Sequence[str] = ()
    severity: int = 0


@dataclass(frozen=True)
class Desk:
    """One queue and its members."""

    queue: Queue
    members: list[User] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"/annotate/queues/{self.queue.id}"


def desk(
    kind: QueueKind = QueueKind.SAFETY,
    *,
    texts: Sequence[tuple[str, tuple[str, ...]]] = (("What is tea?", ("A drink.",)),),
    n_members: int = 1,
    overlap: int = 1,
    severity: int = 0,
) -> Desk:
    """Stored for the site to see. `texts`: prompts, each with its responses; `severity`: what is expected."""
    with transaction() as session:
        members = [make.user(session) for _ in range(n_members)]
        project = make.project(session)
        for prompt, responses in texts:
            make.item(session, project, prompt=prompt, responses=responses)
        queue = make.queue(session, project, kind=kind, overlap=overlap, members=tuple(members))
        expected = update(QueueItem).where(QueueItem.queue_id == queue.id)
        session.execute(expected.values(severity_prior=severity))
    return Desk(queue, members)


def agree(page: Page, path: str) -> None:
    """To the content warning that comes before a project's first item."""
    page.goto(path)
    page.get_by_role("button", name="I have read this and agree").click()
    page.get_by_role("button", name="Start").wait_for()


def begin(page: Page, path: str) -> None:
    """Open the queue and take its first item."""
    page.goto(path)
    page.get_by_role("button", name="Start").click()
    page.locator("form[action*='/assignments/']").first.wait_for()


def text_of(page: Page, label: str) -> str:
    """`label`: "Prompt", "Response", "Response A" ..."""
    return page.get_by_role("region", name=label, exact=True).locator(".model-text").inner_text()


def has_item(page: Page) -> bool:
    return page.locator("form[action*='/assignments/']").count() > 0


def press(page: Page, *keys: str) -> None:
    # A page is seen before its scripts have run, which give the keys their meaning.
    page.wait_for_load_state()
    for key in keys:
        page.keyboard.press(key)


def label(page: Page, verdict: Verdict, *, by_keyboard: bool) -> None:
    if by_keyboard:
        names = [KEY_OF_CATEGORY[name] for name in verdict.harm_categories]
        press(page, *(["u", *names, str(verdict.severity)] if names else ["s"]))
        return
    page.get_by_role("radio", name="Harmful" if verdict.harm_categories else "Safe").check()
    for name in verdict.harm_categories:
        page.locator(f"input[value='{name}']").check()
    if verdict.severity:
        page.locator(f"input[name='severity'][value='{verdict.severity}']").check()


def prefer(page: Page, response: str | None, *, by_keyboard: bool) -> None:
    """`response`: the text of the better one, None for a tie."""
    choice = "tie"
    if response is not None:
        choice = "first" if text_of(page, "Response A") == response else "second"
    if by_keyboard:
        press(page, {"first": "1", "second": "2", "tie": "0"}[choice])
    else:
        page.locator(f"input[value='{choice}']").check()


def submit(page: Page, *, by_keyboard: bool) -> None:
    """Send the answer and wait for what comes in its place, once the server has taken it."""
    page.locator("#workspace").evaluate("shown => { shown.dataset.left = '' }")
    if by_keyboard:
        press(page, "Enter")
    else:
        page.get_by_role("button", name="Submit and next").click()
    page.locator("#workspace:not([data-left], [data-is-sending])").wait_for()
