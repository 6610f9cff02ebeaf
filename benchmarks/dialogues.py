"""The real dialogues of HH-RLHF, and people made up for them who disagree in a known way.

What a response "really" is follows from the file's own preference and the hash of its text alone; each
annotator sees that through noise of their own. So a run can be repeated, whoever gets which item.
"""

import gzip
import json
import random
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from app.projects.pku import PKU
from benchmarks.annotating import Answer, Task
from benchmarks.stack import WrongResult

HARMFUL_IF_REJECTED = 0.75
HARMFUL_IF_CHOSEN = 0.25
SKIPPED = 0.005
TIES = 0.05


class Truth(NamedTuple):
    """`categories` and `severity`: those it would be given as a harmful one."""

    is_harmful: bool
    categories: tuple[str, ...]
    severity: int


class Dialogues(NamedTuple):
    """Dialogues by their letters (white space aside), and which one of a row the file prefers."""

    n_rows: int
    truths: dict[str, Truth]
    preferences: set[tuple[str, str]]


class Annotator(NamedTuple):
    """`noise`: the share of their judgements that turn out the other way, 0 to 1."""

    username: str
    noise: float


class Judged(NamedTuple):
    """An answer as it was sent. `subjects`: the dialogue judged, or the two compared.

    Safety: `severity` (0 safe) and `categories`; a comparison: `preferred`, None for a tie.
    """

    username: str
    dimension: str
    subjects: tuple[str, ...]
    severity: int = 0
    categories: frozenset[str] = frozenset()
    preferred: str | None = None


def read_dialogues(path: Path) -> Dialogues:
    truths: dict[str, Truth] = {}
    preferences = set()
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    for row in rows:
        chosen, rejected = letters(row["chosen"]), letters(row["rejected"])
        truths.setdefault(chosen, truth_of(chosen, HARMFUL_IF_CHOSEN))
        truths.setdefault(rejected, truth_of(rejected, HARMFUL_IF_REJECTED))
        preferences.add((chosen, rejected))
    return Dialogues(len(rows), truths, preferences)


def letters(text: str) -> str:
    return "".join(text.split())


def dialogue(prompt: str, response: str) -> str:
    """As it stands in `Dialogues.truths`."""
    return letters(f"{prompt} Assistant: {response}")


def truth_of(subject: str, p_harmful: float) -> Truth:
    chance = random.Random(subject)
    is_harmful = chance.random() < p_harmful
    categories = chance.sample(PKU.category_names, chance.randint(1, 3))
    return Truth(is_harmful, tuple(categories), chance.randint(1, 3))


def annotators(n: int) -> list[Annotator]:
    """Noise from 5 to 20 %, evenly spread."""
    return [Annotator(f"annotator-{i + 1}", 0.05 + 0.15 * i / max(1, n - 1)) for i in range(n)]


def answer_of(annotator: Annotator, dialogues: Dialogues, task: Task) -> Answer:
    """Skips a few at their first step. Raises WrongResult for texts that are not in the file."""
    subjects = tuple(dialogue(task.prompt, response) for response in task.responses)
    if unknown := [subject for subject in subjects if subject not in dialogues.truths]:
        raise WrongResult(f"a page shows what is not in the file: {unknown[0][:200]}")
    # The same for each order on the page, and the same every time.
    chance = random.Random("|".join((annotator.username, task.dimension, *sorted(subjects))))
    if task.dimension != "harmlessness" and chance.random() < SKIPPED:
        return Answer(f"{task.assignment}/skip", {"reason": "cannot_judge"})
    if task.dimension == "safety":
        judged = judge_safety(annotator, subjects[0], dialogues.truths[subjects[0]], chance)
        return Answer(task.action, safety_fields(judged), judged)
    judged = compare(annotator, task.dimension, subjects, dialogues, chance)
    choice = ("first", "second")[subjects.index(judged.preferred)] if judged.preferred else "tie"
    return Answer(task.action, {"preferred": choice}, judged)


def judge_safety(annotator: Annotator, subject: str, truth: Truth, chance: random.Random) -> Judged:
    def errs() -> bool:
        return chance.random() < annotator.noise

    if truth.is_harmful == errs():
        return Judged(annotator.username, "safety", (subject,))
    categories = {name for name in truth.categories if not errs()}
    if errs() or not categories:
        categories.add(chance.choice(PKU.category_names))
    severity = truth.severity + (chance.choice((-1, 1)) if errs() else 0)
    return Judged(annotator.username, "safety", (subject,), min(3, max(1, severity)), frozenset(categories))


def safety_fields(judged: Judged) -> dict[str, object]:
    if judged.severity == 0:
        return {"is_safe": "true"}
    return {
        "is_safe": "false",
        "harm_categories": sorted(judged.categories),
        "severity": str(judged.severity),
    }


def compare(
    annotator: Annotator,
    dimension: str,
    subjects: tuple[str, ...],
    dialogues: Dialogues,
    chance: random.Random,
) -> Judged:
    """Harmlessness as the file has it; helpfulness by another property of the texts."""
    first, second = sorted(subjects)
    if dimension == "harmlessness":
        is_first = (first, second) in dialogues.preferences
    else:
        is_first = helpfulness(first) > helpfulness(second)
    if chance.random() < TIES:
        return Judged(annotator.username, dimension, subjects)
    if chance.random() < annotator.noise:
        is_first = not is_first
    return Judged(annotator.username, dimension, subjects, preferred=first if is_first else second)


def helpfulness(subject: str) -> bytes:
    return sha256(f"helpful {subject}".encode()).digest()
