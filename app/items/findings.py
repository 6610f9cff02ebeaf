"""What is found out about the texts of an import: garbled and empty ones, near-duplicates, languages."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from app.items.merge import Numbered
from app.items.report import Report
from app.items.rows import Row, Text
from app.items.texts.garbled import Garbled, why_garbled
from app.items.texts.languages import LanguageSample
from app.items.texts.words import words_of

MOST_EXAMPLES = 10


@dataclass
class Found:
    """`examples`: where the first of them are, as `InFile.place` says it."""

    n: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, place: str) -> None:
        self.n += 1
        if len(self.examples) < MOST_EXAMPLES:
            self.examples.append(place)

    def as_json(self) -> dict[str, Any]:
        return {"n": self.n, "examples": self.examples}


@dataclass
class Findings:
    """`empty`: prompts and responses without text, whose rows are rejected. `similar`: responses nearly the
    same as an earlier one to the same prompt; `n_left_out`: of these."""

    garbled: dict[Garbled, Found] = field(default_factory=dict)
    empty: Found = field(default_factory=Found)
    similar: Found = field(default_factory=Found)
    n_left_out: int = 0
    languages: LanguageSample = field(default_factory=LanguageSample)

    def as_json(self) -> dict[str, Any]:
        """As `import.findings` holds it."""
        languages = self.languages.counted()
        return {
            "garbled": {reason.value: found.as_json() for reason, found in self.garbled.items()},
            "empty": self.empty.as_json(),
            "similar": self.similar.as_json() | {"n_left_out": self.n_left_out},
            "languages": {"counts": languages, "n_sampled": sum(n for _, n in languages)},
        }


def look_at_texts(batch: Sequence[Numbered], findings: Findings, report: Report) -> None:
    """A prompt that stands on many lines is looked at once a batch."""
    prompts: dict[bytes, Garbled | None] = {}
    for line, row in batch:
        sha256 = row.prompt.sha256
        if sha256 not in prompts:
            prompts[sha256] = looked_at(row.prompt, findings)
        note_garbled(prompts[sha256], line, "prompt", findings, report)
        for position, response in enumerate(row.responses):
            reason = looked_at(response, findings)
            if reason:
                note_garbled(reason, line, name_of(row, position), findings, report)


def looked_at(text: Text, findings: Findings) -> Garbled | None:
    findings.languages.add(text.text, text.sha256)
    return why_garbled(text.text, words_of(text.text))


def note_garbled(reason: Garbled | None, line: int, name: str, findings: Findings, report: Report) -> None:
    if reason:
        findings.garbled.setdefault(reason, Found()).add(report.in_file.place(line))
        report.warn(line, name, f"looks garbled: {reason}")


def name_of(row: Row, position: int) -> str:
    """Of a response, for the report."""
    n = len(row.responses)
    return f"response {position + 1} of {n}" if n > 1 else "response"
