"""The label of the stage before, beside a response that is ranked."""

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ValidationError
from sqlalchemy.orm import Session

from app.accounts.deps import CurrentAnnotator
from app.assignments.queries import taxonomy_of_assignment
from app.flags.actions import flag_label
from app.flags.forms import Flag
from app.flags.queries import flag_on, label_of, position_at
from app.projects.taxonomy import SEVERITY_LEVELS
from app.queues.models import Dimension
from app.web.deps import Posted, SessionDep
from app.web.forms import messages
from app.web.templates import render, wants_fragment

router = APIRouter(prefix="/annotate/assignments/{assignment_id}/labels/{dimension}/{place}")


@router.get("")
def label_page(
    request: Request,
    session: SessionDep,
    annotator: CurrentAnnotator,
    assignment_id: int,
    dimension: Dimension,
    place: int,
) -> Response:
    position = position_at(session, assignment_id, annotator.id, dimension, place)
    return label(request, session, assignment_id, position)


@router.post("")
def submit_flag(
    request: Request,
    session: SessionDep,
    annotator: CurrentAnnotator,
    assignment_id: int,
    dimension: Dimension,
    place: int,
    posted: Posted,
) -> Response:
    position = position_at(session, assignment_id, annotator.id, dimension, place)
    try:
        flag_label(session, assignment_id, position, Flag.model_validate(posted).reason)
    except ValidationError as invalid:
        return label(request, session, assignment_id, position, messages(invalid))
    if wants_fragment(request):
        return label(request, session, assignment_id, position)
    return RedirectResponse(request.url.path, status_code=303)


def label(
    request: Request,
    session: Session,
    assignment_id: int,
    position: int,
    errors: dict[str, str] | None = None,
) -> Response:
    taxonomy = taxonomy_of_assignment(session, assignment_id)
    return render(
        request,
        "flags/label.html",
        fragment="label",
        status=422 if errors else 200,
        path=request.url.path,
        place=request.path_params["place"],
        label=label_of(session, assignment_id, position, taxonomy),
        flag=flag_on(session, assignment_id, position),
        category_names=taxonomy.category_names,
        severity_names={level.level: level.name for level in SEVERITY_LEVELS},
        errors=errors or {},
    )
