"""What is left of a delivery when its worker is killed: nothing half that counts as delivered, and a next try
that ends well."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from time import sleep
from typing import Any

import pytest
from boto3 import client
from moto.server import ThreadedMotoServer
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from app.db import transaction
from app.deliveries import jobs
from app.deliveries.actions import BeingTried, add_target, order_delivery, plan_deliveries
from app.deliveries.errands import MOST_TRIES, claim_try, take_due
from app.deliveries.forms import NewTarget
from app.deliveries.models import Delivery, Progress
from app.deliveries.queries import delivery_of
from app.deliveries.stores.bucket import PART_BYTES
from app.releases.actions import release_folder
from tests import make
from tests.deliveries.finished import FILES, finished_release
from tests.deliveries.hub_server import REPOSITORY, TOKEN, open_hub
from tests.deliveries.relay import Relay, relay_to
from tests.releases.samples import bytes_below
from tests.releases.worker import PATIENCE_SECONDS, worker_on

N_KILLS = 4
BUCKET = "parcels"
LARGE = "PKU-SafeRLHF/data/train-1.parquet"
"""Of so many bytes that it goes into a bucket in parts."""
N_LARGE = 2 * PART_BYTES + 1


class Deliveries:
    """To one target. `there`: what it has of a release, by its number."""

    def __init__(self, target: NewTarget, there: Callable[[int], dict[str, bytes]]) -> None:
        self._there = there
        with transaction() as session:
            self.project = make.project(session)
            add_target(session, self.project.id, target)

    def next(self) -> int:
        """The id of one of a new release, which is due."""
        with transaction() as session:
            release = finished_release(session, self.project)
            with (release_folder(release) / LARGE).open("wb") as large:
                # Another one in each release: a hub knows contents again.
                large.write(release.number.to_bytes(4))
                large.truncate(N_LARGE)
            plan_deliveries(session)
            return session.scalars(select(func.max(Delivery.id))).one()

    def check_killed(self, delivery_id: int) -> None:
        """It does not count as delivered, has no manifest unless it is whole, and is tried again."""
        delivery = found(delivery_id)
        assert (delivery.state, delivery.n_tries) == (Progress.RUNNING, 1)
        there = self._there(delivery.release.number)
        assert "manifest.json" not in there or self.is_whole(delivery)
        wait_until_nobody_has(delivery_id)
        make_due(delivery_id)
        with transaction() as session:
            due = [tuple(row) for row in take_due(session, Delivery)]
        assert due == [(delivery_id, 1)]
        jobs.deliver(delivery_id, 1)
        self.check_done(delivery_id)

    def check_done(self, delivery_id: int) -> None:
        delivery = found(delivery_id)
        assert (delivery.state, delivery.error, delivery.n_files) == (Progress.DONE, None, len(FILES) + 1)
        assert self.is_whole(delivery)

    def is_whole(self, delivery: Delivery) -> bool:
        return self._there(delivery.release.number) == bytes_below(release_folder(delivery.release))


def found(delivery_id: int) -> Delivery:
    with transaction() as session:
        return delivery_of(session, delivery_id)


def wait_until_nobody_has(delivery_id: int) -> None:
    """PostgreSQL sees a moment later that a worker is dead, and gives its lock back."""
    n_tries = found(delivery_id).n_tries
    for _ in range(PATIENCE_SECONDS * 20):
        with transaction() as session:
            if claim_try(session, Delivery, delivery_id, n_tries):
                return
        sleep(0.05)
    raise AssertionError("the dead worker still has the delivery")


def make_due(delivery_id: int) -> None:
    """As it is some minutes after the try began."""
    with transaction() as session:
        session.execute(update(Delivery).where(Delivery.id == delivery_id).values(due_at=func.now()))


def deliver(delivery_id: int) -> None:
    """The next try."""
    jobs.deliver(delivery_id, found(delivery_id).n_tries)


def kill_on_the_way(deliveries: Deliveries, relay: Relay) -> None:
    """At some of the bytes of a delivery, the first and the last among them."""
    with worker_on(deliveries.next(), os.environ, work=deliver) as worker:
        worker.wait()
    n_bytes = relay.n_bytes
    assert n_bytes > N_LARGE
    for number in range(N_KILLS):
        delivery_id = deliveries.next()
        relay.stop_after(n_bytes * number // N_KILLS)
        with worker_on(delivery_id, os.environ, work=deliver) as worker:
            assert relay.has_stopped.wait(PATIENCE_SECONDS)
            worker.kill()
        relay.stop_after(None)
        deliveries.check_killed(delivery_id)


@pytest.mark.usefixtures("database", "home")
def test_a_worker_may_be_killed_on_the_way_to_a_folder(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    deliveries = Deliveries(NewTarget(address=str(target)), lambda number: bytes_below(target / str(number)))
    with worker_on(deliveries.next(), os.environ, work=deliver, place=target) as worker:
        n_operations = worker.wait()
    assert n_operations > N_KILLS
    for number in range(N_KILLS):
        delivery_id = deliveries.next()
        halt_at = (n_operations - 1) * number // (N_KILLS - 1)
        with worker_on(delivery_id, os.environ, halt_at, work=deliver, place=target) as worker:
            assert worker.wait() == halt_at
            worker.kill()
        deliveries.check_killed(delivery_id)
    assert [path.name for path in target.iterdir() if path.name.startswith(".")] == []


@pytest.fixture
def store() -> Iterator[Any]:
    """A server that speaks S3, with an empty bucket."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    keys = {"aws_access_key_id": "anyone", "aws_secret_access_key": "nothing", "region_name": "us-east-1"}
    opened = client("s3", endpoint_url=f"http://{host}:{port}", **keys)
    opened.create_bucket(Bucket=BUCKET)
    yield opened
    server.stop()


