"""What an operator does to an instance: materialize, re-execute, terminate, start and stop.

Source: Dagster 1.13.29's pages and GraphQL mutations (launchRun, launchRunReexecution,
terminateRun, startSchedule, stopSensor, setConcurrencyLimit). What the tool does not have is
refused, with a fact that says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.model.facts import Entity, Fact
from sim.model.interventions import Backfill, Clear, Mark, Pause, Rerun, SetPool, Trigger
from sim.orchestrators.dagster.backfill_target import sources
from sim.orchestrators.dagster.partitioning import keys_of_date, keys_of_dates
from sim.orchestrators.dagster.reexecution import reexecute, steps_from_failure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.model.interventions import Intervention
    from sim.orchestrators.dagster.definitions import JobPlan
    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.run_launcher import RunLauncher
    from sim.orchestrators.dagster.runs import Run
    from sim.orchestrators.dagster.schedule_daemon import ScheduleDaemon
    from sim.orchestrators.dagster.sensor_daemon import SensorDaemon


class Operations:
    """Carries out interventions."""

    def __init__(
        self,
        instance: Instance,
        launcher: RunLauncher,
        schedules: ScheduleDaemon,
        sensors: SensorDaemon,
    ) -> None:
        self._instance = instance
        self._launcher = launcher
        self._schedules = schedules
        self._sensors = sensors
        self.off = False
        """Whether the webserver is gone."""

    def intervene(self, action: Intervention) -> None:
        """Carry one out, now."""
        if self.off or self._instance.database_off:
            name = type(action).__name__.lower()
            self._note(action, name, refused="the webserver does not answer")
            return
        match action:
            case Rerun():
                self._rerun(action)
            case Clear():
                self._clear(action)
            case Trigger():
                self._trigger(action)
            case SetPool():
                entity = self._instance.kernel.journal.entity(Entity.POOL, action.pool)
                row = self._note(action, "set_pool", entity, slots=action.slots)
                self._instance.kernel.fact(Fact.POOL, entity, action.slots, row)
                self._instance.pools.set_limit(action.pool, action.slots)
            case Pause():
                self._pause(action)
            case Mark():
                self._mark(action)
            case Backfill():
                self._backfill(action)

    # -- runs -------------------------------------------------------------------------------

    def _rerun(self, action: Rerun) -> None:
        """Every job that something starts by itself: its latest run of that date, all steps."""
        row = self._note(action, "rerun", data_date=action.data_date)
        for name, job in self._instance.definitions.jobs.items():
            if not self._started_by_itself(name):
                continue
            latest = self._latest(name, action.data_date)
            if latest is not None:
                reexecute(self._instance, latest, cause=row)
            else:
                for keys in self._keys(job, action.data_date):
                    self._instance.create_run(
                        job,
                        run_type="manual",
                        cause=row,
                        data_date=action.data_date,
                        partition_keys=keys,
                    )

    def _keys(self, job: JobPlan, date: str) -> list[tuple[str, ...]]:
        """What a run of a date materializes: a run for each partition, or one without any."""
        if job.partitions is None:
            return [()]
        at = self._instance.partitions_at(self._instance.kernel.now)
        return [(key,) for key in keys_of_date(job.partitions, date, at)]

    def _started_by_itself(self, name: str) -> bool:
        """By a schedule or a system that is ready; not by what other jobs have done."""
        config = self._instance.definitions.config
        if any(schedule.job == name for schedule in config.schedules.values()):
            return True
        sensors = [sensor for sensor in config.sensors.values() if sensor.job == name]
        return not sensors or any(sensor.system is not None for sensor in sensors)

    def _clear(self, action: Clear) -> None:
        """Re-execute steps of the latest run of a date: chosen ones, or from failure."""
        pipeline = self._pipeline(action.pipeline)
        detail: dict[str, Any] = {"data_date": action.data_date, "tasks": list(action.tasks)}
        latest = self._latest(action.pipeline, action.data_date)
        if latest is None or not latest.finished:
            what = "no run of that date" if latest is None else "its run is not over"
            self._note(action, "clear", pipeline, **detail, refused=what)
            return
        keys: set[str] = set(action.tasks) & set(latest.job.plan.by_key)
        if action.tasks and action.downstream:
            keys |= set(_below(latest, keys))
        if action.only_failed or not action.tasks:
            failed = set(steps_from_failure(latest))
            keys = keys & failed if action.tasks else failed
            if not action.tasks and not action.only_failed:
                keys = set(latest.plan.by_key)
        if not keys:
            self._note(action, "clear", pipeline, **detail, refused="there is nothing to execute")
            return
        row = self._note(action, "clear", pipeline, **detail)
        reexecute(self._instance, latest, cause=row, keys=keys)

    def _trigger(self, action: Trigger) -> None:
        pipeline = self._pipeline(action.pipeline)
        job = self._instance.definitions.jobs.get(action.pipeline)
        if job is None:
            self._note(action, "trigger", pipeline, refused="there is no such job")
            return
        keys: tuple[str, ...] = ()
        if job.partitions is not None:
            at = self._instance.partitions_at(self._instance.kernel.now)
            wanted = action.conf.get("partition") or job.partitions.last_key(at)
            if wanted is None or not job.partitions.has_key(wanted, at):
                self._note(action, "trigger", pipeline, refused=f"there is no partition {wanted}")
                return
            keys = (wanted,)
        row = self._note(action, "trigger", pipeline, conf=dict(action.conf))
        self._instance.create_run(
            job,
            run_type="manual",
            cause=row,
            scheduled=action.logical_date,
            data_date=action.conf.get("data_date"),
            partition_keys=keys,
        )

    def _backfill(self, action: Backfill) -> None:
        """Every partition whose window begins on a date of the range, in the order asked for."""
        pipeline = self._pipeline(action.pipeline)
        detail = {"first": action.first, "last": action.last, "reverse": action.reverse}
        job = self._instance.definitions.jobs.get(action.pipeline)
        keys = () if job is None else self._keys_between(job, action.first, action.last)
        if job is None or not keys:
            refused = "the job has no partitions to backfill"
            self._note(action, "backfill", pipeline, **detail, refused=refused)
            return
        row = self._note(action, "backfill", pipeline, **detail)
        self._instance.backfills.request(
            job, tuple(reversed(keys)) if action.reverse else keys, cause=row
        )

    def _keys_between(self, job: JobPlan, first: str, last: str) -> tuple[str, ...]:
        """The keys of those dates; of assets with several definitions those of their roots."""
        definitions = self._instance.definitions
        at = self._instance.partitions_at(self._instance.kernel.now)
        definition = job.partitions
        if definition is None:
            partitioned = [key for key in job.assets if definitions.graph[key].is_partitioned]
            roots = sources(definitions.graph, partitioned)
            found = {definitions.graph[key].partitions_def for key in roots}
            if len(found) != 1:
                return ()
            (definition,) = found
        assert definition is not None
        return keys_of_dates(definition, first, last, at)

    def _mark(self, action: Mark) -> None:
        """Terminate the runs of a date; nothing can be marked as a success."""
        pipeline = self._pipeline(action.pipeline)
        detail = {"data_date": action.data_date, "state": action.state}
        if action.state != "failed" or action.tasks:
            refused = "a run can be terminated, and no step can be marked"
            self._note(action, "mark", pipeline, **detail, refused=refused)
            return
        self._note(action, "mark", pipeline, **detail)
        for run in self._of_date(action.pipeline, action.data_date):
            self._launcher.terminate(run)

    # -- instigators ------------------------------------------------------------------------

    def _pause(self, action: Pause) -> None:
        """Stop or start a schedule or sensor by its name, or all that start a job.

        A backfill is stopped by its id, for good: it is canceled.
        """
        pipeline, name = self._pipeline(action.pipeline), action.pipeline
        if action.data_date is not None:
            refused = "one run cannot be paused"
            self._note(action, "pause", pipeline, paused=action.paused, refused=refused)
            return
        backfill = self._instance.backfills.rows.get(name)
        if backfill is not None:
            row = self._note(action, "pause", pipeline, paused=action.paused)
            if action.paused:
                self._instance.backfills.cancel(backfill, cause=row)
            return
        schedules = [
            key
            for key, state in self._schedules.schedules.items()
            if name in {key, state.config.job}
        ]
        sensors = [key for key, state in self._sensors.sensors.items() if name in {key, state.job}]
        if not schedules and not sensors:
            refused = "no schedule and no sensor starts it"
            self._note(action, "pause", pipeline, paused=action.paused, refused=refused)
            return
        row = self._note(action, "pause", pipeline, paused=action.paused)
        self._instance.kernel.fact(Fact.PAUSED, pipeline, int(action.paused), row)
        for key in schedules:
            self._schedules.turn(key, on=not action.paused)
        for key in sensors:
            self._sensors.turn(key, on=not action.paused)

    # -- looking up -------------------------------------------------------------------------

    def _of_date(self, job: str, data_date: str) -> Iterator[Run]:
        for run in self._instance.runs:
            if run.job.name == job and data_date in (run.dates or (run.data_date,)):
                yield run

    def _latest(self, job: str, data_date: str) -> Run | None:
        found = list(self._of_date(job, data_date))
        return found[-1] if found else None

    def _pipeline(self, name: str) -> int:
        return self._instance.kernel.journal.entity(Entity.PIPELINE, name)

    def _note(
        self, action: Intervention, name: str, entity: int | None = None, **detail: Any
    ) -> int:
        kernel = self._instance.kernel
        world = kernel.journal.entity(Entity.WORLD, "world") if entity is None else entity
        return kernel.fact(Fact.INTERVENTION, world, action=name, by=action.by, **detail)


def _below(run: Run, keys: set[str]) -> Iterator[str]:
    """The steps that wait for some steps, however many others lie between."""
    edge = sorted(keys)
    seen = set(keys)
    while edge:
        for key in run.job.plan.downstream[edge.pop()]:
            if key not in seen:
                seen.add(key)
                edge.append(key)
                yield key
