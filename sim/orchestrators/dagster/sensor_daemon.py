"""The sensor daemon: it evaluates sensors on a loop of five seconds, each at its own interval.

Source: Dagster 1.13.29, _daemon/sensor.py. An evaluation that could only find what the one before
found is not stepped; the others fall on the instants of the real loop. Each sensor is evaluated by
itself, as with `use_threads`.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import SECOND, start_of_day, to_civil
from sim.model.work import Attempt, Outcome, Result
from sim.orchestrators.dagster.automation_sensor import AutomationSensor
from sim.orchestrators.dagster.config_automation import DEFAULT_SENSOR, AutomationConditionSensor
from sim.orchestrators.dagster.daemon_loop import DaemonLoop
from sim.orchestrators.dagster.macros import StepTry, attempt_of
from sim.orchestrators.dagster.partitioning import keys_of_date
from sim.orchestrators.dagster.runs import RUN_KEY, SENSOR_NAME, Run
from sim.orchestrators.dagster.stale_assets import requested_plan
from sim.orchestrators.dagster.steps import StepEnd
from sim.orchestrators.dagster.ticks import instigator, tick_fact
from sim.world.templates import render

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.dagster.asset_catalog import Materialization
    from sim.orchestrators.dagster.config import Sensor
    from sim.orchestrators.dagster.instance import Instance

LOOP_US = 5 * SECOND
"""`MIN_INTERVAL_LOOP_TIME`."""
STATUS_EVENTS_PER_TICK = 5
"""`DAGSTER_RUN_STATUS_SENSOR_PROCESS_LIMIT`."""


class SensorDaemon:
    """Every sensor of a code location."""

    def __init__(self, instance: Instance) -> None:
        config = instance.definitions.config
        self.sensors: dict[str, SensorState | AutomationSensor] = {
            name: SensorState(instance, name, one) for name, one in config.sensors.items()
        }
        automated = any(one.automation_condition for one in config.assets.values())
        given = config.automation_condition_sensors or (
            {DEFAULT_SENSOR: AutomationConditionSensor()} if automated else {}
        )
        for rank, (name, sensor) in enumerate(given.items(), start=1):
            self.sensors[name] = AutomationSensor(instance, name, sensor, rank=rank)
        self._up = False
        instance.listeners.append(self._run_changed)
        instance.catalog.listeners.append(self._materialized)

    def start(self) -> None:
        """The daemon is there."""
        self._up = True
        for sensor in self.sensors.values():
            if sensor.running:
                sensor.loop.start()

    def stop(self) -> None:
        """The daemon is gone; cursors are in the storage and stay."""
        self._up = False
        for sensor in self.sensors.values():
            sensor.loop.stop()

    def turn(self, name: str, *, on: bool) -> None:
        """Start or stop a sensor; its cursor stays."""
        sensor = self.sensors[name]
        sensor.running = on
        if not on:
            sensor.loop.stop()
        elif self._up and not sensor.loop.running:
            sensor.loop.start()

    def _run_changed(self, run: Run) -> None:
        for sensor in self.sensors.values():
            sensor.note_run(run)

    def _materialized(self, event: Materialization) -> None:
        for sensor in self.sensors.values():
            sensor.note_event(event)


class SensorState:
    """One sensor: its cursor, its run keys, and what it has not seen yet."""

    def __init__(self, instance: Instance, name: str, config: Sensor) -> None:
        self._instance = instance
        self._kernel = instance.kernel
        self.name = name
        self.config = config
        self.job = config.job
        self.running = config.default_status == "RUNNING"
        interval = max(config.minimum_interval_seconds, 1) * SECOND
        self.loop = DaemonLoop(instance.kernel, -(-interval // LOOP_US) * LOOP_US, self._evaluate)
        self._run_keys: set[str] = set()
        self._cursor: Any = None
        self._event: Materialization | None = None
        self._unread: list[Run] = []
        self._busy = False
        self._last_status = ""

    def note_run(self, run: Run) -> None:
        """A run came into a status."""
        wanted = self.config.run_status
        jobs = self.config.monitored_jobs
        if wanted is not None and run.status == wanted and (not jobs or run.job.name in jobs):
            self._unread.append(run)
            self.loop.wake()

    def note_event(self, event: Materialization) -> None:
        """An asset was materialized."""
        if event.asset == self.config.asset_key and not event.observed:
            self._event = event
            self.loop.wake()

    def _evaluate(self) -> int:
        if self._instance.database_off or self._kernel.now >= self._instance.platform.end:
            self.loop.wake(self._kernel.now + 1)
            return 0
        if self.config.system is not None:
            self._ask()
        elif self.config.asset_key is not None:
            self._pass_on()
        else:
            self._read_on()
        return 0

    # -- a system's readiness ---------------------------------------------------------------

    def _ask(self) -> None:
        """Ask the system about yesterday, unless the cursor says that this was done."""
        if self._busy:
            return
        zone = self._instance.platform.timezone
        today = to_civil(self._kernel.now, zone).date()
        day = (today - timedelta(days=1)).isoformat()
        if self._cursor == day:
            self.loop.wake(start_of_day(today + timedelta(days=1), zone))
            return
        self._busy = True
        names = {"fecha": day, "ds": day, "ts": to_civil(self._kernel.now).isoformat()}
        attempt = Attempt(
            instigator(self._kernel, self.name),
            self.name,
            self.name,
            "",
            1,
            _same,
            {**names, "run_id": "", "try_number": 1},
        )
        self._instance.platform.workshop.begin(attempt, partial(self._answered, day, names))

    def _answered(self, day: str, names: Mapping[str, str], outcome: Outcome) -> None:
        self._busy = False
        if not self.loop.running:
            return  # the daemon is gone, and its question with it
        self.loop.wake(self._kernel.now + 1)
        if outcome.result is Result.NOT_READY:
            self._tick("SKIPPED", outcome.cause, reason="not_ready")
            return
        if outcome.result is not Result.SUCCESS:
            # nothing was decided, and the cursor stays
            self._tick("FAILURE", outcome.cause, reason=outcome.reason)
            return
        self._cursor = day
        run_key = render(self.config.run_key, dict(names))
        if run_key in self._run_keys:
            self._tick("SKIPPED", outcome.cause, reason="run_key", run_key=run_key)
            return
        self._run_keys.add(run_key)
        row = self._tick("SUCCESS", outcome.cause, run_key=run_key)
        self._request(row, day, {RUN_KEY: run_key})

    # -- events -----------------------------------------------------------------------------

    def _pass_on(self) -> None:
        """An asset sensor sees the latest event, and one run follows however many there were."""
        event, self._event = self._event, None
        if event is not None:
            row = self._tick("SUCCESS", event.row, asset=event.asset)
            self._request(row, event.run.data_date, {}, event.partition)

    def _read_on(self) -> None:
        """A sensor of run statuses takes five events a tick, in order."""
        read = self._unread[:STATUS_EVENTS_PER_TICK]
        self._unread = self._unread[STATUS_EVENTS_PER_TICK:]
        for run in read:
            row = self._tick("SUCCESS", run.row, run_id=run.run_id)
            if self.config.alert is not None:
                self._instance.platform.announcer.send(
                    self.config.alert, _about(run), cause=run.row
                )
            if self.config.job is not None:
                self._request(row, run.data_date, {})
        if self._unread:
            self.loop.wake(self._kernel.now + 1)

    def _request(
        self, row: int, day: str, tags: Mapping[str, str], partition: str | None = None
    ) -> None:
        """Runs of the job: of the partition given, else of those that begin on the day."""
        assert self.config.job is not None
        instance = self._instance
        job = instance.definitions.jobs[self.config.job]
        keys: tuple[str | None, ...] = (None,)
        if job.partitions is not None:
            at = instance.partitions_at(self._kernel.now)
            keys = (partition,) if partition else keys_of_date(job.partitions, day, at)
        plan = requested_plan(instance, job, stale_only=self.config.stale_assets_only)
        for key in keys if plan is not None else ():
            instance.create_run(
                job,
                run_type="sensor",
                cause=row,
                plan=None if plan is job.plan else plan,
                data_date=day,
                partition_keys=() if key is None else (key,),
                tags={SENSOR_NAME: self.name, **tags},
            )

    def _tick(self, status: Any, cause: int, **detail: Any) -> int:
        again = status == "SKIPPED" and self._last_status == status
        self._last_status = status
        if again:
            return cause
        return tick_fact(self._kernel, self.name, status, kind="SENSOR", cause=cause, **detail)


def _same(names: Mapping[str, Any]) -> Mapping[str, Any]:
    return names


def _about(run: Run) -> Attempt:
    """The step that a message about a run is about: the first that failed, else the first."""
    ends = {} if run.active is None else run.active.ends
    failed = [key for key, end in ends.items() if end is StepEnd.FAILED]
    step = run.plan.by_key[failed[0]] if failed else run.plan.steps[0]
    tried = StepTry(
        run,
        step,
        run.job.nodes[step.key],
        run.steps.get(step.key, run.entity),
        1,
        run.row,
        run.keys_for(run.job.nodes[step.key]),
    )
    return attempt_of(tried)
