"""The door of this orchestrator: from its config section to a running instance and its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.orchestrators.dagster.daemon import Daemon
from sim.orchestrators.dagster.definitions import Definitions
from sim.orchestrators.dagster.instance import Instance
from sim.orchestrators.dagster.operations import Operations
from sim.orchestrators.dagster.outages import Outages
from sim.orchestrators.dagster.run_launcher import RunLauncher
from sim.platform.contract import Capacity

if TYPE_CHECKING:
    from collections.abc import Collection

    from sim.model.interventions import Intervention
    from sim.orchestrators.dagster.config import DagsterConfig, Sensor
    from sim.platform.contract import Platform


class Dagster:
    """A Dagster deployment. Implements `sim.platform.contract.Orchestrator`."""

    def __init__(self, config: DagsterConfig, platform: Platform) -> None:
        self.instance = Instance(config, platform)
        self.launcher = RunLauncher(self.instance)
        self.daemon = Daemon(self.instance, self.launcher)
        self.operations = Operations(
            self.instance, self.launcher, self.daemon.schedules, self.daemon.sensors
        )
        self._outages = Outages(self.instance, self.daemon, self.operations, self.launcher)

    def start(self) -> None:
        """The daemon is up from the start of the clock."""
        self._outages.plan()
        self.daemon.start()

    def intervene(self, action: Intervention) -> None:
        """Carry out what an operator does, now."""
        self.operations.intervene(action)


def build(config: DagsterConfig, platform: Platform, *, tasks: Collection[str]) -> Dagster:  # noqa: ARG001 - the registry's
    """A deployment of this config on the platform."""
    return Dagster(config, platform)


def sensors(config: DagsterConfig) -> dict[tuple[str, str], Sensor]:
    """What polling sensors ask for: each is its own task."""
    return {
        (name, name): sensor for name, sensor in config.sensors.items() if sensor.system is not None
    }


def capacity(config: DagsterConfig) -> Capacity:  # noqa: ARG001 - the registry's
    """The daemon with its webserver; the processes of runs are made when they are needed."""
    return Capacity(schedulers=1)


def title(config: DagsterConfig) -> str:  # noqa: ARG001 - the registry's
    """The version whose rules these are."""
    return "Dagster 1.13.29"


def shape(config: DagsterConfig, *, tasks: Collection[str]) -> dict[str, dict[str, list[Any]]]:  # noqa: ARG001 - the registry's
    """Each job's steps in the order of its plan, with the edges between them."""
    return {
        name: {
            "tasks": [step.key for step in job.plan.steps],
            "edges": [[above, step.key] for step in job.plan.steps for above in step.upstream],
        }
        for name, job in Definitions(config).jobs.items()
    }
