"""The site: everything that the parts of one simulation share about its world.

It holds the warehouse, the files, the outages and the people, writes down publications, and answers
the questions that people and checks ask ("is the source well?"). It decides nothing by itself.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import date_of, start_of_day
from sim.model.facts import Entity, Fact
from sim.model.work import Result
from sim.platform.connections import Connections
from sim.platform.contract import nobody_listens
from sim.platform.lineage import tasks_behind
from sim.platform.rates import Rates
from sim.world.services import Services
from sim.world.sources import Slice
from sim.world.templates import TemplateProblem, render
from sim.world.warehouse.dataset import Dataset

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sim.kernel.loop import Kernel
    from sim.model.work import Attempt, Outcome
    from sim.platform.config import TaskWiring
    from sim.world.files import Files
    from sim.world.outages import OutageNow, Outages
    from sim.world.people import ResolvedPerson
    from sim.world.resolved import ResolvedWork, ResolvedWorld
    from sim.world.warehouse import Warehouse


class Site:
    """The world as one simulation meets it."""

    def __init__(
        self,
        kernel: Kernel,
        *,
        world: ResolvedWorld,
        outages: Outages,
        warehouse: Warehouse,
        files: Files,
        tasks: Mapping[str, TaskWiring],
        timezone: str,
        restarts: tuple[tuple[int, int], ...] = (),
    ) -> None:
        self._kernel = kernel
        self._restarts = restarts
        self._world = world
        self._outages = outages
        self._tasks = tasks
        self._behind: Mapping[str, frozenset[str]] | None = None
        self.warehouse = warehouse
        self.files = files
        self.timezone = timezone
        self.streams = kernel.streams
        self.people: Mapping[str, ResolvedPerson] = world.people
        self.holidays: Collection[date] = world.holidays
        self.work: Mapping[str, ResolvedWork] = world.work
        self.check_us = world.check_us
        """What evaluating one check inside a task costs, microseconds."""
        self.on_publish: list[Callable[[str, Attempt, frozenset[str]], None]] = []
        """Called for each publication: the table, the try that wrote it, its ISO data dates."""
        self._stale: set[tuple[str, str]] = set()
        self.connections = Connections(kernel, world.systems)
        self.rates = Rates({name: one.rate for name, one in world.systems.items() if one.rate})
        self.services = Services(world.services)
        self.ping: Callable[[str, int], bool] = nobody_listens
        """How a task tells a heartbeat, by its name, that it ended well because of a row."""
        self._bad_reads: set[str] = set()
        self._systems = sorted({world.sources[source].system for source in self._sources_read()})

    def _sources_read(self) -> list[str]:
        wired = [self.work[task.work] for task in self._tasks.values() if task.work in self.work]
        return [work.reads for work in wired if work.reads is not None]

    # -- the sources ------------------------------------------------------------------------

    def system_of(self, source: str) -> str:
        """The system through which a source is read."""
        return self._world.sources[source].system

    def true_rows(self, source: str, day: date) -> int:
        """How many rows the source has for a day when nothing is wrong and the day is over."""
        return self.warehouse.true_rows(source, day)

    def rows_so_far(self, source: str, day: date) -> int | None:
        """How many of a day's rows have come by now; None: all, as when the day is over."""
        now = self._kernel.now
        late = self._outages.late_rows(source, day, now)
        if late is not None:
            return late
        if now >= start_of_day(day + timedelta(days=1), self.timezone):
            return None
        return self.warehouse.arrived(source, day, now - start_of_day(day, self.timezone))

    def rows_between(self, source: str, since: int, until: int) -> tuple[Dataset, int]:
        """What a steady source has now of the rows of [since, until); and how many it should have.

        Both are instants. Of a day whose rows come late only the first are there.
        """
        origin, now = self._world.sources[source], self._kernel.now
        true = origin.slices(self.streams, since, until)
        here = []
        for one in origin.slices(self.streams, since, min(until, now + 1)):
            late = self._outages.late_rows(source, one.day, now)
            end = one.end if late is None else min(one.end, late)
            if one.first < end:
                here.append(Slice(one.day, one.first, end))
        nothing = [Slice(date_of(since, self.timezone), 0, 0)]
        relation = origin.relation_of(self.streams, here or nothing)
        rows = sum(one.end - one.first for one in here)
        return Dataset(relation, rows), sum(one.end - one.first for one in true)

    def outage(self, source: str, instant: int) -> OutageNow:
        """How the system of a source answers at an instant."""
        return self._outages.mode_at(self.system_of(source), instant)

    def sources_well(self, instant: int) -> bool:
        """Whether every system that the configured tasks read answers in full."""
        return all(self._outages.mode_at(system, instant).mode == "ok" for system in self._systems)

    def note_bad_read(self, data_date: str) -> None:
        """Remember that a source gave less than it has for this date."""
        self._bad_reads.add(data_date)

    def in_trouble(self, data_date: str, now: int) -> bool:
        """Whether something really was wrong in the night that processes this date.

        That is a bad read; or, between midnight and now, an outage of a system that the tasks read,
        a host that went off or on, or a fault that hit something.
        """
        if data_date in self._bad_reads:
            return True
        midnight = start_of_day(date.fromisoformat(data_date) + timedelta(days=1), self.timezone)
        if any(self._kernel.journal.rows(Fact.FAULT, Fact.HOST, since=midnight)):
            return True
        return any(self._outages.touched(system, midnight, now) for system in self._systems)

    def session_cut(self, until: int) -> int | None:
        """The first instant from now on at which a session of the warehouse ends by a restart.

        None: it lasts until `until`, that instant included. Now: none can be opened.
        """
        now = self._kernel.now
        for start, end in self._restarts:
            if end > now and start <= until:
                return max(start, now)
        return None

    def ended(self, attempt: Attempt, outcome: Outcome) -> None:
        """Tell the heartbeat of a try's task that it ended well, if it did."""
        name = self._tasks[attempt.task].heartbeat
        if name is not None and outcome.result is Result.SUCCESS:
            self.ping(name, attempt.cause)

    # -- what readers see -------------------------------------------------------------------

    def publish(self, table: str, attempt: Attempt, cause: int) -> None:
        """Write down the new version of a table when its readers see one."""
        change = self.warehouse.publish(table)
        if change is None:
            return
        partitions = {
            day: {
                "rows": facts.rows,
                "sums": dict(facts.sums),
                "digest": facts.digest,
                "content": facts.content,
            }
            for day, facts in change.partitions.items()
        }
        self._kernel.fact(
            Fact.PUBLISHED,
            self._kernel.journal.entity(Entity.TABLE, table),
            change.version,
            cause,
            task_instance=attempt.task_instance,
            partitions=partitions,
            columns=list(change.columns),
            removed=list(change.removed),
        )
        for day in partitions:
            if (table, day) in self._stale:
                self._stale.discard((table, day))
                self._stale_fact(table, day, attempt, cause, marked=False)
        for listener in self.on_publish:
            listener(table, attempt, frozenset(partitions))

    def comes_from(self, table: str) -> frozenset[str]:
        """The tasks whose work can reach a table."""
        if self._behind is None:
            self._behind = tasks_behind(self._tasks)
        return self._behind.get(table, frozenset())

    def leads_somewhere(self, task: str) -> bool:
        """Whether the work of a task can reach any table."""
        tables = {one.table for one in self._tasks.values() if one.table is not None}
        return any(task in self.comes_from(table) for table in tables)

    def mark_stale(self, table: str, day: date, attempt: Attempt, cause: int) -> None:
        """Tell readers of a table that this day is not there yet and an earlier one is shown."""
        if (table, day.isoformat()) not in self._stale:
            self._stale.add((table, day.isoformat()))
            self._stale_fact(table, day.isoformat(), attempt, cause, marked=True)

    def is_stale(self, table: str, day: date) -> bool:
        """Whether readers of a table are told that this day is missing."""
        return (table, day.isoformat()) in self._stale

    def _stale_fact(
        self, table: str, day: str, attempt: Attempt, cause: int, *, marked: bool
    ) -> None:
        self._kernel.fact(
            Fact.STALE_MARKED,
            self._kernel.journal.entity(Entity.TABLE, table),
            int(marked),
            cause,
            partition=day,
            task_instance=attempt.task_instance,
        )

    def data_date(self, attempt: Attempt, macros: Mapping[str, Any]) -> str:
        """The data date of an attempt: its task's own `fecha`, else the orchestrator's."""
        wiring = self._tasks.get(attempt.task)
        if wiring is None or wiring.fecha is None:
            return str(macros["fecha"])
        try:
            return render(wiring.fecha, macros)
        except TemplateProblem:
            return str(macros["fecha"])
