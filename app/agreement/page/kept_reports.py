"""Reports that were computed, and who is named in them."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Text, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB, JSONPATH
from sqlalchemy.orm import Session

from app.accounts.queries import usernames
from app.agreement.models import AgreementReport, LiveAgreement
from app.agreement.report.content import Report
from app.db import LARGEST_ID
from app.errors import NotFound
from app.i18n import gettext as _
from app.queues.models import Dimension

# The figure that stands for all of its dimension: whether it is safe, or the preference itself.
MAIN_QUESTION = '$[*] ? (@.question == "safe" || @.question == $dimension)'


class KeptReport(NamedTuple):
    """A report without its content. `night`: None where somebody asked for it."""

    id: int
    computed_at: datetime
    night: date | None
    n_annotations: int
    n_annotators: int


class LiveFigure(NamedTuple):
    """`alpha`: None where undefined. `n_items` have answers; `n_pairable` of them two or more."""

    dimension: Dimension
    alpha: float | None
    n_pairable: int
    n_items: int
    computed_at: datetime


def report_of(session: Session, report_id: int) -> AgreementReport:
    """Raises NotFound."""
    report = session.get(AgreementReport, report_id)
    if report is None:
        raise NotFound(_("There is no such report."))
    return report


def recent_reports(session: Session, queue_id: int, limit: int) -> Sequence[KeptReport]:
    """Nightly ones first, each the newest first."""
    rows = session.execute(
        _kept(queue_id)
        .order_by(AgreementReport.night.desc().nulls_last(), AgreementReport.id.desc())
        .limit(limit)
    )
    return [KeptReport(*row) for row in rows]


def reports_before(
    session: Session, queue_id: int, limit: int, before: int = LARGEST_ID
) -> Sequence[KeptReport]:
    """The newest first. `before`: the id that the page before ended with."""
    found = (
        _kept(queue_id).where(AgreementReport.id < before).order_by(AgreementReport.id.desc()).limit(limit)
    )
    return [KeptReport(*row) for row in session.execute(found)]


def _kept(queue_id: int) -> Any:
    return select(
        AgreementReport.id,
        AgreementReport.computed_at,
        AgreementReport.night,
        AgreementReport.n_annotations,
        AgreementReport.n_annotators,
    ).where(AgreementReport.queue_id == queue_id)


def live_figures(session: Session, queue_ids: Sequence[int]) -> dict[int, list[LiveFigure]]:
    """By queue, of these, the main figure of each of its dimensions that has one."""
    asked = func.jsonb_build_object(cast("dimension", Text), LiveAgreement.dimension)
    main = func.jsonb_path_query_first(
        LiveAgreement.figures, cast(MAIN_QUESTION, JSONPATH), asked, type_=JSONB
    )
    rows = session.execute(
        select(
            LiveAgreement.queue_id,
            LiveAgreement.dimension,
            main.label("main"),
            LiveAgreement.n_items,
            LiveAgreement.computed_at,
        ).where(LiveAgreement.queue_id.in_(queue_ids))
    )
    found: dict[int, list[LiveFigure]] = {}
    for queue_id, dimension, figure, n_items, computed_at in rows:
        if figure is not None:
            live = LiveFigure(
                Dimension(dimension), figure.get("alpha"), figure.get("n_items", 0), n_items, computed_at
            )
            found.setdefault(queue_id, []).append(live)
    return {queue_id: sorted(figures, key=_place) for queue_id, figures in found.items()}


def _place(figure: LiveFigure) -> int:
    """Of its dimension among all, as annotators are asked."""
    return list(Dimension).index(figure.dimension)


def names_in(session: Session, report: Report) -> dict[int, str]:
    """Of every annotator the report tells of, by id."""
    ids = {annotator_id for matrix in report.kappa_matrices for annotator_id in matrix.annotator_ids}
    ids |= {each.annotator_id for each in report.competences}
    ids |= {halo.annotator_id for halo in report.halos}
    shares = (*report.position, *report.contradictions)
    ids |= {share.annotator_id for share in shares if share.annotator_id is not None}
    return usernames(session, ids) if ids else {}
