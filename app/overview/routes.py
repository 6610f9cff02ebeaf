"""One project at a glance."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import chain

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.deps import CurrentAdmin
from app.agreement.page.drawings import FEW_ITEMS, GUIDES, spoken
from app.agreement.page.kept_reports import live_figures
from app.agreement.page.plots.bars import BarPlot, bar_plot
from app.agreement.page.plots.dots import DotPlot, Heads, Measured, dot_plot
from app.db import now
from app.i18n import gettext as _
from app.items.queries import n_items_by_kind
from app.overview.decisions import decisions
from app.overview.quality import (
    QueueQuality,
    causes_of_disagreement,
    missed_gold,
    quality_by_queue,
    quality_lines,
)
from app.overview.queries import DayOfWork, every_day, first_steps, queues_at_work, work_by_queue
from app.projects.queries import project_of
from app.pulse.queries import workers_seen
from app.queues.queries import progress_by_queue, queues_of_project
from app.releases.queries import newest_release
from app.web.csv_text import csv_line
from app.web.deps import SessionDep
from app.web.downloads import csv_file
from app.web.templates import render
from app.work.models import MS_AN_HOUR

router = APIRouter(prefix="/admin/projects/{project_id}")

DAYS_SHOWN = 28


@router.get("")
def overview_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    """The block `now` is asked for again and again: what changes while people work."""
    project = project_of(session, project_id)
    first = now().date() - timedelta(days=DAYS_SHOWN)
    work = work_by_queue(session, project_id, first)
    days = every_day([*chain.from_iterable(work.values())], first, DAYS_SHOWN + 1)
    return render(
        request,
        "overview/overview.html",
        fragment="now",
        project=project,
        as_of=now(),
        n_items=n_items_by_kind(session, project_id),
        decisions=decisions(session, project_id),
        queues=queues_at_work(session, project_id, work),
        release=newest_release(session, project_id),
        days=days,
        plots=plots_of(days),
        ms_an_hour=MS_AN_HOUR,
        steps=first_steps(session, project_id),
        health=workers_seen(session),
    )


def plots_of(days: list[DayOfWork]) -> list[BarPlot]:
    if not any(day.n_items for day in days):
        return []
    items = [(day.day, day.n_items, f"{day.n_items:,}") for day in days]
    hours = [(day.day, day.active_ms / MS_AN_HOUR, f"{day.active_ms / MS_AN_HOUR:.1f}") for day in days]
    return [
        bar_plot(_("Items by day"), _("A bar for the items of each day, each once for each person."), items),
        bar_plot(_("Active hours by day"), _("A bar for the active hours of each day."), hours),
    ]


@router.get("/work.csv")
def work_csv(session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    project_of(session, project_id)
    first = now().date() - timedelta(days=DAYS_SHOWN)
    names = {queue.id: queue.name for queue in queues_of_project(session, project_id)}
    work = work_by_queue(session, project_id, first)

    def lines() -> Iterator[str]:
        yield csv_line(["queue", "day", "items", "active_hours"])
        for queue_id, days in work.items():
            for day in days:
                hours = f"{day.active_ms / MS_AN_HOUR:.2f}"
                yield csv_line([names[queue_id], day.day.isoformat(), day.n_items, hours])

    return csv_file("work-by-day.csv", lines())


@router.get("/queues")
def queues_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    queues = queues_of_project(session, project_id)
    queue_ids = [queue.id for queue in queues]
    return render(
        request,
        "overview/queues.html",
        project=project_of(session, project_id),
        queues=queues,
        progress=progress_by_queue(session, queue_ids),
        live=live_figures(session, queue_ids),
    )


@router.get("/quality")
def quality_page(request: Request, session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    project = project_of(session, project_id)
    queues = quality_by_queue(session, project_id)
    return render(
        request,
        "overview/quality.html",
        project=project,
        queues=queues,
        plot=agreement_plot(queues),
        causes=causes_of_disagreement(session, project_id),
        missed_gold=missed_gold(session, project_id),
    )


def agreement_plot(queues: Sequence[QueueQuality]) -> DotPlot | None:
    """None where no queue has a report."""
    rows = [
        Measured(
            label=each.queue.name if len(each.agreement) == 1 else f"{each.queue.name}, {_(figure.question)}",
            value=figure.alpha,
            lower=figure.lower,
            upper=figure.upper,
            n=f"{figure.n_items:,}",
            note="" if figure.alpha is not None else _("not defined"),
            title=spoken(figure.alpha, figure.lower, figure.upper),
            is_faint=figure.n_items < FEW_ITEMS,
        )
        for each in queues
        for figure in each.agreement
    ]
    words = _("A dot for the alpha of each queue with its interval.")
    heads = Heads(_("alpha, 95 %"), n=_("items"))
    return (
        dot_plot(_("Agreement by queue"), words, rows, heads, guides=GUIDES, axis_width=400) if rows else None
    )


@router.get("/quality.csv")
def quality_csv(session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    project_of(session, project_id)
    return csv_file("quality-by-queue.csv", quality_lines(quality_by_queue(session, project_id)))


@router.get("/causes.csv")
def causes_csv(session: SessionDep, admin: CurrentAdmin, project_id: int) -> Response:
    project_of(session, project_id)
    causes = causes_of_disagreement(session, project_id)
    return csv_file(
        "causes-of-disagreement.csv", [csv_line(row) for row in [("cause", "decisions"), *causes]]
    )
