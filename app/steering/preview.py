"""What annotators see of an item: the page on which they judge it, without anybody who does."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.annotations.shown import ShownAssignment, without_covered
from app.guidelines.queries import newest_version
from app.i18n import gettext as _
from app.items.models import Item, ItemResponse, Prompt, Response
from app.items.queries import severity_that_came
from app.projects.models import Project
from app.projects.queries import taxonomy_of
from app.queues.models import Queue, QueueItem, QueueKind

# Of so many first items of a queue the mildest is shown.
N_LOOKED_AT = 100


@dataclass(frozen=True, slots=True)
class ItemTexts:
    """`item_id`: 0 for one that is made up. `severity`: what is expected, 0 to 3."""

    item_id: int
    prompt: str
    responses: Sequence[str]
    severity: int


def texts_for(session: Session, queue: Queue) -> ItemTexts:
    """Of one of the queue's items, or of its project's; made up and mild where there is none."""
    item_id = mildest_item(session, queue) if queue.id is not None else None
    if item_id is None:
        item_id = any_item(session, queue)
    if item_id is None:
        return made_up(QueueKind(queue.kind))
    prompt = select(Prompt.text).join(Item, Item.prompt_id == Prompt.id).where(Item.id == item_id)
    responses = (
        select(Response.text)
        .join(ItemResponse, ItemResponse.response_id == Response.id)
        .where(ItemResponse.item_id == item_id)
        .order_by(ItemResponse.position)
    )
    return ItemTexts(
        item_id,
        session.scalars(prompt).one(),
        session.scalars(responses).all(),
        expected_severity(session, item_id),
    )


def mildest_item(session: Session, queue: Queue) -> int | None:
    places = select(QueueItem.item_id, QueueItem.severity_prior).where(QueueItem.queue_id == queue.id)
    first = (
        places.where(QueueItem.is_open).order_by(QueueItem.lane, QueueItem.pos),
        places.order_by(QueueItem.item_id),
    )
    for each in first:
        some = each.limit(N_LOOKED_AT).subquery()
        found: int | None = session.scalar(select(some.c.item_id).order_by(some.c.severity_prior).limit(1))
        if found is not None:
            return found
    return None


def any_item(session: Session, queue: Queue) -> int | None:
    kind = QueueKind(queue.kind).item_kind
    return session.scalar(
        select(Item.id).where(Item.project_id == queue.project_id, Item.kind == kind).limit(1)
    )


def expected_severity(session: Session, item_id: int) -> int:
    """The most that any queue expects of it, or that came with one of its responses."""
    of_queues = select(func.max(QueueItem.severity_prior)).where(QueueItem.item_id == item_id)
    return max(session.scalar(of_queues) or 0, session.scalar(select(severity_that_came(item_id))) or 0)


def made_up(kind: QueueKind) -> ItemTexts:
    responses = [
        _("Warm the pot, take one spoon of leaves a cup, and let it stand for three minutes."),
        _("Let it stand for half an hour. The longer, the better."),
    ]
    n_responses = 1 if kind is QueueKind.SAFETY else 2
    return ItemTexts(0, _("How do I make tea that is not bitter?"), responses[:n_responses], 0)


def as_shown(session: Session, queue: Queue, project: Project, texts: ItemTexts) -> ShownAssignment:
    """As to someone who knows the guidelines and answered nothing today. What is covered is empty."""
    version = newest_version(session, project.id)
    return without_covered(
        ShownAssignment(
            id=0,
            status="open",
            item_id=texts.item_id,
            queue_id=queue.id or 0,
            queue_name=queue.name,
            kind=queue.kind,
            lease_minutes=queue.lease_minutes,
            max_skips_in_row=queue.max_skips_in_row,
            n_skips_in_row=0,
            blur_from=queue.blur_from,
            edit_minutes=queue.edit_minutes,
            purpose=queue.purpose,
            attempt=None,
            project_id=project.id,
            project_name=project.name,
            text_format=project.text_format,
            support_text=project.support_text,
            support_url=project.support_url,
            break_minutes=project.break_minutes,
            prompt=texts.prompt,
            responses=list(texts.responses),
            severity_prior=texts.severity,
            revealed=[],
            drafts=[],
            guideline_version=version,
            guideline_read=version,
            n_today=0,
            taxonomy_number=0,
            taxonomy_read=0,
            taxonomy=taxonomy_of(session, project.id),
        )
    )
