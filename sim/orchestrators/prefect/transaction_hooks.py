"""Hooks of transactions, performed: `on_commit` and `on_rollback` of tasks and of blocks.

In real life they are functions that no table knows. Here each is a task of the config, and a task
instance of its flow run, so that its time and its effects are seen. Invariant: a hook whose process
is gone says neither that it ended well nor that it failed by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.kernel.loop import Interrupt
from sim.model.facts import Entity, Fact
from sim.model.states import TaskState
from sim.model.work import Attempt, Outcome, Result
from sim.orchestrators.prefect.flow_engine import FLOW_TIMEOUT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.kernel.loop import Kernel
    from sim.model.work import Workshop
    from sim.orchestrators.prefect.runs import FlowRun, HookRun, Steps

TRY = 256


def hook_place(hook: HookRun) -> tuple[str, int]:
    """Which task instance of its flow run it is: `load.on_rollback`, `load.on_rollback.2`.

    Two threads may take one block back at the same time: the second is `load.on_rollback+`.
    """
    name = f"{hook.owner}.{hook.event}" + (f".{hook.number + 1}" if hook.number else "")
    index = -1 if hook.run is None else hook.run.map_index
    while (name, index) in hook.flow_run.performing:
        name += "+"
    return name, index


def perform(
    hook: HookRun,
    cause: int,
    kernel: Kernel,
    workshop: Workshop,
    macros: Callable[[Any], Mapping[str, Any]],
) -> Steps:
    """Perform a hook in the thread that asks; False: it raised."""
    flow_run, place = hook.flow_run, hook_place(hook)
    about = flow_run if hook.run is None else hook.run
    entity = kernel.journal.entity(Entity.TASK_INSTANCE, place[0], flow_run.entity, place[1])
    number = flow_run.tries[place] = flow_run.tries.get(place, 0) + 1
    row = about.row if cause < 0 else cause
    if number > 1:
        before = TaskState.NONE + TRY * number
        row = kernel.fact(Fact.TASK_STATE, entity, before, row, reason="flow_retry")
    row = kernel.fact(Fact.TASK_STATE, entity, TaskState.RUNNING + TRY * number, row)
    pipeline, run_id = flow_run.flow.name, flow_run.run_id
    attempt = Attempt(entity, pipeline, hook.task, run_id, number, macros, about, row, place[1])
    told = kernel.event()
    said: list[Outcome] = []

    def ended(outcome: Outcome) -> None:
        said.append(outcome)
        told.succeed()

    flow_run.performing.add(place)
    process = workshop.begin(attempt, ended)
    try:
        yield told
    except Interrupt as stop:
        process.kill(str(stop.cause))
        _stopped(kernel, flow_run, (entity, number, row), str(stop.cause))
        raise
    finally:
        flow_run.performing.discard(place)
    good = said[0].result in {Result.SUCCESS, Result.SKIPPED}
    state = TaskState.SUCCESS if good else TaskState.FAILED
    detail = {"state": "RolledBack"} if hook.event == "on_rollback" else {}
    detail = detail if good else {"reason": said[0].reason}
    kernel.fact(Fact.TASK_STATE, entity, state + TRY * number, row, **detail)
    return good


def _stopped(kernel: Kernel, flow_run: FlowRun, begun: tuple[int, int, int], cause: str) -> None:
    """Its process was ended, which whoever ended it sees, or went with its machine."""
    entity, number, row = begun
    failed = TaskState.FAILED + TRY * number
    if cause == FLOW_TIMEOUT:
        kernel.fact(Fact.TASK_STATE, entity, failed, row, reason="timed_out")
    elif flow_run.state.terminal:
        name = flow_run.state.name
        kernel.fact(Fact.TASK_STATE, entity, failed, row, reason=cause, state=name)
    else:
        kernel.fact(Fact.PROCESS, entity, number, row, end="lost")
