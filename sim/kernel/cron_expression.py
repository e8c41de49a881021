"""Cron expressions on naive local time: does a minute match, which is the next, which the last.

Two dialects (see `cron_fields`) that differ in syntax and in the day rule: Vixie joins day of month
and day of week by AND as soon as one of them starts with `*`, croniter by OR unless one is a plain
`*`. Time zones and daylight saving are not known here. Cost: days and times are looked up in sorted
tuples, so a distant match does not cost minutes.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sim.kernel.calendar import HOUR, MINUTE
from sim.kernel.cron_fields import FIELDS, CronSyntaxError, Dialect, Field, parse_field

YEARS_MAX = 50
"""How far a match is looked for, as croniter's `max_years_between_matches`."""

MACROS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
"""Words that stand for five fields, in both dialects."""

_MINUTE = timedelta(minutes=1)
_SOME_DAY = datetime(2000, 1, 1)  # noqa: DTZ001 - naive on purpose, see above
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class CronExpression:
    """A schedule in local minutes."""

    text: str
    dialect: Dialect
    minute: Field
    hour: Field
    day_of_month: Field
    month: Field
    day_of_week: Field
    times_of_day: tuple[int, ...]
    """When it fires on a day on which it does, microseconds after midnight, sorted."""
    day_or: bool = True
    """False: a day must suit both day fields, whatever stands in them (croniter's `day_or`)."""
    _days: dict[tuple[int, int], tuple[int, ...]] = field(
        default_factory=dict, compare=False, repr=False
    )

    @property
    def wildcard(self) -> bool:
        """Vixie's wildcard job: the minute or the hour starts with `*` (Debian cron.c)."""
        return self.minute.star or self.hour.star

    @property
    def every_hour(self) -> bool:
        """Airflow's `_covers_every_hour`: no hour is left out (timetables/_cron.py)."""
        return self.hour.full

    @property
    def every_day(self) -> bool:
        """Whether no day is left out."""
        return self.month.full and self.day_of_month.full and self.day_of_week.full

    @property
    def possible(self) -> bool:
        """Whether any day exists on which the schedule fires, `0 0 30 2 *` has none."""
        return self.next_after(_SOME_DAY) is not None

    def matches(self, moment: datetime) -> bool:
        """Whether the schedule fires in the minute of this naive local time."""
        return (
            moment.minute in self.minute.values
            and moment.hour in self.hour.values
            and moment.day in self._month_days(moment.year, moment.month)
        )

    def next_after(self, moment: datetime) -> datetime | None:
        """The first matching minute strictly after a naive local time; None within 50 years."""
        start = moment.replace(second=0, microsecond=0) + _MINUTE
        time = self._first_time(start)
        if time is not None and start.day in self._month_days(start.year, start.month):
            return start.replace(hour=time[0], minute=time[1])
        year, month, day = start.year, start.month, start.day
        for _ in range(12 * YEARS_MAX + 1):
            days = self._month_days(year, month)
            at = bisect_right(days, day)
            if at < len(days):
                hour, minute = self.hour.values[0], self.minute.values[0]
                return start.replace(year=year, month=month, day=days[at], hour=hour, minute=minute)
            year, month, day = (year, month + 1, 0) if month < 12 else (year + 1, 1, 0)  # noqa: PLR2004
        return None

    def previous_before(self, moment: datetime) -> datetime | None:
        """The last matching minute strictly before a naive local time; None within 50 years."""
        start = moment.replace(second=0, microsecond=0)
        if start == moment:
            start -= _MINUTE
        time = self._last_time(start)
        if time is not None and start.day in self._month_days(start.year, start.month):
            return start.replace(hour=time[0], minute=time[1])
        year, month, day = start.year, start.month, start.day
        for _ in range(12 * YEARS_MAX + 1):
            days = self._month_days(year, month)
            at = bisect_left(days, day)
            if at > 0:
                hour, minute = self.hour.values[-1], self.minute.values[-1]
                return start.replace(
                    year=year, month=month, day=days[at - 1], hour=hour, minute=minute
                )
            year, month, day = (year, month - 1, 32) if month > 1 else (year - 1, 12, 32)
        return None

    def _first_time(self, start: datetime) -> tuple[int, int] | None:
        """The first time of day at or after that of `start`."""
        hours, minutes = self.hour.values, self.minute.values
        at = bisect_left(hours, start.hour)
        if at < len(hours) and hours[at] == start.hour:
            later = bisect_left(minutes, start.minute)
            if later < len(minutes):
                return start.hour, minutes[later]
            at += 1
        return (hours[at], minutes[0]) if at < len(hours) else None

    def _last_time(self, start: datetime) -> tuple[int, int] | None:
        """The last time of day at or before that of `start`."""
        hours, minutes = self.hour.values, self.minute.values
        at = bisect_right(hours, start.hour)
        if at and hours[at - 1] == start.hour:
            earlier = bisect_right(minutes, start.minute)
            if earlier:
                return start.hour, minutes[earlier - 1]
            at -= 1
        return (hours[at - 1], minutes[-1]) if at else None

    # -- days -------------------------------------------------------------------------------

    def _month_days(self, year: int, month: int) -> tuple[int, ...]:
        """The days of a month on which the schedule fires, sorted."""
        known = self._days.get((year, month))
        if known is None:
            known = self._days[year, month] = self._find_days(year, month)
        return known

    def _find_days(self, year: int, month: int) -> tuple[int, ...]:
        if month not in self.month.values:
            return ()
        first, count = monthrange(year, month)
        dom, dow = self.day_of_month, self.day_of_week
        by_month = set(dom.values)
        if dom.last_day:
            by_month.add(count)
        # monthrange counts weekdays from Monday, cron from Sunday
        weekdays = {day: (first + day) % 7 for day in range(1, count + 1)}
        by_week = {day for day, weekday in weekdays.items() if weekday in dow.values}
        for weekday, number in dow.nth:
            days = [day for day, found in weekdays.items() if found == weekday]
            if number <= len(days):
                by_week.add(days[number - 1 if number > 0 else -1])
        chosen = by_month & by_week if self._both_days else by_month | by_week
        return tuple(sorted(day for day in chosen if day <= count))

    @property
    def _both_days(self) -> bool:
        """Whether a day must suit both day fields, rather than either."""
        dom, dow = self.day_of_month, self.day_of_week
        if not self.day_or:
            return True
        if self.dialect == "vixie":
            return dom.star or dow.star
        # croniter takes a complete list for a star, unless the other field has no star at all
        return (
            dom.text in {"*", "?"}
            or dow.text in {"*", "?"}
            or (dom.full and "*" in dow.text)
            or (dow.full and "*" in dom.text)
        )


