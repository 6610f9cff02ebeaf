"""Computing a queue's agreement and consensus, and keeping both."""

from dataclasses import asdict
from datetime import date

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.agreement.keeping import fit_anew, follow, lacks_questions
from app.agreement.loading import pattern_labels, pattern_rankings
from app.agreement.material import material_of
from app.agreement.models import AgreementReport, ConsensusModel, LiveAgreement, OverlapReport
from app.agreement.queries import certainty_by_item, finished_items, report_of_night
from app.agreement.report.live import preference_figure, safety_figures
from app.agreement.report.whole import report
from app.annotations.patterns import fold_changes
from app.assignments.interventions import add_places
from app.projects.queries import taxonomy_of
from app.queues.models import Dimension
from app.queues.queries import queue_of, taxonomy_of_queue

# A fit stands until there are a tenth more answers, or fewer.
MOST_GROWTH = 1.1


def compute_agreement(session: Session, queue_id: int, night: date | None = None) -> AgreementReport:
    """The whole report over every answer that counts; the same one again for a `night` that has one.

    Its seed is the queue's. Raises NotFound.
    """
    queue = queue_of(session, queue_id)
    if night is not None and (made := report_of_night(session, queue_id, night)):
        return made
    category_names = taxonomy_of(session, queue.project_id).category_names
    content = report(material_of(session, queue), category_names, queue.seed)
    kept = AgreementReport(
        queue_id=queue_id,
        night=night,
        n_annotations=content.n_answers,
        n_annotators=content.n_annotators,
        content=asdict(content),
    )
    session.add(kept)
    session.flush()
    return kept


def follow_answers(session: Session, queue_id: int, *, fits: bool = False) -> None:
    """Bring live figures and posteriors to what the answers are now.

    `fits`: also the models, which are fitted anew by themselves once they have grown old.
    """
    changed = fold_changes(session, queue_id)
    dimensions = queue_of(session, queue_id).steps if fits else changed.keys()
    for dimension in dimensions:
        n_answers = keep_figures(session, queue_id, dimension)
        model = session.get(ConsensusModel, (queue_id, dimension), populate_existing=True)
        if fits or model is None or is_old(model, n_answers) or lacks_questions(session, model):
            fit_anew(session, queue_id, dimension)
        else:
            follow(session, model, changed[dimension])


def is_old(model: ConsensusModel, n_answers: int) -> bool:
    return not model.n_answers / MOST_GROWTH <= n_answers <= model.n_answers * MOST_GROWTH


def keep_figures(session: Session, queue_id: int, dimension: Dimension) -> int:
    """How many answers they are of."""
    if dimension is Dimension.SAFETY:
        labels, n_items = pattern_labels(session, queue_id)
        given = labels.given
        figures = safety_figures(labels, n_items, taxonomy_of_queue(session, queue_id).category_names)
    else:
        ranked, n_items = pattern_rankings(session, queue_id, dimension)
        given = ranked.given
        figures = [preference_figure(dimension, ranked, n_items)]
    n_answers = int(n_items[given.item].sum())
    values = {
        "figures": [asdict(figure) for figure in figures],
        "n_items": int(n_items.sum()),
        "n_answers": n_answers,
        "computed_at": func.now(),
    }
    row = insert(LiveAgreement).values(queue_id=queue_id, dimension=dimension, **values)
    session.execute(row.on_conflict_do_update(index_elements=["queue_id", "dimension"], set_=values))
    return n_answers


def adapt_overlap(session: Session, queue_id: int) -> OverlapReport | None:
    """One more place for each finished item whose label is less certain than the queue's threshold.

    The least certain first. None where the queue's overlap is fixed. Raises NotFound.
    """
    queue = queue_of(session, queue_id)
    if queue.threshold is None:
        return None
    follow_answers(session, queue_id)
    certainty = certainty_by_item(session, queue_id)
    finished = [item for item in finished_items(session, queue_id) if item.item_id in certainty]
    doubtful = [item for item in finished if certainty[item.item_id] < queue.threshold]
    raisable = [item.item_id for item in doubtful if item.overlap < queue.max_overlap]
    n_raised = add_places(session, queue_id, sorted(raisable, key=certainty.__getitem__))
    confident = [item for item in finished if certainty[item.item_id] >= queue.threshold]
    made = OverlapReport(
        queue_id=queue_id,
        n_finished=len(finished),
        n_confident=len(confident),
        n_raised=n_raised,
        n_at_most=len(doubtful) - len(raisable),
        n_saved=sum(queue.max_overlap - item.overlap for item in confident),
    )
    session.add(made)
    session.flush()
    return made
