"""What goes down with a machine, the server or its database, and comes back with it.

The server and the runner of `serve` stand on one host, each worker on its own. Flow runs go on
while the API does not answer; only nothing new is planned or picked up. Nothing that the database
holds is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.loop import WORLD_FIRST
from sim.model.facts import Entity, Fact
from sim.orchestrators.prefect.delivery import RUNNER

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.prefect.delivery import Delivery
    from sim.orchestrators.prefect.infrastructure import Infrastructure
    from sim.orchestrators.prefect.operations import Operations
    from sim.orchestrators.prefect.server import Server
    from sim.platform.contract import SchedulerOutage

SERVER = "prefect-server"


class Outages:
    """The faults of a simulation, as far as they are the server's or its workers'."""

    def __init__(
        self,
        server: Server,
        delivery: Delivery,
        infrastructure: Infrastructure,
        operations: Operations,
    ) -> None:
        self._server = server
        self._kernel = server.kernel
        self._delivery = delivery
        self._infrastructure = infrastructure
        self._operations = operations
        self._down: set[str] = set()
        """Why the API does not answer."""
        self._off: set[str] = set()
        """Workers whose machine is off."""

    def plan(self) -> None:
        """Schedule what will go down."""
        platform = self._server.platform
        for start, end in platform.host_outages:
            self._span(start, end, self._switch_off, self._switch_on)
        for start, end in platform.database_outages:
            self._span(start, end, self._database_goes, self._database_comes)
        for name, start, end in platform.worker_outages:
            if name in self._server.config.workers:
                self._span(
                    start,
                    end,
                    lambda name=name: self._worker_goes(name),  # type: ignore[misc]
                    lambda name=name: self._worker_comes(name),  # type: ignore[misc]
                )
        for outage in platform.scheduler_outages:
            if outage.at >= self._kernel.now and outage.number == 0:
                self._kernel.at(outage.at, self._server_dies, outage, priority=WORLD_FIRST)

    def _span(self, start: int, end: int, off: Callable[[], None], on: Callable[[], None]) -> None:
        now = self._kernel.now
        if end > now:
            self._kernel.at(max(start, now), off, priority=WORLD_FIRST)
            self._kernel.at(end, on, priority=WORLD_FIRST)

    # -- the API ----------------------------------------------------------------------------

    def _api_goes(self, why: str) -> None:
        first = not self._down
        self._down.add(why)
        if not first:
            return
        self._operations.off = True
        self._delivery.services.stop()

    def _api_comes(self, why: str) -> None:
        self._down.discard(why)
        if self._down:
            return
        self._operations.off = False
        services = self._delivery.services
        services.start()
        for name, poller in services.pollers.items():
            if not poller.running and name not in self._off:
                services.start_poller(name)  # a supervisor starts again what gave up

    # -- machines ---------------------------------------------------------------------------

    def _switch_off(self) -> None:
        self._host_fact(0)
        self._note(0, "host_off")
        self._api_goes("host")
        self._machine_goes(RUNNER)

    def _switch_on(self) -> None:
        self._host_fact(1)
        self._note(1, "host_on")
        self._off.discard(RUNNER)
        self._api_comes("host")

    def _host_fact(self, value: int) -> None:
        host = self._kernel.journal.entity(Entity.HOST, self._server.config.host)
        self._kernel.fact(Fact.HOST, host, value)

    def _worker_goes(self, name: str) -> None:
        self._worker_fact(name, 0, "died")
        self._machine_goes(name)

    def _worker_comes(self, name: str) -> None:
        self._off.discard(name)
        self._worker_fact(name, 1, "started")
        self._delivery.services.start_poller(name)

    def _machine_goes(self, name: str) -> None:
        self._off.add(name)
        if name in self._delivery.services.pollers:
            self._delivery.services.stop_poller(name)
        for run in self._infrastructure.running(name):
            self._infrastructure.lose(run)

    def _worker_fact(self, name: str, value: int, reason: str) -> None:
        entity = self._kernel.journal.entity(Entity.WORKER, name)
        self._kernel.fact(Fact.WORKER, entity, value, kind="prefect", reason=reason)

    # -- the server and its database --------------------------------------------------------

    def _server_dies(self, outage: SchedulerOutage) -> None:
        self._note(0, "scheduler_crash")
        self._api_goes("server")
        if not outage.workers_survive:
            self._machine_goes(RUNNER)
        if outage.restart is not None:
            self._kernel.at(outage.restart, self._server_restarts, priority=WORLD_FIRST)

    def _server_restarts(self) -> None:
        self._note(1, "restarted")
        self._off.discard(RUNNER)
        self._api_comes("server")

    def _note(self, value: int, reason: str) -> None:
        entity = self._kernel.journal.entity(Entity.SCHEDULER, SERVER)
        self._kernel.fact(Fact.SCHEDULER, entity, value, reason=reason)

    def _database_goes(self) -> None:
        self._database_fact(0)
        self._api_goes("database")

    def _database_comes(self) -> None:
        self._database_fact(1)
        self._api_comes("database")

    def _database_fact(self, value: int) -> None:
        entity = self._kernel.journal.entity(Entity.DATABASE, "prefect")
        self._kernel.fact(Fact.DATABASE, entity, value, reason="outage")
