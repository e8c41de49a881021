"""The metadata database is away for a while: schedulers are gone, workers can write no state.

Work that is under way goes on. What ends meanwhile cannot say so, and its task instance stays
running until somebody finds it; what would start meanwhile ends before its task does. Workers give
up after heartbeats that fail: in 3.x after `[workers] max_failed_heartbeats` of them, in 2.x once
they failed for longer than the zombie threshold [3.3.2 task SDK execution_time/supervisor.py;
2.11.2 jobs/local_task_job_runner.py]. Schedulers and triggerers end on the first query that fails
and something starts them again, which succeeds as soon as the database is back: what does that, a
service manager or an orchestrator of containers, is no part of Airflow and taken to be there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.facts import Entity, Fact

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.processes import Processes
    from sim.orchestrators.airflow.rows import TaskInstance

    Start = Callable[[TaskInstance, int], None]

REASON = "database_off"


class DatabaseOutage:
    """What an outage of the metadata database does to workers."""

    def __init__(self, metadata: Metadata, processes: Processes) -> None:
        self._kernel = metadata.kernel
        self._processes = processes
        self._until: int | None = None
        """When the database is back; None: it is there."""

    def begin(self, running: Iterable[TaskInstance], until: int) -> int:
        """It is gone now; returns the journal row that says so."""
        row = self._fact(on=False)
        self._until = until
        for ti in running:
            if ti.process is not None:
                self._processes.cut_off(ti, until)
        return row

    def end(self) -> None:
        """It is back."""
        self._until = None
        self._fact(on=True)

    def admitting(self, start: Start) -> Start:
        """`start`, while there is a database to ask."""

        def admit(ti: TaskInstance, token: int) -> None:
            if self._until is None:
                start(ti, token)
            else:
                # after the heartbeat that started it
                self._kernel.after(0, self._die_unstarted, ti, token)

        return admit

    def _die_unstarted(self, ti: TaskInstance, token: int) -> None:
        process = self._processes.known.get((ti.entity, token))
        if process is not None:
            self._processes.drop(process)
            return
        self._kernel.fact(Fact.PROCESS, ti.entity, ti.try_number, ti.row, end="died", reason=REASON)
        if ti.token == token:
            ti.process = None
        if ti.job is not None:
            ti.job.executor.ended(ti, token)

    def mutes(self, ti: TaskInstance, token: int) -> bool:
        """Whether a process that ends now can tell nobody; it has died then."""
        if self._until is None:
            return False
        self._processes.end_unheard(ti, token, REASON)
        return True

    def _fact(self, *, on: bool) -> int:
        entity = self._kernel.journal.entity(Entity.DATABASE, "metadata")
        return self._kernel.fact(Fact.DATABASE, entity, int(on), reason="outage")
