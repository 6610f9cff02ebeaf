"""Adding targets and webhooks, and asking for what is to leave for them."""

from uuid import uuid4

import orjson
from sqlalchemy import case, exists, insert, literal_column, select
from sqlalchemy.dialects.postgresql import insert as insert_or_update
from sqlalchemy.orm import Session

from app.audit.actions import record
from app.audit.models import Action
from app.db import now
from app.deliveries.errands import begin_again
from app.deliveries.forms import NewLink, NewTarget, NewWebhook
from app.deliveries.links import Link
from app.deliveries.models import (
    LONGEST_ANSWER,
    Delivery,
    LinkSeries,
    Target,
    Webhook,
    WebhookCall,
    WebhookTry,
)
from app.deliveries.queries import link_series, untold_ends
from app.deliveries.secrets import sealed
from app.deliveries.stores.contents import MANIFEST_NAME, sha256_of
from app.errors import Conflict, Gone
from app.i18n import gettext as _
from app.releases.actions import release_folder
from app.releases.models import Release, ReleaseState

# PostgreSQL has put nobody's mark on a row that was just inserted.
CREATED_OR_CHANGED = case((literal_column("xmax::text = '0'"), Action.CREATED), else_=Action.CHANGED)


class BeingTried(Conflict):
    pass


def add_target(session: Session, project_id: int, new: NewTarget) -> None:
    """One that is there already goes by the new endpoint, region, key and secret, and is switched on."""
    secret = new.secret.get_secret_value()
    plain = new.model_dump(include={"endpoint", "region", "key_id"})
    values = plain | {"sealed_secret": sealed(secret) if secret else None}
    action = session.scalars(
        insert_or_update(Target)
        .values(project_id=project_id, address=new.address, **values)
        .on_conflict_do_update(
            index_elements=["project_id", "address"], set_=values | {"active_since": now()}
        )
        .returning(CREATED_OR_CHANGED)
    ).one()
    after = {"address": new.address} | plain
    record(session, Action(action), "delivery target", project_id=project_id, after=after)


def add_webhook(session: Session, project_id: int, new: NewWebhook, site_url: str) -> None:
    """One that is there already goes by the new secret, and is switched on."""
    values = {"sealed_secret": sealed(new.webhook_secret.get_secret_value()), "site_url": site_url}
    action = session.scalars(
        insert_or_update(Webhook)
        .values(project_id=project_id, url=new.url, **values)
        .on_conflict_do_update(index_elements=["project_id", "url"], set_=values | {"active_since": now()})
        .returning(CREATED_OR_CHANGED)
    ).one()
    record(session, Action(action), "webhook", project_id=project_id, after={"url": new.url})


def switch_target(session: Session, target: Target, *, is_on: bool) -> None:
    """Releases of the time it was off are not made up for. Twice is the same as once."""
    if switch(session, target, is_on=is_on):
        note_switch(session, target.project_id, "delivery target", target.address, is_on=is_on)


def switch_webhook(session: Session, webhook: Webhook, *, is_on: bool) -> None:
    """As `switch_target`."""
    if switch(session, webhook, is_on=is_on):
        note_switch(session, webhook.project_id, "webhook", webhook.url, is_on=is_on)


def switch(session: Session, switched: Target | Webhook, *, is_on: bool) -> bool:
    """False where it is so already."""
    if (switched.active_since is not None) == is_on:
        return False
    switched.active_since = now() if is_on else None
    session.flush()
    return True


def note_switch(session: Session, project_id: int, subject: str, address: str, *, is_on: bool) -> None:
    after = {"address": address, "is_on": is_on}
    record(session, Action.CHANGED, subject, project_id=project_id, after=after)


def plan_deliveries(session: Session) -> None:
    """One of each release that was finished since a target was switched on; as often as one likes."""
    planned = exists().where(Delivery.release_id == Release.id, Delivery.target_id == Target.id)
    missing = (
        select(Release.id, Target.id)
        .join(Target, Target.project_id == Release.project_id)
        .where(Release.state == ReleaseState.DONE, Release.finished_at >= Target.active_since, ~planned)
        .order_by(Release.id, Target.id)
    )
    session.execute(
        insert_or_update(Delivery).from_select(["release_id", "target_id"], missing).on_conflict_do_nothing()
    )


