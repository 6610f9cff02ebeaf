"""The admin's pages of the demo campaign: loading it, seeing how far it is, removing it."""

import shutil
from functools import partial

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from app.accounts.deps import CurrentAdmin
from app.db import after_commit
from app.demo.actions import ask_again, ask_for_demo, remove_demo
from app.demo.filling import N_STEPS
from app.demo.jobs import load
from app.demo.queries import demo_campaign, going_with
from app.items.report import import_folder
from app.releases.actions import project_folder
from app.web.deps import Posted, SessionDep
from app.web.templates import render
from app.worker import send

router = APIRouter(prefix="/admin/demo")

DEMO = "/admin/demo"
PROJECTS = "/admin"


@router.get("")
def demo_page(request: Request, session: SessionDep, admin: CurrentAdmin) -> Response:
    demo = demo_campaign(session)
    return render(request, "demo/demo.html", fragment="demo", demo=demo, n_steps=N_STEPS)


@router.post("")
def submit_loading(session: SessionDep, admin: CurrentAdmin) -> Response:
    project_id = ask_for_demo(session, admin.id)
    if project_id is not None:
        after_commit(session, partial(send, load, project_id))
    return RedirectResponse(DEMO, status_code=303)


@router.post("/again")
def submit_again(session: SessionDep, admin: CurrentAdmin) -> Response:
    project_id = ask_again(session)
    if project_id is not None:
        after_commit(session, partial(send, load, project_id))
    return RedirectResponse(DEMO, status_code=303)


@router.get("/remove")
def removal_page(request: Request, session: SessionDep, admin: CurrentAdmin) -> Response:
    demo = demo_campaign(session)
    if demo is None:
        return RedirectResponse(PROJECTS, status_code=303)
    return render(request, "demo/remove.html", demo=demo, going=going_with(session, demo.project_id))


@router.post("/remove")
def submit_removal(session: SessionDep, admin: CurrentAdmin, posted: Posted) -> Response:
    """Of the demo that the page told of; of another one, or of none, nothing goes."""
    named = str(posted.get("project_id", ""))
    if named.isascii() and named.isdecimal() and len(named) < 19:
        import_ids = remove_demo(session, int(named))
        if import_ids is not None:
            after_commit(session, partial(remove_files, int(named), import_ids))
    return RedirectResponse(PROJECTS, status_code=303)


def remove_files(project_id: int, import_ids: list[int]) -> None:
    for folder in (project_folder(project_id), *map(import_folder, import_ids)):
        shutil.rmtree(folder, ignore_errors=True)
