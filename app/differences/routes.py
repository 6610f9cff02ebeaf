"""The admin's pages of what changed between two releases of a project. No text of an item is shown."""

from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, RedirectResponse, Response
from pydantic import ValidationError

from app.accounts.deps import CurrentAdmin
from app.agreement.page.words import question_words
from app.audit.actions import record
from app.audit.models import Action
from app.db import after_commit
from app.differences.actions import ask_for_difference
from app.differences.forms import Other
from app.differences.jobs import compare
from app.differences.kept import DifferenceState, kept_of, list_path
from app.differences.queries import comparable_with, two_releases
from app.errors import NotFound, Refused
from app.i18n import gettext as _
from app.releases.queries import release_of
from app.web.deps import Posted, SessionDep
from app.web.templates import render
from app.worker import send

router = APIRouter(prefix="/admin/releases/{release_id}/differences")


@router.get("")
def choice_page(request: Request, session: SessionDep, admin: CurrentAdmin, release_id: int) -> Response:
    release = release_of(session, release_id)
    others = comparable_with(session, release)
    return render(request, "differences/choice.html", release=release, others=others)


@router.post("")
def submit_other(session: SessionDep, admin: CurrentAdmin, release_id: int, posted: Posted) -> Response:
    try:
        other_id = Other.model_validate(posted).other_id
    except ValidationError as invalid:
        raise Refused(_("Choose the release to compare with.")) from invalid
    before, after = two_releases(session, release_id, other_id)
    if ask_for_difference(before, after):
        after_commit(session, partial(send, compare, before.id, after.id))
    return RedirectResponse(f"/admin/releases/{after.id}/differences/{before.id}", status_code=303)


@router.get("/{other_id}")
def difference_page(
    request: Request, session: SessionDep, admin: CurrentAdmin, release_id: int, other_id: int
) -> Response:
    before, after = two_releases(session, release_id, other_id)
    return render(
        request,
        "differences/difference.html",
        fragment="difference",
        before=before,
        after=after,
        kept=kept_of(before, after),
        question_words=question_words,
    )


@router.get("/{other_id}/list.csv")
def download_list(session: SessionDep, admin: CurrentAdmin, release_id: int, other_id: int) -> Response:
    """Notes in the audit log who has it."""
    before, after = two_releases(session, release_id, other_id)
    kept = kept_of(before, after)
    if kept is None or kept.state is not DifferenceState.DONE:
        raise NotFound(_("These releases were not compared yet."))
    path = list_path(before, after)
    record(
        session,
        Action.DOWNLOADED,
        "release",
        project_id=after.project_id,
        after={"number": after.number, "file": path.name},
    )
    return FileResponse(path, filename=f"evenhand-{after.project_id}-{path.name}", media_type="text/csv")
