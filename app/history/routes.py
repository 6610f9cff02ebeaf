"""The story of one item, for admins."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.accounts.deps import CurrentAdmin
from app.audit.actions import record
from app.audit.models import Action
from app.history.queries import items_beside, queues_with, views_of
from app.history.severity import severity_of
from app.history.story import story_of
from app.items.queries import texts_of
from app.queues.queries import refuse_restricted
from app.web.deps import SessionDep
from app.web.templates import render

router = APIRouter(prefix="/admin/items")

MOST_VIEWS = 50


@router.get("/{item_id}")
def item_page(request: Request, session: SessionDep, admin: CurrentAdmin, item_id: int) -> Response:
    """That its texts are shown is written to the audit log: the one thing that this page writes."""
    refuse_restricted(session, admin, item_id)
    texts = texts_of(session, item_id)
    views = views_of(session, item_id, MOST_VIEWS)
    record(session, Action.VIEWED, "item", project_id=texts.project_id, item_id=item_id)
    return render(
        request,
        "history/item.html",
        texts=texts,
        severity=severity_of(session, item_id),
        beside=items_beside(session, item_id),
        queues=queues_with(session, item_id),
        story=story_of(session, item_id),
        views=views,
    )
