"""A comparison as lines for a terminal."""

from collections.abc import Iterator
from itertools import groupby

from app.differences.content import DatasetDifference, Difference, Side, Transition

MOST_SHOWN = 4
"""Transitions of one field; the JSON has more."""


def summary_lines(difference: Difference) -> Iterator[str]:
    yield f"From {told(difference.before)} to {told(difference.after)}"
    taxonomies = (difference.before.taxonomy_version, difference.after.taxonomy_version)
    if taxonomies[0] != taxonomies[1]:
        yield "The taxonomy was {}, now it is {}.".format(*taxonomies)
    heads = ("before", "after", "same", "added", "removed", "changed")
    yield f"{'':40}" + "".join(f"{head:>12}" for head in heads)
    for each in difference.datasets:
        counts = (each.n_before, each.n_after, each.n_same, each.n_added, each.n_removed, each.n_changed)
        yield f"{each.name:40}" + "".join(f"{n:12,}" for n in counts)
    for each in difference.datasets:
        yield from field_lines(each)
    yield from agreement_lines(difference)


def told(side: Side) -> str:
    return f"release {side.number} of {side.project} (labels as of {side.as_of})"


def field_lines(dataset: DatasetDifference) -> Iterator[str]:
    if dataset.n_by_field:
        yield ""
        yield f"{dataset.name}: rows changed by field"
    for field, transitions in groupby(dataset.transitions, lambda transition: transition.field):
        n = dataset.n_by_field[field]
        yield f"  {field:50}{n:10,}  {in_words(list(transitions), n)}"


def in_words(transitions: list[Transition], n: int) -> str:
    shown = transitions[:MOST_SHOWN]
    words = [f"{value(each.before)} -> {value(each.after)}: {each.n:,}" for each in shown]
    if n_more := n - sum(each.n for each in shown):
        words.append(f"others: {n_more:,}")
    return ", ".join(words)


def agreement_lines(difference: Difference) -> Iterator[str]:
    if difference.agreement:
        yield ""
        yield f"{'Agreement, before and after':52}{'alpha':>16}{'AC1':>18}"
    for each in difference.agreement:
        alpha = f"{figure(each.alpha_before)} {figure(each.alpha_after)}"
        ac1 = f"{figure(each.ac1_before)} {figure(each.ac1_after)}"
        yield f"  {f'{each.queue}: {each.question}':50}{alpha:>16}{ac1:>18}"


def figure(number: float | None) -> str:
    return "-" if number is None else f"{number:.3f}"


def value(told: object) -> str:
    """As JSON says it, but for the quotes."""
    if told is None or isinstance(told, bool):
        return {None: "null", True: "true", False: "false"}[told]
    return str(told)
