"""The automation condition sensor: it evaluates the conditions of assets and requests runs.

Source: Dagster 1.13.29, _core/definitions/automation_condition_sensor_definition.py, evaluated by
the sensor daemon's loop. A tick that could only find what the one before found is not stepped: one
comes after each change of an asset or a run, after each tick of a cron condition, at the end of
each partition's window, and after each tick that found something new, since conditions remember
what the previous tick has seen.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import SECOND, to_micros
from sim.orchestrators.dagster.automation.conditions import eager, on_cron, on_missing
from sim.orchestrators.dagster.automation.evaluator import ConditionEvaluator
from sim.orchestrators.dagster.automation_records import InstanceRecords
from sim.orchestrators.dagster.cron_ticks import cron_ticks
from sim.orchestrators.dagster.daemon_loop import DaemonLoop
from sim.orchestrators.dagster.partitions.time_window import TimeWindowPartitionsDefinition
from sim.orchestrators.dagster.runs import SENSOR_NAME
from sim.orchestrators.dagster.selection import select
from sim.orchestrators.dagster.ticks import tick_fact

if TYPE_CHECKING:
    from sim.orchestrators.dagster.asset_catalog import Materialization
    from sim.orchestrators.dagster.automation.conditions import Condition
    from sim.orchestrators.dagster.automation.evaluator import AutomationRun
    from sim.orchestrators.dagster.config_automation import (
        AutomationConditionConfig,
        AutomationConditionSensor,
    )
    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.runs import Run

LOOP_US = 5 * SECOND
"""`MIN_INTERVAL_LOOP_TIME` of the sensor daemon."""
FROM_CONDITION = "dagster/from_automation_condition"
"""The tag of the runs that it requests."""


class AutomationSensor:
    """One automation condition sensor."""

    def __init__(self, instance: Instance, name: str, config: AutomationConditionSensor) -> None:
        self._instance = instance
        self._kernel = instance.kernel
        self.name = name
        self.running = config.default_status == "RUNNING"
        self.job: str | None = None
        assets = instance.definitions.assets
        # the default target is all assets, those that are only observed too
        chosen = tuple(assets) if config.target == "*" else select(config.target, assets)
        declared = {
            key: condition
            for key in chosen
            if (condition := assets[key].automation_condition) is not None
        }
        self._evaluator = ConditionEvaluator(
            instance.definitions.graph,
            {key: condition_of(one) for key, one in declared.items()},
            InstanceRecords(instance),
        )
        self._clocks = clocks(instance, declared)
        """(cron, zone) and the tick of it that is planned."""
        interval = config.minimum_interval_seconds * SECOND
        self.loop = DaemonLoop(instance.kernel, -(-interval // LOOP_US) * LOOP_US, self._evaluate)
        self._changed = True
        self._skipped = False

    def note_run(self, run: Run) -> None:
        """A run came into a status."""
        del run
        self._note()

    def note_event(self, event: Materialization) -> None:
        """An asset was materialized."""
        del event
        self._note()

    def _note(self) -> None:
        self._changed = True
        self.loop.wake()

    def _evaluate(self) -> int:
        instance, now = self._instance, self._kernel.now
        if now >= instance.platform.end:
            return 0
        if instance.database_off:
            self.loop.wake(now + 1)
            return 0
        requested = self._evaluator.tick(instance.partitions_at(now))
        again, self._changed = self._changed or bool(requested), False
        runs = self._evaluator.runs(requested)
        if runs:
            self._skipped = False
            row = tick_fact(
                self._kernel, self.name, "SUCCESS", kind="SENSOR", cause=-1, requested=len(runs)
            )
            for one in runs:
                self._request(one, row)
        elif not self._skipped:
            self._skipped = True
            tick_fact(
                self._kernel, self.name, "SKIPPED", kind="SENSOR", cause=-1, reason="no_condition"
            )
        self._plan(now)
        if again:
            self.loop.wake(now + 1)
        return 0

    def _request(self, one: AutomationRun, row: int) -> None:
        job = self._instance.definitions.asset_job
        keys = job.plan.steps_of(one.assets)
        self._instance.create_run(
            job,
            run_type="automation",
            cause=row,
            plan=None if len(keys) == len(job.plan.steps) else job.plan.only(keys),
            partition_keys=() if one.partition_key is None else (one.partition_key,),
            tags={SENSOR_NAME: self.name, FROM_CONDITION: "true"},
        )

    def _plan(self, now: int) -> None:
        """Look again at the next instants at which time alone may change a condition."""
        for clock in [clock for clock, planned in self._clocks.items() if planned <= now]:
            ticks = (to_micros(one) for one in cron_ticks(now + 1, *clock))
            tick = next((at for at in ticks if at > now), None)
            if tick is not None and tick < self._instance.platform.end:
                self._clocks[clock] = tick
                self._kernel.at(tick, self._note)


def condition_of(declared: AutomationConditionConfig) -> Condition:
    """A condition as it is declared."""
    if declared.type == "on_cron":
        return on_cron(declared.cron_schedule or "", declared.cron_timezone)
    return on_missing() if declared.type == "on_missing" else eager()


def clocks(instance: Instance, declared: dict[str, Any]) -> dict[tuple[str, str], int]:
    """(cron, zone) by which conditions or windows of partitions change, each with no tick yet."""
    found: dict[tuple[str, str], int] = {}
    for key, one in declared.items():
        if one.cron_schedule is not None:
            found[one.cron_schedule, one.cron_timezone] = 0
        definition = instance.definitions.graph[key].partitions_def
        if isinstance(definition, TimeWindowPartitionsDefinition):
            found[definition.cron_schedule, definition.timezone] = 0
    return found
