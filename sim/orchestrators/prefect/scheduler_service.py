"""The scheduler: it creates the flow runs of schedules ahead of time.

Source: Prefect 3.8.8, server/services/scheduler.py and server/models/deployments.py
`_generate_scheduled_flow_runs`. Each schedule by itself: when it has fewer than `min_runs` runs
ahead, or none beyond `min_scheduled_time`, dates are planned from now on. What lies before now is
never planned: there is no catching up. Invariant: of a deployment, a schedule and a date there is
one run at most, as long as that run is not deleted.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from sim.orchestrators.prefect.service_loop import RECENT, SCHEDULER, ServiceLoop
from sim.orchestrators.prefect.settings import micros

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Kernel
    from sim.orchestrators.prefect.flow_run_index import FlowRunIndex, FlowRunRow
    from sim.orchestrators.prefect.schedules import Schedule
    from sim.orchestrators.prefect.settings import Settings

RECENT_SLACK = 1_000_000
"""A deployment counts as recently changed for this much longer than the loop takes, us."""
AWAITING_SLOT = "AwaitingConcurrencySlot"


@dataclass(frozen=True, slots=True)
class DeploymentSchedule:
    """One schedule of a deployment."""

    name: str
    """Its id: unique over all deployments."""
    schedule: Schedule
    active: bool = True


@dataclass(frozen=True, slots=True)
class ScheduledDeployment:
    """What the scheduler knows of a deployment."""

    name: str
    schedules: tuple[DeploymentSchedule, ...]
    paused: bool = False


class SchedulerService:
    """Both loops: over all schedules, and over deployments that were changed a moment ago."""

    def __init__(
        self,
        kernel: Kernel,
        settings: Settings,
        index: FlowRunIndex,
        *,
        create: Callable[[str, str, int], str],
        delete: Callable[[str], None],
        end: int | None = None,
    ) -> None:
        """`create(deployment, schedule, date)` makes a flow run and gives its id.

        `delete(flow_run)` removes one that has not run; both put the index right. `end`: from when
        on schedules have no dates, which is our own: what is simulated ends there.
        """
        self._kernel, self._index = kernel, index
        self._create, self._delete = create, delete
        self._end = 2**62 if end is None else end
        self._min_runs, self._max_runs = settings.scheduler_min_runs, settings.scheduler_max_runs
        self._min_time = micros(settings.scheduler_min_scheduled_time)
        self._max_time = micros(settings.scheduler_max_scheduled_time)
        recent = micros(settings.scheduler_recent_deployments_loop_seconds)
        self._deployments: dict[str, ScheduledDeployment] = {}
        self._of_schedule: dict[str, ScheduledDeployment] = {}
        self._updated: dict[str, int] = {}
        """When each deployment was changed, as long as that is recent."""
        self._keys: dict[tuple[str, str, int], str] = {}
        """Idempotency keys and the flow runs that have them."""
        self._key_of: dict[str, tuple[str, str, int]] = {}
        self._again: dict[str, int | None] = {}
        """For each schedule from when on the main loop can decide something."""
        self._recent_for = recent + RECENT_SLACK
        every = micros(settings.scheduler_loop_seconds)
        self.main = ServiceLoop(kernel, every, self._look, rank=SCHEDULER)
        self.recent = ServiceLoop(kernel, recent, self._look_at_recent, rank=RECENT)
        index.listeners.append(self._changed)

    def put(self, deployment: ScheduledDeployment) -> None:
        """A deployment was made or changed: what was planned for the future is planned anew."""
        known = self._deployments.get(deployment.name)
        if known is not None:
            self._delete_runs(deployment.name, future_only=True)
        self._set(deployment)

    def pause(self, deployment: ScheduledDeployment) -> None:
        """A deployment or a schedule of it was paused or resumed.

        Pausing deletes whatever was planned and has not run, what is overdue too.
        """
        self._delete_runs(deployment.name, future_only=False)
        self._set(deployment)

    def _set(self, deployment: ScheduledDeployment) -> None:
        self._deployments[deployment.name] = deployment
        self._updated[deployment.name] = self._kernel.now
        for schedule in deployment.schedules:
            self._of_schedule[schedule.name] = deployment
            self._again[schedule.name] = self._kernel.now
        self.main.wake()
        self.recent.wake()

    def _delete_runs(self, deployment: str, *, future_only: bool) -> None:
        for at, flow_run in list(self._index.of_deployment(deployment)):
            row = self._index.rows[flow_run]
            kept = row.schedule is None or row.state_name == AWAITING_SLOT or row.run_count > 0
            if not kept and (at > self._kernel.now or not future_only):
                self._delete(flow_run)

    def _changed(self, before: FlowRunRow | None, after: FlowRunRow | None) -> None:
        """A flow run of a schedule went from SCHEDULED: there may be too few."""
        row = after or before
        assert row is not None
        if after is None and row.flow_run in self._key_of:
            del self._keys[self._key_of.pop(row.flow_run)]
        if row.schedule is not None and row.schedule in self._again:
            was = before is not None and before.state_type == "SCHEDULED"
            if was and (after is None or after.state_type != "SCHEDULED"):
                again = self._needed_from(row.schedule, self._kernel.now)
                self._again[row.schedule] = again
                self.main.wake_at(again)

    def _look(self, now: int) -> int | None:
        for deployment in sorted(self._deployments.values(), key=lambda one: one.name):
            due = [one for one in deployment.schedules if self._due(one.name, now)]
            if not deployment.paused and any(one.active for one in due):
                self._plan(deployment, now)
            for one in due:
                if deployment.paused or not one.active:
                    self._again[one.name] = None
        return min((at for at in self._again.values() if at is not None), default=None)

    def _due(self, schedule: str, now: int) -> bool:
        again = self._again[schedule]
        return again is not None and again <= now

    def _look_at_recent(self, now: int) -> int | None:
        self._updated = {
            name: at for name, at in self._updated.items() if at >= now - self._recent_for
        }
        for name in sorted(self._updated):
            deployment = self._deployments[name]
            if not deployment.paused and any(one.active for one in deployment.schedules):
                self._plan(deployment, now)
        return now if self._updated else None

    def _plan(self, deployment: ScheduledDeployment, now: int) -> None:
        """Create the runs of every active schedule of a deployment, from now on."""
        for one in deployment.schedules:
            if not one.active:
                continue
            dates, beyond = self._dates(one.schedule, now)
            for date in dates:
                key = (deployment.name, one.name, date)
                if key not in self._keys:
                    flow_run = self._create(*key)
                    self._keys[key], self._key_of[flow_run] = flow_run, key
            again = self._needed_from(one.name, now)
            if again <= now:
                # it has too few and gets no more before time goes on
                turns = [dates[0] + 1] if dates else []
                turns += [] if beyond is None else [max(beyond - self._max_time, now + 1)]
                self._again[one.name] = min(turns, default=None)
            else:
                self._again[one.name] = again

    def _dates(self, schedule: Schedule, now: int) -> tuple[list[int], int | None]:
        """The dates that are planned now, and the first that is too far ahead when one stopped."""
        dates: list[int] = []
        for date in islice(schedule.dates(now), self._max_runs):
            if date >= self._end:
                break
            if date > now + self._max_time:
                return dates, date
            dates.append(date)
            if len(dates) >= self._min_runs and date >= now + self._min_time:
                break
        return dates, None

    def _needed_from(self, schedule: str, now: int) -> int:
        """From when on a schedule counts as one that has too few runs ahead, `now` at the least."""
        line = self._index.of_schedule(schedule)
        ahead = line[bisect_left(line, (now, "")) :]
        if len(ahead) < self._min_runs:
            return now
        too_few = ahead[-self._min_runs][0] + 1
        too_near = ahead[-1][0] - self._min_time + 1
        return max(now, min(too_few, too_near))
