"""A queue's whole report, from its answers and what is known of its items."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from app.agreement.hygiene.category_tables import category_tables
from app.agreement.measures.blocks import n_of_each
from app.agreement.measures.counts import Counts, Indexes, Level
from app.agreement.measures.over_annotators import jackknife
from app.agreement.measures.patterns import label_patterns
from app.agreement.report.answers import Rankings, SafetyLabels, pairs_of
from app.agreement.report.asked import Asked, asked_of_labels, asked_of_pairs, kinds_of_labels
from app.agreement.report.content import Figure, Model, NearDuplicates, Report, Versus
from app.agreement.report.figures import figure, number, set_figure
from app.agreement.report.pair_parts import contradictions, halos, orders, position_shares, strengths
from app.agreement.report.parts import (
    annotator_tables,
    competences,
    confusion,
    kappa_matrix,
    periods,
    versions,
)
from app.agreement.report.questions import categories_question

N_RESAMPLES = 1000
# Those that have a matrix of annotators, a course over time, and figures by version.
MAIN_QUESTIONS = ("safe", "severity", "helpfulness", "harmlessness", "single")


@dataclass(frozen=True, slots=True)
class Responses:
    """Of the responses of ranked items, by the index of the item and the response's position in it.

    `source`: index into `sources`; `severity`: by the consensus of safety labels, 0 to 3; both of shape
    (n_items, most_responses), -1 where there is none.
    """

    sources: Sequence[str]
    source: Indexes
    severity: Indexes


@dataclass(frozen=True, slots=True)
class Ranked:
    """Rankings in one dimension and what is known of the responses."""

    rankings: Rankings
    responses: Responses


@dataclass(frozen=True, slots=True)
class Material:
    """What a report is made of. `ranked`: by dimension. Nothing where the queue does not ask for it."""

    safety: SafetyLabels | None = None
    ranked: dict[str, Ranked] = field(default_factory=dict)
    models: list[Model] = field(default_factory=list)
    near_duplicates: NearDuplicates | None = None
    versus: list[Versus] = field(default_factory=list)


def report(
    material: Material, category_names: Sequence[str], seed: int, n_resamples: int = N_RESAMPLES
) -> Report:
    """`seed`: of the bootstraps. The same material and seed give the same report, whatever the order."""
    given = [ranked.rankings.given for ranked in material.ranked.values()]
    given += [material.safety.given] if material.safety else []
    made = Report(
        seed=seed,
        n_resamples=n_resamples,
        n_items=n_different([of.item_ids for of in given]),
        n_answers=sum(of.item.size for of in given),
        n_annotators=n_different([of.annotator_ids for of in given]),
        figures=[],
        categories=list(category_names) if material.safety else [],
        models=material.models,
        near_duplicates=material.near_duplicates,
        versus=material.versus,
    )
    if material.safety is not None:
        add_safety(made, material.safety, category_names)
    asked = {dimension: add_ranking(made, dimension, ranked) for dimension, ranked in material.ranked.items()}
    if {"helpfulness", "harmlessness"} <= asked.keys():
        made.halos.extend(halos(asked["helpfulness"], asked["harmlessness"]))
    return made


def add_safety(made: Report, labels: SafetyLabels, category_names: Sequence[str]) -> None:
    kinds = kinds_of_labels(labels)
    for asked in asked_of_labels(kinds, category_names):
        found = figure(asked.question, kinds.patterns, seed=made.seed, n_resamples=made.n_resamples)
        add_question(made, found, asked)
    sets = categories_question(kinds.mask)
    made.figures.append(set_figure(sets, kinds.patterns, seed=made.seed, n_resamples=made.n_resamples))
    tables = category_tables(
        kinds.severity, kinds.mask, n_of_each(kinds.label, kinds.mask.size), len(category_names)
    )
    made.severity_by_category.extend(tables.by_severity.tolist())
    made.co_occurrence.extend(tables.together.tolist())


def add_ranking(made: Report, dimension: str, ranked: Ranked) -> Asked:
    pairs = pairs_of(ranked.rankings)
    asked = asked_of_pairs(dimension, ranked.rankings, pairs)
    patterns = label_patterns(pairs.unit, pairs.value, pairs.n_units)
    found = figure(asked.question, patterns, seed=made.seed, n_resamples=made.n_resamples)
    add_question(made, found, asked)
    made.orders.append(orders(dimension, ranked.rankings))
    made.position.extend(position_shares(asked, pairs))
    if ranked.responses.sources:
        made.strengths.append(strengths(asked, pairs, ranked.responses.source, ranked.responses.sources))
    if dimension == "harmlessness":
        made.contradictions.extend(contradictions(asked, pairs, ranked.responses.severity))
    return asked


def add_question(made: Report, found: Figure, asked: Asked) -> None:
    """The figure with its interval over annotators, and the confusion; of a main question also how each two
    annotators agree, how all do over time, and how able each is."""
    tables, coincidences = annotator_tables(asked)
    interval = jackknife(coincidences, asked.question.level)
    made.figures.append(
        replace(
            found,
            annotators_lower=number(np.float64(interval.alpha_lower)),
            annotators_upper=number(np.float64(interval.alpha_upper)),
        )
    )
    if not tables.any():
        # Nobody has met anybody: there is nothing to draw.
        return
    made.confusions.append(confusion(asked, tables))
    if asked.question.name in MAIN_QUESTIONS:
        made.kappa_matrices.append(kappa_matrix(asked, tables))
        made.periods.extend(periods(asked))
        made.versions.extend(versions(asked))
    if asked.question.name in MAIN_QUESTIONS and asked.question.level is Level.NOMINAL:
        made.competences.extend(competences(asked))


def n_different(ids: Sequence[Counts]) -> int:
    return int(np.unique(np.concatenate(ids)).size) if ids else 0
