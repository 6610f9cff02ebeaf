"""Targets, webhooks, and how far everything is that leaves for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Row, exists, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from app.deliveries.models import Delivery, LinkSeries, Target, Webhook, WebhookCall, WebhookTry
from app.errors import NotFound
from app.i18n import gettext as _
from app.releases.models import Release, ReleaseState

ENDS = (ReleaseState.DONE, ReleaseState.FAILED)


def targets_of(session: Session, project_id: int) -> Sequence[Target]:
    """In the order they were added."""
    return session.scalars(select(Target).where(Target.project_id == project_id).order_by(Target.id)).all()


def target_of(session: Session, project_id: int, target_id: int) -> Target:
    target = session.get(Target, target_id)
    if target is None or target.project_id != project_id:
        raise NotFound(_("There is no such target in this project."))
    return target


def webhooks_of(session: Session, project_id: int) -> Sequence[Webhook]:
    """In the order they were added."""
    return session.scalars(select(Webhook).where(Webhook.project_id == project_id).order_by(Webhook.id)).all()


def webhook_of(session: Session, project_id: int, webhook_id: int) -> Webhook:
    webhook = session.get(Webhook, webhook_id)
    if webhook is None or webhook.project_id != project_id:
        raise NotFound(_("There is no such webhook in this project."))
    return webhook


def newest_deliveries(session: Session, project_id: int, most: int) -> Sequence[Delivery]:
    """With their releases and targets."""
    return session.scalars(
        select(Delivery)
        .join(Delivery.target)
        .where(Target.project_id == project_id)
        .options(joinedload(Delivery.release), joinedload(Delivery.target))
        .order_by(Delivery.id.desc())
        .limit(most)
    ).all()


def delivery_of(session: Session, delivery_id: int) -> Delivery:
    """With its release and target."""
    with_all = (joinedload(Delivery.release), joinedload(Delivery.target))
    return session.get_one(Delivery, delivery_id, options=with_all, populate_existing=True)


@dataclass(frozen=True, slots=True)
class ShownCall:
    """`tries`: the oldest first."""

    call: WebhookCall
    tries: list[WebhookTry]


def newest_calls(session: Session, project_id: int, most: int) -> list[ShownCall]:
    """With their releases and webhooks."""
    calls = session.scalars(
        select(WebhookCall)
        .join(WebhookCall.webhook)
        .where(Webhook.project_id == project_id)
        .options(joinedload(WebhookCall.release), joinedload(WebhookCall.webhook))
        .order_by(WebhookCall.id.desc())
        .limit(most)
    ).all()
    shown = {call.id: ShownCall(call, []) for call in calls}
    tries = select(WebhookTry).where(WebhookTry.call_id.in_(shown)).order_by(WebhookTry.id)
    for each in session.scalars(tries):
        shown[each.call_id].tries.append(each)
    return list(shown.values())


def call_of_project(session: Session, project_id: int, call_id: int) -> WebhookCall:
    """With its webhook. Raises NotFound."""
    call = session.scalar(
        select(WebhookCall)
        .join(WebhookCall.webhook)
        .where(WebhookCall.id == call_id, Webhook.project_id == project_id)
        .options(contains_eager(WebhookCall.webhook))
        .execution_options(populate_existing=True)
    )
    if call is None:
        raise NotFound(_("There is no such call in this project."))
    return call


def call_of(session: Session, call_id: int) -> WebhookCall:
    """With its webhook."""
    return session.get_one(WebhookCall, call_id, options=[joinedload(WebhookCall.webhook)])


def done_releases(session: Session, project_id: int) -> Sequence[int]:
    """Their numbers, the newest first."""
    return session.scalars(
        select(Release.number)
        .where(Release.project_id == project_id, Release.state == ReleaseState.DONE)
        .order_by(Release.number.desc())
    ).all()


def release_numbered(session: Session, project_id: int, number: int) -> Release:
    """Raises NotFound for one that is not done."""
    release = session.scalar(
        select(Release).where(Release.project_id == project_id, Release.number == number)
    )
    if release is None or release.state != ReleaseState.DONE:
        raise NotFound(_("This project has no finished release of that number."))
    return release


def untold_ends(session: Session) -> Sequence[Row[Release, Webhook]]:
    """Releases, with their projects, that ended while a webhook was on which was not told of it."""
    told = exists().where(
        WebhookCall.webhook_id == Webhook.id,
        WebhookCall.release_id == Release.id,
        WebhookCall.outcome == Release.state,
    )
    return session.execute(
        select(Release, Webhook)
        .join(Webhook, Webhook.project_id == Release.project_id)
        .where(Release.state.in_(ENDS), Release.finished_at >= Webhook.active_since, ~told)
        .options(joinedload(Release.project))
        .order_by(Release.id, Webhook.id)
    ).all()


def link_series(session: Session, release_id: int) -> int:
    return session.scalar(select(LinkSeries.series).where(LinkSeries.release_id == release_id)) or 0
