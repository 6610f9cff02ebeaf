"""From the key that submits an answer to the next item on the screen, in a real browser."""

from benchmarks.stack import PASSWORD
from tests.browser.chromium import open_browser

# Measured inside the page, so that the time to steer the browser does not count: the frame after the swap is
# painted when a task queued in its callback runs.
WATCH = """() => { window.trip = new Promise((resolve) => {
    let began;
    document.addEventListener("keydown", () => { began = performance.now(); }, { capture: true, once: true });
    document.addEventListener("htmx:afterSettle", () => requestAnimationFrame(() =>
        setTimeout(() => resolve(performance.now() - began))), { once: true });
}); }"""


def key_to_paint(url: str, queue_id: int, username: str, n: int, *, is_loaded: bool) -> list[float]:
    """Seconds of each of `n` submissions by keyboard. `is_loaded`: the annotator takes long enough over an
    item for the next one to be loaded; else each answer comes before it is."""
    with open_browser() as browser:
        page = browser.new_page()
        page.goto(f"{url}/sign-in")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/annotate")
        page.goto(f"{url}/annotate/queues/{queue_id}")
        page.keyboard.press("Enter")
        seconds = []
        for _ in range(n):
            page.locator("form.judging[data-next]" if is_loaded else "form.judging").wait_for()
            page.keyboard.press("s")
            page.evaluate(WATCH)
            page.keyboard.press("Enter")
            seconds.append(page.evaluate("() => window.trip") / 1000)
            # The answer is stored before the next one is given, as with anyone who reads.
            page.locator("#workspace:not([data-is-sending])").wait_for()
        return seconds