def parse_cron(text: str, *, dialect: Dialect, day_or: bool = True) -> CronExpression:
    """Read five fields or a macro.

    Raises `CronSyntaxError` for text that the dialect refuses.
    """
    name = text.strip()
    spelled = MACROS.get(name.lower() if dialect == "croniter" else name)
    if spelled is None and name.startswith("@"):
        message, hint = f'"{name}" is no schedule', f"one of {', '.join(MACROS)}"
        raise CronSyntaxError(message, text.index("@"), hint)
    words = list(_WORD.finditer(spelled or text))
    if len(words) != len(FIELDS):
        message = f"a schedule has five fields, not {len(words)}"
        hint = "minute, hour, day of month, month, day of week"
        raise CronSyntaxError(message, 0, hint)
    minute, hour, dom, month, dow = (
        parse_field(word.group(), kind, dialect=dialect, position=word.start())
        for word, kind in zip(words, FIELDS, strict=True)
    )
    if dow.nth and dom.text not in {"*", "?"}:
        message = "a numbered weekday and a day of month exclude each other"
        raise CronSyntaxError(message, words[2].start(), "write * for the day of month")
    times = tuple(
        hours * HOUR + minutes * MINUTE for hours in hour.values for minutes in minute.values
    )
    return CronExpression(text, dialect, minute, hour, dom, month, dow, times, day_or)


__all__ = ["MACROS", "YEARS_MAX", "CronExpression", "CronSyntaxError", "parse_cron"]
