"""What it costs to hand out items: "submit the item I hold, claim the next", at 10,000 to 2,000,000 items.

    python -m benchmarks.assignment [--sizes 10000,265000,2000000] [--states fresh,drained,half] [--thousand]

The same work (a) as bare SQL, the platform's own statements over psycopg, (b) by the platform's functions,
(c) over HTTP with the next item's page; and one annotator alone, step by step, with the shared buffers that
the server counted for the session, foreign keys included. All on servers of the benchmark's own, with the
clients on the same machine. (a) and (b) run by turns, in as many processes of their own as the web has, with
the same annotators, a thread each. Small queues end a part before its time, so that they stay in their state.
Exit code 1: something is wrong; a missed goal is only printed.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import NamedTuple
from urllib.parse import urlsplit

from psycopg.errors import QueryCanceled

from app.embedded.postgres import NAME as POSTGRES
from benchmarks.alone import TRIPS_FROM_THE_START, claim_from_the_start, first_claims, measure_alone
from benchmarks.goals import Figures
from benchmarks.http_load import Heard, Load, put_load
from benchmarks.measured import (
    measured,
    show,
    show_alone,
    show_crowd,
    show_first_claims,
    show_from_the_start,
    show_head,
    show_others,
    show_processors,
)
from benchmarks.processor_time import ProcessorTime, processor_time
from benchmarks.queue_states import (
    MadeQueue,
    State,
    add_annotators,
    check,
    make_items,
    make_queue,
    sign_in_all,
)
from benchmarks.round_trips import LONGEST_SECONDS, Share, Statements, in_processes
from benchmarks.stack import Stack, WrongResult, running_stack

MOST_ALONE = 300
# Of the places that a queue has left: for all round trips of one part, and for those of one alone.
SHARE_OF_PART = 0.2
SHARE_ALONE = 0.03
ENDLESS = 10**9


def main() -> None:
    options = arguments()
    figures = Figures()
    try:
        for n_items in options.sizes:
            with running_stack(
                web_processes=options.web_processes, with_worker=False, durable=options.durable
            ) as stack:
                project_id, statements = make_items(n_items, stack.children.home)
                for state in options.states:
                    measure(stack, options, Part(project_id, n_items, state, statements), figures)
    except QueryCanceled as slow:
        sys.exit(f"Wrong: a statement of bare SQL took more than {LONGEST_SECONDS} s: {slow}")
    except WrongResult as wrong:
        sys.exit(f"Wrong: {wrong}")
    print("\nGrowth with the number of items", *figures.grown(), sep="\n  ")
    print("\nGoals", *figures.judged(), sep="\n  ")


class Part(NamedTuple):
    project_id: int
    n_items: int
    state: State
    statements: Statements


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--sizes", type=numbers, default=[10_000, 265_000, 2_000_000])
    parser.add_argument("--states", type=states, default=list(State))
    parser.add_argument("--seconds", type=float, default=5, help="of each part")
    parser.add_argument("--annotators", type=int, default=16, help="at once")
    parser.add_argument("--web-processes", type=int, default=2, choices=(1, 2))
    parser.add_argument("--durable", action="store_true", help="wait for the disk at each commit")
    parser.add_argument("--thousand", action="store_true", help="also many who think before each answer")
    parser.add_argument("--people", type=int, default=1000, help="how many these are")
    parser.add_argument("--think", type=float, nargs=2, default=(5, 15), help="seconds, least and most")
    parser.add_argument("--thousand-seconds", type=float, default=60)
    return parser.parse_args()


def numbers(given: str) -> list[int]:
    return [int(number) for number in given.split(",")]


def states(given: str) -> list[State]:
    return [State(name) for name in given.split(",")]


def measure(stack: Stack, options: argparse.Namespace, part: Part, figures: Figures) -> None:
    """One state of one size. Raises WrongResult."""
    queue = make_queue(part.project_id, part.n_items, part.state, options.annotators)
    show_first_claims(first_claims(part.statements, queue.id, queue.annotator_ids))
    n_sent = measure_each(part, queue, options.seconds, figures)
    n_sent += measure_together(stack, options, part, queue, figures)
    if part.state is State.HALF:
        show_from_the_start(claim_from_the_start(part.statements, queue.id, queue.annotator_ids[0]))
        n_sent += TRIPS_FROM_THE_START
    errors: list[str] = []
    if options.thousand and (part.n_items, part.state) == (options.sizes[-1], options.states[0]):
        heard = measure_crowd(stack, options, queue, figures)
        n_sent, errors = n_sent + heard.n_submitted, heard.errors
    # Of what met an error nobody knows whether it was stored.
    check(queue, None if errors else n_sent)
    if errors:
        raise WrongResult(f"{len(errors)} errors, the first one: {errors[0]}")


def measure_each(part: Part, queue: MadeQueue, seconds: float, figures: Figures) -> int:
    """One annotator alone, or two of them. How many round trips were done."""
    n_timed = min(MOST_ALONE, int(queue.n_places * SHARE_ALONE))
    n_sent = 0
    who_alone = ("half, who did it", "half, another") if part.state is State.HALF else (part.state,)
    for who, annotator_id in zip(who_alone, queue.annotator_ids, strict=False):
        alone = measure_alone(part.statements, queue.id, annotator_id, n_timed, seconds)
        show_alone(who, alone)
        figures.note_alone(who, part.n_items, alone)
        n_sent += alone.n_trips
    return n_sent


def measure_together(
    stack: Stack, options: argparse.Namespace, part: Part, queue: MadeQueue, figures: Figures
) -> int:
    """How many round trips were done."""
    most = int(queue.n_places * SHARE_OF_PART) // options.annotators
    shares = [
        Share(queue.id, some, part.statements, options.seconds, most)
        for some in (
            queue.annotator_ids[place :: options.web_processes] for place in range(options.web_processes)
        )
    ]
    show_head(f"{options.annotators} at once")
    before = processor_time_of(stack)
    bare, functions = (measured(*done) for done in in_processes(shares))
    show("(a) bare SQL", bare, bare)
    show("(b) functions", functions, bare)
    show_others(processor_time_of(stack).since(before))
    before = processor_time_of(stack)
    people = sign_in_all(queue.annotator_ids)
    heard = loaded(Load(*place_of(stack), queue.id, people, options.seconds, most))
    if heard.errors:
        raise WrongResult(f"over HTTP: {heard.errors[0]}")
    http = measured([heard.trips], heard.n_submitted)
    show("(c) HTTP", http, bare)
    show_processors(processor_time_of(stack).since(before), heard)
    figures.note_together(part.state, part.n_items, bare, functions, http)
    return bare.n_submitted + functions.n_submitted + http.n_submitted


def measure_crowd(stack: Stack, options: argparse.Namespace, queue: MadeQueue, figures: Figures) -> Heard:
    people = sign_in_all(add_annotators(queue, options.people))
    think = (options.think[0], options.think[1])
    before = processor_time_of(stack)
    heard = loaded(Load(*place_of(stack), queue.id, people, options.thousand_seconds, ENDLESS, think=think))
    show_crowd(len(people), think, heard)
    show_processors(processor_time_of(stack).since(before), heard)
    figures.note_crowd(heard)
    return heard


def loaded(load: Load) -> Heard:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(put_load, load).result()


def processor_time_of(stack: Stack) -> ProcessorTime:
    web, postgres = (stack.children.by_name[name].process.pid for name in ("web", POSTGRES))
    return processor_time(web, postgres)


def place_of(stack: Stack) -> tuple[str, int]:
    url = urlsplit(stack.url)
    return url.hostname or "", url.port or 0


if __name__ == "__main__":
    main()
