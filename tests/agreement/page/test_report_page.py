"""The page of a report: all that it holds, for those who may read it."""

import re
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.agreement.markdown import card_section
from app.agreement.models import AgreementReport
from app.agreement.page.sections import SECTIONS
from app.agreement.page.tables import tables_of
from app.agreement.report.content import Figure, Report, Share
from app.queues.models import Queue
from tests import make
from tests.agreement.page.sample_report import Kind, sample_report, stored
from tests.browse import enter, post
from tests.test_query_counts import n_statements

KINDS: tuple[Kind, ...] = ("safety", "dual")
EMPTY = Report(seed=1, n_resamples=1000, n_items=0, n_answers=0, n_annotators=0, figures=[])


@pytest.fixture
def queue(session: Session) -> Queue:
    return make.queue(session, make.project(session))


@pytest.fixture
def adjudicator(client: TestClient, session: Session) -> User:
    """Who is signed in."""
    made = make.user(session, role=Role.ADJUDICATOR)
    enter(client, session, made)
    return made


def page_of(client: TestClient, report: AgreementReport, query: str = "") -> str:
    found = client.get(f"/agreement/reports/{report.id}{query}")
    assert found.status_code == 200
    return found.text


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("role", [Role.ADJUDICATOR, Role.ADMIN])
def test_every_section_with_content_has_its_heading_tables_and_csv(
    client: TestClient, session: Session, queue: Queue, kind: Kind, role: Role
) -> None:
    content = sample_report(kind=kind)
    report = stored(session, queue.id, content)
    enter(client, session, make.user(session, role=role))
    page = page_of(client, report)
    tables = tables_of(content, {})
    assert len(tables) >= 9
    for name in tables:
        assert f'href="/agreement/reports/{report.id}/{name}.csv"' in page
    for name, *_ in SECTIONS:
        assert (f'<section class="part" id="{name}"' in page) is (name in tables)
        assert (f'href="#{name}"' in page) is (name in tables)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("adjudicator")
def test_negative_numbers_have_a_minus_sign_and_in_files_a_hyphen(
    client: TestClient, session: Session, queue: Queue, kind: Kind
) -> None:
    sample = sample_report(kind=kind)
    first = replace(sample.figures[0], alpha=-0.25, alpha_lower=-0.5, alpha_upper=-0.0001)
    content = replace(sample, figures=[first, *sample.figures[1:]])
    report = stored(session, queue.id, content)
    page = page_of(client, report)
    assert "[\N{MINUS SIGN}0.500, 0.000]" in page
    assert ">\N{MINUS SIGN}0.250</td>" in page
    cells = re.findall(r"<td[^>]*>([^<]*)</td>", page)
    assert [cell for cell in cells if re.search(r"(^|[\[ ])-\d", cell)] == []
    figures = next(name for name, *_ in SECTIONS if name in tables_of(content, {}))
    assert "-0.25" in client.get(f"/agreement/reports/{report.id}/{figures}.csv").text


def test_between_them_the_samples_fill_every_section() -> None:
    found = {name for kind in KINDS for name in tables_of(sample_report(kind=kind), {})}
    assert found >= {name for name, *_ in SECTIONS}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("adjudicator")
def test_every_plot_has_a_name_of_its_own_and_says_what_it_shows(
    client: TestClient, session: Session, queue: Queue, kind: Kind
) -> None:
    page = page_of(client, stored(session, queue.id, sample_report(kind=kind)))
    plots = re.findall(r'<svg [^>]*role="img" aria-labelledby="([^"]+)" aria-describedby="([^"]+)"', page)
    ids = [each for pair in plots for each in pair]
    assert plots
    assert len(set(ids)) == len(ids)
    for each in ids:
        assert f'id="{each}"' in page
    labels = re.findall(r'role="region" aria-label="([^"]+)"', page)
    assert len(set(labels)) == len(labels)
    assert " style=" not in page


@pytest.mark.usefixtures("adjudicator")
def test_questions_come_as_in_the_taxonomy_or_from_the_lowest_alpha_on(
    client: TestClient, session: Session, queue: Queue
) -> None:
    figures = [
        Figure("safe", "nominal", 90, 180, 90, 0.5, 0.9, alpha=0.8),
        Figure("category: Drugs", "nominal", 90, 180, 90, 0.0, 1.0),
        Figure("category: Violence", "nominal", 90, 180, 90, 0.1, 0.9, alpha=0.3),
    ]
    report = stored(session, queue.id, Report(1, 1000, 90, 180, 2, figures))
    for query, order in (
        ("", ["Safe or not", "Drugs", "Violence"]),
        ("?sort=alpha", ["Violence", "Safe or not", "Drugs"]),
        ("?sort=nothing", ["Safe or not", "Drugs", "Violence"]),
    ):
        page = page_of(client, report, query)
        assert re.findall(r'<th scope="row">([^<]+)</th>', page) == order
    assert "not defined: every answer is the same" in page


@pytest.mark.usefixtures("adjudicator")
def test_few_items_and_what_is_not_defined_are_shown_plainly(
    client: TestClient, session: Session, queue: Queue
) -> None:
    figures = [
        Figure("safe", "nominal", 29, 58, 29, 0.5, 0.9, alpha=0.8),
        Figure("severity", "ordinal", 0, 58, 0),
    ]
    page = page_of(client, stored(session, queue.id, Report(1, 1000, 29, 58, 2, figures)))
    assert "fewer than 30 items" in page
    assert "not defined: no item has two answers" in page


