"""Computing a queue's agreement and keeping it."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from sqlalchemy.orm import Session

from app.agreement.certainty import certainty_of_preferences, certainty_of_units
from app.agreement.models import AgreementReport, OverlapReport
from app.agreement.queries import (
    RankingAnswer,
    SafetyAnswer,
    finished_items,
    ranking_answers,
    safety_answers,
    safety_verdicts,
)
from app.agreement.report import Figure, SafetyAnswers, preference_figure, safety_figures
from app.assignments.interventions import add_places
from app.projects.taxonomy import CATEGORY_NAMES
from app.queues.models import Dimension, Queue
from app.queues.queries import queue_of

N_VERDICTS = 2


def compute_agreement(session: Session, queue_id: int) -> AgreementReport:
    """Figures over every answer in the queue that counts. Raises NotFound."""
    figures: list[Figure] = []
    answers: list[SafetyAnswer | RankingAnswer] = []
    for dimension in queue_of(session, queue_id).steps:
        if dimension is Dimension.SAFETY:
            labels = safety_answers(session, queue_id)
            figures += safety_figures(as_arrays(labels), CATEGORY_NAMES)
            answers += labels
        else:
            rankings = ranking_answers(session, queue_id, dimension)
            figures.append(preference_figure(dimension, [(row.item_id, row.ranks) for row in rankings]))
            answers += rankings
    report = AgreementReport(
        queue_id=queue_id,
        n_annotations=len(answers),
        n_annotators=len({answer.annotator_id for answer in answers}),
        figures=[asdict(figure) for figure in figures],
    )
    session.add(report)
    session.flush()
    return report


def adapt_overlap(session: Session, queue_id: int) -> OverlapReport | None:
    """One more place for each finished item whose label is less certain than the queue's threshold.

    The least certain first. None where the queue's overlap is fixed. Raises NotFound.
    """
    queue = queue_of(session, queue_id)
    if queue.threshold is None:
        return None
    certainty = certainty_by_item(session, queue)
    finished = [item for item in finished_items(session, queue_id) if item.item_id in certainty]
    doubtful = [item for item in finished if certainty[item.item_id] < queue.threshold]
    raisable = [item.item_id for item in doubtful if item.overlap < queue.max_overlap]
    n_raised = add_places(session, queue_id, sorted(raisable, key=certainty.__getitem__))
    confident = [item for item in finished if certainty[item.item_id] >= queue.threshold]
    report = OverlapReport(
        queue_id=queue_id,
        n_finished=len(finished),
        n_confident=len(confident),
        n_raised=n_raised,
        n_at_most=len(doubtful) - len(raisable),
        n_saved=sum(queue.max_overlap - item.overlap for item in confident),
    )
    session.add(report)
    session.flush()
    return report


def certainty_by_item(session: Session, queue: Queue) -> dict[int, float]:
    """Of each item with answers; where the queue asks several questions, of the least certain one."""
    certainty: dict[int, float] = {}
    for dimension in queue.steps:
        if dimension is Dimension.SAFETY:
            found = certainty_of_units(safety_verdicts(session, queue.id), N_VERDICTS)
        else:
            found = certainty_of_preferences(ranking_answers(session, queue.id, dimension))
        for item_id, probability in found.items():
            certainty[item_id] = min(probability, certainty.get(item_id, 1.0))
    return certainty


def as_arrays(labels: Sequence[SafetyAnswer]) -> SafetyAnswers:
    items, item = np.unique(np.array([label.item_id for label in labels], np.int64), return_inverse=True)
    severity = np.array([label.severity for label in labels], np.int64)
    return SafetyAnswers(len(items), item, severity, [label.harm_categories for label in labels])
