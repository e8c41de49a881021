"""Traces: the journal read in the recording's form, and compared with the recording.

Runs and task instances come from the journal's facts alone, but for max_tries and the pointers,
which no fact tells.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.conform.compare import compared
from sim.conform.punctuality import deadline_events, sla_misses
from sim.kernel.calendar import SECOND
from sim.model.facts import Fact
from sim.model.states import RunState, TaskState
from sim.orchestrators.airflow.rows import instances as instances_of

if TYPE_CHECKING:
    from sim.kernel.journal import Row
    from sim.kernel.loop import Kernel
    from sim.orchestrators.airflow.deployment import Airflow
    from sim.orchestrators.airflow.rows import TaskInstance

Trace = dict[str, Any]


def read_trace(airflow: Airflow, kernel: Kernel, epoch: int, *, tick: int) -> Trace:
    """Everything decided, in the recording's form."""
    reader = _Reader(kernel, epoch, by_event=airflow.metadata.version.executor_fails_running)
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
                    **(
                        {}
                        if run.queued_at is None
                        else {"queued_at": reader.seconds(run.queued_at)}
                    ),
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
                    **reader.archived(ti.entity, airflow.metadata.archived_at.get(ti.entity)),
                }
                for ti in instances_of(run)
            ]
        dags.append(
            {
                "dag_id": dag_id,
                "is_paused": dag.paused,
                "next_create_after": reader.seconds(dag.create_after),
                "next_dagrun": None if dag.next is None else reader.seconds(dag.next.logical_date),
            }
        )
    return {
        "dag_runs": runs,
        "task_instances": instances,
        "dags": dags,
        "log": reader.log,
        "deadline_events": deadline_events(kernel.journal, epoch, tick),
        "sla_misses": sla_misses(kernel.journal, epoch),
    }