def objects_below(store: Any, prefix: str) -> dict[str, bytes]:
    return {
        each["Key"].removeprefix(prefix): store.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read()
        for each in store.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", [])
    }


@pytest.mark.usefixtures("database", "home")
def test_a_worker_may_be_killed_on_the_way_to_a_bucket(store: Any) -> None:
    with relay_to(int(store.meta.endpoint_url.rpartition(":")[2])) as relay:
        target = NewTarget(
            address=f"s3://{BUCKET}/tea", endpoint=relay.address, key_id="anyone", secret="nothing"
        )
        deliveries = Deliveries(target, lambda number: objects_below(store, f"tea/{number}/"))
        kill_on_the_way(deliveries, relay)


# The library's own way to hand a file to its HTTP client.
@pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
@pytest.mark.usefixtures("database", "home")
def test_a_worker_may_be_killed_on_the_way_to_a_hub() -> None:
    with open_hub() as hub, relay_to(int(hub.address.rpartition(":")[2])) as relay:
        hub.address = relay.address
        target = NewTarget(address=f"hf://datasets/{REPOSITORY}", endpoint=relay.address, secret=TOKEN)
        deliveries = Deliveries(target, lambda number: hub.below(f"{number}/"))
        kill_on_the_way(deliveries, relay)


@pytest.mark.usefixtures("database", "home")
def test_one_whose_worker_was_killed_each_time_fails_and_can_be_ordered_again(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    deliveries = Deliveries(NewTarget(address=str(target)), lambda number: bytes_below(target / str(number)))
    delivery_id = deliveries.next()
    for _ in range(MOST_TRIES):
        with worker_on(delivery_id, os.environ, 0, work=deliver, place=target) as worker:
            worker.wait()
            worker.kill()
        wait_until_nobody_has(delivery_id)
    with transaction() as session, pytest.raises(BeingTried):
        order(session, delivery_id)
    jobs.deliver(delivery_id, MOST_TRIES)
    delivery = found(delivery_id)
    assert (delivery.state, delivery.error) == (Progress.FAILED, jobs.CRASHED)
    assert not (target / "1").exists()
    with transaction() as session:
        order(session, delivery_id)
    jobs.deliver(delivery_id, 0)
    deliveries.check_done(delivery_id)


def order(session: Session, delivery_id: int) -> None:
    """As the button of the page."""
    delivery = delivery_of(session, delivery_id)
    order_delivery(session, delivery.target, delivery.release)
