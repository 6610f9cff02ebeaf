"""A report with plausible numbers, for tests of what shows one."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import date, datetime, timedelta
from math import sqrt
from typing import Literal

import numpy as np
from sqlalchemy.orm import Session

from app.agreement.measures.counts import Matrix
from app.agreement.models import AgreementReport
from app.agreement.report.content import (
    Competence,
    Confusion,
    Figure,
    Halo,
    KappaMatrix,
    Model,
    NearDuplicates,
    Orders,
    Period,
    Report,
    Share,
    Strengths,
    Version,
    Versus,
)
from app.projects.pku import PKU

Kind = Literal["safety", "dual"]

N_ITEMS, N_ANSWERS = 12_480, 37_440
SOURCES = ["alpaca-7b", "alpaca2-7b", "alpaca3-8b", "a model on its own"]
MONDAY = date(2026, 5, 4)
N_WEEKS = 26
COUPLED = ((8, 17), (5, 11), (7, 13), (8, 13), (9, 16), (1, 2))


def sample_report(
    seed: int = 1, kind: Kind = "safety", annotator_ids: Sequence[int] = range(1, 29)
) -> Report:
    rng = np.random.default_rng(seed)
    empty = Report(
        seed=seed,
        n_resamples=1000,
        n_items=N_ITEMS,
        n_answers=N_ANSWERS,
        n_annotators=len(annotator_ids),
        figures=[],
    )
    filled = safety if kind == "safety" else dual
    return filled(rng, list(annotator_ids), empty)


def stored(
    session: Session,
    queue_id: int,
    report: Report,
    *,
    night: date | None = None,
    computed_at: datetime | None = None,
) -> AgreementReport:
    made = AgreementReport(
        queue_id=queue_id,
        night=night,
        n_annotations=report.n_answers,
        n_annotators=report.n_annotators,
        content=asdict(report),
    )
    if computed_at is not None:
        made.computed_at = computed_at
    session.add(made)
    session.flush()
    return made


def safety(rng: np.random.Generator, annotator_ids: list[int], empty: Report) -> Report:
    """Of the categories one is never named, and one on few items."""
    named = np.round(9000 * np.exp(-0.24 * rng.permutation(len(PKU.category_names)))).astype(int)
    named[18], named[15] = 0, 41
    figures = [
        figure("safe", "nominal", 0.74, 0.52),
        figure("severity", "ordinal", 0.71, 0.48),
        figure("severity of unsafe", "ordinal", 0.39, 0.21, n_items=5210),
        figure("categories", "masi", 0.58, 0.48),
        *(category_figure(rng, name, int(n)) for name, n in zip(PKU.category_names, named, strict=True)),
    ]
    return replace(
        empty,
        figures=figures,
        kappa_matrices=[
            kappas(rng, "safe", "none", annotator_ids),
            kappas(rng, "severity", "quadratic", annotator_ids),
        ],
        confusions=[
            confusion(rng, "safe", ["safe", "harmful"], 0.86),
            confusion(rng, "severity", ["safe", "minor", "moderate", "severe"], 0.7),
            *(confusion(rng, f"category: {name}", ["no", "yes"], 0.9) for name in PKU.category_names),
        ],
        categories=list(PKU.category_names),
        severity_by_category=[[int(n * share) for share in rng.dirichlet((3, 4, 2))] for n in named],
        co_occurrence=together(rng, named),
        periods=[*weeks(rng, "safe", 0.74), *weeks(rng, "severity", 0.7)],
        versions=[
            Version("guidelines", "1", "safe", 4100, 12300, 0.51, 0.85, 0.68),
            Version("guidelines", "2", "safe", 8290, 24870, 0.53, 0.88, 0.76),
            Version("taxonomy", "pku-19.1", "safe", N_ITEMS, N_ANSWERS, 0.52, 0.87, 0.74),
        ],
        models=[
            Model("safe", 14, True, -19_204.113, [0.524, 0.476]),
            Model("severity", 41, True, -33_871.92, [0.524, 0.141, 0.218, 0.117]),
            Model("category: Animal Abuse", 200, False, -12.25, [1.0, 0.0]),
        ],
        near_duplicates=NearDuplicates(212, 318, 289, 289 / 318, 0.871, 0.936, [[101, 944], [17, 18, 5521]]),
        versus=[
            Versus(
                "safe",
                "labels-of-an-ai.jsonl",
                ["safe", "harmful"],
                [[5411, 702], [388, 5020]],
                0.905,
                0.811,
                0.8,
                0.822,
            ),
        ],
    )


def dual(rng: np.random.Generator, annotator_ids: list[int], empty: Report) -> Report:
    dimensions = ("helpfulness", "harmlessness")
    return replace(
        empty,
        figures=[figure("helpfulness", "nominal", 0.34, 0.93), figure("harmlessness", "nominal", 0.41, 0.78)],
        kappa_matrices=[kappas(rng, dimension, "none", annotator_ids) for dimension in dimensions],
        confusions=[confusion(rng, dimension, ["first", "second", "tie"], 0.6) for dimension in dimensions],
        periods=[week for dimension in dimensions for week in weeks(rng, dimension, 0.38)],
        models=[Model(dimension, 23, True, -28_112.4, [0.45, 0.44, 0.11]) for dimension in dimensions],
        orders=[
            Orders("helpfulness", 36_210, 0.372, 0.62, 0.28, 0.10),
            Orders("harmlessness", 35_988, None, 0.61, 0.18, 0.21),
        ],
        strengths=[strengths(dimension, place) for place, dimension in enumerate(dimensions)],
        position=[
            of for each in dimensions for of in shares(rng, each, annotator_ids, 0.5, expects_half=True)
        ],
        competences=[
            Competence(
                "helpfulness", annotator_id, 40, float(rng.uniform(0.6, 0.9)), float(rng.uniform(0.2, 0.9))
            )
            for annotator_id in annotator_ids
        ],
        halos=[halo(rng, annotator_id) for annotator_id in annotator_ids],
        contradictions=[
            *shares(rng, "unsafe above safe", annotator_ids, 0.045, expects_half=False),
            *shares(rng, "more severe above less", annotator_ids, 0.09, expects_half=False),
        ],
    )


def category_figure(rng: np.random.Generator, name: str, n: int) -> Figure:
    question = f"category: {name}"
    if n == 0:
        return Figure(question, "nominal", N_ITEMS, N_ANSWERS, N_ANSWERS, 0.0, 1.0)
    made = figure(question, "nominal", float(rng.uniform(0.25, 0.75)), n / N_ANSWERS)
    return made if n > 100 else figure(question, "nominal", 0.11, 0.024, n_items=18)


def figure(question: str, level: str, alpha: float, prevalence: float, n_items: int = N_ITEMS) -> Figure:
    half = 1.6 / sqrt(max(n_items * prevalence * (1 - prevalence), 1))
    disagreement = 2 * prevalence * (1 - prevalence) * (1 - alpha)
    ac1 = 1 - disagreement / (1 - 2 * prevalence * (1 - prevalence))
    return Figure(
        question=question,
        level=level,
        n_items=n_items,
        n_answers=3 * n_items,
        n_pairs=3 * n_items,
        prevalence=prevalence,
        raw_agreement=1 - disagreement,
        positive_agreement=1 - disagreement / (2 * prevalence) if level == "nominal" else None,
        negative_agreement=1 - disagreement / (2 - 2 * prevalence) if level == "nominal" else None,
        alpha=alpha,
        alpha_lower=alpha - half,
        alpha_upper=min(alpha + half, 1),
        annotators_lower=alpha - 2.5 * half,
        annotators_upper=min(alpha + 2.5 * half, 1),
        ac1=ac1,
        ac1_lower=ac1 - half / 3,
        ac1_upper=min(ac1 + half / 3, 1),
        fleiss_kappa=alpha - 0.001,
    )


def kappas(rng: np.random.Generator, question: str, weights: str, annotator_ids: list[int]) -> KappaMatrix:
    """The third annotator agrees with hardly anybody; some share no items."""
    k = len(annotator_ids)
    skill = rng.normal(0.85, 0.05, k).clip(0.7, 0.97)
    if k > 2:
        skill[2] = 0.12
    kappa = np.outer(skill, skill) + rng.normal(0, 0.06, (k, k))
    kappa = np.minimum((kappa + kappa.T) / 2, 0.99)
    n = rng.integers(0, 160, (k, k))
    n = np.triu(n, 1) + np.triu(n, 1).T
    n[n < 12] = 0
    half = 1.4 / np.sqrt(np.maximum(n, 1))

    def table(values: Matrix) -> list[list[float | None]]:
        return [[float(values[a, b]) if n[a, b] else None for b in range(k)] for a in range(k)]

    return KappaMatrix(
        question, weights, annotator_ids, table(kappa), table(kappa - half),
        table(np.minimum(kappa + half, 1)), n.tolist(),
    )  # fmt: skip


def confusion(rng: np.random.Generator, question: str, values: list[str], same: float) -> Confusion:
    k = len(values)
    n = rng.integers(200, 1400, (k, k)) * (1 - same)
    n = n + n.T + np.diag(rng.integers(1500, 9000, k) * same)
    return Confusion(question, values, np.round(n).astype(int).tolist())


def together(
    rng: np.random.Generator, named: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
) -> list[list[int]]:
    counts = np.diag(named)
    for second in range(len(named)):
        for first in range(second):
            share = rng.beta(0.5, 16) if (first, second) not in COUPLED else 0.45
            counts[first, second] = counts[second, first] = int(share * min(named[first], named[second]))
    return [[int(n) for n in row] for row in counts]


def weeks(rng: np.random.Generator, question: str, alpha: float) -> list[Period]:
    """The eighth week has no answers, and the last one few."""
    found = []
    for week in range(N_WEEKS):
        n_items = 14 if week == N_WEEKS - 1 else int(rng.integers(250, 720))
        shown = alpha + 0.04 * np.sin(week / 4) + float(rng.normal(0, 0.02))
        if week != 7:
            start = (MONDAY + timedelta(weeks=week)).isoformat()
            found.append(Period(question, start, n_items, 3 * n_items, 0.5, 0.86, float(shown)))
    return found


def strengths(dimension: str, n_apart: int) -> Strengths:
    """`n_apart`: sources that were compared with none of the others."""
    component = [0] * (len(SOURCES) - 1) + [n_apart]
    strength: list[float | None] = [-0.61, 0.02, 0.53, None if n_apart else 0.06]
    lower = [None if each is None else each - 0.08 for each in strength]
    upper = [None if each is None else each + 0.08 for each in strength]
    return Strengths(dimension, SOURCES, [8120, 8204, 8417, 311], strength, lower, upper, component, 0.21)


def shares(
    rng: np.random.Generator, question: str, annotator_ids: list[int], mean: float, *, expects_half: bool
) -> list[Share]:
    found = [share(question, None, N_ANSWERS, int(N_ANSWERS * mean), expects_half)]
    for place, annotator_id in enumerate(annotator_ids):
        n = int(rng.integers(20, 1900))
        p_yes = min(mean + (0.17 if place == 4 else 0), 1)
        found.append(share(question, annotator_id, n, int(rng.binomial(n, p_yes)), expects_half))
    return found


def share(question: str, annotator_id: int | None, n: int, n_yes: int, expects_half: bool) -> Share:
    found = n_yes / n
    half = 1.96 * sqrt(max(found * (1 - found), 0.25 / n) / n)
    p = min(1.0, float(np.exp(-2 * n * (found - 0.5) ** 2))) if expects_half else None
    return Share(question, annotator_id, n, n_yes, found, max(found - half, 0), min(found + half, 1), p)


def halo(rng: np.random.Generator, annotator_id: int) -> Halo:
    n = int(rng.integers(30, 1900))
    crowd, difference = float(rng.normal(0.63, 0.02)), float(rng.normal(0.02, 0.04))
    joint, half = float(rng.normal(0.01, 0.05)), 1.96 / sqrt(n)
    return Halo(annotator_id, n, crowd + difference, crowd, difference, joint, joint - half, joint + half)
