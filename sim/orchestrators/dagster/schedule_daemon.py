"""The schedule daemon: at each minute it requests the runs of the ticks that have come.

Source: Dagster 1.13.29, _scheduler/scheduler.py. Without partitions only the latest missed tick is
made up for, with them the latest `max_catchup_runs`. Nothing looks at whether an earlier run still
goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import MILLISECOND, MINUTE, SECOND
from sim.kernel.loop import DECIDE_LAST
from sim.orchestrators.dagster.cron_schedule import CronSchedule, made_up
from sim.orchestrators.dagster.partitioning import latest_keys
from sim.orchestrators.dagster.runs import SCHEDULE_NAME
from sim.orchestrators.dagster.stale_assets import requested_plan
from sim.orchestrators.dagster.ticks import tick_fact

if TYPE_CHECKING:
    from sim.kernel.loop import Call
    from sim.orchestrators.dagster.config import Schedule
    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.partitions.definition import PartitionsDefinition

LATE_US = MILLISECOND
"""The daemon wakes this long after the minute has begun, to be sure that it has."""
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
        partitions = self._instance.definitions.jobs[state.config.job].partitions
        for tick in made_up(
            due,
            partitioned=partitions is not None,
            max_catchup_runs=self._instance.config.scheduler.max_catchup_runs,
        ):
            self._request(state, tick, partitions)
        self._look_later(state, now)

    def _request(
        self, state: ScheduleState, tick: int, partitions: PartitionsDefinition | None
    ) -> None:
        """One tick: a run, or a run for each of the partitions that it is about."""
        instance = self._instance
        keys: tuple[str | None, ...] = (None,)
        if partitions is not None:
            keys = latest_keys(partitions, instance.partitions_at(tick))
        about: dict[str, Any] = {"kind": "SCHEDULE", "scheduled": tick, "job": state.config.job}
        if not keys:
            tick_fact(self._kernel, state.name, "SKIPPED", reason="no_partition", **about)
            return
        row = tick_fact(self._kernel, state.name, "SUCCESS", **about)
        job = instance.definitions.jobs[state.config.job]
        plan = requested_plan(instance, job, stale_only=state.config.stale_assets_only)
        for key in keys if plan is not None else ():
            instance.create_run(
                job,
                run_type="scheduled",
                cause=row,
                plan=None if plan is job.plan else plan,
                scheduled=tick,
                timezone=state.config.execution_timezone,
                partition_keys=() if key is None else (key,),
                tags={SCHEDULE_NAME: state.name},
            )

    @staticmethod
    def _cancel(state: ScheduleState) -> None:
        if state.call is not None:
            state.call.cancel()
            state.call = None
