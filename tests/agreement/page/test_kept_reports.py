"""Reports that were kept, and the live figures in the list of queues."""

from datetime import date

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.agreement.models import LiveAgreement
from app.agreement.page.kept_reports import live_figures, recent_reports, reports_before
from app.agreement.routes import N_ON_A_PAGE
from app.queues.models import Queue, QueueKind
from tests import make
from tests.agreement.page.sample_report import sample_report, stored
from tests.browse import enter
from tests.test_query_counts import n_statements


@pytest.fixture
def queue(session: Session) -> Queue:
    return make.queue(session, make.project(session))


def live(session: Session, queue: Queue, dimension: str, *figures: tuple[str, float | None]) -> None:
    rows = [{"question": question, "alpha": alpha, "n_items": 1180} for question, alpha in figures]
    session.add(
        LiveAgreement(queue_id=queue.id, dimension=dimension, figures=rows, n_items=1248, n_answers=3744)
    )
    session.flush()


def test_nightly_reports_come_first_then_those_on_demand_each_the_newest_first(
    session: Session, queue: Queue
) -> None:
    report = sample_report(annotator_ids=[1, 2])
    nights = [date(2026, 11, 20), None, date(2026, 11, 21), None]
    ids = [stored(session, queue.id, report, night=night).id for night in nights]
    stored(session, make.queue(session, make.project(session)).id, report)
    assert [kept.id for kept in recent_reports(session, queue.id, 3)] == [ids[2], ids[0], ids[3]]
    assert [kept.id for kept in reports_before(session, queue.id, 9)] == ids[::-1]
    assert [kept.id for kept in reports_before(session, queue.id, 9, before=ids[2])] == [ids[1], ids[0]]


def test_all_reports_are_listed_a_page_at_a_time(client: TestClient, session: Session, queue: Queue) -> None:
    enter(client, session, make.user(session, role=Role.ADJUDICATOR))
    path = f"/agreement/queues/{queue.id}/reports"
    assert "There are no more reports." in client.get(path).text
    report = sample_report(annotator_ids=[1, 2])
    ids = [stored(session, queue.id, report).id for _ in range(N_ON_A_PAGE + 1)]
    first = client.get(path).text
    assert f'href="?before={ids[1]}"' in first
    assert f'href="/agreement/reports/{ids[0]}"' not in first
    rest = client.get(path, params={"before": ids[1]}).text
    assert f'href="/agreement/reports/{ids[0]}"' in rest
    assert "Older ones" not in rest


def test_the_list_of_queues_shows_the_main_figure_of_each_dimension(
    client: TestClient, session: Session, queue: Queue
) -> None:
    dual = make.queue(session, make.project(session), kind=QueueKind.DUAL)
    live(session, queue, "safety", ("severity", 0.5), ("safe", 0.7354))
    live(session, dual, "helpfulness", ("helpfulness", 0.3412))
    live(session, dual, "harmlessness", ("harmlessness", None))
    found = live_figures(session, [dual.id])
    assert found.keys() == {dual.id}
    assert [(each.dimension, each.alpha) for each in found[dual.id]] == [
        ("helpfulness", 0.3412),
        ("harmlessness", None),
    ]
    enter(client, session, make.user(session, role=Role.ADJUDICATOR))
    page = client.get("/agreement").text
    assert "<dt>Alpha, safety</dt><dd>0.735 <small>(1,180 items)</small></dd>" in page
    assert "<dt>Alpha, harmlessness</dt><dd>not defined" in page
    assert "0.500" not in page


def test_live_figures_of_more_queues_need_no_more_statements(
    client: TestClient, session: Session, queue: Queue
) -> None:
    enter(client, session, make.user(session, role=Role.ADJUDICATOR))
    live(session, queue, "safety", ("safe", 0.7))
    few = n_statements(client, session, "/agreement")
    for _ in range(5):
        live(session, make.queue(session, make.project(session)), "safety", ("safe", 0.7))
    assert n_statements(client, session, "/agreement") == few <= 6
