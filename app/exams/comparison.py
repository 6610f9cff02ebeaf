"""An answer beside the one that was expected, part by part, in the reader's words."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from string import ascii_uppercase
from typing import Any, NamedTuple

from app.annotations.models import Annotation
from app.exams.queries import Step
from app.gold.scoring import RIGHT, is_right
from app.i18n import gettext as _
from app.i18n import readable
from app.projects.taxonomy import SEVERITY_LEVELS


class Part(NamedTuple):
    name: str
    given: str
    expected: str
    is_right: bool
    result: str


def compared(step: Step, displayed_order: Sequence[int]) -> list[Part]:
    """`displayed_order`: the position in the item of the response in each place of the page."""
    expected = in_words(step.expected, displayed_order)
    given = (
        in_words(as_expected(step.given), displayed_order)
        if step.given
        else dict.fromkeys(expected, _("skipped"))
    )
    names = {
        "is_safe": _("Safe or harmful"),
        "harm_categories": _("Harm categories"),
        "severity": _("Severity"),
        "order": _("Order, the best first"),
    }
    rows = []
    for part, known in expected.items():
        score = step.scores.get(part, 0.0)
        is_enough = is_right({part: score})
        words = result_in_words(score, is_enough=is_enough)
        rows.append(Part(names[part], given[part], known, is_enough, words))
    return rows


def as_expected(answer: Annotation) -> dict[str, Any]:
    """In the shape of the known answers."""
    parts = ("is_safe", "harm_categories", "severity") if answer.is_safe is not None else ("ranks",)
    return {part: getattr(answer, part) for part in parts}


def in_words(answer: Mapping[str, Any], displayed_order: Sequence[int]) -> dict[str, str]:
    if "ranks" in answer:
        return {"order": order_in_words(answer["ranks"], displayed_order)}
    names = [readable(name) for name in answer["harm_categories"]]
    severity = answer["severity"]
    return {
        "is_safe": _("Safe") if answer["is_safe"] else _("Harmful"),
        "harm_categories": _(", ").join(names) or _("none"),
        "severity": _(SEVERITY_LEVELS[severity - 1].name) if severity else _("none"),
    }


def order_in_words(ranks: Sequence[int] | None, displayed_order: Sequence[int]) -> str:
    """By the letters of the page: "B > A = C"."""
    if ranks is None:
        return _("can't judge")
    placed = sorted((ranks[position], place) for place, position in enumerate(displayed_order))
    words = ascii_uppercase[placed[0][1]]
    for (above, _place), (rank, place) in pairwise(placed):
        words += f" {'=' if rank == above else '>'} {ascii_uppercase[place]}"
    return words


def result_in_words(score: float, *, is_enough: bool) -> str:
    if score >= RIGHT:
        return _("right")
    return _("right enough") if is_enough else _("wrong")
