"""When the ticks of a schedule fall: cron in a time zone, by Dagster's own rules for clock changes.

Source: Dagster 1.13.29, _utils/schedules.py. An expression with fixed hours fires at the end of a
gap, and in a repeated hour the second time; one with `*` as its hour skips what does not exist and
fires both times.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sim.kernel.calendar import HOUR, SECOND, from_civil, to_civil
from sim.kernel.cron_expression import CronExpression, parse_cron

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

_LONGEST_CHANGE = timedelta(hours=3)
"""No clock is moved by more at once."""


@dataclass(frozen=True, slots=True)
class CronSchedule:
    """One or several expressions in a zone; ticks are those of all of them."""

    expressions: tuple[CronExpression, ...]
    timezone: str

    @classmethod
    def of(cls, text: str | Sequence[str], timezone: str) -> CronSchedule:
        """Read it. Raises `CronSyntaxError`, and `ValueError` for a zone that does not exist."""
        texts = [text] if isinstance(text, str) else text
        return cls(tuple(parse_cron(each, dialect="croniter") for each in texts), timezone)

    def next_after(self, instant: int) -> int | None:
        """The first tick after an instant; None: there is none within 50 years."""
        found = [self._next(each, instant) for each in self.expressions]
        return min((tick for tick in found if tick is not None), default=None)

    def between(self, after: int, until: int) -> list[int]:
        """Every tick after one instant and not after another."""
        ticks = []
        tick = self.next_after(after)
        while tick is not None and tick <= until:
            ticks.append(tick)
            tick = self.next_after(tick)
        return ticks

    def _next(self, expression: CronExpression, instant: int) -> int | None:
        """The earliest of what the next local times stand for."""
        wall = to_civil(instant, self.timezone).replace(tzinfo=None)
        moment, found = expression.next_after(wall - _LONGEST_CHANGE), None
        while moment is not None:
            for tick in self._instants(expression, moment):
                if tick > instant and (found is None or tick < found):
                    found = tick
            if found is not None and moment > wall + _LONGEST_CHANGE:
                return found
            moment = expression.next_after(moment)
            if found is not None and moment is not None and moment > wall + 2 * _LONGEST_CHANGE:
                return found
        return found

    def _instants(self, expression: CronExpression, moment: datetime) -> Iterator[int]:
        """The instants of a local time: none, one or two."""
        first = from_civil(moment.replace(fold=0), self.timezone)
        second = from_civil(moment.replace(fold=1), self.timezone)
        hourly = expression.hour.text.startswith("*")
        if to_civil(first, self.timezone).replace(tzinfo=None, fold=0) != moment:
            if not hourly:
                yield self._end_of_gap(first)
        elif first == second:
            yield first
        else:
            if hourly:
                yield first
            yield second

    def _end_of_gap(self, instant: int) -> int:
        """The instant at which the clock was last moved, at most three hours ago."""
        early, late = instant - 3 * HOUR, instant
        after = to_civil(late, self.timezone).utcoffset()
        while late - early > SECOND:
            middle = (early + late) // (2 * SECOND) * SECOND
            if to_civil(middle, self.timezone).utcoffset() == after:
                late = middle
            else:
                early = middle
        return late
