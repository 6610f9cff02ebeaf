"""Bringing releases to their targets and calling webhooks, in the background."""

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy.exc import OperationalError

from app.db import after_commit, transaction
from app.deliveries.actions import note_try, plan_calls, plan_deliveries
from app.deliveries.calling import Answer, Call, call, client
from app.deliveries.errands import MOST_TRIES, claim_try, end_try, fail_try, start_try, take_due
from app.deliveries.errors import NotDelivered
from app.deliveries.models import Delivery, Errand, Store, Target, WebhookCall
from app.deliveries.queries import call_of, delivery_of
from app.deliveries.secrets import unsealed
from app.deliveries.stores.bucket import bring_to_bucket
from app.deliveries.stores.contents import Place, contents_of
from app.deliveries.stores.folder import bring_to_folder
from app.deliveries.stores.hub import bring_to_hub
from app.releases.actions import release_folder
from app.worker import celery, send

LONGEST_ERROR = 1000
# Less than `LONGEST_JOB_SECONDS`, after which the broker takes a job for lost.
LONGEST_DELIVERY_SECONDS = 5 * 3600
CRASHED = "This try came to a sudden end. The worker's log says why."
BRING = {Store.FOLDER: bring_to_folder, Store.BUCKET: bring_to_bucket, Store.HUB: bring_to_hub}


@celery.task(name="deliveries.send_due", autoretry_for=(OperationalError,), retry_backoff=True)
def send_due() -> None:
    """What new releases make necessary, what is to be tried again, and what was lost."""
    with transaction() as session:
        plan_deliveries(session)
        plan_calls(session)
        for delivery_id, n_tries in take_due(session, Delivery):
            after_commit(session, partial(send, deliver, delivery_id, n_tries))
        for call_id, n_tries in take_due(session, WebhookCall):
            after_commit(session, partial(send, call_webhook, call_id, n_tries))


@celery.task(
    name="deliveries.deliver",
    autoretry_for=(OperationalError,),
    retry_backoff=True,
    soft_time_limit=LONGEST_DELIVERY_SECONDS,
)
def deliver(delivery_id: int, n_tries: int) -> None:
    """Harmless if it is run twice: one message is good for one try."""
    attempt(Delivery, delivery_id, n_tries, bring_release)


@celery.task(name="deliveries.call_webhook", autoretry_for=(OperationalError,), retry_backoff=True)
def call_webhook(call_id: int, n_tries: int) -> None:
    """As `deliver`."""
    attempt(WebhookCall, call_id, n_tries, make_call)


def attempt(kind: type[Errand], errand_id: int, n_tries: int, make: Callable[[int], dict[str, Any]]) -> None:
    """One try, if it is still to be made. `make`: gives what is to be kept; raises NotDelivered."""
    with transaction() as guard:
        if not claim_try(guard, kind, errand_id, n_tries):
            return
        if n_tries >= MOST_TRIES:
            fail_try(guard, kind, errand_id, CRASHED)
            return
        with transaction() as session:
            start_try(session, kind, errand_id)
        error: str | None = CRASHED
        facts: dict[str, Any] = {}
        try:
            facts = make(errand_id)
            error = None
        except NotDelivered as not_delivered:
            error = str(not_delivered)[:LONGEST_ERROR]
        finally:
            with transaction() as session:
                if error is None:
                    end_try(session, kind, errand_id, facts)
                else:
                    fail_try(session, kind, errand_id, error)


def bring_release(delivery_id: int) -> dict[str, Any]:
    """No transaction is open meanwhile that holds anything but the errand's lock."""
    with transaction() as session:
        delivery = delivery_of(session, delivery_id)
        place, store = place_of(delivery.target), delivery.target.store
        number, folder = delivery.release.number, release_folder(delivery.release)
    files = contents_of(folder)
    BRING[store](place, number, files)
    return {"n_files": len(files), "n_bytes": sum(file.n_bytes for file in files)}


def place_of(target: Target) -> Place:
    secret = unsealed(target.sealed_secret) if target.sealed_secret else ""
    return Place(target.address, target.endpoint, target.region, target.key_id, secret)


def make_call(call_id: int) -> dict[str, Any]:
    """Each try is noted, whatever comes of it."""
    with transaction() as session:
        asked = call_of(session, call_id)
        secret = unsealed(asked.webhook.sealed_secret)
        message = Call(asked.webhook.url, str(asked.key), asked.body.encode(), secret)
    with client() as http:
        answer = call(http, message)
    with transaction() as session:
        note_try(session, call_id, answer.status, answer.text)
    if not answer.is_yes:
        raise NotDelivered(refusal(answer))
    return {}


def refusal(answer: Answer) -> str:
    if answer.status is None:
        return answer.text
    if 300 <= answer.status < 400:
        return f"It answered {answer.status}; redirects are not followed."
    return f"It answered {answer.status}."
