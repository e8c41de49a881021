"""Task instances folded from their facts: the row as it stands, and what became of earlier tries.

Dates are kept as Airflow's own code keeps them: a row holds the start and end of its latest try
until the next one overwrites them. The recordings of real schedulers hold the same rules
(`sim.conform.trace`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.model.facts import Fact
from sim.model.states import FINISHED, TaskState

if TYPE_CHECKING:
    from sim.kernel.journal import Row
    from sim.orchestrators.airflow.task_plan import TaskPlan
    from sim.views.metadata.runs import Run
    from sim.views.metadata.sight import Sight

_S = TaskState
_UNDATED = frozenset({"dagrun_timeout", "empty_list", "not_mapped", "fail_fast"})
"""Reasons of changes that leave start_date and end_date as they are."""
_NOT_A_TRY = frozenset({"dagrun_timeout", "fail_fast", "marked"})
"""Reasons of failures in which no try failed: the state alone was written."""
_BEGUN = frozenset({_S.QUEUED, _S.RUNNING, _S.RESTARTING, _S.DEFERRED})


_ABOUT = (Fact.TASK_STATE, Fact.PROCESS, Fact.FAULT, Fact.XCOM)
_SILENCING = frozenset({"worker_lost", "worker_crash", "network_split", "host_off"})
"""Faults after which no heartbeat of a process arrives, at least for a while."""


@dataclass(slots=True)
class Process:
    """One process of a task instance, from its start to its end."""

    try_number: int
    start: int
    end: int | None = None
    state: str = "running"
    """Of its job: running, success or failed."""
    silent_since: int | None = None
    """When its last heartbeat that could arrive was due; None: they go on."""


@dataclass(slots=True)
class Try:
    """A try as it was moved away, or as it failed."""

    try_number: int
    state: TaskState
    start: int | None
    end: int | None
    scheduled: int | None
    queued: int | None
    max_tries: int
    at: int
    """When it was moved away or failed."""
    generation: int


@dataclass(slots=True)
class Wait:
    """A sensor's poke that found nothing and was put off."""

    try_number: int
    start: int
    end: int
    until: int
    generation: int


@dataclass(slots=True)
class Instance:
    """One task instance as it stands."""

    entity: int
    run: Run
    task_id: str
    map_index: int
    task: TaskPlan | None
    """What the config says of the task."""
    max_tries: int
    state: TaskState = TaskState.NONE
    try_number: int = 0
    scheduled: int | None = None
    queued: int | None = None
    start: int | None = None
    end: int | None = None
    updated: int = 0
    generation: int = 0
    """How many ids the row has had before this one."""
    history: list[Try] = field(default_factory=list)
    failures: list[Try] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)
    processes: list[Process] = field(default_factory=list)
    resumes: bool = False
    """Whether its next process goes on with a deferred try, which keeps its start."""
    trigger: tuple[int, int] | None = None
    """Number and instant of the trigger that it waits for while it is deferred."""
    xcoms: dict[str, tuple[int, int | None, int]] = field(default_factory=dict)
    """By key: bytes, length of a list, when it was stored."""

    @property
    def word(self) -> str | None:
        """The state as the database has it."""
        return None if self.state is TaskState.NONE else self.state.word


