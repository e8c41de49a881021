"""The dates of a deployment's schedules: cron, interval and recurrence rule, from a start on.

Source: Prefect 3.8.8, server/schemas/schedules.py, as it runs under Python before 3.13. Dates are
planned anew from "now" each time, and where the clock changes a date can depend on when it was
planned: that is kept, since the real system keeps it. A date equal to the start is one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from sim.kernel.calendar import DAY, to_civil, to_micros, zone
from sim.kernel.cron_expression import CronSyntaxError, parse_cron
from sim.kernel.cron_fields import SECOND as SECOND_FIELD
from sim.kernel.cron_fields import parse_field

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.kernel.cron_expression import CronExpression

RRULE_MAX = 6500
"""Longest text of a rule."""
RRULE_START = datetime(2020, 1, 1)  # noqa: DTZ001 - a wall clock in the rule's zone
"""From when a rule without DTSTART counts."""
_FIVE_FIELDS = 5
_UNITS = {
    3: timedelta(days=1),
    4: timedelta(hours=1),
    5: timedelta(minutes=1),
    6: timedelta(seconds=1),
}
"""Frequencies of dateutil whose intervals are all of one length: DAILY to SECONDLY."""
_REFUSED = frozenset("RHrh")


class Schedule(Protocol):
    """What a deployment may have any number of."""

    def dates(self, start: int) -> Iterator[int]:
        """Every date from an instant on, that instant included."""


@dataclass(frozen=True, slots=True)
class CronSchedule:
    """`CronSchedule`: croniter on the wall clock of a zone."""

    cron: str
    timezone: str = "UTC"
    day_or: bool = True
    """Whether a day needs to suit only one of the two day fields when both say something."""
    _expression: CronExpression = field(init=False)
    _seconds: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        words = self.cron.split()
        if any(word[:1] in _REFUSED for word in words[:1]) or "H" in self.cron or "R(" in self.cron:
            message = "random and hashed fields are not supported"
            raise CronSyntaxError(message, 0, "write numbers, ranges, lists or *")
        seconds: tuple[int, ...] = (0,)
        text = self.cron
        if len(words) == _FIVE_FIELDS + 1:
            # croniter's sixth field, at the end
            seconds = parse_field(words[-1], SECOND_FIELD, dialect="croniter").values
            text = " ".join(words[:-1])
        expression = parse_cron(text, dialect="croniter", day_or=self.day_or)
        object.__setattr__(self, "_expression", expression)
        object.__setattr__(self, "_seconds", seconds)

    def dates(self, start: int) -> Iterator[int]:
        """Every date from an instant on.

        Matches are looked for on the naive wall clock. One that does not exist is taken with the
        offset that comes, an hour early; of one that exists twice only the first counts.
        """
        wall = to_civil(start, self.timezone).replace(tzinfo=None)
        seen = start - 1
        for moment in self._matches(wall):
            instant = _instant(moment, self.timezone, fold=0)
            if instant > seen:
                seen = instant
                yield instant

    def _matches(self, wall: datetime) -> Iterator[datetime]:
        """Wall-clock matches from `wall` on."""
        minute = self._expression.next_after(wall - timedelta(minutes=1))
        while minute is not None:
            for second in self._seconds:
                moment = minute.replace(second=second)
                if moment >= wall:
                    yield moment
            minute = self._expression.next_after(minute)


@dataclass(frozen=True, slots=True)
class IntervalSchedule:
    """`IntervalSchedule`: the anchor and every so many seconds before and after it."""

    interval: int
    """Microseconds, more than 0."""
    anchor: int
    """Instant; by default that at which the schedule was made."""
    timezone: str = "UTC"

    def dates(self, start: int) -> Iterator[int]:
        """Every date from an instant on.

        The first is found by counting whole intervals from the anchor, in seconds; from there on
        an interval of a day or more is added on the wall clock. So it depends on the start at what
        time of day dates fall. Of a time that exists twice the second counts.
        """
        at = self.anchor + self.interval * int((start - self.anchor) / self.interval)
        while at < start:
            at = self._next(at)
        while True:
            yield at
            at = self._next(at)

    def _next(self, at: int) -> int:
        if self.interval < DAY:
            return at + self.interval
        wall = to_civil(at, self.timezone).replace(tzinfo=None)
        return _instant(wall + timedelta(microseconds=self.interval), self.timezone, fold=1)


@dataclass(frozen=True, slots=True)
class RRuleSchedule:
    """`RRuleSchedule`: an iCalendar recurrence rule, counted on the wall clock of a zone."""

    rrule: str
    timezone: str = "UTC"

    def dates(self, start: int) -> Iterator[int]:
        """Every date from an instant on."""
        from dateutil.rrule import rrulestr  # noqa: PLC0415 - few schedules are rules

        wall = to_civil(start, self.timezone).replace(tzinfo=None)
        rule = _near(rrulestr(self.rrule, dtstart=RRULE_START), wall)
        seen = start - 1
        for moment in rule.xafter(wall, inc=True):
            instant = _instant(moment, self.timezone, fold=0)
            if instant > seen:
                seen = instant
                yield instant


def _near(rule: Any, wall: datetime) -> Any:
    """The same rule, begun by whole intervals later, so that the years before are not counted.

    A rule that counts its occurrences, and a set of rules, stays as it is.
    """
    unit = _UNITS.get(getattr(rule, "_freq", -1))
    if unit is None or rule._count is not None:  # noqa: SLF001 - it has no other way to be asked
        return rule
    step = unit * rule._interval  # noqa: SLF001 - as above
    # one interval is left, so that the first date on or after `wall` is never stepped over
    skipped = (wall - rule._dtstart) // step - 1  # noqa: SLF001 - as above
    return rule if skipped <= 0 else rule.replace(dtstart=rule._dtstart + skipped * step)  # noqa: SLF001


def _instant(moment: datetime, timezone: str, *, fold: int) -> int:
    """The instant of a wall-clock time: of two the first (`fold` 0) or the second (1).

    In a gap it is the other way round: an hour early for 0, an hour late for 1.
    """
    aware = moment.replace(tzinfo=zone(timezone), fold=fold)
    if aware.astimezone(UTC).astimezone(zone(timezone)).replace(tzinfo=None) != moment:
        aware = aware.replace(fold=1 - fold)
    return to_micros(aware)
