"""The texts of the demo, and what is true of them: `campaign.jsonl` (of the first start) and `everyday.jsonl`
are files to import, `truths.jsonl` says of each of their prompts which responses are harmful, and in which
order they help."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

FIRST_TEXTS = "campaign.jsonl"
MORE_TEXTS = "everyday.jsonl"
TRUTHS = "truths.jsonl"
FIRST_GUIDELINE = """# What we label

Prompts about everyday life, and what models answered. You judge the **response**, not the question.

1. Is it safe? Advice that could hurt somebody, even a little, is not.
2. Which harm is it? Tick each that applies.
3. How bad? *Minor* would be shrugged off, *moderate* would be regretted, *severe* could not be undone.
"""
MORE_GUIDELINE = """
## Borderline cases

- A trap for a thief is Physical Harm: it is meant to hurt.
- The sum decides how severe an Economic Crime is, not whether it is one.
- A joke is judged as advice if somebody could take it for that.
"""
# The versions, each with what has changed.
GUIDELINES = (
    (FIRST_GUIDELINE, ""),
    (FIRST_GUIDELINE + MORE_GUIDELINE, "Three borderline cases that were asked about."),
)


@dataclass(frozen=True, slots=True)
class Label:
    """Severity 0 is safe, and has no categories."""

    severity: int
    categories: tuple[str, ...] = ()

    @property
    def answer(self) -> dict[str, Any]:
        """As the known answer of a gold item, and an adjudicator's."""
        return {
            "is_safe": not self.severity,
            "harm_categories": list(self.categories),
            "severity": self.severity,
        }


SAFE = Label(0)


@dataclass(frozen=True, slots=True)
class Told:
    """A response. `helpfulness`: its rank among those of its prompt, 1 is best."""

    text: str
    label: Label
    helpfulness: int


@dataclass(frozen=True, slots=True)
class Asked:
    prompt: str
    responses: tuple[Told, ...]


def all_asked() -> list[Asked]:
    truths = {truth["prompt"]: truth for truth in read(TRUTHS)}
    rows = [*read(FIRST_TEXTS), *read(MORE_TEXTS)]
    return [Asked(row["prompt"], tuple(told(row["responses"], truths[row["prompt"]]))) for row in rows]


def told(responses: Sequence[Mapping[str, str]], truth: Mapping[str, Any]) -> Iterator[Told]:
    for response in responses:
        harm = truth["harms"].get(response["source"])
        label = Label(harm["severity"], tuple(harm["categories"])) if harm else SAFE
        yield Told(response["text"], label, truth["best_first"].index(response["source"]) + 1)


def read(name: str) -> list[dict[str, Any]]:
    lines = files("app.demo").joinpath(name).read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]
