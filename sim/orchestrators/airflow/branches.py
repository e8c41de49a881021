"""Branches, short circuits, LatestOnly: which tasks they skip, at once and when cleared later.

What a task decided is kept by its map_index, as in the XCom `skipmixin_key`. Source: Airflow 2.11.2
models/skipmixin.py, operators/python.py, operators/latest_only.py; 3.3.2
api_fastapi/execution_api/routes/task_instances.py `ti_skip_downstream`, task SDK
bases/skipmixin.py; the standard provider; ti_deps/deps/not_previously_skipped_dep.py.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow.intervals import DataInterval
from sim.orchestrators.airflow.rows import (
    FAILED,
    REMOVED,
    RUNNING,
    SKIPPED,
    SUCCESS,
    UPSTREAM_FAILED,
    of_task,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.model.work import Outcome
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import TaskInstance
    from sim.orchestrators.airflow.versions import Version

_FINISHED = frozenset({SUCCESS, FAILED, SKIPPED, UPSTREAM_FAILED, REMOVED})
_DECIDED = frozenset({RUNNING, SUCCESS, FAILED})
_NOTHING: frozenset[int] = frozenset()


def decide(metadata: Metadata, ti: TaskInstance, outcome: Outcome) -> None:
    """A task that may decide about those below it has done its work."""
    kind = ti.task.type
    if kind == "branch":
        branch(metadata, ti, outcome.follow or ())
    elif kind == "short_circuit" and outcome.short_circuit:
        short_circuit(metadata, ti)
    elif kind == "latest_only":
        latest_only(metadata, ti)


def branch(metadata: Metadata, ti: TaskInstance, followed: Iterable[str]) -> None:
    """Skip the direct downstream tasks to which none of the followed tasks leads."""
    plan = ti.run.dag.plan
    kept: set[int] = set()
    for task_id in followed:
        number = plan.numbers[task_id]
        kept.add(number)
        kept |= plan.tasks[number].below
    skipped = frozenset(ti.task.downstream) - kept
    index = ti.map_index
    # a mapped branch of 3.x leaves all skipping to the scheduler
    at_once = [] if index >= 0 and metadata.version.skip_reaches_indices else sorted(skipped)
    _skip(
        metadata,
        ti,
        skipped,
        (row for number in at_once for row in of_task(ti.run, number) if row.map_index == index),
    )


def short_circuit(metadata: Metadata, ti: TaskInstance) -> None:
    """Skip everything below, or only the next tasks; teardowns are spared."""
    task = ti.task
    below = task.below if task.short_circuits_all else frozenset(task.downstream)
    skipped = below - ti.run.dag.plan.graph.teardowns
    every = not metadata.version.skip_reaches_indices
    at_once = [] if ti.map_index >= 0 else sorted(skipped)
    rows = (row for number in at_once for row in of_task(ti.run, number))
    _skip(metadata, ti, skipped, (row for row in rows if every or row.map_index < 0))


def latest_only(metadata: Metadata, ti: TaskInstance) -> None:
    """Skip the next tasks unless no newer run is due, or a person triggered this one.

    The operator looks at the clock a moment after its start: at the very start of its window it is
    within, at the very end it is not.
    """
    run, now = ti.run, metadata.kernel.now
    latest = True
    if run.run_type != "manual" and run.start is not None and run.end is not None:
        following = run.dag.plan.timetable.next_run(
            DataInterval(run.start, run.end), now=now, earliest=run.end, latest=None, catchup=True
        )
        if following is not None:
            of_next = metadata.version.latest_only_looks_at_next
            first = following.start if of_next else run.start
            latest = first <= now < following.end
    skipped = _NOTHING if latest else frozenset(ti.task.downstream)
    rows = (row for number in sorted(skipped) for row in of_task(run, number) if row.map_index < 0)
    _skip(metadata, ti, skipped, rows)


def was_skipped(ti: TaskInstance, version: Version) -> bool:
    """Whether a branch above decided against a task instance, in whatever try of its own."""
    run = ti.run
    decisions = run.decisions
    assert decisions is not None
    for number in ti.task.upstream:
        above = of_task(run, number)
        index = ti.map_index
        if version.skip_reaches_indices and not _is_mapped(above[0]):
            index = -1
        if ti.task.number in decisions.get((number, index), _NOTHING) and any(
            other.state in _FINISHED for other in above
        ):
            return True
    return False


def _is_mapped(ti: TaskInstance) -> bool:
    return ti.task.shape is not None and ti.task.shape.mapped


def _skip(
    metadata: Metadata, ti: TaskInstance, decided: frozenset[int], rows: Iterable[TaskInstance]
) -> None:
    """Remember what was decided and skip at once, before the task itself is success."""
    run = ti.run
    if run.decisions is None:
        run.decisions = {}
    run.decisions[ti.task.number, ti.map_index] = decided
    spared = _DECIDED if metadata.version.skip_spares_decided else frozenset()
    for row in list(rows):
        if row.state not in spared:
            row.skipped_at = metadata.kernel.now
            metadata.set_state(row, SKIPPED, ti.row, {"reason": "branch"})
