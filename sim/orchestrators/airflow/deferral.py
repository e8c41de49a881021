"""Deferred task instances: their triggers, the triggerers that run these, and what times out.

A deferred try holds no worker. Its trigger runs on a triggerer that has room; when it fires, the
task instance is scheduled at that very instant with the try number it had, and competes again. The
triggerer's own loop of a second is not modelled: a trigger fires when what it watches happens.
Source: Airflow 2.11.2 and 3.3.2, models/trigger.py `submit_event`, `assign_unassigned`,
`get_sorted_triggers`, jobs/triggerer_job_runner.py, jobs/scheduler_job_runner.py
`check_trigger_timeouts`. Invariant: no triggerer runs more than its capacity, and a trigger whose
task instance is deferred no longer runs nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sim.model.facts import Entity, Fact
from sim.orchestrators.airflow.rows import DEFERRED
from sim.orchestrators.airflow.scheduler_job import Timer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.model.work import Deferral, Running
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import TaskInstance
    from sim.orchestrators.airflow.scheduler import Scheduler
    from sim.orchestrators.airflow.scheduler_job import SchedulerJob


@dataclass(slots=True, eq=False)
class Parked:
    """The rest of a deferred try."""

    ti: TaskInstance
    deferral: Deferral
    number: int
    """In order of deferral, over all task instances."""
    started: int
    """start_date of the try: when its first part started."""
    due: int | None
    """trigger_timeout: the instant after which the trigger is given up."""
    triggerer: Triggerer | None = None
    trigger: Running | None = None
    fired: bool = False
    timed_out: bool = False


class Triggerer:
    """One triggerer process and the triggers that it runs."""

    def __init__(self, name: str, *, started: int) -> None:
        self.name = name
        self.started = started
        self.alive = True
        self.running: dict[Parked, None] = {}


class Deferrals:
    """Every deferred task instance of one deployment."""

    def __init__(
        self,
        metadata: Metadata,
        scheduler: Scheduler,
        *,
        triggerers: int,
        capacity: int,
        heartbeat: int,
        health_threshold: int,
        timeout_check_interval: int,
    ) -> None:
        self._metadata = metadata
        self._kernel = metadata.kernel
        self._scheduler = scheduler
        self._capacity = capacity
        self._heartbeat = heartbeat
        self._health_threshold = health_threshold
        self._timer = Timer(15, timeout_check_interval, self._check)
        self._triggerers = [
            Triggerer(f"triggerer-{number}", started=self._kernel.now)
            for number in range(1, triggerers + 1)
        ]
        self._unassigned: list[Parked] = []
        self._overdue: list[Parked] = []
        """Timed out, and not yet seen by the scheduler's timer."""
        self._count = 0
        metadata.left_deferred = self._left

    @property
    def triggers(self) -> dict[str, int]:
        """How many triggers each living triggerer runs, by its name."""
        return {one.name: len(one.running) for one in self._triggerers if one.alive}

    # -- deferring and going on -------------------------------------------------------------

    def defer(self, ti: TaskInstance, deferral: Deferral, cause: int) -> None:
        """A try gives its worker back and waits for its trigger."""
        now, task = self._kernel.now, ti.task
        started = ti.started if ti.parked is None else ti.parked.started
        due = None if deferral.timeout is None else now + deferral.timeout
        if self._metadata.version.execution_timeout_spans_deferral and task.execution_timeout:
            bound = started + task.execution_timeout
            due = bound if due is None else min(due, bound)
        self._count += 1
        ti.parked = parked = Parked(ti, deferral, self._count, started, due)
        self._metadata.set_state(ti, DEFERRED, cause, None if due is None else {"until": due})
        self._unassigned.append(parked)
        self._assign()
        if due is not None:
            # the comparison is strict: at exactly its timeout a trigger is still in time
            self._kernel.at(max(due + 1, now), self._over, parked)

    def _fire(self, parked: Parked) -> None:
        if self._waits(parked):
            parked.fired = True
            self._go_on(parked)

    def _go_on(self, parked: Parked) -> None:
        """To scheduled, from outside of the scheduler's loop or from one of its timers."""
        self._metadata.schedule(parked.ti, self._kernel.now)
        self._metadata.again()

    @staticmethod
    def _waits(parked: Parked) -> bool:
        return parked.ti.parked is parked and parked.ti.state == DEFERRED

    def _left(self, ti: TaskInstance) -> None:
        """A task instance is deferred no longer: its trigger ends, another one has room."""
        parked = ti.parked
        if parked is None:
            return
        if parked.triggerer is not None:
            del parked.triggerer.running[parked]
            parked.triggerer = None
        elif parked in self._unassigned:
            self._unassigned.remove(parked)
        if not parked.fired:
            if parked.trigger is not None:
                parked.trigger.kill("trigger_ended")
            parked.deferral.abandon()
        parked.trigger = None
        if self._unassigned:
            self._assign()

    # -- trigger timeouts -------------------------------------------------------------------

    def _over(self, parked: Parked) -> None:
        if self._waits(parked):
            self._overdue.append(parked)
            for job in self._scheduler.jobs:
                self.watch(job)

    def watch(self, job: SchedulerJob) -> None:
        """A scheduler's timer sees what has timed out."""
        if self._overdue:
            job.arm(self._timer, self._kernel.now)

    def _check(self, job: SchedulerJob, now: int) -> None:
        del job, now
        overdue, self._overdue = self._overdue, []
        for parked in overdue:
            if self._waits(parked):
                parked.timed_out = True
                self._go_on(parked)

    # -- triggerers -------------------------------------------------------------------------

    def stop(self, names: Iterable[str] | None = None) -> None:
        """Triggerers die (None: all). Their triggers are given away once they count as dead."""
        now = self._kernel.now
        for one in self._triggerers:
            if one.alive and (names is None or one.name in names):
                one.alive = False
                self._fact(one, "died")
                for parked in one.running:
                    if parked.trigger is not None:
                        parked.trigger.kill("triggerer_died")
                        parked.trigger = None
                last = one.started + (now - one.started) // self._heartbeat * self._heartbeat
                counts_as_dead = max(last + self._health_threshold, now)
                orphans = list(one.running)
                self._kernel.at(counts_as_dead, self._give_away, orphans)

    def start(self, names: Iterable[str] | None = None) -> None:
        """Triggerers that died are started anew, with nothing to run yet (None: all)."""
        for one in self._triggerers:
            if not one.alive and (names is None or one.name in names):
                one.alive = True
                one.started = self._kernel.now
                self._fact(one, "started")
        self._assign()

    def _fact(self, one: Triggerer, reason: str) -> None:
        entity = self._kernel.journal.entity(Entity.WORKER, one.name)
        self._kernel.fact(Fact.WORKER, entity, int(one.alive), kind="triggerer", reason=reason)

    def _give_away(self, orphans: list[Parked]) -> None:
        for parked in orphans:
            if self._waits(parked) and parked.triggerer is not None:
                del parked.triggerer.running[parked]
                parked.triggerer = None
                self._unassigned.append(parked)
        self._assign()

    def _assign(self) -> None:
        """Give triggers to triggerers with room: highest priority weight first, then oldest."""
        waiting = self._unassigned
        if len(waiting) > 1:
            waiting.sort(key=lambda parked: (-parked.ti.task.priority_weight, parked.number))
        while waiting:
            room = [
                one for one in self._triggerers if one.alive and len(one.running) < self._capacity
            ]
            if not room:
                return
            least = min(room, key=lambda one: len(one.running))
            parked = waiting.pop(0)
            parked.triggerer = least
            least.running[parked] = None
            parked.trigger = parked.deferral.trigger(partial(self._fire, parked))
