"""The form of a recorded workload and its trace: what must be there, and names that must exist.

It holds what every workload needs, so that a wrong recording is told with its place instead of
failing in the middle. What a task or an action may say beyond it is read where it is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec

from sim.conform.recording import malformed
from sim.kernel.calendar import parse_instant

if TYPE_CHECKING:
    from collections.abc import Iterable

Positive = Annotated[int, msgspec.Meta(ge=1)]
NotNegative = Annotated[int, msgspec.Meta(ge=0)]
DEFAULT_POOL = "default_pool"


class Outcome(msgspec.Struct):
    """How one try ends."""

    outcome: str
    duration_s: Annotated[float, msgspec.Meta(ge=0)] = 0
    follow: list[str] | None = None
    map_length: NotNegative = 0


Tries = Annotated[list[Outcome], msgspec.Meta(min_length=1)]
TriesOf = Annotated[list[Tries], msgspec.Meta(min_length=1)]


class Task(msgspec.Struct):
    """One task."""

    task_id: str
    upstream: list[str]
    type: str = "task"
    pool: str = DEFAULT_POOL
    tries: Tries | None = None
    tries_by_run: TriesOf | None = None
    map_tries: TriesOf | None = None
    expand_over: str | None = None
    setups: list[str] = []


class Dag(msgspec.Struct):
    """One DAG."""

    dag_id: str
    schedule: dict[str, Any]
    catchup: bool
    tasks: list[Task]
    start_s: float | None = None
    end_s: float | None = None


class Pool(msgspec.Struct):
    """One pool."""

    name: str
    slots: int


class Action(msgspec.Struct):
    """Something done from outside."""

    at_s: NotNegative
    action: Literal[
        "set_pool",
        "pause",
        "trigger",
        "clear",
        "backfill",
        "scheduler_crash",
        "scheduler_start",
    ]
    dag_id: str | None = None


class Workload(msgspec.Struct):
    """What was simulated under the real scheduler."""

    id: str
    epoch: str
    tick_s: Positive
    horizon_s: NotNegative
    config: dict[str, bool | int | float | str | None]
    dags: list[Dag]
    pools: list[Pool] = []
    actions: list[Action] = []


class Trace(msgspec.Struct):
    """What the real scheduler decided. Other lists of rows may stand beside these."""

    dag_runs: list[dict[str, Any]]
    task_instances: list[dict[str, Any]]
    dags: list[dict[str, Any]]


class Case(msgspec.Struct):
    """A workload and its trace."""

    workload: Workload
    trace: Trace


def check_names(workload: Workload, file: str, place: str) -> None:
    """Hold every name in a workload to something that has it. Raises `UsageError`."""
    try:
        parse_instant(workload.epoch)
    except ValueError as error:
        raise malformed(file, f"{place}.epoch", str(error)) from None
    pools = {DEFAULT_POOL, *(pool.name for pool in workload.pools)}
    dags = _once([dag.dag_id for dag in workload.dags], "dag_id", file, f"{place}.dags")
    for number, dag in enumerate(workload.dags):
        at = f"{place}.dags[{number}]"
        tasks = _once([task.task_id for task in dag.tasks], "task_id", file, f"{at}.tasks")
        for index, task in enumerate(dag.tasks):
            here = f"{at}.tasks[{index}]"
            _known(task.upstream, tasks, file, f"{here}.upstream")
            _known(task.setups, tasks, file, f"{here}.setups")
            _known([task.pool], pools, file, f"{here}.pool")
            if task.expand_over is not None:
                _known([task.expand_over], tasks, file, f"{here}.expand_over")
    for number, action in enumerate(workload.actions):
        if action.dag_id is not None:
            _known([action.dag_id], dags, file, f"{place}.actions[{number}].dag_id")


def _once(names: list[str], what: str, file: str, place: str) -> set[str]:
    for number, name in enumerate(names):
        if name in names[:number]:
            raise malformed(file, f"{place}[{number}].{what}", f"{name!r} is there twice")
    return set(names)


def _known(names: Iterable[str], known: set[str], file: str, place: str) -> None:
    for name in names:
        if name not in known:
            raise malformed(file, place, f"there is no {name!r}")
