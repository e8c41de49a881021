"""Traces: the journal read in the recording's form, and compared with the recording.

Runs and task instances come from the journal's facts alone, but for max_tries and the pointers,
which no fact tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.conform.compare import compared
from sim.kernel.calendar import SECOND
from sim.model.facts import Fact
from sim.model.states import RunState, TaskState

if TYPE_CHECKING:
    from sim.kernel.loop import Kernel
    from sim.orchestrators.airflow.deployment import Airflow
    from sim.orchestrators.airflow.rows import TaskInstance

Trace = dict[str, Any]


def read_trace(airflow: Airflow, kernel: Kernel, epoch: int) -> Trace:
    """Runs, task instances and pointers, in the recording's form."""
    reader = _Reader(kernel, epoch)
    reader.read()
    runs, instances, dags = [], [], []
    for dag_id in sorted(airflow.metadata.dags):
        dag = airflow.metadata.dags[dag_id]
        for run in dag.runs:
            runs.append(
                {
                    "dag_id": dag_id,
                    "run_no": run.number,
                    "type": run.run_type,
                    "logical": reader.seconds(run.logical_date),
                    "interval_start": reader.seconds(run.start),
                    "interval_end": reader.seconds(run.end),
                    "run_after": reader.seconds(run.run_after),
                    **reader.runs[run.entity],
                }
            )
            instances += [
                {
                    "dag_id": dag_id,
                    "run_no": run.number,
                    "task_id": ti.task.task_id,
                    "map_index": ti.map_index,
                    "max_tries": ti.max_tries,
                    "priority_weight": ti.task.priority_weight,
                    **reader.instance(ti.entity),
                    **reader.skip(ti),
                }
                for ti in run.tis
            ]
        dags.append(
            {
                "dag_id": dag_id,
                "is_paused": dag.paused,
                "next_create_after": reader.seconds(dag.create_after),
                "next_dagrun": None if dag.next is None else reader.seconds(dag.next.logical_date),
            }
        )
    return {"dag_runs": runs, "task_instances": instances, "dags": dags}


class _Reader:
    """Folds the journal's facts into rows as Airflow's database holds them at the end."""

    def __init__(self, kernel: Kernel, epoch: int) -> None:
        self._journal = kernel.journal
        self._epoch = epoch
        self.runs: dict[int, dict[str, Any]] = {}
        self._instances: dict[int, dict[str, Any]] = {}

    def seconds(self, instant: int | None) -> int | float | None:
        """An instant in seconds after the epoch."""
        if instant is None:
            return None
        seconds = (instant - self._epoch) / SECOND
        return int(seconds) if seconds.is_integer() else seconds

    def instance(self, entity: int) -> dict[str, Any]:
        """A task instance's row; one that nothing ever happened to has none of its own facts."""
        row = self._instances.get(entity, _blank())
        return {key: value for key, value in row.items() if not key.startswith("_")}

    def skip(self, ti: TaskInstance) -> dict[str, Any]:
        """A branch's skip gives new dates even to a task that was skipped before."""
        if ti.skipped_at is None or ti.state != TaskState.SKIPPED:
            return {}
        at = self.seconds(ti.skipped_at)
        return {"start": at, "end": at}

    def read(self) -> None:
        """Go through the whole journal once."""
        for row in self._journal.rows(Fact.RUN_STATE, Fact.TASK_STATE):
            at = self.seconds(row.time)
            if row.fact is Fact.RUN_STATE:
                self._run(row.entity, RunState(row.value), at)
            else:
                state, number = TaskState(row.value % 256), row.value // 256
                ti = self._instances.setdefault(row.entity, _blank())
                timed_out = row.detail.get("reason") == "dagrun_timeout"
                self._task(ti, state, number, None if timed_out else at)

    def _run(self, entity: int, state: RunState, at: Any) -> None:
        run = self.runs.setdefault(entity, {"queued_at": None, "start": None, "end": None})
        run["state"] = state.word
        if state is RunState.QUEUED:
            run.update(queued_at=at, start=None, end=None)
        elif state is RunState.RUNNING:
            run.update(start=at, end=None)
        else:
            run["end"] = at

    def _task(self, ti: dict[str, Any], state: TaskState, number: int, at: Any) -> None:
        before = ti["state"]
        ti["state"] = None if state is TaskState.NONE else state.word
        ti["try_number"] = number
        one = ti["tries"][-1] if ti["tries"] else None
        open_try = one if one is not None and one["result"] is None else None
        if state is TaskState.SCHEDULED:
            ti["scheduled"] = at
        elif state is TaskState.QUEUED:
            ti["queued"] = at
        elif state is TaskState.RUNNING:
            ti.update(start=at, end=None)
            ti["tries"].append(
                {
                    "try": number,
                    "scheduled": ti["scheduled"],
                    "queued": ti["queued"],
                    "start": at,
                    "end": None,
                    "result": None,
                }
            )
        elif before == "running" and open_try is not None and state is not TaskState.RESTARTING:
            if at is not None:
                open_try.update(end=at, result=state.word)
                ti["end"] = at
        elif state in {TaskState.SUCCESS, TaskState.SKIPPED, TaskState.UPSTREAM_FAILED}:
            ti["start"] = at if ti["start"] is None else ti["start"]
            ti["end"] = at if ti["end"] is None else ti["end"]


def _blank() -> dict[str, Any]:
    return {
        "state": None,
        "try_number": 0,
        "scheduled": None,
        "queued": None,
        "start": None,
        "end": None,
        "tries": [],
    }


# -- comparison -----------------------------------------------------------------------------


def differences(expected: Trace, actual: Trace) -> list[str]:
    """Where two traces differ; what the recording does not have is not compared."""
    return [
        f"{decision.what}: recorded {decision.recorded!r}, here {decision.simulated!r}"
        for decision in compared("", expected, actual)
        if not decision.agrees
    ]
