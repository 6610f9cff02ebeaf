"""The hours of a queue: on which days, when, by which clock."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import Role
from app.audit.models import AuditEntry
from app.db import now
from app.queues.hours import (
    ENDED,
    EVERY_DAY,
    OFF_HOURS,
    SCHEDULED,
    next_opening,
    rest_at,
    time_zones,
    time_zones_offered,
    told_days,
    told_hours,
    told_opening,
)
from app.queues.models import Queue
from tests import make
from tests.browse import enter, post

BERLIN = "Europe/Berlin"
NINE, FIVE = time(9), time(17)
WEEK = [1, 2, 3, 4, 5]


@dataclass
class Told:
    """As a queue's columns have it."""

    opens_at: datetime | None = None
    closes_at: datetime | None = None
    weekdays: list[int] = field(default_factory=lambda: list(EVERY_DAY))
    hours_from: time | None = None
    hours_until: time | None = None
    time_zone: str = "UTC"


OFFICE = Told(weekdays=WEEK, hours_from=NINE, hours_until=FIVE, time_zone=BERLIN)
NIGHT = Told(weekdays=[5], hours_from=time(22), hours_until=time(6), time_zone=BERLIN)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("times", "moment", "opening"),
    [
        # A Thursday in winter: Berlin is an hour ahead.
        (OFFICE, "2026-01-15 08:00", "2026-01-15 08:00"),
        (OFFICE, "2026-01-15 07:59", "2026-01-15 08:00"),
        (OFFICE, "2026-01-15 15:59", "2026-01-15 15:59"),
        (OFFICE, "2026-01-15 16:00", "2026-01-16 08:00"),
        # Over the weekend on which the clock is put forward.
        (OFFICE, "2026-03-27 16:00", "2026-03-30 07:00"),
        (NIGHT, "2026-01-16 20:00", "2026-01-16 21:00"),
        (NIGHT, "2026-01-17 04:59", "2026-01-17 04:59"),
        (NIGHT, "2026-01-17 05:00", "2026-01-23 21:00"),
        (Told(weekdays=[6, 7]), "2026-01-16 23:59", "2026-01-17 00:00"),
        (Told(weekdays=[6, 7]), "2026-01-18 00:00", "2026-01-18 00:00"),
        (Told(weekdays=[6, 7]), "2026-01-19 00:00", "2026-01-24 00:00"),
        (Told(), "2026-01-19 00:00", "2026-01-19 00:00"),
        (Told(opens_at=utc("2026-01-20 03:00")), "2026-01-19 00:00", "2026-01-20 03:00"),
        (
            Told(weekdays=[1], opens_at=utc("2026-01-20 03:00"), time_zone="Pacific/Auckland"),
            "2026-01-19 00:00",
            "2026-01-25 11:00",
        ),
        (Told(weekdays=[1], closes_at=utc("2026-01-25 11:00")), "2026-01-20 00:00", None),
        # From half past two to three there is no time on the day on which the clock goes from two to three.
        (
            Told(weekdays=[7], hours_from=time(2, 30), hours_until=time(3), time_zone=BERLIN),
            "2026-03-28 12:00",
            "2026-04-05 00:30",
        ),
        # The hour that the clock shows twice is one that lasts two.
        (
            Told(hours_from=time(2), hours_until=time(3), time_zone=BERLIN),
            "2026-10-25 01:30",
            "2026-10-25 01:30",
        ),
    ],
)
def test_it_opens_at_the_next_moment_within_its_hours(times: Told, moment: str, opening: str | None) -> None:
    expected = None if opening is None else utc(opening)
    assert next_opening(times, utc(moment)) == expected
    assert (rest_at(times, utc(moment)) is None) == (expected == utc(moment))


def test_before_its_start_and_after_its_end_it_rests_whatever_the_hour() -> None:
    times = Told(opens_at=utc("2026-01-15 00:00"), closes_at=utc("2026-01-16 12:00"), weekdays=[5])
    assert rest_at(times, utc("2026-01-09 10:00")) == SCHEDULED
    assert rest_at(times, utc("2026-01-15 10:00")) == OFF_HOURS
    assert rest_at(times, utc("2026-01-16 10:00")) is None
    assert rest_at(times, utc("2026-01-16 12:00")) == ENDED