class _Reader:
    """Folds the journal's facts into rows as Airflow's database holds them at the end."""

    def __init__(self, kernel: Kernel, epoch: int, *, by_event: bool) -> None:
        self._journal = kernel.journal
        self._epoch = epoch
        self._by_event = by_event
        """Whether the executor's events fail running task instances, which Airflow logs."""
        self.log: list[dict[str, Any]] = []
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

    def archived(self, entity: int, instant: int | None) -> dict[str, Any]:
        """A try archived unfinished ended at that moment, unless another one has started since."""
        row = self._instances.get(entity, _blank())
        at = self.seconds(instant)
        if at is None or row["_ended"] > at or (row["start"] is not None and row["start"] >= at):
            return {}
        return {"end": at}

    def read(self) -> None:
        """Go through the whole journal once."""
        kinds = (Fact.RUN_STATE, Fact.TASK_STATE, Fact.PROCESS, Fact.PAUSED)
        for row in self._journal.rows(*kinds):
            at = self.seconds(row.time)
            if row.fact is Fact.RUN_STATE:
                self._run(row.entity, RunState(row.value), at)
            elif row.fact is Fact.PAUSED:
                self._paused(row, at)
            elif row.fact is Fact.PROCESS:
                self._process(row, at)
            else:
                state, number = TaskState(row.value % 256), row.value // 256
                ti = self._instances.setdefault(row.entity, _blank())
                reason = row.detail.get("reason", "")
                self._log_state(row, ti["state"], state, reason, at)
                if reason == "fail_fast" and state is TaskState.FAILED:
                    # the state alone is written; the process ends at one of its heartbeats
                    ti["state"] = state.word
                    continue
                undated = reason in UNDATED
                outside = reason in OUTSIDE
                self._task(ti, state, number, None if undated else at, outside=outside)

    def _paused(self, row: Row, at: Any) -> None:
        """The recorded log holds a DAG that Airflow pauses itself, not what a person does."""
        if row.value and row.cause >= 0 and self._journal[row.cause].fact is Fact.RUN_STATE:
            self._note("paused", at, dag_id=self._journal.name(row.entity))

    def _process(self, row: Row, at: Any) -> None:
        """A process that wrote no state came to its end."""
        ti = self._instances.setdefault(row.entity, _blank())
        end = row.detail["end"]
        if end == "silent":
            self._note_of("heartbeat timeout", row.entity, row.value, at)
            return
        if end == "stuck":
            ti["tries"].append(
                {**_try(ti, row.value, start=None, result="stuck"), "scheduled": None}
            )
            return
        for one in ti["tries"]:
            if one["try"] == row.value and one["result"] is None:
                one["end"] = None if end == "lost" else at
                one["result"] = "crash" if row.detail.get("reason") == "crashed" else end
                if "http" in row.detail:
                    one["http"] = row.detail["http"]

    def _log_state(
        self, row: Row, before: str | None, state: TaskState, reason: str, at: Any
    ) -> None:
        """What Airflow writes to its own log about a change of state."""
        if reason == "stuck_in_queued":
            self._note_of("stuck in queued tries exceeded", row.entity, row.value // 256, at)
        elif state is TaskState.SCHEDULED and before == "queued":
            self._note_of("stuck in queued reschedule", row.entity, row.value // 256, at)
        elif self._by_event and reason == "fail_fast":
            event = "fail task" if state is TaskState.FAILED else "skip task"
            self._note_of(event, row.entity, row.value // 256, at)
        elif self._by_event and (
            reason in {"heartbeat_timeout", "executor_failed"}
            or (before == "restarting" and state is TaskState.NONE and self._by_itself(row))
        ):
            self._note_of("state mismatch", row.entity, row.value // 256, at)

    def _by_itself(self, row: Row) -> bool:
        """Whether nobody did it: the change follows from the change before."""
        return row.cause >= 0 and self._journal[row.cause].fact is Fact.TASK_STATE

    def _note_of(self, event: str, entity: int, number: int, at: Any) -> None:
        instance = self._journal.who(entity)
        run = self._journal.who(instance.parent)
        self._note(
            event,
            at,
            dag_id=self._journal.name(run.parent),
            run_no=run.number,
            task_id=instance.name,
            map_index=instance.number,
            number=number,
        )

    def _note(
        self,
        event: str,
        at: Any,
        *,
        dag_id: str,
        run_no: int | None = None,
        task_id: str | None = None,
        map_index: int | None = None,
        number: int | None = None,
    ) -> None:
        self.log.append(
            {
                "t": at,
                "event": event,
                "dag_id": dag_id,
                "run_no": run_no,
                "task_id": task_id,
                "map_index": map_index,
                "try": number,
            }
        )

    def _run(self, entity: int, state: RunState, at: Any) -> None:
        run = self.runs.setdefault(entity, {"queued_at": None, "start": None, "end": None})
        run["state"] = state.word
        if state is RunState.QUEUED:
            run.update(queued_at=at, start=None, end=None)
        elif state is RunState.RUNNING:
            run.update(start=at, end=None)
        else:
            run["end"] = at

    def _task(
        self, ti: dict[str, Any], state: TaskState, number: int, at: Any, *, outside: bool
    ) -> None:
        before = ti["state"]
        if before == "running":
            ti["_resuming"] = state is TaskState.DEFERRED
        ti["state"] = None if state is TaskState.NONE else state.word
        ti["try_number"] = number
        one = ti["tries"][-1] if ti["tries"] else None
        open_try = one if one is not None and one["result"] is None else None
        if state is TaskState.SCHEDULED:
            ti["scheduled"] = at
        elif state is TaskState.QUEUED:
            ti["queued"] = at
        elif state is TaskState.RUNNING:
            # the row keeps the start of the first part of a deferred try
            ti.update(start=ti["start"] if ti["_resuming"] else at, end=None)
            ti["tries"].append(_try(ti, number, start=at, result=None))
        elif state is TaskState.UP_FOR_RETRY or (outside and state is TaskState.FAILED):
            if open_try is not None and not outside:
                open_try.update(end=at, result=state.word)
            ti["end"] = ti["_ended"] = at
        elif before == "running" and open_try is not None and not outside:
            if at is not None:
                open_try.update(end=at, result=state.word)
                # deferring is not the end of the task instance
                ti["end"] = None if state is TaskState.DEFERRED else at
                ti["_ended"] = at
        elif state in {
            TaskState.FAILED,
            TaskState.SUCCESS,
            TaskState.SKIPPED,
            TaskState.UPSTREAM_FAILED,
        }:
            ti["start"] = at if ti["start"] is None else ti["start"]
            ti["end"] = at if ti["end"] is None else ti["end"]


UNDATED = {"dagrun_timeout", "empty_list", "not_mapped"}
"""Reasons of changes that leave start_date and end_date as they are."""
OUTSIDE = {"killed", "heartbeat_timeout", "executor_failed", "cleared", "orphaned", "branch"}
"""Reasons of changes that the worker of a running task instance did not make."""


def _try(ti: dict[str, Any], number: int, *, start: Any, result: str | None) -> dict[str, Any]:
    return {
        "try": number,
        "scheduled": ti["scheduled"],
        "queued": ti["queued"],
        "start": start,
        "end": None,
        "result": result,
    }


def _blank() -> dict[str, Any]:
    return {
        "state": None,
        "try_number": 0,
        "scheduled": None,
        "queued": None,
        "start": None,
        "end": None,
        "tries": [],
        "_ended": -1,
        "_resuming": False,
    }


# -- comparison -----------------------------------------------------------------------------


def differences(expected: Trace, actual: Trace) -> list[str]:
    """Where two traces differ; what the recording does not have is not compared."""
    return [
        f"{decision.what}: recorded {decision.recorded!r}, here {decision.simulated!r}"
        for decision in compared("", expected, actual)
        if not decision.agrees
    ]
