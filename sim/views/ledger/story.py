"""What a journal tells of runs and task instances, sorted for the ledger: one pass.

Spans in which no scheduler was there, in which a DAG was paused or its file broken, are kept as
step functions. Invariant: changes of a task instance are in order of time.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sim.model.facts import Entity, Fact
from sim.model.states import FINISHED, RunState, TaskState
from sim.views.ledger.reasons import GONE
from sim.views.ledger.steps import Steps

if TYPE_CHECKING:
    from sim.kernel.journal import Journal, Row

_FACTS = (
    Fact.RUN_STATE,
    Fact.TASK_STATE,
    Fact.PROCESS,
    Fact.PAUSED,
    Fact.POOL,
    Fact.SCHEDULER,
    Fact.HOST,
    Fact.DATABASE,
    Fact.DAG_FILE,
    Fact.PROBE,
)


@dataclass(slots=True)
class Change:
    """A change of a task instance's state."""

    at: int
    state: TaskState
    try_number: int
    reason: str
    until: int | None
    cause: int


@dataclass(slots=True)
class RunStory:
    """One run."""

    entity: int
    dag_id: str
    run_id: str
    run_type: str
    due: int
    """When its data interval was over; without one when it was to run."""
    logical_date: int | None
    created: int
    cause: int
    states: Steps[RunState | None]
    tasks: dict[str, list[TaskStory]] = field(default_factory=dict)
    """By task_id, by map_index."""


@dataclass(slots=True)
class TaskStory:
    """One task instance."""

    entity: int
    run: RunStory
    task_id: str
    map_index: int
    changes: list[Change] = field(default_factory=list)
    gone: list[tuple[int, str]] = field(default_factory=list)
    """When its process ended without a word, and how."""
    probed: tuple[str, int | None] | None = None
    """DAG and logical date that a sensor of another DAG looked for last."""

    @property
    def state(self) -> TaskState:
        """Its state at the end of the journal."""
        return self.changes[-1].state if self.changes else TaskState.NONE

    @property
    def name(self) -> str:
        """`crunch`, or `crunch[3]`."""
        return self.task_id if self.map_index < 0 else f"{self.task_id}[{self.map_index}]"

    def state_at(self, instant: int) -> TaskState:
        """Its state at an instant."""
        state = TaskState.NONE
        for change in self.changes:
            if change.at > instant:
                break
            state = change.state
        return state

    def finished_by(self, instant: int) -> int | None:
        """When it came to the end that it has at `instant`; None: it has none then."""
        found = None
        for change in self.changes:
            if change.at > instant:
                break
            found = change.at if change.state in FINISHED else None
        return found


class Story:
    """Everything in a journal that a wait could be due to."""

    def __init__(self, journal: Journal, *, schedulers: int = 1) -> None:
        self.journal = journal
        self.start = int(journal.header.get("start", 0))
        self.runs: dict[int, RunStory] = {}
        self.tasks: dict[int, TaskStory] = {}
        self.down: Steps[str] = Steps("")
        """The host or scheduler without which there is none now; empty: there is one."""
        self.living = Steps(schedulers)
        """Schedulers that live."""
        self.database: Steps[bool] = Steps(first=True)
        self.paused: dict[str, Steps[bool]] = {}
        self.broken: dict[str, Steps[bool]] = {}
        self.pools: dict[str, Steps[int]] = {}
        for row in journal.rows(*_FACTS):
            self._read(row)
        self._add_untouched()

    def _add_untouched(self) -> None:
        """Those that nothing has ever happened to.

        But not the one row that a mapped task is until its length is known, once it is.
        """
        for entity in range(self.journal.entity_count):
            who = self.journal.who(entity)
            run = self.runs.get(who.parent)
            if who.type is not Entity.TASK_INSTANCE or run is None or entity in self.tasks:
                continue
            if not run.tasks.get(who.name):
                story = self.tasks[entity] = TaskStory(entity, run, who.name, who.number)
                run.tasks[who.name] = [story]

    def _read(self, row: Row) -> None:
        readers = {
            Fact.TASK_STATE: self._task,
            Fact.RUN_STATE: self._run,
            Fact.PROCESS: self._process,
            Fact.PROBE: self._probe,
            Fact.PAUSED: self._paused,
            Fact.POOL: self._pool,
            Fact.HOST: self._host,
            Fact.SCHEDULER: self._scheduler,
            Fact.DATABASE: self._database,
            Fact.DAG_FILE: self._dag_file,
        }
        readers[row.fact](row)

    def _process(self, row: Row) -> None:
        story = self.tasks.get(row.entity)
        if story is not None and row.detail["end"] in GONE:
            story.gone.append((row.time, row.detail["end"]))

    def _probe(self, row: Row) -> None:
        if "dag" in row.detail and row.entity in self.tasks:
            self.tasks[row.entity].probed = row.detail["dag"], row.detail.get("logical_date")

    def _paused(self, row: Row) -> None:
        dag_id = self.journal.name(row.entity)
        self.paused.setdefault(dag_id, Steps(first=False)).put(row.time, bool(row.value))

    def _pool(self, row: Row) -> None:
        name = self.journal.name(row.entity)
        self.pools.setdefault(name, Steps(row.value)).put(row.time, row.value)

    def _host(self, row: Row) -> None:
        self.down.put(row.time, "" if row.value else self.journal.name(row.entity))

    def _database(self, row: Row) -> None:
        if row.detail.get("reason") == "outage":
            self.database.put(row.time, bool(row.value))

    def _dag_file(self, row: Row) -> None:
        for dag_id in row.detail.get("dags", ()):
            self.broken.setdefault(dag_id, Steps(first=False)).put(row.time, not row.value)

    def _scheduler(self, row: Row) -> None:
        """The last one to die leaves nobody."""
        living = self.living.last + (1 if row.value else -1)
        self.living.put(row.time, living)
        if living > 0:
            self.down.put(row.time, "")
        elif not self.down.last:
            self.down.put(row.time, self.journal.name(row.entity))

    def _run(self, row: Row) -> None:
        run = self.runs.get(row.entity)
        state = RunState(row.value)
        if run is None:
            who, detail = self.journal.who(row.entity), row.detail
            due = detail.get("data_interval_end")
            if due is None or detail.get("run_type") == "manual":
                due = detail.get("run_after")
            run = self.runs[row.entity] = RunStory(
                row.entity,
                self.journal.name(who.parent),
                who.name,
                str(detail.get("run_type", "")),
                row.time if due is None else min(int(due), row.time),
                detail.get("logical_date"),
                row.time,
                row.cause,
                Steps(None),
            )
        run.states.put(row.time, state)

    def _task(self, row: Row) -> None:
        story = self.tasks.get(row.entity)
        if story is None:
            who = self.journal.who(row.entity)
            run = self.runs.get(who.parent)
            if run is None:
                return
            story = self.tasks[row.entity] = TaskStory(row.entity, run, who.name, who.number)
            run.tasks.setdefault(who.name, []).append(story)
        story.changes.append(
            Change(
                row.time,
                TaskState(row.value % 256),
                row.value // 256,
                str(row.detail.get("reason", "")),
                row.detail.get("until"),
                row.cause,
            )
        )
