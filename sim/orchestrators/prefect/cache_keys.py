"""Keys that a config writes as a template: `cache_key_fn`, and the key of a `with transaction():`.

In real life both are Python. Here they are texts with the names of the flow run, and of a call
what it was given. A text that comes out empty is None, no key; so is one that asks for what the run
does not have: the real engine logs the error and keeps nothing. Invariant: the same run and
arguments give the same key.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import to_civil
from sim.world.templates import TemplateProblem, render

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.orchestrators.prefect.caching import Call, Key
    from sim.orchestrators.prefect.runs import FlowRun, TaskRun

TASK_INPUT_HASH = "task_input_hash"
"""The one function that Prefect brings (tasks.py)."""
FLOW_NAMES = frozenset(
    {
        *("fecha", "ds", "ts", "scheduled_start_time", "flow_run_name", "run_id", "flow_name"),
        "parameters",
    }
)
"""What a template about a flow run may name."""
TASK_NAMES = FLOW_NAMES | {"task_name", "arguments", "map_index"}
"""What one about a call may name."""


def flow_names(run: FlowRun) -> dict[str, Any]:
    """Names of a flow run for templates, `FLOW_NAMES`."""
    # prefect.runtime.flow_run.scheduled_start_time is UTC, whatever the zone of the schedule
    moment = to_civil(run.scheduled)
    return {
        "fecha": run.data_date,
        "ds": run.data_date,
        "ts": moment.isoformat(),
        "scheduled_start_time": moment,
        "flow_run_name": run.run_id,
        "run_id": run.run_id,
        "flow_name": run.flow.name,
        "parameters": dict(run.parameters),
    }


def task_names(run: TaskRun) -> dict[str, Any]:
    """Names of a call for templates, `TASK_NAMES`; results of other calls have no text."""
    flow_run, call = run.flow_run, run.call
    return {
        **flow_names(flow_run),
        "task_name": call.options.task_name or call.options.task,
        "arguments": {name: flow_run.parameter(name) for name in call.parameters},
        "map_index": run.map_index,
    }


def cache_key_fn(text: str) -> Callable[[Call], object]:
    """A task's own function of its key; None of it is no key."""

    def made(call: Call) -> str | None:
        return _rendered(text, call.names)

    return made


def block_key(text: str | None, run: FlowRun) -> Key | None:
    """The key of a `with transaction(key=...)` block: a task's key of the same text is the same."""
    said = None if text is None else _rendered(text, flow_names(run))
    return None if said is None else (("key", said),)


def _rendered(text: str, names: Mapping[str, Any]) -> str | None:
    try:
        return render(text, names).strip() or None
    except TemplateProblem:
        return None
