"""Dynamic task mapping: how many task instances a mapped task has, and how they come into being.

Until its dependencies are met a mapped task is one task instance with map_index -1. That row then
becomes index 0 and the others are added; in a later try indices may be added and removed. Source:
Airflow 2.11.2 and 3.3.2, models/taskmap.py `expand_mapped_task` (2.x: models/abstractoperator.py),
models/dagrun.py `_get_ready_tis`, `_revise_map_indexes_if_mapped`,
ti_deps/deps/mapped_task_upstream_dep.py.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.model.facts import Entity
from sim.orchestrators.airflow.rows import (
    FAILED,
    REMOVED,
    SKIPPED,
    SUCCESS,
    UPSTREAM_FAILED,
    TaskInstance,
    of_task,
)
from sim.orchestrators.airflow.trigger_rules import RUN, UNIT, WAIT

if TYPE_CHECKING:
    from sim.orchestrators.airflow.graph import Shape
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import Run

_FINISHED = frozenset({SUCCESS, FAILED, SKIPPED, UPSTREAM_FAILED, REMOVED})


Change = tuple["TaskInstance", int, str]
"""A task instance, the state that it gets without running, and why."""


class Expansion:
    """The expansions of one pass over a run. It adds to the lists of the pass."""

    def __init__(
        self,
        metadata: Metadata,
        queue: list[TaskInstance],
        ready: list[TaskInstance],
        changes: list[Change],
    ) -> None:
        self._metadata = metadata
        self._queue = queue
        """What the pass looks at: new task instances come at its end."""
        self._ready = ready
        self._changes = changes
        self._lengths: dict[int, int | None] = {}
        """Of the tasks whose indices this pass has revised."""
        self.happened = False
        """Whether a row that was not expanded was looked at: the run is then judged anew."""

    def meet(self, ti: TaskInstance, shape: Shape) -> None:
        """The dependencies of a task instance of a mapped task are met."""
        if ti.map_index < 0:
            self.happened = True
            length = mapped_length(ti.run, shape)
            if length is None:
                self._changes.append((ti, UPSTREAM_FAILED, "not_mapped"))
            elif length == 0:
                self._changes.append((ti, SKIPPED, "empty_list"))
            else:
                self._queue += expand(self._metadata, ti, length)
                self._queue += _followers(ti, shape)
            return
        number = ti.task.number
        if number not in self._lengths:
            self._lengths[number] = length = mapped_length(ti.run, shape)
            if length is not None:
                self._revise(ti, length)
        length = self._lengths[number]
        if length is None or ti.map_index < length:
            self._ready.append(ti)

    def _revise(self, ti: TaskInstance, length: int) -> None:
        """Remove indices that the list has no entry for any more, and add those that are missing.

        New ones are scheduled as they are: nobody asks for their dependencies.
        """
        tis = of_task(ti.run, ti.task.number)
        self._changes += [(other, REMOVED, "removed") for other in tis if other.map_index >= length]
        added = add(self._metadata, ti, range(len(tis), length))
        if added:
            _pair(added)
        self._ready += added


def _followers(ti: TaskInstance, shape: Shape) -> list[TaskInstance]:
    """Tasks of the same group that are not expanded: nothing keeps them from it any more."""
    found = []
    for number in sorted(shape.pairs):
        below = ti.run.tis[number]
        if below.map_index < 0 and not below.touched:
            below.touched = True
            found.append(below)
    return found


def looks_at(below: TaskInstance, above: TaskInstance) -> bool:
    """Whether a task instance counts one of a task directly above it.

    Within a mapped group an index looks at the same index, and at what is not expanded yet; what is
    not expanded itself looks at nothing else.
    """
    shape = above.task.shape
    return (
        shape is None
        or below.task.number not in shape.pairs
        or above.map_index < 0
        or above.map_index == below.map_index
    )


def recount(ti: TaskInstance) -> None:
    """What a task instance counts above it, when its graph or its group is not what it was."""
    ti.total = ti.counts = 0
    for number in ti.task.upstream:
        for above in of_task(ti.run, number):
            if looks_at(ti, above):
                ti.total += 1
                ti.counts += UNIT[above.state]


def mapped_dependencies_say(run: Run, shape: Shape) -> int:
    """RUN, WAIT or a state: what the tasks that it is expanded over leave to a mapped task.

    Only rows that are not expanded count. Unlike the trigger rule, this looks at each of them.
    """
    rows = (run.tis[number] for number in shape.over)
    states = {ti.state for ti in rows if ti.map_index < 0 and ti.state in _FINISHED}
    if states <= {SUCCESS}:
        return RUN
    if FAILED in states or UPSTREAM_FAILED in states:
        return UPSTREAM_FAILED
    return SKIPPED if SKIPPED in states else WAIT


def mapped_length(run: Run, shape: Shape) -> int | None:
    """How many indices a mapped task has now; None while some list is not there."""
    length = shape.literal
    for one in shape.lists:
        entries = one.length(partial(_entries, run))
        if entries is None:
            return None
        length *= entries
    return length


def _entries(run: Run, number: int) -> int | None:
    """How long the list is that a task returned; None while it is not there."""
    returned = run.returned or {}
    tis = of_task(run, number)
    if tis[0].task.shape is None or not tis[0].task.shape.mapped:
        return returned.get((number, -1))
    if any(ti.map_index < 0 or ti.state not in _FINISHED for ti in tis):
        return None
    # what the indices returned is the list, whatever each of them returned
    return sum((number, ti.map_index) in returned for ti in tis)


def expand_at_creation(metadata: Metadata, run: Run) -> None:
    """Mapped tasks all of whose lists stand in the DAG file have every index from the start."""
    for number in run.dag.plan.literal:
        ti = run.tis[number]
        shape = ti.task.shape
        if shape is not None and shape.literal:
            expand(metadata, ti, shape.literal)


def expand(metadata: Metadata, ti: TaskInstance, length: int) -> list[TaskInstance]:
    """The row that is not expanded becomes index 0, the others are added; all of them, in order."""
    ti.map_index = 0
    ti.entity = _entity(metadata, ti, 0)
    rows = [ti, *add(metadata, ti, range(1, length))]
    _pair(rows)
    return rows


def add(metadata: Metadata, first: TaskInstance, indices: range) -> list[TaskInstance]:
    """New task instances of a task that is expanded, at the stage at which the first one is."""
    run, task = first.run, first.task
    added = []
    for index in indices:
        ti = TaskInstance(run, task, _entity(metadata, first, index))
        ti.map_index = index
        ti.counts, ti.total, ti.cause = first.counts, first.total, first.cause
        if first.touched:
            ti.touched = True
            run.touched.append(ti)
        added.append(ti)
    if not added:
        return added
    if run.extra is None:
        run.extra = {}
    run.extra.setdefault(task.number, []).extend(added)
    run.unfinished += len(added)
    pairs = () if task.shape is None else task.shape.pairs
    for number in task.downstream:
        if number not in pairs:
            for below in of_task(run, number):
                below.total += len(added)
    return added


def _pair(rows: list[TaskInstance]) -> None:
    """Rows of one task are new: within its group the same indices look at each other."""
    first = rows[0]
    shape = first.task.shape
    if shape is not None and shape.grouped:
        below = [one for number in shape.pairs for one in of_task(first.run, number)]
        for ti in [*rows, *below]:
            recount(ti)


def _entity(metadata: Metadata, ti: TaskInstance, index: int) -> int:
    journal = metadata.kernel.journal
    return journal.entity(Entity.TASK_INSTANCE, ti.task.task_id, ti.run.entity, index)
