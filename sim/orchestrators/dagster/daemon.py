"""The daemon: every loop of it, which start and stop together.

Source: Dagster 1.13.29, _daemon/controller.py: which daemons there are, by the instance's config.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.dagster.backfill_daemon import BackfillDaemon
from sim.orchestrators.dagster.freshness_daemon import FreshnessDaemon
from sim.orchestrators.dagster.reexecution import RunRetries
from sim.orchestrators.dagster.run_monitoring import RunMonitoring
from sim.orchestrators.dagster.run_queue_daemon import RunQueueDaemon
from sim.orchestrators.dagster.runs import RunStatus
from sim.orchestrators.dagster.schedule_daemon import ScheduleDaemon
from sim.orchestrators.dagster.sensor_daemon import SensorDaemon

if TYPE_CHECKING:
    from sim.orchestrators.dagster.daemon_loop import DaemonLoop
    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.run_launcher import RunLauncher


class Daemon:
    """`dagster-daemon run`."""

    def __init__(self, instance: Instance, launcher: RunLauncher) -> None:
        config = instance.config
        self.schedules = ScheduleDaemon(instance)
        self.sensors = SensorDaemon(instance)
        self.loops: list[DaemonLoop] = []
        self.up = False
        if config.run_coordinator.kind == "QueuedRunCoordinator":
            self.loops.append(RunQueueDaemon(instance, launcher).loop)
        else:
            instance.first_status = RunStatus.NOT_STARTED
            instance.submit = launcher.launch
        retries = RunRetries(instance)
        if config.run_retries.enabled:
            self.loops.append(retries.loop)
        backfills = BackfillDaemon(instance, launcher, waits_for_retry=retries.waits)
        self.loops.append(backfills.loop)
        freshness = FreshnessDaemon(instance)
        if freshness.needed:
            self.loops.append(freshness.loop)
        if config.run_monitoring.enabled:
            monitoring = RunMonitoring(instance, launcher)
            instance.worker_lost = monitoring.worker_lost
            self.loops.append(monitoring.loop)

    def start(self) -> None:
        """It is there."""
        self.up = True
        self.schedules.start()
        self.sensors.start()
        for loop in self.loops:
            loop.start()

    def stop(self) -> None:
        """It is gone."""
        self.up = False
        self.schedules.stop()
        self.sensors.stop()
        for loop in self.loops:
            loop.stop()

    def wake(self) -> None:
        """Everything may have something to see again."""
        for loop in self.loops:
            loop.wake()
