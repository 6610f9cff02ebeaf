"""How a script annotates: it reads the page, answers, and gets the next page, as htmx does."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import unescape
from time import perf_counter
from typing import Any, NamedTuple

import httpx2

from benchmarks.stack import Browser, WrongResult, words

FORM = re.compile(r'hx-post="(/annotate/assignments/\d+)/(safety-label|rankings/(\w+))"')
MODEL_TEXT = re.compile(r'class="model-text"[^>]*>([^<]*)<')
MOST_ERRORS = 20


class Task(NamedTuple):
    """What a page asks. `dimension`: safety, helpfulness, harmlessness or single; texts as shown."""

    assignment: str
    action: str
    dimension: str
    prompt: str
    responses: list[str]


class Answer(NamedTuple):
    """`path` and `fields` of the form to send; `note`: what the script wants to remember if it is taken."""

    path: str
    fields: Mapping[str, Any]
    note: object = None


@dataclass
class Done:
    """`seconds`: of each round trip from an answer to the next page. `errors`: a sentence each."""

    seconds: list[float] = field(default_factory=list)
    notes: list[object] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def task_on(page: str) -> Task | None:
    """None on a page that asks nothing. Raises WrongResult for a page that can't be understood."""
    form = FORM.search(page)
    if form is None:
        return None
    prompt, *responses = map(unescape, MODEL_TEXT.findall(page))
    if not responses:
        raise WrongResult(f"a page shows no response: {words(page)[:500]}")
    return Task(form[1], f"{form[1]}/{form[2]}", form[3] or "safety", prompt, responses)


def annotate(
    browser: Browser,
    queue_id: int,
    answer_to: Callable[[Task], Answer],
    done: Done,
    most: int | None = None,
) -> None:
    """Answer what the queue hands out until nothing is left, or `most` answers were given.

    Raises WrongResult after MOST_ERRORS errors.
    """
    wanted = None if most is None else len(done.seconds) + most
    page = next_page(browser, queue_id)
    while (task := task_on(page)) is not None and len(done.seconds) != wanted:
        answer = answer_to(task)
        began = perf_counter()
        response = browser.post(answer.path, answer.fields)
        seconds = perf_counter() - began
        if response.status_code == httpx2.codes.OK:
            done.seconds.append(seconds)
            done.notes.append(answer.note)
            page = response.text
        else:
            done.errors.append(f"{response.status_code} {answer.path}: {words(response.text)[:200]}")
            if len(done.errors) >= MOST_ERRORS:
                raise WrongResult(f"{MOST_ERRORS} errors, the last one: {done.errors[-1]}")
            page = next_page(browser, queue_id)


def next_page(browser: Browser, queue_id: int) -> str:
    response = browser.post(f"/annotate/queues/{queue_id}/next")
    if response.status_code != httpx2.codes.OK:
        raise WrongResult(f"queue {queue_id} answered {response.status_code}: {words(response.text)[:200]}")
    return response.text


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest value that this share of all does not pass."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def latencies(seconds: Sequence[float], n_decimals: int = 1) -> str:
    """One cell each for p50, p95 and p99, in ms."""
    return "".join(f"{percentile(seconds, percent) * 1000:9.{n_decimals}f}" for percent in (50, 95, 99))