class Instances:
    """Folds the facts of one journal."""

    def __init__(self, sight: Sight, runs: dict[int, Run]) -> None:
        self._journal = sight.journal
        self._triggers = 0
        self._clear_queues = sight.version.answers_by_http
        self._resets_archived = sight.version.reset_is_archived
        self._known = {
            entity: self._new(entity, run, sight)
            for run in runs.values()
            for entity in run.instances
        }

    def read(self) -> dict[int, Instance]:
        """Go through the journal once."""
        for row in self._journal.rows(*_ABOUT):
            one = self._known.get(row.entity)
            if one is None:
                continue
            if row.fact is Fact.TASK_STATE:
                self._state(one, row)
            elif row.fact is Fact.PROCESS:
                _process(one, row)
            elif row.fact is Fact.FAULT:
                _fault(one, row)
            elif row.value:
                one.xcoms[row.detail["key"]] = (row.value, row.detail.get("length"), row.time)
            else:
                one.xcoms.pop(row.detail["key"], None)
        replaced = {
            (one.run.number, one.task_id) for one in self._known.values() if one.map_index == 0
        }
        # a mapped task is one row without an index until its length is known
        return {
            entity: one
            for entity, one in self._known.items()
            if one.map_index >= 0 or (one.run.number, one.task_id) not in replaced
        }

    def _new(self, entity: int, run: Run, sight: Sight) -> Instance:
        who = self._journal.who(entity)
        task = sight.task(run.dag_id, who.name)
        retries = 0 if task is None else task.retries
        return Instance(entity, run, who.name, who.number, task, retries, updated=run.created)

    def _state(self, one: Instance, row: Row) -> None:
        state, number, at = _S(row.value % 256), row.value // 256, row.time
        reason = row.detail.get("reason", "")
        before = one.state
        self._archive(one, state, number, reason, at)
        if state is _S.SCHEDULED:
            one.scheduled = at
        elif state is _S.QUEUED:
            one.queued = at
        elif state is _S.RUNNING:
            if not one.resumes or one.start is None:
                one.start = at
            one.end = None
            one.processes.append(Process(number, at))
        elif state is _S.DEFERRED:
            self._triggers += 1
            one.trigger = (self._triggers, at)
        elif state is _S.UP_FOR_RESCHEDULE and one.start is not None:
            one.end = at
            until = row.detail.get("until", at)
            one.waits.append(Wait(number, one.start, at, until, one.generation))
        elif state in FINISHED or state is _S.UP_FOR_RETRY:
            _ended(one, state, number, at, reason)
        if before is _S.RUNNING and state is not _S.RUNNING:
            one.resumes = state is _S.DEFERRED
            _closed(one, state, at)
        if state is not _S.DEFERRED:
            one.trigger = None
        one.state, one.try_number, one.updated = state, number, at

    def _archive(self, one: Instance, state: TaskState, number: int, reason: str, at: int) -> None:
        """Move a try to the history that ends here without having the last word.

        [A2 models/taskinstance.py `clear_task_instances`, `handle_failure`; A3
        `prepare_db_for_next_try`]
        """
        emptied = state is _S.NONE and reason == "cleared"
        cleared = state is _S.RESTARTING or (emptied and one.state is not _S.RESTARTING)
        retried = state is _S.UP_FOR_RETRY
        reset = self._resets_archived and state is _S.NONE and one.state in _BEGUN
        if cleared and number > one.try_number:
            # it was done before the clock started: it succeeded, nobody knows when
            one.history.append(_try(one, number, _S.SUCCESS, at))
            one.generation += 1
        elif (cleared or retried or reset) and all(
            past.try_number != one.try_number for past in one.history
        ):
            finished = one.state in FINISHED
            if not finished:
                one.end = at
            said = one.state if finished else _S.FAILED
            one.history.append(_try(one, one.try_number, said, at))
            one.generation += 1
        if cleared and self._clear_queues:
            one.run.cleared_while_running(at)
        if emptied:
            # of a running one the state alone is written, until its process is gone
            one.max_tries = number + (0 if one.task is None else one.task.retries)


def _ended(one: Instance, state: TaskState, number: int, at: int, reason: str) -> None:
    if reason not in _UNDATED:
        tried = one.state in _BEGUN
        if state is not _S.REMOVED and one.start is None:
            one.start = at
        if tried or one.end is None:
            one.end = at
    failed = state in {_S.FAILED, _S.UP_FOR_RETRY}
    if failed and one.state in _BEGUN and reason not in _NOT_A_TRY:
        one.failures.append(_try(one, number, _S.FAILED, at))


def _closed(one: Instance, state: TaskState, at: int) -> None:
    """The process wrote its end, unless somebody else did while it went on."""
    last = one.processes[-1]
    if last.end is None:
        last.end = at
        last.state = "failed" if state in {_S.FAILED, _S.UP_FOR_RETRY} else "success"


def _process(one: Instance, row: Row) -> None:
    """A process that wrote no state came to its end, or is not heard any more."""
    for process in reversed(one.processes):
        if process.try_number == row.value:
            if row.detail["end"] in {"silent", "lost"}:
                process.silent_since = process.silent_since or row.time
            else:
                process.end, process.state = row.time, "failed"
            return


def _fault(one: Instance, row: Row) -> None:
    if row.detail["fault"] in _SILENCING and one.processes:
        last = one.processes[-1]
        last.silent_since = last.silent_since or row.time


def _try(one: Instance, number: int, state: TaskState, at: int) -> Try:
    return Try(
        number,
        state,
        one.start,
        one.end,
        one.scheduled,
        one.queued,
        one.max_tries,
        at,
        one.generation,
    )


def seconds(start: int | None, end: int | None) -> float | None:
    """A duration as Airflow stores it, None while one of its ends is not known."""
    return None if start is None or end is None else (end - start) / 1_000_000


def names(one: Instance) -> dict[str, Any]:
    """What names a task instance in every table."""
    return {
        "task_id": one.task_id,
        "dag_id": one.run.dag_id,
        "run_id": one.run.run_id,
        "map_index": one.map_index,
    }
