"""What goes down with a machine, a daemon or a database, and comes back with it.

The daemon and the webserver stand on the instance's host; so do run workers of the default
launcher. Nothing that the storage holds is lost.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.loop import WORLD_FIRST
from sim.model.facts import Entity, Fact

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.dagster.daemon import Daemon
    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.operations import Operations
    from sim.orchestrators.dagster.run_launcher import RunLauncher
    from sim.platform.contract import SchedulerOutage

DAEMON = "dagster-daemon"


class Outages:
    """The faults of a simulation, as far as they are the instance's."""

    def __init__(
        self,
        instance: Instance,
        daemon: Daemon,
        operations: Operations,
        launcher: RunLauncher,
    ) -> None:
        self._instance = instance
        self._kernel = instance.kernel
        self._daemon = daemon
        self._operations = operations
        self._launcher = launcher
        self._host_off = False
        self._daemon_gone = False

    def plan(self) -> None:
        """Schedule what will go down."""
        platform, now = self._instance.platform, self._kernel.now
        pairs: tuple[
            tuple[tuple[tuple[int, int], ...], Callable[[], None], Callable[[], None]], ...
        ]
        pairs = (
            (platform.host_outages, self._switch_off, self._switch_on),
            (platform.database_outages, self._database_goes, self._database_comes),
        )
        for spans, off, on in pairs:
            for start, end in spans:
                if end > now:
                    self._kernel.at(max(start, now), off, priority=WORLD_FIRST)
                    self._kernel.at(end, on, priority=WORLD_FIRST)
        for outage in platform.scheduler_outages:
            if outage.at >= now and outage.number == 0:
                self._kernel.at(outage.at, self._daemon_dies, outage, priority=WORLD_FIRST)

    # -- the host ---------------------------------------------------------------------------

    def _switch_off(self) -> None:
        self._host_off = True
        self._host_fact(0)
        self._operations.off = True
        if self._daemon.up:
            self._note(0, "host_off")
            self._daemon.stop()
        if self._launcher.on_host:
            self._kill_workers("host_off")

    def _switch_on(self) -> None:
        self._host_off = False
        self._host_fact(1)
        self._operations.off = False
        if not self._daemon_gone:
            self._note(1, "host_on")
            self._daemon.start()

    def _host_fact(self, value: int) -> None:
        host = self._kernel.journal.entity(Entity.HOST, self._instance.config.host)
        self._kernel.fact(Fact.HOST, host, value)

    # -- the daemon -------------------------------------------------------------------------

    def _daemon_dies(self, outage: SchedulerOutage) -> None:
        self._daemon_gone = True
        if self._daemon.up:
            self._note(0, "scheduler_crash")
            self._daemon.stop()
        if not outage.workers_survive:
            self._kill_workers("scheduler_crash")
        if outage.restart is not None:
            self._kernel.at(outage.restart, self._daemon_restarts, priority=WORLD_FIRST)

    def _daemon_restarts(self) -> None:
        self._daemon_gone = False
        if not self._host_off and not self._daemon.up:
            self._note(1, "restarted")
            self._daemon.start()

    def _note(self, value: int, reason: str) -> None:
        entity = self._kernel.journal.entity(Entity.SCHEDULER, DAEMON)
        self._kernel.fact(Fact.SCHEDULER, entity, value, reason=reason)

    # -- the storage ------------------------------------------------------------------------

    def _database_goes(self) -> None:
        self._instance.database_off = True
        self._database_fact(0)

    def _database_comes(self) -> None:
        self._instance.database_off = False
        self._database_fact(1)
        self._daemon.wake()

    def _database_fact(self, value: int) -> None:
        entity = self._kernel.journal.entity(Entity.DATABASE, "dagster")
        self._kernel.fact(Fact.DATABASE, entity, value, reason="outage")

    def _kill_workers(self, reason: str) -> None:
        for run in list(self._instance.active.values()):
            if run.worker is not None:
                run.worker.die(reason)