@pytest.mark.usefixtures("adjudicator")
def test_a_report_of_older_code_is_shown_as_far_as_it_goes(
    client: TestClient, session: Session, queue: Queue
) -> None:
    report = stored(session, queue.id, EMPTY)
    old = {"question": "safe", "level": "nominal", "alpha": 0.444, "raw_agreement": 0.667}
    report.n_annotations = 6
    report.content = {"figures": [old | {"prevalence": 0.5, "n_items": 3, "n_pairs": 3, "gone": 1}]}
    session.flush()
    page = page_of(client, report)
    assert '<td class="number">0.444</td>' in page
    assert 'href="#severity_by_category"' not in page


@pytest.mark.usefixtures("adjudicator")
def test_without_answers_there_are_no_plots(client: TestClient, session: Session, queue: Queue) -> None:
    page = page_of(client, stored(session, queue.id, EMPTY))
    assert "Figures appear once items have answers" in page
    assert "<svg" not in page


def test_annotators_are_named_and_items_are_links_for_admins_alone(
    client: TestClient, session: Session, queue: Queue
) -> None:
    people = [make.user(session, username=name) for name in ("ines", "noor", "vik")]
    report = stored(session, queue.id, sample_report(annotator_ids=[person.id for person in people]))
    for role, has_links in ((Role.ADJUDICATOR, False), (Role.ADMIN, True)):
        enter(client, session, make.user(session, role=role))
        page = page_of(client, report)
        assert all(person.username in page for person in people)
        assert ('href="/admin/items/101"' in page) is has_links


@pytest.mark.usefixtures("adjudicator")
def test_a_section_without_anything_to_compare_is_left_out(
    client: TestClient, session: Session, queue: Queue
) -> None:
    nothing = Share("unsafe above safe", None, 0, 0, None, None, None)
    content = replace(sample_report(kind="dual"), contradictions=[nothing])
    page = page_of(client, stored(session, queue.id, content))
    assert 'id="position"' in page
    assert 'id="contradictions"' not in page
    assert "Contradictions" not in card_section(content)


@pytest.mark.usefixtures("adjudicator")
def test_two_files_of_one_name_have_plots_of_their_own(
    client: TestClient, session: Session, queue: Queue
) -> None:
    content = sample_report(annotator_ids=[1, 2])
    report = stored(session, queue.id, replace(content, versus=[*content.versus, *content.versus]))
    page = page_of(client, report)
    for place in (1, 2):
        assert f"<figcaption>Safe or not, labels-of-an-ai.jsonl ({place})</figcaption>" in page


@pytest.mark.usefixtures("adjudicator")
def test_sixty_annotators_fit(client: TestClient, session: Session, queue: Queue) -> None:
    content = sample_report(annotator_ids=range(1, 61))
    page = page_of(client, stored(session, queue.id, content))
    assert page.count("#1 /") + page.count("/ #1,") + page.count("/ #1:") >= 59
    assert "rows; the CSV has all." in page


@pytest.mark.usefixtures("adjudicator")
def test_while_a_newer_one_is_computed_nothing_is_swapped(
    client: TestClient, session: Session, queue: Queue
) -> None:
    report = stored(session, queue.id, sample_report())
    address = f"/agreement/queues/{queue.id}?newer_than={report.id}"
    assert "hx-trigger" in client.get(address).text
    waiting = client.get(address, headers={"hx-request": "true"})
    assert (waiting.status_code, waiting.text) == (204, "")
    stored(session, queue.id, sample_report(seed=2))
    block = client.get(address, headers={"hx-request": "true"})
    assert block.text.strip().startswith('<section id="report"')
    assert "hx-trigger" not in block.text
    assert "The new report is here." in block.text
    assert "The new report is here." not in client.get(address).text


@pytest.mark.usefixtures("adjudicator")
def test_more_annotators_and_reports_need_no_more_statements(
    client: TestClient, session: Session, queue: Queue
) -> None:
    paths = (f"/agreement/queues/{queue.id}", f"/agreement/queues/{queue.id}/reports")
    people = [make.user(session).id for _ in range(2)]
    stored(session, queue.id, sample_report(annotator_ids=people))
    few = [n_statements(client, session, path) for path in paths]
    people += [make.user(session).id for _ in range(9)]
    for seed in range(5):
        stored(session, queue.id, sample_report(seed=seed, annotator_ids=people))
    assert [n_statements(client, session, path) for path in paths] == few
    assert max(few) <= 8


def test_annotators_are_refused(client: TestClient, session: Session, queue: Queue) -> None:
    report = stored(session, queue.id, sample_report())
    enter(client, session, make.user(session))
    for path in ("", ".json", ".md", "/figures.csv"):
        assert client.get(f"/agreement/reports/{report.id}{path}").status_code == 403
    assert client.get(f"/agreement/queues/{queue.id}/reports").status_code == 403
    assert post(client, f"/agreement/queues/{queue.id}").status_code == 403


@pytest.mark.usefixtures("adjudicator")
def test_what_there_is_not_is_not_found(client: TestClient, session: Session, queue: Queue) -> None:
    for path in ("", ".json", ".md", "/figures.csv"):
        assert client.get(f"/agreement/reports/999999{path}").status_code == 404
    assert client.get("/agreement/queues/999999/reports").status_code == 404
    report = stored(session, queue.id, sample_report())
    for table in ("halo", "nothing", "figures.csv"):
        assert client.get(f"/agreement/reports/{report.id}/{table}.csv").status_code == 404