@given(
    minutes=st.integers(0, 60 * 24 * 400),
    hours=st.tuples(st.times(), st.times()).filter(lambda pair: pair[0] != pair[1]),
    weekdays=st.sets(st.sampled_from(EVERY_DAY), min_size=1),
    time_zone=st.sampled_from(["UTC", "Asia/Kolkata", "Pacific/Kiritimati", "Etc/GMT+12"]),
)
def test_where_the_clock_is_never_put_forward_it_is_what_the_clock_shows(
    minutes: int, hours: tuple[time, time], weekdays: set[int], time_zone: str
) -> None:
    moment = utc("2026-01-01 00:00") + timedelta(minutes=minutes)
    begin, end = hours
    local = moment.astimezone(ZoneInfo(time_zone))
    clock, today = local.time(), local.isoweekday()
    yesterday = (local - timedelta(days=1)).isoweekday()
    is_open = (today in weekdays and begin <= clock and (clock < end or end < begin)) or (
        yesterday in weekdays and end < begin and clock < end
    )
    times = Told(weekdays=sorted(weekdays), hours_from=begin, hours_until=end, time_zone=time_zone)
    assert (rest_at(times, moment) is None) == is_open
    opening = next_opening(times, moment)
    assert opening is not None
    assert rest_at(times, opening) is None
    assert is_open or rest_at(times, opening - timedelta(microseconds=1)) == OFF_HOURS


@pytest.mark.parametrize(
    ("weekdays", "told"),
    [
        (WEEK, "Monday to Friday"), ([1, 2], "Monday, Tuesday"), (list(EVERY_DAY), "every day"),
        ([1, 3, 5, 6, 7], "Monday, Wednesday, Friday to Sunday"),
    ],
)  # fmt: skip
def test_days_in_a_row_are_told_by_the_first_and_the_last(weekdays: list[int], told: str) -> None:
    assert told_days(weekdays) == told


def test_they_are_told_in_one_sentence() -> None:
    hours = "Open Monday to Friday, 09:00 to 17:00, Europe/Berlin"
    assert told_hours(OFFICE, utc("2026-01-15 10:00")) == f"{hours}; now open."
    assert told_hours(OFFICE, utc("2026-01-16 16:00")) == (
        f"{hours}; now closed, opens Monday 2026-01-19 09:00."
    )
    assert told_opening(OFFICE, utc("2026-01-16 16:00")) == (
        "Monday 2026-01-19 09:00 Europe/Berlin (Monday 08:00 UTC)"
    )
    assert told_hours(Told(), utc("2026-01-16 16:00")) == "Open at all hours; now open."
    over = Told(weekdays=[1], closes_at=utc("2026-01-16 17:00"))
    assert told_hours(over, utc("2026-01-16 16:00")) == (
        "Open Monday, all day, UTC; now closed, and it ends before it opens again."
    )
    assert told_opening(over, utc("2026-01-16 16:00")) is None
    assert told_opening(Told(weekdays=[1]), utc("2026-01-16 16:00")) == "Monday 2026-01-19 00:00 UTC"


def test_the_zones_come_with_the_packages() -> None:
    """Also where the system has none."""
    for name in ("run", "local", "test"):
        lock = (Path(__file__).parents[2] / "requirements" / f"{name}.txt").read_text()
        assert re.search(r"^tzdata==[\d.]+ \\$", lock, re.MULTILINE)
    assert set(time_zones_offered()) <= time_zones()
    assert {"UTC", BERLIN, "Asia/Kolkata"} <= set(time_zones_offered())


@pytest.mark.parametrize(
    "values",
    [
        {"weekdays": []}, {"weekdays": [0]}, {"weekdays": [8]}, {"hours_from": NINE}, {"hours_until": NINE},
        {"hours_from": NINE, "hours_until": NINE},
    ],
)  # fmt: skip
def test_the_database_keeps_no_others(session: Session, values: dict[str, object]) -> None:
    queue = make.queue(session, make.project(session))
    with pytest.raises(IntegrityError):
        session.execute(update(Queue).where(Queue.id == queue.id).values(**values))


