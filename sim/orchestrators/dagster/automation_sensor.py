"""The automation condition sensor: it evaluates the conditions of assets and requests runs.

Source: Dagster 1.13.29, _core/definitions/automation_condition_sensor_definition.py, evaluated by
the sensor daemon's loop. A tick that could only find what the one before found is not stepped: one
comes after each change of an asset, a run or a backfill, after each tick of a cron and at the end
of each window of partitions that a condition asks about, and after each tick that left something
else than it found, since conditions remember what the previous tick has seen. At an instant each
sensor comes after all else that the daemon does then, and sensors in the order of the config.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND, to_micros
from sim.orchestrators.dagster.automation.asked import clocks_of
from sim.orchestrators.dagster.automation.declared import conditions_of
from sim.orchestrators.dagster.automation.evaluator import ConditionEvaluator
from sim.orchestrators.dagster.automation_records import InstanceRecords
from sim.orchestrators.dagster.cron_ticks import cron_ticks
from sim.orchestrators.dagster.daemon_loop import DaemonLoop
from sim.orchestrators.dagster.runs import SENSOR_NAME
from sim.orchestrators.dagster.selection import select
from sim.orchestrators.dagster.ticks import tick_fact

if TYPE_CHECKING:
    from sim.orchestrators.dagster.asset_catalog import Materialization
    from sim.orchestrators.dagster.automation.evaluator import AutomationRun
    from sim.orchestrators.dagster.config_automation import AutomationConditionSensor
    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.runs import Run

LOOP_US = 5 * SECOND
"""`MIN_INTERVAL_LOOP_TIME` of the sensor daemon."""
EVALUATED_AFTER_US = 1
"""From the instant of a tick until it takes the time: a tick of a cron that falls on the very time
of an evaluation counts at the next one, too, which no real daemon comes to see."""
FROM_CONDITION = "dagster/from_automation_condition"
"""The tag of the runs that it requests."""


class AutomationSensor:
    """One automation condition sensor."""

    def __init__(
        self, instance: Instance, name: str, config: AutomationConditionSensor, *, rank: int = 1
    ) -> None:
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
        everyone = conditions_of(assets)
        chosen_conditions = {key: everyone[key] for key in declared}
        graph = instance.definitions.graph
        self._evaluator = ConditionEvaluator(
            graph, chosen_conditions, InstanceRecords(instance), everyone
        )
        self._clocks = dict.fromkeys(clocks_of(graph, chosen_conditions, everyone), 0)
        """By which conditions or windows of partitions change, with the tick that is planned."""
        interval = config.minimum_interval_seconds * SECOND
        self._rank = rank
        self.loop = DaemonLoop(
            instance.kernel, -(-interval // LOOP_US) * LOOP_US, self._evaluate, rank=rank
        )
        self._skipped = False
        instance.news.append(self._note)

    def note_run(self, run: Run) -> None:
        """A run came into a status."""
        del run
        self._note()

    def note_event(self, event: Materialization) -> None:
        """An asset was materialized."""
        del event
        self._note()

    def _note(self) -> None:
        instant, rank = self._instance.automation_turn
        # its turn may be over at this instant, also when it was not taken
        passed = instant == self._kernel.now and rank >= self._rank
        self.loop.wake(self._kernel.now + 1 if passed else None)

    def _evaluate(self) -> int:
        instance, now = self._instance, self._kernel.now
        if now >= instance.platform.end:
            return 0
        if instance.database_off:
            self.loop.wake(now + 1)
            return 0
        instance.automation_turn = (now, self._rank)
        requested = self._evaluator.tick(instance.partitions_at(now + EVALUATED_AFTER_US))
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
        if not self._evaluator.settled:
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
