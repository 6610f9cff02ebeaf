"""The page on which someone makes the keys their own."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.accounts.actions import set_preferences
from app.accounts.deps import CurrentAnnotator
from app.accounts.models import User
from app.keys.bindings import Page, actions_of_all, chosen_keys, keys_posted, own_keys, words_of
from app.projects.queries import all_taxonomies
from app.web.deps import Posted, SessionDep
from app.web.templates import render

router = APIRouter(prefix="/annotate")


@router.get("/preferences")
def preferences_page(request: Request, session: SessionDep, annotator: CurrentAnnotator) -> Response:
    return preferences(request, session, annotator)


@router.post("/preferences")
def submit_preferences(
    request: Request, session: SessionDep, annotator: CurrentAnnotator, posted: Posted
) -> Response:
    keys, errors = keys_posted(posted, all_taxonomies(session))
    if errors:
        return preferences(request, session, annotator, errors, posted)
    keys_off = posted.get("use_keys") == "false"
    set_preferences(session, annotator.id, keys=keys, keys_off=keys_off)
    return RedirectResponse("/annotate/preferences", status_code=303)


@router.post("/preferences/reset")
def reset_preferences(session: SessionDep, annotator: CurrentAnnotator) -> Response:
    set_preferences(session, annotator.id, keys={}, keys_off=False)
    return RedirectResponse("/annotate/preferences", status_code=303)


def preferences(
    request: Request,
    session: Session,
    annotator: User,
    errors: dict[str, str] | None = None,
    posted: dict[str, Any] | None = None,
) -> Response:
    """The keys as they are; with `errors`, as they were posted."""
    actions = actions_of_all(all_taxonomies(session))
    stored = chosen_keys(own_keys({"keys": annotator.preferences.get("keys", {})}), actions)
    return render(
        request,
        "keys/preferences.html",
        status=422 if errors else 200,
        actions_of={page: [action for action in actions if action.page is page] for page in Page},
        words_of=words_of,
        keys=stored,
        use_keys=not annotator.preferences.get("keys_off"),
        errors=errors or {},
        posted=posted or {},
    )