def test_the_form_says_at_once_what_they_mean(client: TestClient, session: Session) -> None:
    project = make.project(session)
    queue = make.queue(session, project)
    enter(client, session, make.user(session, role=Role.ADMIN))
    for path in (f"/admin/queues/{queue.id}/settings", f"/admin/projects/{project.id}/queues/new"):
        page = client.get(path).text
        assert "Open at all hours; now open." in page
        assert len(re.findall(r'name="weekdays" value="\d" checked', page)) == 7
    path = f"/admin/projects/{project.id}/queues/hours"
    fields: dict[str, Any] = {
        "weekdays": ["", "1"],
        "hours_from": "09:00",
        "hours_until": "17:00",
        "time_zone": BERLIN,
    }
    for sent, told in (
        ({}, "Open Monday, 09:00 to 17:00, Europe/Berlin; now "),
        ({"weekdays": ""}, "Choose at least one day."),
        ({"time_zone": "Berlin"}, "There is no time zone of this name."),
        ({"hours_from": "soon"}, "Enter a time as HH:MM."),
    ):
        for htmx in (False, True):
            shown = post(client, path, htmx=htmx, **fields | sent)
            assert (shown.status_code, told in shown.text) == (200, True)
            assert ("<html" in shown.text) == (not htmx)


def test_a_form_that_comes_back_says_once_what_is_wrong(client: TestClient, session: Session) -> None:
    project = make.project(session)
    queue = make.queue(session, project)
    enter(client, session, make.user(session, role=Role.ADMIN))
    fields: dict[str, Any] = {"kind": "safety", "name": "Tea", "overlap": 2, "time_zone": "Mars"}
    for path in (f"/admin/projects/{project.id}/queues", f"/admin/queues/{queue.id}/settings"):
        page = post(client, path, hours_from="09:00", **fields).text
        assert page.count("There is no time zone of this name.") == 1
        assert page.count('class="field-error"') == 2


def test_annotators_read_when_it_opens_again(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    project = make.project(session)
    make.item(session, project)
    queue = make.queue(session, project, members=(annotator,))
    queue.weekdays, queue.time_zone = [(now() + timedelta(days=3)).isoweekday()], BERLIN
    session.flush()
    enter(client, session, annotator)
    opening = queue.told_opening
    assert opening is not None
    assert f"It opens again on {opening}." in client.get("/annotate").text
    for page in (
        client.get(f"/annotate/queues/{queue.id}"),
        post(client, f"/annotate/queues/{queue.id}/next"),
    ):
        assert f"It opens again on {opening}." in page.text
        assert "This queue is closed for now" in page.text
    enter(client, session, make.user(session, role=Role.ADMIN))
    shown = client.get(f"/admin/queues/{queue.id}").text
    assert '<span class="state off-hours">off-hours</span>' in shown
    assert f"it opens again on {opening}." in shown
    assert f"<dt>Hours</dt><dd>{queue.opening_hours}</dd>" in shown


def test_an_exam_keeps_to_them_too(client: TestClient, session: Session) -> None:
    annotator = make.user(session)
    exam = make.exam(session, make.project(session), n_items=2, members=(annotator,))
    exam.weekdays = [(now() + timedelta(days=3)).isoweekday()]
    session.flush()
    enter(client, session, annotator)
    page = client.get(f"/annotate/queues/{exam.id}/attempt").text
    assert f"It opens again on {exam.told_opening}." in page
    assert post(client, f"/annotate/queues/{exam.id}/attempt").status_code == 200
    assert "attempt" not in post(client, f"/annotate/queues/{exam.id}/next").headers.get("location", "")


def test_the_audit_log_holds_them(client: TestClient, session: Session) -> None:
    queue = make.queue(session, make.project(session))
    enter(client, session, make.user(session, role=Role.ADMIN))
    fields: dict[str, Any] = {
        "name": queue.name,
        "overlap": queue.overlap,
        "hours_from": "09:00",
        "hours_until": "17:00",
    }
    assert post(client, f"/admin/queues/{queue.id}/settings", **fields, reason="").status_code == 303
    entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert entry is not None
    assert entry.after == {"hours_from": "09:00:00", "hours_until": "17:00:00"}
