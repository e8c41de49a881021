"""Recorded cache decisions of Prefect: for each call whether its body ran, and the state's name.

A case: `tasks` (`name`, `policy`, `expiration` seconds, `persist`, `refresh`, `fail_on`: which runs
of the body fail, from 1), `flow_runs` (`param`, `calls` [seconds, task, x]), and `expect` for each
call.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sim.conform.decision import Decision
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import SECOND
from sim.orchestrators.prefect.caching import (
    NO_CACHE,
    CachePolicy,
    CacheSettings,
    Call,
    ResultStore,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording

POLICIES: dict[str, CachePolicy | None] = {
    "default": None,
    "default_explicit": CachePolicy(),
    "inputs": CachePolicy(("inputs",)),
    "inputs_minus_x": CachePolicy(("inputs",), frozenset({"x"})),
    "task_source": CachePolicy(("task_source",)),
    "flow_parameters": CachePolicy(("flow_parameters",)),
    "run_id": CachePolicy(("run_id",)),
    "inputs_plus_source": CachePolicy(("inputs", "task_source")),
    "none": NO_CACHE,
    "key_const": CachePolicy(key_fn=lambda _call: "const"),
    "key_x": CachePolicy(key_fn=lambda call: ("x", call.inputs["x"])),
    "key_none": CachePolicy(key_fn=lambda _call: None),
}
"""A recorded policy, as the task that has it would write it."""


class Task(msgspec.Struct):
    """One task's options."""

    name: str
    policy: str
    expiration: float | None = None
    persist: bool | None = None
    refresh: bool | None = None
    fail_on: list[int] = []


class FlowRun(msgspec.Struct):
    """One run of the flow."""

    param: str
    calls: list[tuple[float, str, int]]


class Told(msgspec.Struct):
    """What became of one call."""

    executed: bool
    state: str


class Case(msgspec.Struct):
    """A sequence of calls."""

    tasks: list[Task]
    flow_runs: list[FlowRun]
    expect: list[list[Told]]


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded call beside ours."""
    for place, case in cases_as(recording, Case):
        _check(case, recording.file, place)
        tasks = {task.name: task for task in case.tasks}
        store, bodies = ResultStore(), dict.fromkeys(tasks, 0)
        for number, (run, told) in enumerate(zip(case.flow_runs, case.expect, strict=True)):
            for index, (seconds, name, x) in enumerate(run.calls):
                task, what = tasks[name], f"run {number} call {index} {name}"
                call = Call({"x": x}, name, {"p": run.param}, str(number))
                state = _call(task, store, bodies, call, seconds)
                yield Decision(place, f"{what} executed", told[index].executed, state != "Cached")
                yield Decision(place, f"{what} state", told[index].state, state)


def _call(
    task: Task, store: ResultStore, bodies: dict[str, int], call: Call, seconds: float
) -> str:
    """Make one call, at its time; the name of the state in which it ends."""
    now = round(seconds * SECOND)
    settings = CacheSettings(
        POLICIES[task.policy],
        None if task.expiration is None else round(task.expiration * SECOND),
        task.persist,
        bool(task.refresh),
    )
    key = settings.key(call)
    if store.hit(settings, key, now) is not None:
        return "Cached"
    bodies[task.name] += 1
    if bodies[task.name] in task.fail_on:
        return "Failed"
    store.keep(settings, key, True, now)  # noqa: FBT003 - the value does not matter
    return "Completed"


def _check(case: Case, file: str, place: str) -> None:
    names = {task.name for task in case.tasks}
    for index, task in enumerate(case.tasks):
        if task.policy not in POLICIES:
            raise malformed(file, f"{place}.tasks[{index}].policy", f"no policy {task.policy!r}")
    for index, run in enumerate(case.flow_runs):
        unknown = [name for _, name, _ in run.calls if name not in names]
        if unknown:
            raise malformed(file, f"{place}.flow_runs[{index}]", f"no task {unknown[0]!r}")
    shapes = [len(run.calls) for run in case.flow_runs], [len(told) for told in case.expect]
    if shapes[0] != shapes[1]:
        raise malformed(file, f"{place}.expect", "must hold one entry for each call")
