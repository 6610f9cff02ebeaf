"""The web process: the list of all there is."""

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import lru_cache
from threading import Thread

from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from sqlalchemy import text

from app.accounts.deps import GATES
from app.accounts.routes import router as accounts
from app.adjudication.routes import router as adjudication
from app.agreement.routes import router as agreement
from app.annotations.routes import router as annotations
from app.answer_files.routes import router as answer_files
from app.assignments.routes import router as assignments
from app.comments.routes import router as comments
from app.console.routes import router as console
from app.deliveries.routes import router as deliveries
from app.demo.routes import router as demo
from app.differences.routes import router as differences
from app.exams.routes import router as exams
from app.flags.routes import router as flags
from app.gold.routes import router as gold
from app.groups.routes import router as groups
from app.guidelines.routes import router as guidelines
from app.history.routes import router as history
from app.inspections.routes import router as inspections
from app.invitations.routes import router as invitations
from app.items.routes import router as items
from app.keys.routes import router as keys
from app.overview.routes import router as overview
from app.people.routes import router as people
from app.quality.routes import router as quality
from app.queues.routes import router as queues
from app.releases.routes import router as releases
from app.runs.routes import router as runs
from app.search.routes import router as search
from app.steering.routes import of_project as steering_of_project
from app.steering.routes import router as steering
from app.taxonomies.routes import router as taxonomies
from app.voids.routes import router as voids
from app.web.deps import Public, SessionDep, refuse_impossible_ids, refuse_nul
from app.web.errors import add_error_handlers
from app.web.locales import LocaleMiddleware
from app.web.log import LogMiddleware, configure_logging
from app.web.security import BrowserMiddleware, refuse_forged_requests, refuse_routes_without_gate
from app.web.templates import STATIC, load_templates, vendor_file
from app.wellbeing.routes import router as wellbeing
from app.withdrawals.routes import router as withdrawals
from app.work.routes import router as work

ROUTERS = (
    *(accounts, keys, assignments, guidelines, comments, wellbeing, annotations, work, taxonomies),
    *(items, answer_files, queues, gold, exams, agreement, flags, adjudication, voids),
    *(quality, inspections, steering, steering_of_project, withdrawals, releases, deliveries, differences),
    *(history, search, groups, runs, invitations, people, overview, demo, console),
)


def create_app() -> FastAPI:
    """Raises AssetsMissing where the front-end files were not fetched."""
    configure_logging()
    vendor_file("htmx.js")
    app = FastAPI(
        title="Evenhand",
        openapi_url=None,
        lifespan=lifespan,
        dependencies=[Depends(refuse_forged_requests), Depends(refuse_impossible_ids), Depends(refuse_nul)],
    )
    for router in ROUTERS:
        app.include_router(router)
    app.add_api_route("/healthz", health, dependencies=[Public])
    app.mount("/static", StaticFiles(directory=STATIC))
    add_error_handlers(app)
    app.add_middleware(BrowserMiddleware)
    app.add_middleware(LocaleMiddleware)
    app.add_middleware(LogMiddleware)
    refuse_routes_without_gate(app.routes, GATES)
    return app


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """What takes a while is done beside the first requests, which may have no need of it."""
    Thread(target=warm_up, name="warm-up", daemon=True).start()
    yield


@lru_cache
def warm_up() -> None:
    """Once a process. What is there now stays for good: going through it for garbage takes 0.2 s, and would
    come in the middle of somebody's request."""
    load_templates()
    gc.collect()
    gc.freeze()


def health(session: SessionDep) -> dict[str, str]:
    """For load balancers and the supervisor: does the database answer?"""
    session.execute(text("SELECT 1"))
    return {"status": "ok"}