def order_delivery(session: Session, target: Target, release: Release) -> None:
    """Now, be it the first time or again. Raises BeingTried."""
    delivery_id = session.scalar(
        insert_or_update(Delivery)
        .values(release_id=release.id, target_id=target.id)
        .on_conflict_do_nothing()
        .returning(Delivery.id)
    )
    if delivery_id is None:
        of_both = select(Delivery.id).where(
            Delivery.release_id == release.id, Delivery.target_id == target.id
        )
        if not begin_again(session, Delivery, session.scalars(of_both).one()):
            raise BeingTried(_("This release is being delivered there right now."))
    after = {"number": release.number, "address": target.address}
    record(session, Action.SENT, "delivery", project_id=target.project_id, after=after)


def plan_calls(session: Session) -> None:
    """One of each end of a release that a webhook was not told of; as often as one likes."""
    for release, webhook in untold_ends(session):
        key = uuid4()
        session.execute(
            insert_or_update(WebhookCall)
            .values(
                release_id=release.id,
                webhook_id=webhook.id,
                outcome=release.state,
                key=key,
                body=body_of(release, webhook, str(key)),
            )
            .on_conflict_do_nothing()
        )


def body_of(release: Release, webhook: Webhook, key: str) -> str:
    """JSON. `manifest_sha256` is null where the release has failed."""
    manifest = release_folder(release) / MANIFEST_NAME
    is_there = release.state == ReleaseState.DONE and manifest.is_file()
    said = {
        "event": f"release.{release.state}",
        "delivery": key,
        "project": {"id": release.project_id, "name": release.project.name},
        "number": release.number,
        "state": release.state,
        "manifest_sha256": sha256_of(manifest) if is_there else None,
        "url": f"{webhook.site_url}/admin/releases/{release.id}",
    }
    return orjson.dumps(said).decode()


def order_call(session: Session, call: WebhookCall) -> None:
    """The same again, now. Raises BeingTried."""
    if not begin_again(session, WebhookCall, call.id):
        raise BeingTried(_("This is being sent right now."))
    after = {"url": call.webhook.url, "call": call.id}
    record(session, Action.SENT, "webhook call", project_id=call.webhook.project_id, after=after)


def note_try(session: Session, call_id: int, status: int | None, answer: str) -> None:
    """Of the answer what it begins with, but for NUL, which PostgreSQL can't store."""
    kept = answer.replace("\0", "")[:LONGEST_ANSWER]
    session.execute(insert(WebhookTry).values(call_id=call_id, status=status, answer=kept))


def make_link(session: Session, release: Release, wanted: NewLink) -> Link:
    until = int(now().timestamp()) + wanted.hours * 3600
    link = Link(release.id, wanted.file, until, link_series(session, release.id))
    after = {"number": release.number, "file": wanted.file or "all", "hours": wanted.hours}
    record(session, Action.CREATED, "download link", project_id=release.project_id, after=after)
    return link


def refuse_ended(session: Session, link: Link) -> None:
    """Raises Gone where its time is over, or where it was revoked."""
    if link.until < now().timestamp():
        raise Gone(_("This link has expired. Ask for a new one."))
    if link.series != link_series(session, link.release_id):
        raise Gone(_("This link was revoked. Ask for a new one."))


def note_use(session: Session, release: Release, link: Link) -> None:
    """Who it was, nobody knows."""
    after = {"number": release.number, "file": link.path or "all", "until": link.until}
    record(session, Action.DOWNLOADED, "download link", project_id=release.project_id, after=after)


def revoke_links(session: Session, release: Release) -> None:
    """All that were made for it so far."""
    session.execute(
        insert_or_update(LinkSeries)
        .values(release_id=release.id, series=1)
        .on_conflict_do_update(index_elements=["release_id"], set_={"series": LinkSeries.series + 1})
    )
    after = {"number": release.number}
    record(session, Action.REVOKED, "download links", project_id=release.project_id, after=after)
