"""How sensors wait: the interval to the next poke, what a failing poke means, and deferring.

Pure but for `deferral_of`, whose trigger pokes through the workshop. Source: Airflow 2.11.2
sensors/base.py and 3.3.2 task SDK bases/sensor.py `execute`, `_get_next_poke_interval`,
`resume_execution`. never_fail does not cover a sensor's own timeout there, soft_fail does. In poke
mode the real backoff hashes a monotonic clock reading; here it is the start of the try.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha1
from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND, to_civil
from sim.model.work import SUCCESS, Deferral, Outcome, Result

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Call, Kernel
    from sim.model.work import Attempt, Running
    from sim.orchestrators.airflow.task_plan import SensorPlan, TaskPlan
    from sim.orchestrators.airflow.versions import Version

_BACKOFF_MAX_S = 86_399_999_999_998
"""timedelta.max in seconds, less one."""


def next_interval(task: TaskPlan, *, started_at: int, elapsed: int, poke_count: int) -> int:
    """Microseconds from a false poke to the next one.

    `started_at` is when the sensor's clock began, `elapsed` how long ago that is; `poke_count`
    counts the pokes of this process, which reschedule mode cannot know and estimates.
    """
    sensor = task.sensor
    assert sensor is not None
    if not sensor.exponential_backoff:
        return sensor.poke_interval
    count = poke_count
    if sensor.reschedule:
        count, passed_s = 0, 0
        while passed_s * SECOND <= elapsed:
            count += 1
            passed_s += _backoff_s(task, sensor, started_at, count)
    left_s = sensor.timeout // SECOND - elapsed // SECOND
    interval = min(left_s, _backoff_s(task, sensor, started_at, count)) * SECOND
    return interval if sensor.max_wait is None else min(interval, sensor.max_wait)


def _backoff_s(task: TaskPlan, sensor: SensorPlan, started_at: int, count: int) -> int:
    """Between m and 2m for m = poke_interval * 2^(count - 2), by Airflow's own hash."""
    power = min(count, 64) - 2
    least = sensor.poke_interval / SECOND * 2.0**power
    low = max(int(min(least, _BACKOFF_MAX_S)), 1)
    name = f"{task.dag_id}#{task.task_id}#{to_civil(started_at)}#{count}"
    # Airflow's own choice of hash; it guards nothing
    digest = int(sha1(name.encode(), usedforsecurity=False).hexdigest(), 16)
    return min(low + digest % low, _BACKOFF_MAX_S)


def judged(sensor: SensorPlan, outcome: Outcome) -> Outcome:
    """A poke's outcome as silent_fail and never_fail make it; soft_fail is the worker's."""
    if outcome.result is Result.FAILED and sensor.silent_fail:
        return Outcome(Result.NOT_READY, outcome.reason, outcome.cause)
    if outcome.result in {Result.FAILED, Result.FAILED_NO_RETRY} and sensor.never_fail:
        return Outcome(Result.SKIPPED, outcome.reason, outcome.cause)
    return outcome


def timed_out(sensor: SensorPlan, version: Version) -> Outcome:
    """How a sensor ends whose trigger took too long."""
    if sensor.soft_fail or (sensor.never_fail and version.trigger_timeout_ends_sensor):
        return Outcome(Result.SKIPPED, "trigger_timeout")
    if version.trigger_timeout_ends_sensor:
        return Outcome(Result.FAILED_NO_RETRY, "sensor_timeout")
    return Outcome(Result.FAILED, "trigger_timeout")


def deferral_of(
    sensor: SensorPlan,
    attempt: Attempt,
    *,
    kernel: Kernel,
    begin: Callable[[Attempt, Callable[[Outcome], None]], Running],
    version: Version,
) -> Deferral:
    """A sensor that lets a trigger poke for it, at once and then every poke_interval."""
    polling = _Polling(sensor, attempt, kernel, begin)

    def resume(late: bool, on_end: Callable[[Outcome], None]) -> Running:  # noqa: FBT001 - protocol
        outcome = timed_out(sensor, version) if late else polling.seen
        return _Later(kernel.after(0, on_end, outcome))

    return Deferral(polling.start, resume, sensor.timeout)


@dataclass(slots=True)
class _Polling:
    """The trigger of a deferrable sensor; any other exception than a false poke ends it."""

    sensor: SensorPlan
    attempt: Attempt
    kernel: Kernel
    begin: Callable[[Attempt, Callable[[Outcome], None]], Running]
    seen: Outcome = field(default=SUCCESS)
    """What the poke that ended the watch saw."""

    def start(self, fire: Callable[[], None]) -> _Watch:
        """Poke now."""
        watch = _Watch()
        self._poke(watch, fire)
        return watch

    def _poke(self, watch: _Watch, fire: Callable[[], None]) -> None:
        def poked(outcome: Outcome) -> None:
            if outcome.result is Result.NOT_READY:
                call = self.kernel.after(self.sensor.poke_interval, self._poke, watch, fire)
                watch.current = _Later(call)
                return
            self.seen = outcome
            if outcome.result in {Result.FAILED, Result.FAILED_NO_RETRY}:
                soft = self.sensor.soft_fail or self.sensor.never_fail
                kind = Result.SKIPPED if soft else Result.FAILED
                self.seen = Outcome(kind, outcome.reason, outcome.cause)
            fire()

        watch.current = self.begin(self.attempt, poked)


@dataclass(slots=True)
class _Watch:
    """A trigger on a triggerer: a poke, or the wait for the next one."""

    current: Running | None = None

    def kill(self, reason: str) -> None:
        """Stop watching."""
        if self.current is not None:
            self.current.kill(reason)
            self.current = None


@dataclass(frozen=True, slots=True)
class _Later:
    call: Call

    def kill(self, reason: str) -> None:  # noqa: ARG002 - waiting leaves nothing behind
        """Never mind."""
        self.call.cancel()
