"""Agreement reports, for adjudicators and admins."""

from functools import partial
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAdjudicator
from app.accounts.models import Role, User
from app.agreement.jobs import compute
from app.agreement.markdown import card_section
from app.agreement.markdown_blocks import plain
from app.agreement.models import AgreementReport
from app.agreement.page.annotators import annotators_in
from app.agreement.page.kept_reports import (
    live_figures,
    names_in,
    recent_reports,
    report_of,
    reports_before,
)
from app.agreement.page.sections import Sort, one_annotator, sections_of
from app.agreement.page.tables import Table, csv_lines, row_of, table_of
from app.agreement.page.words import question_words, value_words
from app.agreement.queries import latest_overlap_report, latest_report
from app.agreement.report.reading import report_from
from app.db import LARGEST_ID, after_commit
from app.errors import NotFound
from app.i18n import gettext as _
from app.queues.forms import Empty
from app.queues.models import Queue
from app.queues.queries import all_queues, queue_of
from app.web.deps import SessionDep
from app.web.templates import render, wants_fragment

# Of an annotator; as a form sends it where nobody is chosen, it is empty.
ChosenId = Annotated[Annotated[int, Query(ge=1, le=LARGEST_ID)] | None, Empty]
N_RECENT = 10
N_ON_A_PAGE = 100

router = APIRouter(prefix="/agreement")


@router.get("")
def queues_page(request: Request, session: SessionDep, adjudicator: CurrentAdjudicator) -> Response:
    queues = all_queues(session)
    live = live_figures(session, [queue.id for queue in queues])
    return render(request, "agreement/queues.html", queues=queues, live=live)


@router.get("/queues/{queue_id}")
def newest_page(
    request: Request,
    session: SessionDep,
    adjudicator: CurrentAdjudicator,
    queue_id: int,
    newer_than: int | None = None,
    sort: str = "",
    annotator: ChosenId = None,
) -> Response:
    """`newer_than`: the id of a report that is being computed anew; the page then looks again by itself."""
    queue, report = queue_of(session, queue_id), latest_report(session, queue_id)
    is_waiting = newer_than is not None and (report.id if report else 0) <= newer_than
    if is_waiting and wants_fragment(request):
        # Nothing to swap: what is shown stays as it is, and asks again.
        return Response(status_code=204)
    return render(
        request,
        "agreement/newest.html",
        fragment="report",
        recent=recent_reports(session, queue_id, N_RECENT),
        overlap=latest_overlap_report(session, queue_id),
        newer_than=newer_than,
        is_waiting=is_waiting,
        is_news=wants_fragment(request),
        **shown(session, adjudicator, queue, report, sort, annotator),
    )


@router.post("/queues/{queue_id}")
def compute_now(session: SessionDep, adjudicator: CurrentAdjudicator, queue_id: int) -> Response:
    queue_of(session, queue_id)
    report = latest_report(session, queue_id)
    after_commit(session, partial(compute.delay, queue_id))
    newer_than = report.id if report else 0
    return RedirectResponse(f"/agreement/queues/{queue_id}?newer_than={newer_than}", status_code=303)


@router.get("/queues/{queue_id}/reports")
def reports_page(
    request: Request,
    session: SessionDep,
    adjudicator: CurrentAdjudicator,
    queue_id: int,
    before: Annotated[int, Query(ge=1, le=LARGEST_ID)] = LARGEST_ID,
) -> Response:
    """`before`: the id that the page before ended with."""
    found = reports_before(session, queue_id, N_ON_A_PAGE + 1, before)
    return render(
        request,
        "agreement/reports.html",
        queue=queue_of(session, queue_id),
        reports=found[:N_ON_A_PAGE],
        has_more=len(found) > N_ON_A_PAGE,
    )


@router.get("/reports/{report_id}.json")
def download_json(session: SessionDep, adjudicator: CurrentAdjudicator, report_id: int) -> Response:
    """The report as it was frozen, annotators by id."""
    report = report_of(session, report_id)
    queue = queue_of(session, report.queue_id)
    frozen = {
        "queue": {"id": queue.id, "name": queue.name, "kind": queue.kind, "project": queue.project.name},
        "night": report.night,
        "computed_at": report.computed_at,
        "n_annotations": report.n_annotations,
        "n_annotators": report.n_annotators,
        "content": report.content,
    }
    text = orjson.dumps(frozen, option=orjson.OPT_INDENT_2)
    return download(text, "application/json", f"{file_name(report)}.json")


@router.get("/reports/{report_id}.md")
def download_markdown(session: SessionDep, adjudicator: CurrentAdjudicator, report_id: int) -> Response:
    report = report_of(session, report_id)
    queue = queue_of(session, report.queue_id)
    text = f"## Agreement: {plain(queue.name)}\n\n{card_section(report_from(report.content))}"
    return download(text.encode(), "text/markdown; charset=utf-8", f"{file_name(report)}.md")


@router.get("/reports/{report_id}")
def report_page(
    request: Request,
    session: SessionDep,
    adjudicator: CurrentAdjudicator,
    report_id: int,
    sort: str = "",
    annotator: ChosenId = None,
) -> Response:
    report = report_of(session, report_id)
    queue = queue_of(session, report.queue_id)
    found = shown(session, adjudicator, queue, report, sort, annotator)
    return render(request, "agreement/kept.html", **found)


@router.get("/reports/{report_id}/{table}.csv")
def download_csv(
    session: SessionDep, adjudicator: CurrentAdjudicator, report_id: int, table: str
) -> Response:
    report = report_of(session, report_id)
    content = report_from(report.content)
    return csv_of(report, table_of(table, content, names_in(session, content)), table)


@router.get("/reports/{report_id}/annotators/{annotator_id}.csv")
def download_row(
    session: SessionDep, adjudicator: CurrentAdjudicator, report_id: int, annotator_id: int
) -> Response:
    """One annotator with each other."""
    report = report_of(session, report_id)
    content = report_from(report.content)
    found = row_of(content, names_in(session, content), annotator_id)
    return csv_of(report, found if found.rows else None, f"annotator-{annotator_id}")


def csv_of(report: AgreementReport, table: Table | None, name: str) -> Response:
    """Raises NotFound."""
    if table is None:
        raise NotFound(_("This report has no such table."))
    text = "".join(csv_lines(table)).encode()
    return download(text, "text/csv; charset=utf-8", f"{file_name(report)}-{name}.csv")


def shown(
    session: Session,
    reader: User,
    queue: Queue,
    report: AgreementReport | None,
    sort: str,
    annotator_id: int | None,
) -> dict[str, Any]:
    """What both pages of a report need. An unknown `sort` is that of the taxonomy."""
    order = Sort.ALPHA if sort == Sort.ALPHA else Sort.TAXONOMY
    content = report_from(report.content) if report else None
    names = names_in(session, content) if content else {}
    return {
        "queue": queue,
        "report": report,
        "content": content,
        "sections": sections_of(content, names, order) if content else [],
        "sort": order,
        "annotators": annotators_in(content, names) if content else [],
        "one": one_annotator(content, names, annotator_id) if content and annotator_id else None,
        "question_words": question_words,
        "value_words": value_words,
        # Their pages show texts, and are for admins alone.
        "links_items": reader.role == Role.ADMIN,
    }


def file_name(report: AgreementReport) -> str:
    day = report.night or report.computed_at.date()
    return f"agreement-{report.queue_id}-{day}-{report.id}"


def download(content: bytes, media_type: str, name: str) -> Response:
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)
