"""The door of this orchestrator: from its config section to a running server and its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.orchestrators.prefect.automation_actions import AutomationActions
from sim.orchestrators.prefect.catalog import flows_of
from sim.orchestrators.prefect.delivery import Delivery
from sim.orchestrators.prefect.engine_client import EngineClient
from sim.orchestrators.prefect.infrastructure import Infrastructure
from sim.orchestrators.prefect.operations import Operations
from sim.orchestrators.prefect.outages import Outages
from sim.orchestrators.prefect.pauses import Pauses
from sim.orchestrators.prefect.server import Server
from sim.platform.contract import Capacity

if TYPE_CHECKING:
    from collections.abc import Collection

    from sim.model.interventions import Intervention
    from sim.orchestrators.prefect.config import PrefectConfig
    from sim.orchestrators.prefect.flows import Call
    from sim.platform.contract import Platform


class Prefect:
    """A Prefect server with its workers. Implements `sim.platform.contract.Orchestrator`."""

    def __init__(self, config: PrefectConfig, platform: Platform) -> None:
        self.server = Server(config, platform)
        self.pauses = Pauses(self.server)
        self.client = EngineClient(self.server, self.pauses)
        self.infrastructure = Infrastructure(self.server, self.client)
        self.delivery = Delivery(self.server, self.infrastructure)
        self.pauses.expires = self.delivery.services.pauses.paused
        self.pauses.left = self.delivery.services.pauses.left
        self.operations = Operations(self.server, self.delivery, self.infrastructure, self.pauses)
        actions = AutomationActions(
            self.server, self.delivery, self.operations, self.client, self.pauses
        )
        self.delivery.on_action = actions.act
        self._outages = Outages(self.server, self.delivery, self.infrastructure, self.operations)

    def start(self) -> None:
        """The server and its workers are up from the start of the clock."""
        self._outages.plan()
        self.delivery.start()

    def intervene(self, action: Intervention) -> None:
        """Carry out what an operator does, now."""
        self.operations.intervene(action)


def build(config: PrefectConfig, platform: Platform, *, tasks: Collection[str]) -> Prefect:  # noqa: ARG001 - the registry's
    """A server with this config on the platform."""
    return Prefect(config, platform)


def sensors(config: PrefectConfig) -> dict[tuple[str, str], Any]:  # noqa: ARG001 - the registry's
    """None: Prefect waits for nothing outside."""
    return {}


def capacity(config: PrefectConfig) -> Capacity:
    """The server, and its workers with machines of their own."""
    slots = sum(worker.limit or 1 for worker in config.workers.values())
    pools = {one.work_pool for one in config.deployments.values() if one.work_pool is not None}
    types = tuple(sorted({config.work_pools[name].type for name in pools}))
    return Capacity(
        schedulers=1, worker_slots=slots, executors=types, workers=tuple(config.workers)
    )


def title(config: PrefectConfig) -> str:  # noqa: ARG001 - the registry's
    """The version whose rules these are."""
    return "Prefect 3.8.8"


def shape(config: PrefectConfig, *, tasks: Collection[str]) -> dict[str, dict[str, list[Any]]]:  # noqa: ARG001 - the registry's
    """Each flow's calls in their order, with an edge from each upstream; pauses are no tasks."""
    found: dict[str, dict[str, list[Any]]] = {}
    for name, flow in flows_of(config).items():
        calls = [call for call in flow.calls if call.pause is None]
        found[name] = {
            "tasks": [call.name for call in calls],
            "edges": [[above, call.name] for call in calls for above in upstream(call)],
        }
    return found


def upstream(call: Call) -> tuple[str, ...]:
    """The calls that a call takes something from or waits for, each once."""
    return tuple(dict.fromkeys(ref.call for ref in call.refs))
