"""When a running queue hands out items: between two moments, and in the hours of its days.

Hours begin on a weekday, by the clock of a time zone, and reach past midnight where they end no later than
they begin. A time that the clock leaves out, as it is put forward, counts as the moment an hour later.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Protocol
from zoneinfo import ZoneInfo, available_timezones

from app.i18n import N_, weekday_name
from app.i18n import gettext as _

SCHEDULED, OFF_HOURS, ENDED = N_("scheduled"), N_("off-hours"), N_("ended")

EVERY_DAY = (1, 2, 3, 4, 5, 6, 7)
A_DAY = timedelta(days=1)
# A week, and one more where the clock leaves out the hours of the only day.
DAYS_LOOKED_AHEAD = 15


class Times(Protocol):
    """`opens_at`, `closes_at`: None for no bound. `weekdays`: as ISO 8601 numbers them, from 1, a Monday;
    `hours_from`, `hours_until`: both None for the whole day. `time_zone`: its IANA name."""

    @property
    def opens_at(self) -> datetime | None: ...
    @property
    def closes_at(self) -> datetime | None: ...
    @property
    def weekdays(self) -> Sequence[int]: ...
    @property
    def hours_from(self) -> time | None: ...
    @property
    def hours_until(self) -> time | None: ...
    @property
    def time_zone(self) -> str: ...


def rest_at(times: Times, moment: datetime) -> str | None:
    """Why nothing is handed out at that moment; None where it is."""
    if times.opens_at is not None and moment < times.opens_at:
        return SCHEDULED
    if times.closes_at is not None and moment >= times.closes_at:
        return ENDED
    return None if is_within_hours(times, moment) else OFF_HOURS


def next_opening(times: Times, moment: datetime) -> datetime | None:
    """From when on items are handed out, that moment or later; None where it ends before."""
    earliest = max(moment, times.opens_at or moment)
    opening: datetime | None = earliest
    if not is_within_hours(times, earliest):
        opening = next((begin for begin, _end in hours_near(times, earliest) if begin > earliest), None)
    has_ended = opening is not None and times.closes_at is not None and opening >= times.closes_at
    return None if has_ended else opening


def has_hours(times: Times) -> bool:
    return times.hours_from is not None or len(times.weekdays) < len(EVERY_DAY)


def is_within_hours(times: Times, moment: datetime) -> bool:
    return not has_hours(times) or any(begin <= moment < end for begin, end in hours_near(times, moment))


def hours_near(times: Times, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    """From the day before on: when they begin and end, in UTC, the earliest first."""
    zone = ZoneInfo(times.time_zone)
    yesterday = moment.astimezone(zone).date() - A_DAY
    for n_days in range(1 + DAYS_LOOKED_AHEAD):
        day = yesterday + timedelta(days=n_days)
        if day.isoweekday() in times.weekdays:
            begin, end = hours_of_day(times, day, zone)
            if begin < end:
                yield begin, end


def hours_of_day(times: Times, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """In UTC, since moments of one zone are compared by what its clock shows."""
    hours_from, hours_until = times.hours_from or time.min, times.hours_until or time.min
    last = day if hours_from < hours_until else day + A_DAY
    begin, end = datetime.combine(day, hours_from, zone), datetime.combine(last, hours_until, zone)
    return begin.astimezone(UTC), end.astimezone(UTC)


@lru_cache
def time_zones() -> frozenset[str]:
    """The names of all there are."""
    return frozenset(available_timezones())


@lru_cache
def time_zones_offered() -> tuple[str, ...]:
    """Those that name a place, and UTC."""
    return ("UTC", *sorted(name for name in time_zones() if "/" in name and not name.startswith("Etc/")))


def told_hours(times: Times, moment: datetime) -> str:
    """One sentence: which hours, and what that is at this moment."""
    hours = opening_hours(times)
    if rest_at(times, moment) is None:
        return _("%(hours)s; now open.") % {"hours": hours}
    opening = next_opening(times, moment)
    if opening is None:
        return _("%(hours)s; now closed, and it ends before it opens again.") % {"hours": hours}
    opens = by_the_clock(opening, times.time_zone)
    return _("%(hours)s; now closed, opens %(time)s.") % {"hours": hours, "time": opens}


def opening_hours(times: Times) -> str:
    """Such as "Open Monday to Friday, 09:00 to 17:00, Europe/Berlin"."""
    if not has_hours(times):
        return _("Open at all hours")
    hours = _("all day")
    if times.hours_from is not None and times.hours_until is not None:
        hours = from_to(f"{times.hours_from:%H:%M}", f"{times.hours_until:%H:%M}")
    return _("Open %(days)s, %(hours)s, %(zone)s") % {
        "days": told_days(times.weekdays),
        "hours": hours,
        "zone": times.time_zone,
    }


def told_days(weekdays: Sequence[int]) -> str:
    """Three and more in a row by the first and the last of them."""
    if len(weekdays) == len(EVERY_DAY):
        return _("every day")
    parts = []
    for first, last in runs(weekdays):
        names = [weekday_name(day) for day in range(first, last + 1)]
        parts += [from_to(names[0], names[-1])] if len(names) > 2 else names
    return _(", ").join(parts)


def from_to(first: str, last: str) -> str:
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def runs(weekdays: Sequence[int]) -> list[tuple[int, int]]:
    """The first and the last of those that follow each other."""
    found: list[tuple[int, int]] = []
    for day in sorted(weekdays):
        if found and found[-1][1] == day - 1:
            found[-1] = (found[-1][0], day)
        else:
            found.append((day, day))
    return found


def told_opening(times: Times, moment: datetime) -> str | None:
    """When items are handed out from, by the clock of the time zone and in UTC; None where it ends before."""
    opening = next_opening(times, moment)
    if opening is None:
        return None
    if times.time_zone == "UTC":
        return f"{by_the_clock(opening, 'UTC')} UTC"
    in_utc = opening.astimezone(UTC)
    utc = f"{weekday_name(in_utc.isoweekday())} {in_utc:%H:%M} UTC"
    return f"{by_the_clock(opening, times.time_zone)} {times.time_zone} ({utc})"


def by_the_clock(moment: datetime, time_zone: str) -> str:
    local = moment.astimezone(ZoneInfo(time_zone))
    return f"{weekday_name(local.isoweekday())} {local:%Y-%m-%d %H:%M}"
