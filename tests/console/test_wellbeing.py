"""The admin sees what each person was shown, and of distress no more than how often it was too much."""

import csv
from datetime import date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.assignments.models import Assignment, SkipReason
from app.audit.models import Action, AuditEntry
from app.console.queries import DistressInWeek, distress_by_week
from app.console.wellbeing import PEOPLE_A_PAGE, exposures, high_dose
from app.db import now
from app.people.counting import count_exposure
from app.people.exposure import SeenOnDay, last_days, seen_in_project
from app.people.forms import Days
from app.projects.models import Project
from app.queues.models import Dimension, Queue, QueueItem, QueueKind
from app.wellbeing.actions import uncover
from app.wellbeing.models import PROMPT
from app.work.models import WorkDay
from tests import answer, make
from tests.browse import enter

TODAY = date(2026, 3, 14)


@pytest.fixture
def project(session: Session) -> Project:
    made = make.project(session)
    for _ in range(4):
        make.item(session, made)
    return made


def seen_today(session: Session, project: Project) -> list[SeenOnDay]:
    count_exposure(session)
    return list(seen_in_project(session, project.id, Days()))


def expect_severity(session: Session, queue: Queue, severity: int) -> None:
    session.execute(update(QueueItem).where(QueueItem.queue_id == queue.id).values(severity_prior=severity))


def test_own_labels_count_before_what_is_expected(session: Session, project: Project) -> None:
    annotator = make.user(session)
    queue = make.queue(session, project, members=(annotator,))
    expect_severity(session, queue, 2)
    answer.safety(session, make.assignment(session, queue, annotator))
    answer.safety(session, make.assignment(session, queue, annotator), answer.harmful("Violence", severity=1))
    answer.skip(session, make.assignment(session, queue, annotator))
    today = now().date()
    assert seen_today(session, project) == [
        SeenOnDay(annotator.id, annotator.username, today, 3, [1, 1, 1, 0], 0)
    ]
    assert seen_today(session, project)[0].dose == 3


def test_what_stayed_covered_was_not_seen(session: Session, project: Project) -> None:
    annotator = make.user(session)
    queue = make.queue(session, project, members=(annotator,))
    expect_severity(session, queue, 3)
    for position in (None, 0, PROMPT):
        held = make.assignment(session, queue, annotator)
        if position is not None:
            uncover(session, held.id, position)
        answer.skip(session, held)
    today = now().date()
    assert seen_today(session, project) == [
        SeenOnDay(annotator.id, annotator.username, today, 1, [0, 0, 0, 1], 2)
    ]


def test_a_ranked_response_counts_with_the_label_that_the_same_person_gave_it(session: Session) -> None:
    annotator = make.user(session)
    project = make.project(session)
    make.item_with_pairs(session, project, responses=("Tea.", "Coffee."))
    safety = make.queue(session, project, members=(annotator,))
    answer.safety(session, make.assignment(session, safety, annotator), answer.harmful("Drugs", severity=3))
    ranking = make.queue(session, project, kind=QueueKind.HELPFULNESS, members=(annotator,))
    expect_severity(session, ranking, 1)
    answer.ranking(session, make.assignment(session, ranking, annotator), Dimension.HELPFULNESS, [1, 2])
    assert [each.by_severity for each in seen_today(session, project)] == [[0, 1, 0, 2]]


def test_a_person_is_marked_beyond_twice_the_median() -> None:
    days = last_days(TODAY, 3)
    seen = [
        SeenOnDay(1, "ada", days[0], 2, [1, 1, 0, 0], 0),
        SeenOnDay(1, "ada", days[2], 1, [0, 0, 0, 1], 1),
        SeenOnDay(2, "bo", days[1], 9, [0, 0, 0, 9], 9),
        SeenOnDay(3, "cy", days[1], 1, [0, 2, 0, 0], 0),
    ]
    people = exposures(seen, days)
    assert [(person.username, person.doses) for person in people] == [
        ("bo", [0, 27, 0]),
        ("ada", [1, 0, 3]),
        ("cy", [0, 2, 0]),
    ]
    assert (people[1].n_items, people[1].by_severity, people[1].n_reveals) == (3, [1, 1, 0, 1], 1)
    high = high_dose(person.dose for person in people)
    assert [person.username for person in people if person.dose > high] == ["bo"]
    assert high_dose([]) == 0


def skip_last_week(session: Session, queue: Queue, people: list[User]) -> datetime:
    """When; a Sunday."""
    closed_at = now() - timedelta(days=now().weekday() + 1)
    for person in people:
        answer.skip(session, make.assignment(session, queue, person), SkipReason.DISTRESS)
    session.execute(update(Assignment).where(Assignment.queue_id == queue.id).values(closed_at=closed_at))
    return closed_at


