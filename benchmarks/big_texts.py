"""Texts and items of several projects, two million if asked for, made by statements over whole sets.

The words are those of the demo campaign, as often as there, and a long tail of made-up names, so that a
search finds a word in half of the texts, in a thousandth of them, or in a handful.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from importlib.resources import files
from itertools import accumulate
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

RESPONSES_A_PROMPT = 4
QA_SHARE = 0.6
N_PASSAGES = 40_009  # a prime, so that no two texts are made of the same passages
N_NAMES = 20_000
WORD = re.compile(r"[a-z]{2,}")
SYLLABLES = tuple(
    first + rest
    for first in ("b", "d", "f", "l", "m", "n", "p", "r", "s", "v", "z", "br", "cl")
    for rest in ("a", "e", "i", "o", "u")
)

MAKE_PASSAGES = text("""
    CREATE TEMPORARY TABLE passage ON COMMIT DROP AS
    SELECT CAST(place AS int) - 1 AS place, words FROM unnest(CAST(:passages AS text[])) WITH ORDINALITY
        AS given (words, place)
""")
# Of a text with the number n: the first passage is the n-th, the second one another for each lap.
FIRST, SECOND = "n % :n_passages", "(n / :n_passages + 7 * n) % :n_passages"
MAKE_TEXTS = text(f"""
    WITH prompts AS (
        INSERT INTO prompt (id, project_id, sha256, text, source) OVERRIDING SYSTEM VALUE
        SELECT n, :project_id, sha256(convert_to(words, 'UTF8')), words, 'source-' || n % 4
        FROM (SELECT n, left(one.words, 60) || ' ' || left(two.words, 50) || '?' AS words
              FROM generate_series(CAST(:first_prompt AS bigint), :last_prompt) AS n
              JOIN passage AS one ON one.place = {FIRST} JOIN passage AS two ON two.place = {SECOND}) AS made
    )
    INSERT INTO response (id, prompt_id, sha256, text, source) OVERRIDING SYSTEM VALUE
    SELECT n, 1 + (n - 1) / :per_prompt, sha256(convert_to(words, 'UTF8')), words, 'model-' || n % 5
    FROM (SELECT n, one.words || ' ' || two.words AS words
          FROM generate_series(CAST(:first_response AS bigint), :last_response) AS n
          JOIN passage AS one ON one.place = {FIRST} JOIN passage AS two ON two.place = {SECOND}) AS made
""")  # noqa: S608 - constants
# QA pairs first. The first of a set's two responses depends on how often its prompt was taken before.
MAKE_ITEMS = text("""
    WITH items AS (
        INSERT INTO item (id, project_id, prompt_id, kind, sha256) OVERRIDING SYSTEM VALUE
        SELECT n, :project_id, prompt_id, kind, sha256(convert_to('item ' || n, 'UTF8'))
        FROM (
            SELECT :first_item + n AS n, :first_prompt + n / :per_prompt AS prompt_id, 'qa_pair' AS kind
            FROM generate_series(CAST(0 AS bigint), :n_qa_pairs - 1) AS n
            UNION ALL
            SELECT :first_set + n, :first_prompt + n % :n_prompts, 'response_set'
            FROM generate_series(CAST(0 AS bigint), :n_sets - 1) AS n) AS made
    )
    INSERT INTO item_response (item_id, position, response_id)
    SELECT :first_item + n, 0, :first_response + n
    FROM generate_series(CAST(0 AS bigint), :n_qa_pairs - 1) AS n
    UNION ALL
    SELECT :first_set + n, place,
        :first_response + :per_prompt * (n % :n_prompts) + (n / :n_prompts + place) % :per_prompt
    FROM generate_series(CAST(0 AS bigint), :n_sets - 1) AS n, generate_series(0, 1) AS place
""")
COUNT_ITEMS = text("""
    INSERT INTO item_count (project_id, kind, n_items) SELECT project_id, kind, count(*) FROM item
    GROUP BY project_id, kind
""")
SET_SEQUENCES = (
    "SELECT setval(pg_get_serial_sequence('{0}', 'id'), coalesce((SELECT max(id) FROM {0}), 0) + 1, false)"
)


class Made(NamedTuple):
    """So many of each are there now."""

    n_prompts: int
    n_responses: int
    n_items: int


def make_texts(session: Session, project_ids: list[int], n_items: list[int]) -> None:
    """So many items in each project, QA pairs and response sets of two."""
    session.execute(MAKE_PASSAGES, {"passages": passages(random.Random(1))})
    session.execute(text("CREATE INDEX ON passage (place)"))
    session.execute(text("ANALYZE passage"))
    made = Made(0, 0, 0)
    for project_id, n in zip(project_ids, n_items, strict=True):
        made = make_project_texts(session, project_id, n, made)
    session.execute(COUNT_ITEMS)
    for table in ("prompt", "response", "item"):
        session.execute(text(SET_SEQUENCES.format(table)))


def make_project_texts(session: Session, project_id: int, n_items: int, before: Made) -> Made:
    n_prompts = int(n_items * QA_SHARE) // RESPONSES_A_PROMPT
    n_qa_pairs = n_prompts * RESPONSES_A_PROMPT
    first_item = before.n_items + 1
    values = {
        "project_id": project_id,
        "first_prompt": before.n_prompts + 1,
        "last_prompt": before.n_prompts + n_prompts,
        "n_prompts": n_prompts,
        "first_response": before.n_responses + 1,
        "last_response": before.n_responses + n_qa_pairs,
        "first_item": first_item,
        "n_qa_pairs": n_qa_pairs,
        "first_set": first_item + n_qa_pairs,
        "n_sets": n_items - n_qa_pairs,
        "per_prompt": RESPONSES_A_PROMPT,
        "n_passages": N_PASSAGES,
    }
    for statement in (MAKE_TEXTS, MAKE_ITEMS):
        session.execute(statement, {name: values[name] for name in statement.compile().params})
    return Made(before.n_prompts + n_prompts, before.n_responses + n_qa_pairs, before.n_items + n_items)


def passages(chance: random.Random) -> list[str]:
    """Of one to four sentences each, 60 to 500 characters."""
    known = Counter(WORD.findall(" ".join(campaign_texts()).lower()))
    words, weights = list(known), list(accumulate(known.values()))
    names = ["".join(chance.choices(SYLLABLES, k=3)).title() for _ in range(N_NAMES)]
    return [
        " ".join(sentence(chance, words, weights, names) for _ in range(chance.randint(1, 4)))
        for _ in range(N_PASSAGES)
    ]


def campaign_texts() -> Iterator[str]:
    for line in files("app.demo").joinpath("campaign.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        yield row["prompt"]
        yield from (response["text"] for response in row["responses"])


def sentence(chance: random.Random, words: list[str], weights: list[int], names: list[str]) -> str:
    said = chance.choices(words, cum_weights=weights, k=chance.randint(9, 18))
    # The first names are asked for far more often than the last.
    said[chance.randrange(len(said))] = names[int(len(names) * chance.random() ** 3)]
    return " ".join(said).capitalize() + "."
