"""Workers: what happens to a task instance from its start on a worker until its try is over.

The work itself belongs to the workshop; here are the states that Airflow's own code gives on the
worker: success, retries, skips by branches, sensors between two pokes, callbacks. Source: Airflow
2.11.2 and 3.3.2, models/taskinstance.py, sensors/base.py, the standard provider's
utils/skipmixin.py; task SDK execution_time/task_runner.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.model.facts import Fact
from sim.model.work import Attempt, Outcome, Result
from sim.orchestrators.airflow import branches, xcoms
from sim.orchestrators.airflow.fail_fast import stop_remaining
from sim.orchestrators.airflow.macros import attempt_of
from sim.orchestrators.airflow.poking import deferral_of, judged, next_interval
from sim.orchestrators.airflow.remote_jobs import submit
from sim.orchestrators.airflow.rows import (
    FAILED,
    NONE,
    QUEUED,
    RESTARTING,
    RUNNING,
    SKIPPED,
    SUCCESS,
    TRY,
    UP_FOR_RESCHEDULE,
    UP_FOR_RETRY,
)
from sim.orchestrators.airflow.simple_tries import SimpleTries

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Call
    from sim.model.work import Announcer, Deferral, Workshop
    from sim.orchestrators.airflow.config_database import Database
    from sim.orchestrators.airflow.deferral import Parked
    from sim.orchestrators.airflow.executor import Executor
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.processes import Processes
    from sim.orchestrators.airflow.rows import TaskInstance
    from sim.orchestrators.airflow.scheduler_job import SchedulerJob

_TASK_STATE = int(Fact.TASK_STATE)
_SUCCEEDED = Result.SUCCESS
_WITHOUT_WORK = frozenset({"empty", "latest_only"})


@dataclass(frozen=True, slots=True)
class Sleep:
    """A process that only waits: a sensor between two pokes, a task that has yet to start."""

    call: Call

    def kill(self, reason: str) -> None:  # noqa: ARG002 - waiting leaves nothing behind
        """Never mind."""
        self.call.cancel()


class Workers:
    """Every worker of one deployment."""

    def __init__(
        self,
        metadata: Metadata,
        processes: Processes,
        workshop: Workshop,
        announcer: Announcer,
        *,
        longest_list: int,
        database: Database,
    ) -> None:
        self._metadata = metadata
        self._bounds = {"longest": longest_list, "largest": xcoms.LARGEST[database.engine]}
        self._bytes_per_second = database.xcom_bytes_per_second
        self._kernel = metadata.kernel
        self._add = metadata.add
        self._processes = processes
        self._known = processes.known
        self._fates = processes.fates
        self._workshop = workshop
        self._begin = workshop.begin
        self.simple = SimpleTries(
            metadata, processes.known, workshop.begin, start=self.start, otherwise=self._ended
        )
        self.start_all: Callable[[list[TaskInstance], SchedulerJob], None] | None = None
        """`start` for several at once; None: each has to be started by itself."""
        if database.xcom_bytes_per_second is None and processes.fates is None:
            self.start_all = self.simple.start
        self._announcer = announcer
        processes.restart = self.restart
        processes.fail_queued = self.fail_from_outside
        self.after_try: Callable[[TaskInstance], None] | None = None
        """What a worker does once a try is over (2.x: the mini scheduler)."""
        self.updated: Callable[[TaskInstance], None] = lambda _ti: None
        """Told of each success of a task with outlets."""
        self.defer: Callable[[TaskInstance, Deferral, int], None] = lambda *_: None
        """Takes a try that gives its worker back."""
        self.mutes: Callable[[TaskInstance, int], bool] = lambda *_: False
        """Whether a process that ends can write no state; then that is dealt with."""

    # -- start ------------------------------------------------------------------------------

    def start(self, ti: TaskInstance, token: int) -> None:
        """Start a try. A task instance that is not queued any more is refused."""
        if ti.token != token or ti.state != QUEUED:
            self._processes.refuse(ti, token)
            return
        now = self._kernel.now
        ti.state = RUNNING
        ti.row = self._add(now, _TASK_STATE, ti.entity, RUNNING + TRY * ti.try_number, ti.row)
        ti.started = now
        if ti.try_number > 1:
            self._forget(ti)
        ti.attempt = attempt = attempt_of(ti)
        if ti.parked is not None:
            self._resume(ti, token, ti.parked)
        else:
            self._perform(ti, token, attempt)
        if self._fates is not None:
            self._processes.meet(ti, attempt, self._fates)

    def _forget(self, ti: TaskInstance) -> None:
        """A new try begins without what an earlier one decided or returned."""
        run = ti.run
        if run.decisions is not None:
            run.decisions.pop((ti.task.number, ti.map_index), None)
        if run.returned is not None:
            xcoms.clear(self._metadata, ti)

    def _perform(self, ti: TaskInstance, token: int, attempt: Attempt) -> None:
        """What a try does first."""
        task = ti.task
        if task.execution_timeout is not None:
            self._kernel.after(task.execution_timeout, self._time_out, ti, token)
        if task.sensor is not None:
            ti.process = self._begin(attempt, partial(self._poked, ti, token, 1))
        elif task.type in _WITHOUT_WORK:
            self._ended(ti, token, Outcome(_SUCCEEDED))
        elif task.deferrable:
            deferral = submit(attempt, kernel=self._kernel, workshop=self._workshop)
            self._ended(ti, token, Outcome(Result.DEFERRED, deferral=deferral))
        else:
            end = self._ended if self._bytes_per_second is None else self._return
            ti.process = self._begin(attempt, partial(end, ti, token))

    def _return(self, ti: TaskInstance, token: int, outcome: Outcome) -> None:
        """What the task returned goes to the database before the try has ended."""
        if outcome.returned is None or not self._bytes_per_second:
            self._ended(ti, token, outcome)
            return
        span = outcome.returned.size * SECOND // self._bytes_per_second
        stored = Sleep(self._kernel.after(span, self._ended, ti, token, outcome))
        if ti.token == token and ti.state == RUNNING:
            ti.process = stored

    def _resume(self, ti: TaskInstance, token: int, parked: Parked) -> None:
        """Go on with a deferred try: its attempt, its dates and its number stay."""
        timeout = ti.task.execution_timeout
        if timeout is not None:
            due = ti.started + timeout
            if self._metadata.version.execution_timeout_spans_deferral:
                due = max(parked.started + timeout, ti.started)
            self._kernel.at(due, self._time_out, ti, token)
        ti.process = parked.deferral.resume(parked.timed_out, partial(self._ended, ti, token))

    # -- end --------------------------------------------------------------------------------

    def _ended(self, ti: TaskInstance, token: int, outcome: Outcome) -> None:
        if ti.token != token or ti.state != RUNNING:
            self._processes.refuse(ti, token)
            return
        if self._known and self.mutes(ti, token):
            return
        ti.process = None
        result = outcome.result
        if result is _SUCCEEDED:
            self._succeed(ti, outcome)
        elif result is Result.SKIPPED:
            self._finish(ti, SKIPPED, outcome, ti.task.callbacks.skipped)
        elif result is Result.RESCHEDULED:
            self._begin_anew(ti, outcome.delay, outcome)
            return
        elif outcome.deferral is not None:
            # no mini scheduler: the try is not over [2.x jobs/local_task_job_runner.py]
            self._processes.ended(ti)
            self.defer(ti, outcome.deferral, outcome.cause if outcome.cause >= 0 else ti.row)
            return
        else:
            self._fail(ti, outcome)
        self._processes.ended(ti)
        # thousands of finished tries stay in memory: what only a live one needs goes
        ti.attempt = None
        if ti.task.sla is not None:
            # being done moves the date that its SLA is counted from
            self._metadata.again()
        if self.after_try is not None:
            self.after_try(ti)

    def _succeed(self, ti: TaskInstance, outcome: Outcome) -> None:
        task, metadata = ti.task, self._metadata
        if task.type != "task":
            branches.decide(metadata, ti, outcome)
        if outcome.returned is not None or task.shape is not None:
            refused = xcoms.push(metadata, ti, outcome.returned, **self._bounds)
            if refused is not None:
                self._fail(ti, Outcome(Result.FAILED, refused, outcome.cause))
                return
        metadata.set_state(ti, SUCCESS, ti.row)
        if task.outlets:
            self.updated(ti)
        if task.callbacks.success:
            self._announce(ti, task.callbacks.success)

    def _finish(
        self, ti: TaskInstance, state: int, outcome: Outcome, alerts: tuple[str, ...]
    ) -> None:
        cause = outcome.cause if outcome.cause >= 0 else ti.row
        detail = {"reason": outcome.reason} if outcome.reason else None
        self._metadata.set_state(ti, state, cause, detail)
        self._announce(ti, alerts)

    def _fail(self, ti: TaskInstance, outcome: Outcome) -> None:
        """A failed try: another one follows while there are tries left."""
        task = ti.task
        last = outcome.result is Result.FAILED_NO_RETRY
        if last or not task.retries or ti.try_number > ti.max_tries:
            if last and task.sensor is not None and task.sensor.soft_fail:
                self._finish(ti, SKIPPED, outcome, task.callbacks.skipped)
            else:
                self._finish(ti, FAILED, outcome, task.callbacks.failure)
                if ti.run.dag.plan.fail_fast:
                    stop_remaining(self._metadata, ti)
            return
        self._await_retry(ti, outcome.reason, outcome.cause)
        self._announce(ti, task.callbacks.retry)

    def _await_retry(self, ti: TaskInstance, reason: str, cause: int) -> None:
        task, run = ti.task, ti.run
        now = self._kernel.now
        ti.due = now + task.retry.after(task.dag_id, task.task_id, run.logical_date, ti.try_number)
        detail: dict[str, object] = {"until": ti.due}
        if reason:
            detail["reason"] = reason
        self._metadata.set_state(ti, UP_FOR_RETRY, cause if cause >= 0 else ti.row, detail)
        # the scheduler's comparison is strict: due exactly at a loop waits for the next one
        self._kernel.at(ti.due + 1, self._due, ti, ti.due)
        if self._metadata.scheduled:
            self._metadata.wake()

    def _due(self, ti: TaskInstance, due: int) -> None:
        """The wait of a task instance is over, unless something else happened to it."""
        if ti.due == due and ti.state in {UP_FOR_RETRY, UP_FOR_RESCHEDULE}:
            self._metadata.mark(ti.run)

    def fail_from_outside(self, ti: TaskInstance, reason: str) -> None:
        """`handle_failure` by someone else than the worker of a task instance."""
        if ti.state == RESTARTING:
            # always another try, and no more of them than before
            self._await_retry(ti, reason, ti.row)
        else:
            self._fail(ti, Outcome(Result.FAILED, reason))

    def restart(self, ti: TaskInstance, executor: Executor | None) -> None:
        """The process of a cleared running task instance is gone, and its executor sees it."""
        if self._metadata.version.clear_restarts_at_once:
            if executor is not None:
                executor.at_next_sync(partial(self._restart_now, ti, ti.token))
        else:
            self._await_retry(ti, "cleared", ti.row)

    def _restart_now(self, ti: TaskInstance, token: int) -> None:
        if ti.token == token and ti.state == RESTARTING:
            ti.max_tries = ti.try_number + ti.task.retries
            self._metadata.set_state(ti, NONE, ti.row, {"reason": "cleared"})

    # -- sensors ----------------------------------------------------------------------------

    def _poke(self, ti: TaskInstance, token: int, number: int) -> None:
        if ti.token != token or ti.state != RUNNING or ti.attempt is None:
            self._processes.refuse(ti, token)
            return
        ti.process = self._begin(ti.attempt, partial(self._poked, ti, token, number))

    def _poked(self, ti: TaskInstance, token: int, number: int, outcome: Outcome) -> None:
        """Poke `number` of this process is over [sensors/base.py `execute`]."""
        sensor = ti.task.sensor
        alive = ti.token == token and ti.state == RUNNING
        if sensor is not None and outcome.result is not _SUCCEEDED:
            outcome = judged(sensor, outcome)
        if outcome.result is not Result.NOT_READY or not alive or sensor is None:
            self._ended(ti, token, outcome)
            return
        if sensor.deferrable and ti.attempt is not None:
            version, begin = self._metadata.version, self._begin
            deferral = deferral_of(
                sensor, ti.attempt, kernel=self._kernel, begin=begin, version=version
            )
            self._ended(ti, token, Outcome(Result.DEFERRED, "", outcome.cause, deferral=deferral))
            return
        now = self._kernel.now
        moved = ti.sensor_clock if sensor.reschedule else None
        clock = ti.started if moved is None else moved
        if now - clock > sensor.timeout:
            self._ended(ti, token, Outcome(Result.FAILED_NO_RETRY, "sensor_timeout", outcome.cause))
            return
        interval = next_interval(ti.task, started_at=clock, elapsed=now - clock, poke_count=number)
        if not sensor.reschedule:
            ti.process = Sleep(self._kernel.after(interval, self._poke, ti, token, number + 1))
            return
        if self._known and self.mutes(ti, token):
            return
        if ti.sensor_clock is None:
            per_try = self._metadata.version.sensor_clock_per_try
            ti.sensor_clock = now if per_try else ti.started
        self._begin_anew(ti, interval, outcome)

    def _begin_anew(self, ti: TaskInstance, delay: int, outcome: Outcome) -> None:
        """The worker gives a try back, which begins anew later and is still the same try."""
        self._processes.ended(ti)
        ti.process = None
        ti.due = self._kernel.now + delay
        detail: dict[str, object] = {"until": ti.due}
        if outcome.result is Result.RESCHEDULED:
            detail["reason"] = outcome.reason
        cause = outcome.cause if outcome.cause >= 0 else ti.row
        self._metadata.set_state(ti, UP_FOR_RESCHEDULE, cause, detail)
        self._kernel.at(ti.due, self._due, ti, ti.due)
        if self.after_try is not None:
            self.after_try(ti)

    # -- ends from outside ------------------------------------------------------------------

    def _time_out(self, ti: TaskInstance, token: int) -> None:
        """execution_timeout: the process is ended and the try has failed."""
        if ti.token == token and ti.state == RUNNING and ti.process is not None:
            # a process that is gone times out no more
            ti.process.kill("execution_timeout")
            sensor = ti.task.sensor
            result = Result.FAILED
            if sensor is not None and (sensor.soft_fail or sensor.never_fail):
                result = Result.SKIPPED
            self._ended(ti, token, Outcome(result, "execution_timeout"))

    # -- callbacks --------------------------------------------------------------------------

    def _announce(self, ti: TaskInstance, alerts: tuple[str, ...]) -> None:
        if ti.attempt is not None:
            for alert in alerts:
                self._announcer.send(alert, ti.attempt, cause=ti.row)