def test_distress_is_counted_only_among_enough_people_and_in_weeks_that_are_over(
    session: Session, project: Project
) -> None:
    people = [make.user(session) for _ in range(3)]
    few, enough, this_week = (make.queue(session, project, members=tuple(people)) for _ in range(3))
    skip_last_week(session, few, people[:2])
    closed_at = skip_last_week(session, enough, people)
    for person in people:
        answer.skip(session, make.assignment(session, this_week, person))
    week = closed_at.date() - timedelta(days=6)
    found = {each.queue_name: each for each in distress_by_week(session, project.id)}
    assert found == {
        few.name: DistressInWeek(week, few.name, None),
        enough.name: DistressInWeek(week, enough.name, 3),
    }


def test_who_answered_is_one_of_those_who_worked(session: Session, project: Project) -> None:
    people = [make.user(session) for _ in range(3)]
    queue = make.queue(session, project, members=tuple(people))
    closed_at = skip_last_week(session, queue, people[:2])
    assert [each.n_skips for each in distress_by_week(session, project.id)] == [None]
    answer.safety(session, make.assignment(session, queue, people[2]))
    session.execute(update(WorkDay).values(day=closed_at.date()))
    assert [each.n_skips for each in distress_by_week(session, project.id)] == [2]


def test_no_admins_page_tells_who_skipped_for_distress(
    client: TestClient, session: Session, project: Project
) -> None:
    first, second = make.user(session), make.user(session)
    queue = make.queue(session, project, members=(first, second))
    for person, reason in ((first, SkipReason.DISTRESS), (second, SkipReason.CANNOT_JUDGE)):
        answer.skip(session, make.assignment(session, queue, person), reason)
    enter(client, session, make.user(session, role=Role.ADMIN))
    for path in (
        f"/admin/queues/{queue.id}",
        f"/admin/queues/{queue.id}/leases",
        f"/admin/people/{first.id}",
    ):
        assert "distress" not in client.get(path).text.lower()
    count_exposure(session)
    page = client.get(f"/admin/projects/{project.id}/wellbeing").text
    rows = [page[page.index(f">{person.username}<") :].partition("</tr>")[0] for person in (first, second)]
    rows = [row.replace(person.username, "") for row, person in zip(rows, (first, second), strict=True)]
    assert rows[0] == rows[1]


def test_the_page_says_the_doses_in_words_and_is_the_admins_alone(
    client: TestClient, session: Session, project: Project
) -> None:
    annotator = make.user(session)
    queue = make.queue(session, project, members=(annotator,))
    answer.safety(session, make.assignment(session, queue, annotator), answer.harmful("Drugs", severity=3))
    path = f"/admin/projects/{project.id}/wellbeing"
    enter(client, session, annotator)
    assert client.get(path).status_code == 403
    enter(client, session, make.user(session, role=Role.ADMIN))
    assert "Nothing is counted yet" in client.get(path).text
    count_exposure(session)
    page = client.get(path).text
    assert ', 0, 0, 3">' in page
    assert "Counted at" in page
    assert path in client.get(f"/admin/projects/{project.id}").text
    assert client.get("/admin/projects/999999/wellbeing").status_code == 404


def test_a_page_has_so_many_people_and_the_file_everybody(
    client: TestClient, session: Session, project: Project
) -> None:
    people = tuple(make.user(session) for _ in range(PEOPLE_A_PAGE + 1))
    queue = make.queue(session, project, members=people, overlap=len(people))
    for place, person in enumerate(people):
        label = answer.harmful("Drugs", severity=3) if place == 7 else answer.harmful("Drugs", severity=1)
        answer.safety(session, make.assignment(session, queue, person), label)
    count_exposure(session)
    admin = make.user(session, role=Role.ADMIN)
    enter(client, session, admin)
    path = f"/admin/projects/{project.id}/wellbeing"
    first, second = client.get(path).text, client.get(f"{path}?page=2").text
    assert (first.count('<svg class="sparkline'), second.count('<svg class="sparkline')) == (PEOPLE_A_PAGE, 1)
    assert first.index(f"/admin/people/{people[7].id}/exposure") < first.index(people[0].username)
    assert "?page=2" in first
    assert "?page=1" in second
    assert client.get(f"{path}?page=none").status_code == 422
    today = now().date()
    lines = list(csv.reader(client.get(f"{path}.csv?since={today}&until={today}").text.splitlines()))
    assert len(lines) == 1 + len(people)
    assert [people[7].username, str(today), *("1", "0", "0", "0", "1", "0", "3")] in lines
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == Action.DOWNLOADED)).one()
    assert (entry.actor_id, entry.project_id, entry.subject) == (admin.id, project.id, "exposure")
    assert client.get(f"{path}.csv?since=2020-01-01").status_code == 422
    assert client.get("/admin/projects/0/wellbeing.csv").status_code == 404
