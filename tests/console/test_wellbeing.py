"""The admin sees what each person was shown, and of distress no more than how often it was too much."""

from datetime import date, datetime, timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update
from sqlalchemy.orm import Session

from app.accounts.models import Role, User
from app.assignments.models import Assignment, SkipReason
from app.console.queries import DistressInWeek, distress_by_week
from app.console.wellbeing import exposures, high_dose
from app.db import now
from app.people.exposure import SeenOnDay, last_days, seen_by_day
from app.projects.models import Project
from app.queues.models import Dimension, Queue, QueueItem, QueueKind
from app.wellbeing.actions import uncover
from app.wellbeing.models import PROMPT
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
    return list(seen_by_day(session, project.id, now().date() - timedelta(days=13)))


def expect_severity(session: Session, queue: Queue, severity: int) -> None:
    session.execute(update(QueueItem).where(QueueItem.queue_id == queue.id).values(severity_prior=severity))


def test_own_labels_count_before_what_is_expected(session: Session, project: Project) -> None:
    annotator = make.user(session)
    queue = make.queue(session, project, members=(annotator,))
    expect_severity(session, queue, 2)
    answer.safety(session, make.assignment(session, queue, annotator))
    answer.safety(session, make.assignment(session, queue, annotator), answer.harmful("Violence", severity=1))
    answer.skip(session, make.assignment(session, queue, annotator))
    assert seen_today(session, project) == [SeenOnDay(annotator.username, now().date(), 3, [1, 1, 1, 0], 0)]
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
    assert seen_today(session, project) == [SeenOnDay(annotator.username, now().date(), 1, [0, 0, 0, 1], 2)]


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
        SeenOnDay("ada", days[0], 2, [1, 1, 0, 0], 0),
        SeenOnDay("ada", days[2], 1, [0, 0, 0, 1], 1),
        SeenOnDay("bo", days[1], 9, [0, 0, 0, 9], 9),
        SeenOnDay("cy", days[1], 1, [0, 2, 0, 0], 0),
    ]
    people = exposures(seen, days)
    assert [(person.username, person.doses) for person in people] == [
        ("ada", [1, 0, 3]),
        ("bo", [0, 27, 0]),
        ("cy", [0, 2, 0]),
    ]
    assert (people[0].n_items, people[0].by_severity, people[0].n_reveals) == (3, [1, 1, 0, 1], 1)
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
    page = client.get(f"/admin/projects/{project.id}/wellbeing").text
    rows = [
        page[page.index(f">{person.username}<") :].partition("</tr>")[0].replace(person.username, "")
        for person in (first, second)
    ]
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
    assert ', 0, 0, 3">' in client.get(path).text
    assert path in client.get(f"/admin/projects/{project.id}").text
    assert client.get("/admin/projects/999999/wellbeing").status_code == 404
