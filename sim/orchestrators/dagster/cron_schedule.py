"""When the ticks of a schedule fall, as instants, and which of them a daemon that slept makes up.

Source: Dagster 1.13.29, _scheduler/scheduler.py. The ticks themselves are `cron_ticks`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.kernel.calendar import MICROSECOND, to_micros, zone
from sim.orchestrators.dagster.cron_ticks import parsed, schedule_ticks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


@dataclass(frozen=True, slots=True)
class CronSchedule:
    """One or several cron strings in a zone; ticks are those of all of them."""

    cron_schedule: str | tuple[str, ...]
    timezone: str

    @classmethod
    def of(cls, text: str | Sequence[str], timezone: str) -> CronSchedule:
        """Read it. Raises `CronSyntaxError`, and `ValueError` for a zone that does not exist."""
        texts = (text,) if isinstance(text, str) else tuple(text)
        for one in texts:
            parsed(one)
        zone(timezone)
        return cls(text if isinstance(text, str) else texts, timezone)

    def ticks(self, start: int) -> Iterator[int]:
        """Every tick from an instant on; one at the instant itself counts."""
        for tick in schedule_ticks(start, self.cron_schedule, self.timezone):
            yield to_micros(tick)

    def next_after(self, instant: int) -> int | None:
        """The first tick after an instant; None: there is none."""
        return next(self.ticks(instant + MICROSECOND), None)

    def between(self, after: int, until: int) -> list[int]:
        """Every tick after one instant and not after another."""
        found = []
        for tick in self.ticks(after + MICROSECOND):
            if tick > until:
                break
            found.append(tick)
        return found


def made_up(ticks: Sequence[int], *, partitioned: bool, max_catchup_runs: int) -> Sequence[int]:
    """Of the ticks that are due, those that run, in order.

    Of a schedule without partitions only the latest, whatever was missed; of one with partitions
    the last `max_catchup_runs`.
    """
    if not partitioned:
        return ticks[-1:]
    return ticks[-max_catchup_runs:] if max_catchup_runs > 0 else ()
