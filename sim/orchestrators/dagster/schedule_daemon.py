"""The schedule daemon: at each minute it requests the runs of the ticks that have come.

Source: Dagster 1.13.29, _scheduler/scheduler.py. An unpartitioned schedule makes up for one missed
tick, the latest. Nothing looks at whether an earlier run still goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.kernel.calendar import MILLISECOND, MINUTE, SECOND
from sim.kernel.loop import DECIDE_LAST
from sim.orchestrators.dagster.cron_schedule import CronSchedule, made_up
from sim.orchestrators.dagster.runs import SCHEDULE_NAME
from sim.orchestrators.dagster.ticks import tick_fact

if TYPE_CHECKING:
    from sim.kernel.loop import Call
    from sim.orchestrators.dagster.config import Schedule
    from sim.orchestrators.dagster.instance import Instance

LATE_US = MILLISECOND
"""The daemon wakes this long after the minute has begun, to be sure that it has."""
MAX_CATCHUP_RUNS = 5
"""schedules.max_catchup_runs."""
ERROR_INTERVAL_US = 5 * SECOND
"""How soon it tries again after an error."""


@dataclass(slots=True, eq=False)
class ScheduleState:
    """One schedule, and how far it was looked at."""

    name: str
    config: Schedule
    ticks: CronSchedule
    running: bool
    last: int
    """The latest instant whose ticks were seen to."""
    call: Call | None = None


class ScheduleDaemon:
    """Every schedule of a code location."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._kernel = instance.kernel
        self.schedules = {
            name: ScheduleState(
                name,
                config,
                CronSchedule.of(config.cron_schedule, config.execution_timezone),
                config.default_status == "RUNNING",
                instance.kernel.now - 1,
            )
            for name, config in instance.definitions.config.schedules.items()
        }
        self._up = False

    def start(self) -> None:
        """The daemon is there: it looks at once at what has come meanwhile."""
        self._up = True
        for state in self.schedules.values():
            if state.running:
                self._look_later(state, self._kernel.now)

    def stop(self) -> None:
        """The daemon is gone."""
        self._up = False
        for state in self.schedules.values():
            self._cancel(state)

    def turn(self, name: str, *, on: bool) -> None:
        """Start or stop a schedule; ticks before its start never count."""
        state = self.schedules[name]
        self._cancel(state)
        if on and not state.running:
            state.last = self._kernel.now
        state.running = on
        if on and self._up:
            self._look_later(state, self._kernel.now)

    def _look_later(self, state: ScheduleState, since: int) -> None:
        """Look at the first iteration that finds a tick: now, or at a minute to come."""
        tick = state.ticks.next_after(state.last)
        if tick is None or tick >= self._instance.platform.end:
            return
        minute = -(-tick // MINUTE) * MINUTE + LATE_US
        self._cancel(state)
        state.call = self._kernel.at(max(minute, since), self._look, state, priority=DECIDE_LAST)

    def _look(self, state: ScheduleState) -> None:
        now, state.call = self._kernel.now, None
        if self._instance.database_off:
            state.call = self._kernel.after(ERROR_INTERVAL_US, self._look, state)
            return
        due = state.ticks.between(state.last, now)
        state.last = now
        for tick in made_up(due, partitioned=False, max_catchup_runs=MAX_CATCHUP_RUNS):
            self._request(state, tick)
        self._look_later(state, now)

    def _request(self, state: ScheduleState, tick: int) -> None:
        instance = self._instance
        row = tick_fact(
            self._kernel,
            state.name,
            "SUCCESS",
            kind="SCHEDULE",
            scheduled=tick,
            job=state.config.job,
        )
        instance.create_run(
            instance.definitions.jobs[state.config.job],
            run_type="scheduled",
            cause=row,
            scheduled=tick,
            timezone=state.config.execution_timezone,
            tags={SCHEDULE_NAME: state.name},
        )

    @staticmethod
    def _cancel(state: ScheduleState) -> None:
        if state.call is not None:
            state.call.cancel()
            state.call = None
