"""When a cron daemon starts which line: its loop, clock changes included, as a pure iterator.

The daemon compares the wall clock with its own count of minutes once a minute. Between changes of
the clock both run alike, so only matching minutes are visited; at a change it does what main() of
Debian cron 3.0pl1-162 (cron.c) does, after the size of the difference. The daemon of BusyBox, which
small containers have, keeps no such count. Instants are microseconds
since the epoch, `minute` counts wall-clock minutes since the local 1970-01-01T00:00.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from operator import attrgetter
from typing import TYPE_CHECKING

from sim.kernel.calendar import DAY, MICROSECOND, MINUTE, to_civil

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sim.kernel.cron_expression import CronExpression

WOKE_LATE_MAX = 5
"""Minutes of a jump forward after which every missed minute still runs in full."""
CLOCK_CHANGE_MAX = 180
"""Minutes of a jump either way that count as a change of clock; beyond it is a new time."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - wall-clock minutes have no zone


@dataclass(frozen=True, slots=True)
class Firing:
    """One start of one line."""

    at: int
    """Instant at which the daemon starts it."""
    line: int
    """Index of the schedule."""
    minute: int
    """Wall-clock minute at which it starts."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A span in which the host is on and its offset from UTC does not change."""

    start: int
    end: int
    offset: int
    boots: bool
    """The daemon starts with it."""

    def first_wake(self) -> int:
        """The first wall-clock minute at which the daemon looks; a booting one lets one pass."""
        minute = -(-(self.start + self.offset) // MINUTE)
        return (self.start + self.offset) // MINUTE + 1 if self.boots else minute

    def last_wake(self) -> int:
        return (self.end - 1 + self.offset) // MINUTE

    def instant(self, minute: int) -> int:
        return minute * MINUTE - self.offset


def firings(
    schedules: Sequence[CronExpression | None],
    *,
    timezone: str,
    start: int,
    end: int,
    host_outages: Sequence[tuple[int, int]] = (),
    follows_clock: bool = False,
) -> Iterator[Firing]:
    """Every start in [start, end), in time order, lines of one minute in crontab order.

    A schedule of None is @reboot: once whenever the host comes back. The host was up before
    `start`, so the first minute is an ordinary one. With `follows_clock` the daemon knows nothing
    of clock changes: a minute that the clock leaves out starts nothing, one that it shows twice
    starts everything twice (BusyBox 1.36, miscutils/crond.c: each minute of the machine is looked
    up in local time).
    """
    count: int | None = None
    for stretch in _stretches(timezone, start, end, host_outages):
        if stretch.boots:
            count = (stretch.start + stretch.offset) // MINUTE
            for line, schedule in enumerate(schedules):
                if schedule is None:
                    yield Firing(stretch.start, line, count)
        first, last = stretch.first_wake(), stretch.last_wake()
        if first > last:
            continue
        if count is None:
            count = first - 1
        wildcard_from = fixed_from = first
        if not follows_clock:
            yield from _caught_up(schedules, stretch, first, count)
            wildcard_from, fixed_from = _resume(first, count)
        streams = [
            _ordinary(
                schedule, line, stretch, wildcard_from if schedule.wildcard else fixed_from, last
            )
            for line, schedule in enumerate(schedules)
            if schedule is not None
        ]
        yield from merge(*streams, key=attrgetter("at"))
        behind = -CLOCK_CHANGE_MAX < first - count <= 0
        count = max(count, last) if behind else last


def _resume(first: int, count: int) -> tuple[int, int]:
    """From which minute wildcard and fixed-time lines run as usual, after waking at `first`."""
    ahead = first - count
    if 1 < ahead <= CLOCK_CHANGE_MAX:
        return first + 1, first + 1  # `first` itself is part of the catching up
    if -CLOCK_CHANGE_MAX < ahead <= 0:
        return first, count + 1  # fixed-time lines wait until the clock has caught up
    return first, first


def _caught_up(
    schedules: Sequence[CronExpression | None], stretch: _Stretch, first: int, count: int
) -> Iterator[Firing]:
    """What starts at once because the clock jumped forward."""
    ahead = first - count
    if not 1 < ahead <= CLOCK_CHANGE_MAX:
        return
    lines = [(line, schedule) for line, schedule in enumerate(schedules) if schedule is not None]
    at = stretch.instant(first)
    small = ahead <= WOKE_LATE_MAX
    if not small:
        for line, schedule in lines:
            if schedule.wildcard and schedule.matches(_wall(first)):
                yield Firing(at, line, first)
    for minute in range(count + 1, first + 1):
        for line, schedule in lines:
            if (small or not schedule.wildcard) and schedule.matches(_wall(minute)):
                yield Firing(at, line, first)


def _ordinary(
    schedule: CronExpression, line: int, stretch: _Stretch, first: int, last: int
) -> Iterator[Firing]:
    """The matches of one line in a stretch, from one wall-clock minute to another."""
    wall = schedule.next_after(_wall(first - 1))
    while wall is not None:
        minute = (wall - _EPOCH) // timedelta(minutes=1)
        if minute > last:
            return
        yield Firing(stretch.instant(minute), line, minute)
        wall = schedule.next_after(wall)


def _wall(minute: int) -> datetime:
    return _EPOCH + timedelta(minutes=minute)


def _stretches(
    timezone: str, start: int, end: int, host_outages: Sequence[tuple[int, int]]
) -> Iterator[_Stretch]:
    at, boots = start, False
    for off, on in [*sorted(host_outages), (end, end)]:
        while at < min(off, end):
            change = _next_change(timezone, at, min(off, end))
            yield _Stretch(at, change, _offset(timezone, at), boots)
            at, boots = change, False
        if on > at:
            at, boots = on, True


def _next_change(timezone: str, start: int, end: int) -> int:
    """The first instant after `start` with another offset from UTC, or `end`."""
    if timezone == "UTC":
        return end
    offset = _offset(timezone, start)
    low = start
    while low < end:
        high = min(low + DAY, end)
        if _offset(timezone, high) != offset:
            while high - low > MICROSECOND:
                middle = (low + high) // 2
                low, high = (middle, high) if _offset(timezone, middle) == offset else (low, middle)
            return high
        low = high
    return end


def _offset(timezone: str, instant: int) -> int:
    offset = to_civil(instant, timezone).utcoffset()
    assert offset is not None
    return offset // timedelta(microseconds=1)
