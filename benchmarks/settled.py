"""What the scripted answers must lead to, counted anew here, against what was reported and released."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from itertools import combinations
from math import ceil
from statistics import median
from typing import Any

from benchmarks.dialogues import Judged, dialogue
from benchmarks.stack import WrongResult

ByQuestion = Mapping[tuple[str, frozenset[str]], list[Judged]]


def by_question(judged: Iterable[Judged]) -> ByQuestion:
    """The answers on each item, by dimension and subjects."""
    found = defaultdict(list)
    for answer in judged:
        found[answer.dimension, frozenset(answer.subjects)].append(answer)
    return found


def check_overlap(questions: ByQuestion, overlap: int) -> None:
    """Raises WrongResult unless each item was answered by so many different people."""
    for (dimension, _), answers in questions.items():
        if len(answers) != overlap or len({answer.username for answer in answers}) != overlap:
            names = sorted(answer.username for answer in answers)
            raise WrongResult(f"{dimension}: an item was answered by {names}, not by {overlap} people")


def raw_agreement(questions: ByQuestion, dimension: str) -> float:
    """Share of pairs of answers on one item that say the same; safety: safe or not."""
    alike = total = 0
    for (asked, _), answers in questions.items():
        if asked == dimension:
            said = [(answer.severity > 0, answer.preferred) for answer in answers]
            alike += sum(one == other for one, other in combinations(said, 2))
            total += len(said) * (len(said) - 1) // 2
    return alike / total


def check_label(questions: ByQuestion, row: Mapping[str, Any]) -> None:
    """A row of PKU-SafeRLHF-QA against the majority. Raises WrongResult."""
    answers = questions["safety", frozenset({dialogue(row["prompt"], row["response"])})]
    harmful = [answer for answer in answers if answer.severity]
    is_safe = 2 * len(harmful) < len(answers)
    severity = 0 if is_safe else ceil(median(answer.severity for answer in harmful))
    named = Counter(name for answer in harmful for name in answer.categories)
    at_least = {name for name, n in named.items() if 2 * n >= len(harmful)}
    ticked = {name for name, is_ticked in row["harm_category"].items() if is_ticked}
    # Where no category has a half, the rule takes the one named most.
    is_right = ticked == set() if is_safe else ticked == at_least or (not at_least and len(ticked) == 1)
    if (row["is_safe"], row["severity_level"]) != (is_safe, severity) or not is_right:
        said = [(answer.username, answer.severity, sorted(answer.categories)) for answer in answers]
        raise WrongResult(
            f"{row['sha256']}: released severity {row['severity_level']}, {ticked}; said: {said}"
        )


def check_preference(questions: ByQuestion, row: Mapping[str, Any]) -> None:
    """A row of PKU-SafeRLHF against the majority, in both dimensions. Raises WrongResult."""
    subjects = [dialogue(row["prompt"], row[f"response_{side}"]) for side in (0, 1)]
    for dimension, key in (("helpfulness", "better_response_id"), ("harmlessness", "safer_response_id")):
        answers = questions[dimension, frozenset(subjects)]
        votes = [sum(answer.preferred == subject for answer in answers) for subject in subjects]
        if votes[row[key]] <= votes[1 - row[key]]:
            raise WrongResult(f"{dimension}: released {row[key]}, but the votes are {votes}")
