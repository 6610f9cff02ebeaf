"""Computing a queue's agreement and keeping it."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from sqlalchemy.orm import Session

from app.agreement.models import AgreementReport
from app.agreement.queries import RankingAnswer, SafetyAnswer, ranking_answers, safety_answers
from app.agreement.report import Figure, SafetyAnswers, preference_figure, safety_figures
from app.projects.taxonomy import CATEGORY_NAMES
from app.queues.models import Dimension
from app.queues.queries import queue_of


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


def as_arrays(labels: Sequence[SafetyAnswer]) -> SafetyAnswers:
    items, item = np.unique(np.array([label.item_id for label in labels], np.int64), return_inverse=True)
    severity = np.array([label.severity for label in labels], np.int64)
    return SafetyAnswers(len(items), item, severity, [label.harm_categories for label in labels])
