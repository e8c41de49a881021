"""The Gantt: for each task its tries as bars, within a span of time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.model.facts import Entity, Fact
from sim.model.states import FINISHED, TaskState

if TYPE_CHECKING:
    from sim.kernel.journal import Journal, Row

_SILENT = frozenset({TaskState.NONE, TaskState.REMOVED})


@dataclass(frozen=True, slots=True)
class Bar:
    """One state of one task instance for a while."""

    task_instance: int
    state: TaskState
    try_number: int
    start: int
    end: int
    """When it left the state; the end of the span when it did not."""
    reason: str
    """Why it came into the state, empty when nothing was said."""
    row: int
    """Index of the journal row in which the state began."""
    native: str = ""
    """What its orchestrator calls the state, where that is another word."""


@dataclass(frozen=True, slots=True)
class GanttRow:
    """One task of one pipeline, or one index of a mapped task."""

    pipeline: str
    task: str
    """`crunch[3]` for an index of a mapped task."""
    bars: tuple[Bar, ...]
    """In order of time. A finished state is a bar of no length, and so is one left at once."""
    label: str
    """The task, with its pipeline before it where several pipelines have a task of that name."""


def gantt(journal: Journal, *, start: int, end: int) -> tuple[GanttRow, ...]:
    """Every task that did something within [start, end), with the bars that touch the span.

    Pipelines come in the order of their first appearance in the journal, and so do the tasks of
    each: those of one pipeline stand together.
    """
    open_rows: dict[int, Row] = {}
    order: dict[tuple[str, str], list[Bar]] = {}
    for row in journal.rows(Fact.TASK_STATE, until=end):
        before = open_rows.pop(row.entity, None)
        if before is not None:
            _add(order, journal, before, row.time, start)
        state = TaskState(row.value % 256)
        if state in FINISHED and row.time >= start:
            _bars(order, journal, row).append(_bar(row, row.time))
        elif state not in FINISHED:
            open_rows[row.entity] = row
    for row in open_rows.values():
        _add(order, journal, row, end, start)
    shown = [key for key in order if order[key]]
    pipelines = {pipeline: at for at, pipeline in enumerate(dict.fromkeys(key[0] for key in shown))}
    named = Counter(task for _, task in shown)
    return tuple(
        GanttRow(
            pipeline,
            task,
            tuple(sorted(order[pipeline, task], key=lambda bar: (bar.start, bar.row))),
            f"{pipeline}.{task}" if named[task] > 1 else task,
        )
        for pipeline, task in sorted(shown, key=lambda key: pipelines[key[0]])
    )


def task_instance_names(journal: Journal, task_instance: int) -> tuple[str, str, str]:
    """(pipeline, run_id, task) of a task instance; a mapped one is called `crunch[3]`."""
    instance = journal.who(task_instance)
    if instance.type is not Entity.TASK_INSTANCE:
        return "", "", instance.name
    run = journal.who(instance.parent)
    name = instance.name if instance.number < 0 else f"{instance.name}[{instance.number}]"
    return journal.name(run.parent), run.name, name


def task_of(name: str) -> str:
    """The task of a task instance that is called by its index: `crunch` of `crunch[3]`."""
    return name.partition("[")[0]


def _add(
    order: dict[tuple[str, str], list[Bar]], journal: Journal, row: Row, end: int, start: int
) -> None:
    bars = _bars(order, journal, row)
    if end > start and TaskState(row.value % 256) not in _SILENT:
        bars.append(_bar(row, end))


def _bars(order: dict[tuple[str, str], list[Bar]], journal: Journal, row: Row) -> list[Bar]:
    pipeline, _, task = task_instance_names(journal, row.entity)
    return order.setdefault((pipeline, task), [])


def _bar(row: Row, end: int) -> Bar:
    return Bar(
        task_instance=row.entity,
        state=TaskState(row.value % 256),
        try_number=row.value // 256,
        start=row.time,
        end=end,
        reason=row.detail.get("reason", ""),
        row=row.index,
        native=row.detail.get("state", ""),
    )
