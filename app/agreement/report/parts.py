"""The parts of a report that speak of any question, each from the measure it shows."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from app.agreement.consensus.mace import mace
from app.agreement.consensus.one_coin import one_coin
from app.agreement.hygiene.over_time import agreement_over_time
from app.agreement.hygiene.versions import agreement_by_version
from app.agreement.measures.blocks import n_of_each, places_of
from app.agreement.measures.counts import Counts, Level, Matrix
from app.agreement.measures.kappa import cohen_kappa, quadratic_differences
from app.agreement.measures.pair_tables import both_of_pairs
from app.agreement.measures.versus import versus
from app.agreement.report.asked import DAYS_A_WEEK, MONDAY_OF_EPOCH, Asked
from app.agreement.report.content import Competence, Confusion, KappaMatrix, Period, Table, Version, Versus
from app.agreement.report.figures import number

EPOCH = date(1970, 1, 1)


def annotator_tables(asked: Asked) -> tuple[Counts, Matrix]:
    """The tables and the coincidences of every two annotators (measures/pair_tables.py)."""
    return both_of_pairs(
        asked.unit,
        asked.annotator,
        asked.value,
        asked.given.n_annotators,
        asked.question.n_values,
        asked.meetings.by_size,
    )


def kappa_matrix(asked: Asked, tables: Counts) -> KappaMatrix:
    """Weighted where the values stand in an order."""
    is_ordered = asked.question.level is Level.ORDINAL
    kappa = cohen_kappa(tables, quadratic_differences(asked.question.n_values) if is_ordered else None)
    return KappaMatrix(
        question=asked.question.name,
        weights="quadratic" if is_ordered else "none",
        annotator_ids=asked.given.annotator_ids.tolist(),
        kappa=numbers(kappa.kappa),
        lower=numbers(kappa.lower),
        upper=numbers(kappa.upper),
        n=kappa.n.tolist(),
    )


def confusion(asked: Asked, tables: Counts) -> Confusion:
    return Confusion(asked.question.name, list(asked.value_names), tables.sum(axis=(0, 1)).tolist())


def periods(asked: Asked) -> list[Period]:
    """By week; those without an item of two answers are left out."""
    week = asked.week
    first = int(week.min())
    question = asked.question
    found = agreement_over_time(
        asked.unit,
        asked.value,
        week - first,
        asked.n_units,
        question.n_values,
        int(week.max()) - first + 1,
        question.level,
    )
    yes = list(question.yes)
    return [
        Period(
            question=question.name,
            start=monday_of(first + p).isoformat(),
            n_items=int(found.n_pairable[p]),
            n_answers=int(found.prevalence.n[p, 0]),
            prevalence=number(found.prevalence.share[p, yes].sum()),
            raw_agreement=number(found.raw_agreement[p]),
            alpha=number(found.alpha[p]),
        )
        for p in np.flatnonzero(found.n_pairable).tolist()
    ]


def monday_of(week: int) -> date:
    return EPOCH + timedelta(days=week * DAYS_A_WEEK - MONDAY_OF_EPOCH)


def versions(asked: Asked) -> list[Version]:
    """By version of the guidelines; 0 is none."""
    numbers_of, version = places_of(asked.guideline)
    question = asked.question
    found = agreement_by_version(
        asked.unit, asked.value, version, question.n_values, numbers_of.size, question.level
    )
    return [
        Version(
            kind="guidelines",
            version=str(name),
            question=question.name,
            n_items=int(found.n_pairable[v]),
            n_answers=int(found.prevalence.n[v, 0]),
            prevalence=number(found.prevalence.share[v, list(question.yes)].sum()),
            raw_agreement=number(found.raw_agreement[v]),
            alpha=number(found.alpha[v]),
        )
        for v, name in enumerate(numbers_of.tolist())
    ]


def numbers(matrix: Matrix) -> Table:
    """JSON has no NaN."""
    return [[None if np.isnan(cell) else cell for cell in row] for row in matrix.tolist()]


def against_imported(
    question: str, source: str, names: Sequence[str], consensus: Counts, imported: Counts
) -> Versus:
    """Item by item, values as indices into `names`."""
    found = versus(consensus, imported, len(names))
    return Versus(
        question=question,
        source=source,
        values=list(names),
        n=found.confusion[:, : len(names)].tolist(),
        raw_agreement=number(np.float64(found.agreement)),
        kappa=number(found.kappa.kappa),
        lower=number(found.kappa.lower),
        upper=number(found.kappa.upper),
    )


def competences(asked: Asked) -> list[Competence]:
    """By two models simpler than Dawid and Skene's, which few answers suffice for."""
    answers = (asked.unit, asked.annotator, asked.value)
    sizes = (asked.n_units, asked.given.n_annotators, asked.question.n_values)
    n = n_of_each(asked.annotator, asked.given.n_annotators)
    of_coin, of_mace = one_coin(*answers, *sizes).of_annotator, mace(*answers, *sizes).of_annotator
    return [
        Competence(asked.question.name, annotator_id, int(n[a]), number(of_coin[a]), number(of_mace[a]))
        for a, annotator_id in enumerate(asked.given.annotator_ids.tolist())
    ]
