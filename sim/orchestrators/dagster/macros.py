"""A try of a step as its worker sees it, with the names that a template may use in it.

`fecha` is this program's own: the start of the partition's window as a date, or the date in the run
config of a job without partitions. The other names are those of Dagster's contexts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import to_civil
from sim.model.work import Attempt

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.kernel.loop import Call
    from sim.model.work import Running
    from sim.orchestrators.dagster.data_versions import Inputs
    from sim.orchestrators.dagster.definitions import Node
    from sim.orchestrators.dagster.plan import Step
    from sim.orchestrators.dagster.runs import Run


@dataclass(slots=True, eq=False)
class StepTry:
    """One try of one step of one run."""

    run: Run
    step: Step
    node: Node
    entity: int
    try_number: int
    row: int
    """The journal row of its latest change."""
    partition_keys: tuple[str, ...]
    at: int = 0
    """Which of the partition keys it works on: the op loops over those of its run."""
    attempt: Attempt | None = None
    process: Running | None = None
    call: Call | None = None
    """What is due of it by the clock: the start of its process, its fate."""
    split_until: int | None = None
    """Until when its events do not reach the storage."""
    over: bool = False
    inputs: Mapping[str, Inputs] = field(default_factory=dict)
    """The versions of what each of its assets is made from."""


def attempt_of(tried: StepTry) -> Attempt:
    """The part of a try that is about one partition.

    For the world it counts on through re-executions, whose steps begin with their first try again:
    what happens to one try happens once.
    """
    return Attempt(
        tried.entity,
        tried.run.job.name,
        tried.node.compute,
        tried.run.run_id,
        max(tried.run.tries[tried.step.key], 1),
        _macros,
        (tried, tried.at),
        tried.row,
    )


def _macros(origin: tuple[StepTry, int]) -> dict[str, Any]:
    tried, at = origin
    run = tried.run
    partition_key = tried.partition_keys[at] if tried.partition_keys else None
    fecha = run.data_date if partition_key is None else run.dates[at]
    moment = to_civil(run.created if run.scheduled is None else run.scheduled)
    names = {
        "fecha": fecha,
        "ds": fecha,
        "ts": moment.isoformat(),
        "scheduled_execution_time": moment,
        "run_id": run.run_id,
        "job_name": run.job.name,
        "step_key": tried.step.key,
        "try_number": tried.try_number,
        "retry_number": tried.try_number - 1,
        "tags": dict(run.tags),
    }
    if partition_key is not None:
        names["partition_key"] = partition_key
        window = run.windows[at]
        if window is not None:
            start, end = (to_civil(instant) for instant in window)
            names["partition_time_window"] = {"start": start, "end": end}
    return names
