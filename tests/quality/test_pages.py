"""The admin's pages about annotators' care."""

from typing import Any, NamedTuple

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.assignments.actions import lock_member
from app.quality.actions import raise_alert, review_trust
from app.quality.models import Alert, QualityRule
from app.queues.models import Queue, QueueKind
from tests import answer, make
from tests.browse import enter, post
from tests.test_query_counts import n_statements

RULE: dict[str, Any] = {
    "collector": "gold",
    "window": "20",
    "min_n": "10",
    "bound": "lower",
    "is_below": "true",
    "threshold": "0.6",
    "action": "pause",
}
FIGURE = {"n": 20, "n_good": 3, "figure": 0.15, "lower": 0.05, "upper": 0.36}


class Site(NamedTuple):
    queue: Queue
    annotator: User

    @property
    def path(self) -> str:
        return f"/admin/queues/{self.queue.id}/quality"


@pytest.fixture
def site(client: TestClient, session: Session) -> Site:
    """One answer, with an admin signed in."""
    project = make.project(session)
    make.item(session, project)
    annotator = make.user(session)
    queue = make.queue(session, project, members=(annotator,))
    answer.safety(session, make.assignment(session, queue, annotator))
    enter(client, session, make.user(session, role=Role.ADMIN))
    return Site(queue, annotator)


def test_the_page_is_there_before_the_first_report(client: TestClient, site: Site) -> None:
    assert "Figures appear once there are answers" in client.get(site.path).text


def test_every_annotator_has_a_row_and_a_page(client: TestClient, session: Session, site: Site) -> None:
    review_trust(session, site.queue.id)
    assert site.annotator.username in client.get(site.path).text
    page = client.get(f"{site.path}/people/{site.annotator.id}")
    assert page.status_code == 200
    assert "The longest run of one answer: 1 in a row" in page.text


def test_a_dual_queue_has_the_numbers_of_both_rankings(client: TestClient, session: Session) -> None:
    project = make.project(session)
    for _ in range(3):
        make.item(session, project, responses=("One.", "Two."))
    people = (make.user(session), make.user(session))
    queue = make.queue(session, project, kind=QueueKind.DUAL, overlap=2, members=people)
    for person in people:
        for _ in range(3):
            held = make.assignment(session, queue, person)
            for dimension in queue.steps:
                answer.ranking(session, held, dimension, [1, 2])
    review_trust(session, queue.id)
    enter(client, session, make.user(session, role=Role.ADMIN))
    page = client.get(f"/admin/queues/{queue.id}/quality/people/{people[0].id}").text
    assert "(helpfulness)" in page
    assert "(harmlessness)" in page


def test_the_page_asks_the_same_for_many_as_for_few(client: TestClient, session: Session, site: Site) -> None:
    review_trust(session, site.queue.id)
    few = n_statements(client, session, site.path)
    for _ in range(3):
        person = make.member(session, site.queue)
        raise_alert(session, site.queue.id, person.id, "safety: gold", FIGURE)
    assert n_statements(client, session, site.path) == few


def test_a_rule_is_added_and_switched_off(client: TestClient, session: Session, site: Site) -> None:
    assert post(client, f"{site.path}/rules", **RULE).status_code == 303
    made = session.scalars(select(QualityRule)).one()
    assert (made.window, made.bound, made.threshold, made.is_on) == (20, "lower", 0.6, True)
    for _ in range(2):
        assert post(client, f"{site.path}/rules/{made.id}", is_on="false").status_code == 303
    session.expire_all()
    assert not made.is_on


@pytest.mark.parametrize("changed", [{"threshold": "2"}, {"collector": "mood"}, {"window": "0"}])
def test_a_rule_that_makes_no_sense_comes_back(
    client: TestClient, session: Session, site: Site, changed: dict[str, Any]
) -> None:
    answered = post(client, f"{site.path}/rules", **(RULE | changed))
    assert answered.status_code == 422
    assert session.scalars(select(QualityRule)).all() == []


def test_a_rule_of_another_queue_is_not_found(client: TestClient, session: Session, site: Site) -> None:
    post(client, f"{site.path}/rules", **RULE)
    rule_id = session.scalars(select(QualityRule.id)).one()
    other = make.queue(session, make.project(session))
    assert post(client, f"/admin/queues/{other.id}/quality/rules/{rule_id}", is_on="false").status_code == 404


def test_an_annotator_is_paused_with_a_reason_and_goes_on(
    client: TestClient, session: Session, site: Site
) -> None:
    who: dict[str, Any] = {"annotator_id": str(site.annotator.id)}
    assert post(client, f"{site.path}/pauses", **who, reason=" ").status_code == 422
    for _ in range(2):
        assert post(client, f"{site.path}/pauses", **who, reason="Let us talk.").status_code == 303
    assert lock_member(session, site.queue.id, site.annotator.id).pause_reason == "Let us talk."
    assert "Let us talk." in client.get(site.path).text
    assert post(client, f"{site.path}/pauses/end", **who, reason="We did.").status_code == 303
    assert lock_member(session, site.queue.id, site.annotator.id).pause_reason is None


def test_the_paused_annotator_reads_why(client: TestClient, session: Session, site: Site) -> None:
    make.item(session, make.project(session))
    who: dict[str, Any] = {"annotator_id": str(site.annotator.id)}
    post(client, f"{site.path}/pauses", **who, reason="Let us talk.")
    enter(client, session, site.annotator)
    page = post(client, f"/annotate/queues/{site.queue.id}/next").text
    assert "Your work here is paused" in page
    assert "Let us talk." in page


def test_an_alert_is_resolved_with_a_reason(client: TestClient, session: Session, site: Site) -> None:
    raise_alert(session, site.queue.id, site.annotator.id, "safety: gold", FIGURE)
    alert = session.scalars(select(Alert)).one()
    assert post(client, f"{site.path}/alerts/{alert.id}", reason="").status_code == 422
    assert post(client, f"{site.path}/alerts/{alert.id}", reason="Talked to.").status_code == 303
    assert post(client, f"{site.path}/alerts/{alert.id}", reason="Talked to.").status_code == 409
    assert "Nothing to look at." in client.get(site.path).text


def test_annotators_do_not_see_it(client: TestClient, session: Session, site: Site) -> None:
    enter(client, session, site.annotator)
    assert client.get(site.path).status_code == 403
    assert post(client, f"{site.path}/rules", **RULE).status_code == 403
