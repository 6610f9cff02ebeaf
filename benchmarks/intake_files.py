"""Files for the benchmark of intake: QA rows and pair rows of about 1 KB, as many as are wanted."""

import random
from collections.abc import Iterator
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

import orjson

from app.projects.pku import PKU

ROWS_A_PROMPT = 3
PROMPT_WORDS, QA_WORDS, PAIR_WORDS = 15, 35, 12
SYLLABLES = [first + vowel for first in "bdfgklmnprstvz" for vowel in "aeiou"]
N_WORDS = 4_000


def write_file(path: Path, shape: str, n_rows: int, seed: int = 1) -> None:
    """`shape`: "QA" or "pair". No text of one seed is one of another."""
    rows = qa_rows if shape == "QA" else pair_rows
    with path.open("wb") as file:
        file.writelines(orjson.dumps(row) + b"\n" for row in rows(n_rows, seed))


def qa_rows(n_rows: int, seed: int) -> Iterator[dict[str, object]]:
    chance = random.Random(seed)
    for number in range(n_rows):
        categories, severity = label(chance)
        row = {
            "prompt": prompt(number, n_rows, seed),
            "response": words(chance, some(chance, QA_WORDS)),
            "prompt_source": "benchmark",
            "response_source": "model-a",
            "is_safe": severity == 0,
            "severity_level": severity,
            "harm_category": categories,
        }
        yield row | {"sha256": digest(row, "response")}


def pair_rows(n_rows: int, seed: int) -> Iterator[dict[str, object]]:
    chance = random.Random(seed)
    for number in range(n_rows):
        row: dict[str, object] = {"prompt": prompt(number, n_rows, seed), "prompt_source": "benchmark"}
        for side in (0, 1):
            categories, severity = label(chance)
            row |= {
                f"response_{side}": words(chance, some(chance, PAIR_WORDS)),
                f"response_{side}_source": f"model-{side}",
                f"is_response_{side}_safe": severity == 0,
                f"response_{side}_harm_category": categories,
                f"response_{side}_severity_level": severity,
            }
            row[f"response_{side}_sha256"] = digest(row, f"response_{side}")
        yield row | {
            "better_response_id": chance.randrange(2),
            "safer_response_id": 0 if row["is_response_0_safe"] else 1,
        }


def prompt(number: int, n_rows: int, seed: int) -> str:
    """Each prompt comes ROWS_A_PROMPT times, far apart."""
    which = number % max(1, n_rows // ROWS_A_PROMPT)
    return f"{words(random.Random(which), PROMPT_WORDS)} {seed}-{which}?"


def label(chance: random.Random) -> tuple[dict[str, bool], int]:
    """Categories and severity; a third of them are safe."""
    severity = chance.choice((0, 0, 1, 2, 3, 3))
    names = set(chance.sample(PKU.category_names, 2)) if severity else set()
    return {name: name in names for name in PKU.category_names}, severity


def some(chance: random.Random, mean: int) -> int:
    """Answers are of all lengths."""
    return chance.randint(mean // 4, 2 * mean - mean // 4)


def words(chance: random.Random, n: int) -> str:
    return " ".join(chance.choices(VOCABULARY, cum_weights=FREQUENCIES, k=n))


def vocabulary() -> list[str]:
    chance = random.Random(0)
    return ["".join(chance.choices(SYLLABLES, k=chance.choice((1, 2, 2, 3, 4, 5)))) for _ in range(N_WORDS)]


VOCABULARY = vocabulary()
# As in prose: the second most frequent word half as often as the first, and so on.
FREQUENCIES = list(accumulate(1 / rank for rank in range(1, N_WORDS + 1)))


def digest(row: dict[str, object], response: str) -> str:
    return sha256(f"{row['prompt']}{row[response]}".encode()).hexdigest()
