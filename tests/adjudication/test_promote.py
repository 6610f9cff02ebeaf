"""What adjudicators decided becomes a gold item's answer."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.adjudication.actions import promote_outcome
from app.adjudication.models import AdjudicationCase
from app.errors import Conflict
from app.gold.actions import GoldAlready
from app.gold.models import GoldItem, GoldSource
from tests import answer, make
from tests.adjudication import cases
from tests.browse import enter, post

SAFE = {"safety": {"is_safe": True, "harm_categories": [], "severity": 0}}


@pytest.fixture
def decided(session: Session) -> AdjudicationCase:
    queue = cases.labelled_queue(session, [answer.SAFE, answer.harmful("Violence")])
    cases.opened(session, queue)
    return cases.settle(session, queue, SAFE)


def test_an_admin_makes_a_decided_case_gold(
    client: TestClient, session: Session, decided: AdjudicationCase
) -> None:
    enter(client, session, make.user(session, role=Role.ADMIN))
    path = f"/adjudicate/cases/{decided.id}"
    assert "Make it a gold item" in client.get(path).text
    assert post(client, f"{path}/gold", explanation=" ").status_code == 422
    answers = [post(client, f"{path}/gold", explanation="Tea is mild.").status_code for _ in range(2)]
    assert answers == [303, 409]
    gold = session.scalars(select(GoldItem)).one()
    assert (gold.item_id, gold.answers, gold.source) == (decided.item_id, SAFE, GoldSource.PROMOTED)


def test_it_is_gold_once(session: Session, decided: AdjudicationCase) -> None:
    promote_outcome(session, decided.id, "Tea is mild.")
    with pytest.raises(GoldAlready):
        promote_outcome(session, decided.id, "Tea is mild.")


def test_an_open_case_has_nothing_to_promote(session: Session) -> None:
    queue = cases.labelled_queue(session, [answer.SAFE, answer.harmful("Violence")])
    (case,) = cases.opened(session, queue)
    with pytest.raises(Conflict):
        promote_outcome(session, case.id, "Tea is mild.")
