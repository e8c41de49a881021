"""Calendar events: what stands after `OnCalendar=`, and the instants at which it elapses.

Source: systemd 252, systemd.time(7) and src/shared/calendarspec.c. Weekday and date must both
match. On the night on which the clock changes, a time that does not exist does not elapse, and one
that exists twice elapses the first time only. Accuracy and random delays are the timer's matter.
"""

from __future__ import annotations

from bisect import bisect_left
from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND, to_civil, to_micros, zone
from sim.orchestrators.systemd.calendar_parse import LAST_YEAR, CalendarEventError, Fields, read

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.systemd.calendar_parse import Component

_HOURS, _SIXTIES = 23, 59


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One expression."""

    fields: Fields
    hours: tuple[int, ...]
    minutes: tuple[int, ...]
    seconds: tuple[int, ...]
    """Microseconds within the minute."""
    timezone: str
    """Its own zone, or the host's."""

    def elapses(self, after: int) -> Iterator[int]:
        """Every instant at which it elapses, strictly after one."""
        local = zone(self.timezone)
        wall = to_civil(after, self.timezone).replace(tzinfo=None)
        last = after
        for moment in self._wall_times(wall):
            aware = moment.replace(tzinfo=local)
            if aware.astimezone(UTC).astimezone(local).replace(tzinfo=None) != moment:
                continue  # the clock leaves this time out
            instant = to_micros(aware)
            if instant > last:
                last = instant
                yield instant

    def _wall_times(self, wall: datetime) -> Iterator[datetime]:
        """Matching times on the wall clock, from one on."""
        first = wall.date()
        for day in self._days(first):
            midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall clock
            yield from self._times(midnight, wall if day == first else midnight)

    def _days(self, first: date) -> Iterator[date]:
        fields = self.fields
        months = _values(fields.month, 1, 12)
        for year in range(first.year, LAST_YEAR + 1):
            if fields.year is not None and not any(one.has(year) for one in fields.year):
                continue
            for month in months:
                if (year, month) < (first.year, first.month):
                    continue
                for day in self._days_of_month(year, month):
                    found = date(year, month, day)
                    suits = fields.weekdays is None or found.weekday() in fields.weekdays
                    if suits and found >= first:
                        yield found

    def _days_of_month(self, year: int, month: int) -> tuple[int, ...]:
        days = monthrange(year, month)[1]
        chosen = self.fields.day
        if chosen is None or not self.fields.from_end:
            return _values(chosen, 1, days)
        # counted from the end, 1 is the last day
        turned = tuple(one.turned(days) for one in chosen)
        return _values(turned, 1, days)

    def _times(self, midnight: datetime, wall: datetime) -> Iterator[datetime]:
        since = wall - midnight
        hour = since // timedelta(hours=1)
        for at in self.hours[bisect_left(self.hours, hour) :]:
            for minute in self.minutes:
                start = timedelta(hours=at, minutes=minute)
                if start + timedelta(minutes=1) <= since:
                    continue
                for microseconds in self.seconds:
                    offset = start + timedelta(microseconds=microseconds)
                    if offset >= since:
                        yield midnight + offset


def parse_calendar_event(text: str, *, timezone: str) -> CalendarEvent:
    """Read an expression; `timezone` is the host's, for one that names no zone.

    Raises `CalendarEventError` for text that systemd refuses.
    """
    fields = read(text)
    return CalendarEvent(
        fields,
        _values(fields.hour, 0, _HOURS),
        _values(fields.minute, 0, _SIXTIES),
        _values(fields.second, 0, 60 * SECOND - 1, every=SECOND),
        fields.timezone or timezone,
    )


def _values(
    chosen: tuple[Component, ...] | None, low: int, high: int, *, every: int = 1
) -> tuple[int, ...]:
    """The values that a field allows, sorted."""
    if chosen is None:
        return tuple(range(low, high + 1, every))
    return tuple(
        sorted({value for one in chosen for value in one.values(high) if low <= value <= high})
    )


__all__ = ["CalendarEvent", "CalendarEventError", "parse_calendar_event"]
