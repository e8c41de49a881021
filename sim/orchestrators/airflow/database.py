"""What the metadata database costs: time for each loop's queries, and a bound on connections.

Latency: a loop that decided something takes as long as its queries do, so the next one comes later;
what it decided counts from its start. Loops that decide nothing are taken to fit between two
others. Connections: a process of 2.x that gets none ends before its task starts, and the executor
reports that as failed [2.11.2 cli/commands/task_command.py; jobs/scheduler_job_runner.py
`process_executor_events`]; workers of 3.x talk to the API server instead [task SDK api/client.py].
How many queries and connections there are is a property of a deployment, hence configurable.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span
from sim.model.facts import Entity, Fact
from sim.orchestrators.airflow.rows import QUEUED, RUNNING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Kernel
    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.config_database import Database
    from sim.orchestrators.airflow.rows import TaskInstance

    Start = Callable[[TaskInstance, int], None]
    Fail = Callable[[TaskInstance, int, str], None]


class QueryTime:
    """What loops spend waiting for the database."""

    def __init__(self, kernel: Kernel, clockwork: Clockwork, database: Database) -> None:
        self._kernel = kernel
        self._clockwork = clockwork
        self._latency = parse_span(database.latency)
        self._per_loop = database.queries_per_loop
        self._per_run = database.queries_per_run

    def after_loop(self, examined: int, written: int) -> None:
        """A loop looked at so many runs and wrote so many rows: it ends when its queries have."""
        queries = self._per_loop + self._per_run * examined + written
        life = self._clockwork.hold()
        self._kernel.after(queries * self._latency, self._clockwork.release, life)


class Connections:
    """The connections that are left for task processes of 2.x."""

    def __init__(self, kernel: Kernel, database: Database) -> None:
        assert database.max_connections is not None
        self._kernel = kernel
        self._per_task = database.connections_per_task
        self._left = database.max_connections - database.connections_of_services
        self._held: list[tuple[TaskInstance, int]] = []
        self._full = False

    def admitting(self, start: Start, fail: Fail) -> Start:
        """`start`, for processes that get a connection; others end at once."""

        def admit(ti: TaskInstance, token: int) -> None:
            self._held = [one for one in self._held if _lives(*one)]
            full = (len(self._held) + 1) * self._per_task > self._left
            if full != self._full:
                self._full = full
                self._fact()
            if full and ti.token == token and ti.state == QUEUED:
                # its process starts and ends after the heartbeat that started it
                self._kernel.after(0, self._refuse, ti, token, start, fail)
                return
            self._held.append((ti, token))
            start(ti, token)

        return admit

    def _refuse(self, ti: TaskInstance, token: int, start: Start, fail: Fail) -> None:
        if ti.token != token or ti.state != QUEUED or ti.job is None:
            start(ti, token)  # which refuses it
            return
        reason, executor = "database_connections", ti.job.executor.of(ti)
        self._kernel.fact(Fact.PROCESS, ti.entity, ti.try_number, ti.row, end="died", reason=reason)
        ti.process = None
        executor.ended(ti, token)
        executor.at_next_sync(partial(fail, ti, token, reason))

    def _fact(self) -> None:
        entity = self._kernel.journal.entity(Entity.DATABASE, "metadata")
        self._kernel.fact(Fact.DATABASE, entity, int(not self._full), reason="connections")


def _lives(ti: TaskInstance, token: int) -> bool:
    return ti.token == token and (ti.state == RUNNING or ti.process is not None)
