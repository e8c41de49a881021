"""The grids that timetables stand on: next, previous and aligned instants of a cron or a delta.

Source: Airflow 2.11.2 and 3.3.2, timetables/_cron.py and timetables/_delta.py. Instants and spans
are integer microseconds. A grid knows no runs; invariant: `next_after` is strictly later and
`previous_before` strictly earlier than what it is given.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sim.errors import InternalError
from sim.kernel.calendar import DAY, MICROSECOND, from_civil, to_civil

if TYPE_CHECKING:
    from datetime import datetime, timedelta

    from sim.kernel.cron_expression import CronExpression


class Grid(Protocol):
    """Instants that a schedule names."""

    def next_after(self, instant: int) -> int:
        """The first instant of the grid after `instant`."""

    def previous_before(self, instant: int) -> int:
        """The last instant of the grid before `instant`."""

    def align_to_next(self, instant: int) -> int:
        """`instant` if it is on the grid, else the next one that is."""

    def align_to_previous(self, instant: int) -> int:
        """`instant` if it is on the grid, else the one before it."""

    def skip_to_latest(self, now: int, earliest: int | None) -> int:
        """Start of the last interval that is complete at `now`, not before `earliest`."""


@dataclass(frozen=True, slots=True)
class CronGrid:
    """A cron expression in a time zone, with Airflow's rules for daylight saving.

    An expression that covers every hour steps by elapsed time. Any other is stepped on the wall
    clock and put back into the zone: a time in the spring gap moves later by the gap, a time in the
    repeated hour is its second occurrence.
    """

    expression: CronExpression
    timezone: str
    plain: bool = field(init=False)
    """Whether all days are alike: no date and no time zone needs to be asked."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "plain", self.timezone == "UTC" and self.expression.every_day)

    def next_after(self, instant: int) -> int:
        """The first instant of the schedule after `instant`."""
        if self.plain:
            times, time = self.expression.times_of_day, instant % DAY
            at = bisect_right(times, time)
            return instant - time + (times[at] if at < len(times) else times[0] + DAY)
        wall = self._wall(instant)
        return self._back(instant, wall, self.expression.next_after(wall))

    def previous_before(self, instant: int) -> int:
        """The last instant of the schedule before `instant`."""
        if self.plain:
            times, time = self.expression.times_of_day, instant % DAY
            at = bisect_left(times, time)
            return instant - time + (times[at - 1] if at else times[-1] - DAY)
        wall = self._wall(instant)
        return self._back(instant, wall, self.expression.previous_before(wall))

    def align_to_next(self, instant: int) -> int:
        """`instant` if the step back from its next returns to it, else that next."""
        following = self.next_after(instant)
        return instant if self.previous_before(following) == instant else following

    def align_to_previous(self, instant: int) -> int:
        """`instant` if the step forward from its previous returns to it, else that previous."""
        preceding = self.previous_before(instant)
        return instant if self.next_after(preceding) == instant else preceding

    def skip_to_latest(self, now: int, earliest: int | None) -> int:
        """The latest complete interval's start (timetables/interval.py `_skip_to_latest`)."""
        last_start = self.previous_before(now)
        new_start = (
            last_start if self.next_after(last_start) == now else self.previous_before(last_start)
        )
        return new_start if earliest is None else max(new_start, self.align_to_next(earliest))

    def _wall(self, instant: int) -> datetime:
        return to_civil(instant, self.timezone).replace(tzinfo=None, fold=0)

    def _back(self, instant: int, wall: datetime, found: datetime | None) -> int:
        if found is None:
            message = f"{self.expression.text!r} never fires and passed build_timetable"
            raise InternalError(message)
        if self.expression.every_hour:
            return instant + _micros(found - wall)
        if self.timezone == "UTC":
            return from_civil(found)
        # of a repeated hour fold 1 is the later instant, of a gap fold 0 is
        return max(from_civil(found.replace(fold=fold), self.timezone) for fold in (0, 1))


@dataclass(frozen=True, slots=True)
class DeltaGrid:
    """A fixed step. It has no instants of its own: every instant is on it."""

    delta: int
    """Length of the step, microseconds."""

    def next_after(self, instant: int) -> int:
        """One step on."""
        return instant + self.delta

    def previous_before(self, instant: int) -> int:
        """One step back."""
        return instant - self.delta

    def align_to_next(self, instant: int) -> int:
        """The instant itself."""
        return instant

    def align_to_previous(self, instant: int) -> int:
        """The instant itself."""
        return instant

    def skip_to_latest(self, now: int, earliest: int | None) -> int:
        """One step before `now` floored to a multiple of the step since the Unix epoch."""
        new_start = now - now % self.delta - self.delta
        return new_start if earliest is None else max(new_start, earliest)


def _micros(span: timedelta) -> int:
    return ((span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds) * MICROSECOND
