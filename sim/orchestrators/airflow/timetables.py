"""Timetables: when the next run of a DAG is due and which data it is about.

Which class a `schedule` becomes is decided in `timetables_build`. Source: Airflow 2.11.2 and 3.3.2,
timetables/interval.py, trigger.py, simple.py, events.py. A timetable is a value: it keeps no run
and no clock. `last` is the data interval of the newest automated run; manual runs never count.
Instants are microseconds since the epoch.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from sim.kernel.calendar import MINUTE
from sim.orchestrators.airflow.intervals import DataInterval, RunInfo

if TYPE_CHECKING:
    from sim.orchestrators.airflow.timetables_grid import CronGrid, Grid


class Timetable(Protocol):
    """Decides when a DAG's next run is due."""

    def next_run(
        self,
        last: DataInterval | None,
        *,
        now: int,
        earliest: int | None,
        latest: int | None,
        catchup: bool,
    ) -> RunInfo | None:
        """The run after `last` (None: there was none), or None when there will be none.

        `earliest` and `latest` bound the schedule (start_date, end_date).
        """

    def manual_interval(self, run_after: int) -> DataInterval:
        """The data interval of a run that is triggered by hand for `run_after`."""


@dataclass(frozen=True, slots=True)
class DataIntervalTimetable:
    """A run covers the span between two instants of the grid, and starts at its end.

    Source: timetables/interval.py `_DataIntervalTimetable.next_dagrun_info`.
    """

    grid: Grid
    strictly_forward: bool
    """3.x: a start that is not after the last one moves on by one step."""

    def next_run(
        self,
        last: DataInterval | None,
        *,
        now: int,
        earliest: int | None,
        latest: int | None,
        catchup: bool,
    ) -> RunInfo | None:
        """The next interval; its run is due when it is over."""
        if not catchup:
            earliest = self.grid.skip_to_latest(now, earliest)
        elif earliest is not None:
            earliest = self.grid.align_to_next(earliest)
        if last is None:
            if earliest is None:
                return None
            start = earliest
        else:
            start = self.grid.align_to_previous(last.end)
            start = start if earliest is None else max(start, earliest)
            if self.strictly_forward and start <= last.start:
                start = self.grid.next_after(start)
        if latest is not None and start > latest:
            return None
        end = self.grid.next_after(start)
        return RunInfo(start, start, end, end)

    def manual_interval(self, run_after: int) -> DataInterval:
        """The last complete interval."""
        end = self.grid.align_to_previous(run_after)
        return DataInterval(self.grid.previous_before(end), end)


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerTimetable:
    """A run starts at an instant of the grid and is about that instant, or a span before it.

    Source: timetables/trigger.py.
    """

    grid: Grid
    interval: int = 0
    """Length of the data interval that ends at the instant, microseconds."""
    first_run: bool = True
    """3.x: without a start_date there is a first run; 2.x: there is none."""
    run_immediately: bool | int = False
    """Without a start_date: True takes the tick just passed, a span (µs) only one so recent."""

    def next_run(
        self,
        last: DataInterval | None,
        *,
        now: int,
        earliest: int | None,
        latest: int | None,
        catchup: bool,
    ) -> RunInfo | None:
        """The next tick; without catchup the latest one that is past at most."""
        if catchup:
            tick = self._with_catchup(last, earliest, now)
        else:
            tick = self._without_catchup(last, earliest, now)
        if tick is None or (latest is not None and tick > latest):
            return None
        return RunInfo(tick - self.interval, tick - self.interval, tick, tick)

    def _with_catchup(
        self, last: DataInterval | None, earliest: int | None, now: int
    ) -> int | None:
        if last is not None:
            return self.grid.next_after(last.end)
        if earliest is not None:
            return self.grid.align_to_next(earliest)
        return self._first_tick(now) if self.first_run else None

    def _without_catchup(self, last: DataInterval | None, earliest: int | None, now: int) -> int:
        following = None if last is None else self.grid.next_after(last.end)
        begun = last is not None and (earliest is None or earliest <= last.end)
        if begun and following is not None and following > now:
            # nothing at or before now is later, nor is a start_date before the last run's end
            return following
        candidates = [self.grid.align_to_previous(now)]
        if following is not None:
            candidates.append(following)
        elif earliest is None and self.first_run:
            candidates.append(self._first_tick(now))
        if earliest is not None:
            candidates.append(self.grid.align_to_next(earliest))
        return max(candidates)

    def _first_tick(self, now: int) -> int:
        """3.x `_calc_first_run`: the tick just passed if it is recent enough, else the next."""
        if self.grid.align_to_next(now) == now:
            return now
        passed, coming = self.grid.previous_before(now), self.grid.next_after(now)
        if self.run_immediately is True:
            return passed
        span = self.run_immediately or max((coming - passed) // 10, 5 * MINUTE)
        return passed if now - passed <= span else coming

    def manual_interval(self, run_after: int) -> DataInterval:
        """The span before the trigger; not aligned to the grid."""
        return DataInterval(run_after - self.interval, run_after)


@dataclass(frozen=True, slots=True, kw_only=True)
class MultipleCronTriggerTimetable:
    """Several cron triggers as one (3.x, timetables/trigger.py)."""

    grids: tuple[CronGrid, ...]
    interval: int = 0
    run_immediately: bool | int = False

    def next_run(
        self,
        last: DataInterval | None,
        *,
        now: int,
        earliest: int | None,
        latest: int | None,
        catchup: bool,
    ) -> RunInfo | None:
        """The smallest next run; without catchup the latest that is past, if one is."""
        found = [
            info
            for info in (
                trigger.next_run(last, now=now, earliest=earliest, latest=latest, catchup=catchup)
                for trigger in self._triggers
            )
            if info is not None
        ]
        if not found:
            return None
        past = [info for info in found if info.run_after <= now]
        if not catchup and past:
            return max(past, key=lambda info: info.logical_date)
        return min(found, key=lambda info: info.logical_date)

    @property
    def _triggers(self) -> list[TriggerTimetable]:
        return [
            TriggerTimetable(
                grid=grid, interval=self.interval, run_immediately=self.run_immediately
            )
            for grid in self.grids
        ]

    def manual_interval(self, run_after: int) -> DataInterval:
        """As of the first of the triggers."""
        return self._triggers[0].manual_interval(run_after)


@dataclass(frozen=True, slots=True)
class OnceTimetable:
    """One run, at the start_date or now (timetables/simple.py)."""

    def next_run(
        self,
        last: DataInterval | None,
        *,
        now: int,
        earliest: int | None,
        latest: int | None,
        catchup: bool,  # noqa: ARG002 - makes no difference here
    ) -> RunInfo | None:
        """The only run, unless it was there already."""
        if last is not None:
            return None
        at = now if earliest is None else earliest
        return None if latest is not None and at > latest else RunInfo(at, at, at, at)

    def manual_interval(self, run_after: int) -> DataInterval:
        """A point."""
        return DataInterval(run_after, run_after)


@dataclass(frozen=True, slots=True)
class ContinuousTimetable:
    """A run as soon as the one before is over (timetables/simple.py); max_active_runs is 1."""

    from_now: bool
    """3.x: without a start_date the first run starts now; 2.x: there is none."""

    def next_run(
        self,
        last: DataInterval | None,
        *,
        now: int,
        earliest: int | None,
        latest: int | None,
        catchup: bool,  # noqa: ARG002 - makes no difference here
    ) -> RunInfo | None:
        """From the end of the last run's data until now."""
        if earliest is None and not self.from_now:
            return None
        first = now if earliest is None else earliest
        start = first if last is None else last.end
        end = max(first, now) if last is None else now
        if latest is not None and end > latest:
            return None
        return RunInfo(start, start, end, end)

    def manual_interval(self, run_after: int) -> DataInterval:
        """A point."""
        return DataInterval(run_after, run_after)


@dataclass(frozen=True, slots=True)
class NullTimetable:
    """Never: `schedule: null` (timetables/simple.py)."""

    def next_run(
        self,
        last: DataInterval | None,  # noqa: ARG002 - the protocol's
        *,
        now: int,  # noqa: ARG002
        earliest: int | None,  # noqa: ARG002
        latest: int | None,  # noqa: ARG002
        catchup: bool,  # noqa: ARG002
    ) -> RunInfo | None:
        """None."""
        return None

    def manual_interval(self, run_after: int) -> DataInterval:
        """A point."""
        return DataInterval(run_after, run_after)


@dataclass(frozen=True, slots=True)
class EventsTimetable:
    """A run at each listed instant (timetables/events.py)."""

    events: tuple[int, ...]
    """Sorted, unique."""

    def next_run(
        self,
        last: DataInterval | None,
        *,
        now: int,
        earliest: int | None,
        latest: int | None,
        catchup: bool,
    ) -> RunInfo | None:
        """The first event after the last run; without catchup, none that is past."""
        at = 0 if last is None else bisect_right(self.events, last.end)
        floors = [bound for bound in (earliest, None if catchup else now) if bound is not None]
        at = max(at, *(bisect_left(self.events, floor) for floor in floors), 0)
        if at >= len(self.events) or (latest is not None and self.events[at] > latest):
            return None
        event = self.events[at]
        return RunInfo(event, event, event, event)

    def manual_interval(self, run_after: int) -> DataInterval:
        """The instant asked for: events restrict the schedule, not the operator."""
        return DataInterval(run_after, run_after)
