"""Takes the screenshots of the README anew: `python -m docs.take_screenshots`, after `make test`."""

from contextlib import ExitStack
from pathlib import Path

from playwright.sync_api import Page, ViewportSize
from sqlalchemy import select

from app.accounts.models import Role, User
from app.db import transaction
from app.demo.actions import PROJECT_NAME, seed_demo
from app.projects.queries import project_named
from app.queues.actions import create_queue, set_queue_state
from app.queues.forms import NewQueue
from app.queues.members import set_members
from app.queues.models import QueueKind, QueueState
from app.web.security import cookie_name
from benchmarks.consents import agree_all
from benchmarks.stack import running_stack
from tests import make
from tests.browser.chromium import open_browser

FOLDER = Path(__file__).parent / "screenshots"
SIZE: ViewportSize = {"width": 1280, "height": 900}
# What is chosen on the page of each kind before it is taken; a dual item at its second step.
KEYS = {
    QueueKind.SAFETY: ("m", "1", "Shift+Digit2"),
    QueueKind.HELPFULNESS: ("2", "e"),
    QueueKind.HARMLESSNESS: ("b",),
    QueueKind.SINGLE: ("1", "w", "Shift+Digit3"),
    QueueKind.DUAL: ("1", "Enter", "0"),
}
DARK = {QueueKind.HARMLESSNESS, QueueKind.DUAL}


def main() -> None:
    with ExitStack() as stack:
        site = stack.enter_context(running_stack(web_processes=1, with_worker=True))
        browser = stack.enter_context(open_browser())
        token, queues = annotator_with_queues()
        for kind, queue_id in queues.items():
            context = browser.new_context(
                base_url=site.url, viewport=SIZE, color_scheme="dark" if kind in DARK else "light"
            )
            context.add_cookies([{"name": cookie_name(), "value": token, "url": site.url}])
            take(context.new_page(), kind, queue_id)
            context.close()


def annotator_with_queues() -> tuple[str, dict[QueueKind, int]]:
    """The cookie of the demo's annotator, and a queue of each kind by its id."""
    with transaction() as session:
        seed_demo(session)
        annotator = session.scalars(select(User).where(User.role == Role.ANNOTATOR)).one()
        project = project_named(session, PROJECT_NAME)
        agree_all(session, project.id, [annotator.id])
        queues = {}
        for kind in QueueKind:
            new = NewQueue(name=f"Spring, {kind}", kind=kind, overlap=1, max_at_once=len(QueueKind))
            queue = create_queue(session, project.id, new, seed=11)
            set_members(session, queue.id, [annotator.id])
            set_queue_state(session, queue.id, QueueState.RUNNING)
            queues[kind] = queue.id
        return make.sign_in_token(session, annotator), queues


def take(page: Page, kind: QueueKind, queue_id: int) -> None:
    page.goto(f"/annotate/queues/{queue_id}")
    page.get_by_role("button", name="Start").click()
    for key in KEYS[kind]:
        page.locator("form.judging").wait_for()
        page.keyboard.press(key)
        if key == "Enter":
            page.get_by_text("step 2 of 2").wait_for()
    page.get_by_text("Draft saved").wait_for()
    page.screenshot(path=FOLDER / f"{kind}.png")


if __name__ == "__main__":
    main()
