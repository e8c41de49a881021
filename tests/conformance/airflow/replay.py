"""Replays a recorded workload of the real scheduler and gives the trace in the same form.

The workload's fixed durations and outcomes stand in for the workshop; everything else is decided by
`sim.orchestrators.airflow`. The trace is read from the journal alone, but for max_tries and the
pointers, which no fact tells. Form and time model: the recording's own description, kept in
`README.md` beside this module.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from sim.kernel.calendar import SECOND, parse_instant, to_civil, to_micros
from sim.kernel.loop import WORLD_FIRST, Kernel
from sim.model.facts import Fact
from sim.model.interventions import Pause, SetPool
from sim.model.states import RunState, TaskState
from sim.model.work import Attempt, Outcome, Result
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.deployment import Airflow
from sim.orchestrators.airflow.operations import select
from sim.platform.contract import Platform

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.airflow.rows import TaskInstance

Trace = dict[str, Any]

_RESULTS = {
    "success": Result.SUCCESS,
    "fail": Result.FAILED,
    "fail_no_retry": Result.FAILED_NO_RETRY,
    "skip": Result.SKIPPED,
}


def replay(workload: dict[str, Any], version: int, *, every_loop: bool = False) -> Trace:
    """What this program's Airflow decides for a workload, as a trace.

    `every_loop` steps the quiet loops as well, which must make no difference.
    """
    epoch = parse_instant(workload["epoch"])
    kernel = Kernel(seed=0, start=epoch)
    workshop = RecordedWork(kernel, workload, epoch)
    end = epoch + workload["horizon_s"] * SECOND
    platform = Platform(
        kernel=kernel, workshop=workshop, announcer=Silence(), timezone="UTC", end=end + 1
    )
    config = msgspec.convert(config_of(workload, version, epoch), AirflowConfig)
    airflow = Airflow(config, platform, cold=True)
    airflow.start()
    for action in workload.get("actions", []):
        at = epoch + action["at_s"] * SECOND
        kernel.at(at, act, airflow, action, epoch, priority=WORLD_FIRST)
    if every_loop:
        for at in range(epoch, end + 1, workload["tick_s"] * SECOND):
            kernel.at(at, airflow.clockwork.wake)
    kernel.run(until=end + 1)
    return read_trace(airflow, kernel, epoch)


# -- the workload ---------------------------------------------------------------------------


def config_of(workload: dict[str, Any], version: int, epoch: int) -> dict[str, Any]:
    """The workload as an `airflow:` section."""
    given = workload["config"]
    scheduler_keys = (
        "max_tis_per_query",
        "max_dagruns_to_create_per_loop",
        "max_dagruns_per_loop_to_schedule",
    )
    return {
        "version": version,
        "loop": workload["tick_s"],
        "task_start_delay": given.get("task_start_delay_s", 0),
        "cfg": {
            "core": {
                "parallelism": given.get("parallelism", 32),
                "default_pool_task_slot_count": given.get("default_pool_slots", 128),
            },
            "scheduler": {
                **{key: given[key] for key in scheduler_keys if key in given},
                "job_heartbeat_sec": 0,
                "min_file_process_interval": 0,
            },
        },
        "pools": {
            pool["name"]: {
                "slots": pool["slots"],
                "include_deferred": pool.get("include_deferred", False),
            }
            for pool in workload.get("pools", [])
        },
        "dags": {dag["dag_id"]: dag_of(dag, epoch) for dag in workload["dags"]},
    }


def dag_of(dag: dict[str, Any], epoch: int) -> dict[str, Any]:
    """One DAG as the config says it."""
    made: dict[str, Any] = {
        "schedule": schedule_of(dag["schedule"]),
        "start_date": iso(epoch, dag.get("start_s")),
        "end_date": iso(epoch, dag.get("end_s")),
        "catchup": dag["catchup"],
        "tasks": {task["task_id"]: task_of(task) for task in dag["tasks"]},
    }
    for key in ("max_active_runs", "max_active_tasks", "max_consecutive_failed_dag_runs"):
        if key in dag:
            made[key] = dag[key]
    if "dagrun_timeout_s" in dag:
        made["dagrun_timeout"] = dag["dagrun_timeout_s"]
    return made


def schedule_of(schedule: dict[str, Any]) -> str | dict[str, Any]:
    """A timetable as the config says it."""
    names = {
        "cron_interval": "CronDataIntervalTimetable",
        "cron_trigger": "CronTriggerTimetable",
        "delta_interval": "DeltaDataIntervalTimetable",
        "delta_trigger": "DeltaTriggerTimetable",
    }
    kind = schedule["kind"]
    if kind == "once":
        return "@once"
    if "delta_s" in schedule:
        return {"timetable": names[kind], "delta": schedule["delta_s"]}
    return {"timetable": names[kind], "cron": schedule["expr"]}


def task_of(task: dict[str, Any]) -> dict[str, Any]:
    """One task as the config says it."""
    same = (
        "upstream",
        "type",
        "trigger_rule",
        "retries",
        "priority_weight",
        "weight_rule",
        "pool",
        "pool_slots",
        "depends_on_past",
        "wait_for_downstream",
        "max_active_tis_per_dag",
        "max_active_tis_per_dagrun",
        "ignore_downstream_trigger_rules",
        "retry_exponential_backoff",
    )
    made = {key: task[key] for key in same if key in task}
    for key in ("retry_delay", "max_retry_delay", "execution_timeout"):
        if f"{key}_s" in task:
            made[key] = task[f"{key}_s"]
    if task.get("type") == "sensor":
        made["sensor"] = {
            "system": "recorded",
            "mode": task["mode"],
            "poke_interval": task["poke_interval_s"],
            "timeout": task["timeout_s"],
            "soft_fail": task.get("soft_fail", False),
        }
    return made


def iso(epoch: int, seconds: int | None) -> str | None:
    """Seconds after the epoch as an ISO instant."""
    if seconds is None:
        return None
    return to_civil(epoch + seconds * SECOND).isoformat()


@dataclass(frozen=True)
class Silence:
    """Sends nothing."""

    def send(self, alert: str, attempt: Attempt, *, cause: int) -> None:
        """Nothing."""


@dataclass(frozen=True)
class Started:
    """A try that nothing kills."""

    def kill(self, reason: str) -> None:
        """Nothing: heartbeats are off."""


class RecordedWork:
    """Performs every try as the workload says."""

    def __init__(self, kernel: Kernel, workload: dict[str, Any], epoch: int) -> None:
        self._kernel = kernel
        self._epoch = epoch
        self._tasks = {
            (dag["dag_id"], task["task_id"]): task
            for dag in workload["dags"]
            for task in dag["tasks"]
        }

    def begin(self, attempt: Attempt, on_end: Callable[[Outcome], None]) -> Started:
        """Start one try; it ends as written."""
        task = self._tasks[attempt.pipeline, attempt.task]
        journal = self._kernel.journal
        instance = journal.who(attempt.task_instance)
        run_no = journal.who(instance.parent).number
        if task.get("type") == "sensor":
            self._kernel.after(
                task["poke_duration_s"] * SECOND, self._poked, attempt, task, run_no, on_end
            )
            return Started()
        tries = task.get("tries")
        if "tries_by_run" in task:
            tries = task["tries_by_run"][run_no % len(task["tries_by_run"])]
        if instance.number >= 0 and "map_tries" in task:
            tries = task["map_tries"][instance.number % len(task["map_tries"])]
        said = tries[min(attempt.try_number, len(tries)) - 1]
        outcome = Outcome(
            _RESULTS[said["outcome"]],
            follow=tuple(said["follow"]) if "follow" in said else None,
            short_circuit=said.get("short_circuit", False),
        )
        self._kernel.after(said["duration_s"] * SECOND, on_end, outcome)
        return Started()

    def _poked(
        self, attempt: Attempt, task: dict[str, Any], run_no: int, on_end: Callable[[Outcome], None]
    ) -> None:
        due = task["ready_after_run_s"]
        run_after = attempt.macros()["run_after"]
        ready = self._kernel.now >= to_micros(run_after) + due[run_no % len(due)] * SECOND
        on_end(Outcome(Result.SUCCESS if ready else Result.NOT_READY))


def act(airflow: Airflow, action: dict[str, Any], epoch: int) -> None:
    """An outside action of the workload."""
    at = epoch + action["at_s"] * SECOND
    kind = action["action"]
    if kind == "set_pool":
        airflow.intervene(SetPool(at=at, pool=action["pool"], slots=action["slots"]))
        return
    dag = airflow.metadata.dags[action["dag_id"]]
    if kind == "pause":
        airflow.intervene(Pause(at=at, pipeline=action["dag_id"], paused=action["value"]))
    elif kind == "trigger":
        airflow.operations.trigger(dag, epoch + action["logical_s"] * SECOND, cause=-1)
    elif kind == "clear":
        run = dag.runs[action["run_no"]]
        tis = select(
            run,
            action["tasks"],
            downstream=action["downstream"],
            only_failed=action.get("only_failed", False),
        )
        airflow.operations.clear(run, tis, cause=-1)
    elif kind == "backfill":
        airflow.operations.backfill(
            dag,
            epoch + action["from_s"] * SECOND,
            epoch + action["to_s"] * SECOND,
            max_active_runs=action["max_active_runs"],
            reverse=action["reverse"],
            reprocess=action["reprocess"],
            cause=-1,
        )


# -- the trace ------------------------------------------------------------------------------


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
    """Where two traces differ; fields that the recording does not have are not compared."""
    found = []
    keys = {
        "dag_runs": ("dag_id", "run_no"),
        "task_instances": ("dag_id", "run_no", "task_id", "map_index"),
        "dags": ("dag_id",),
    }
    for part, names in keys.items():
        theirs = {tuple(row[name] for name in names): row for row in expected[part]}
        ours = {tuple(row[name] for name in names): row for row in actual[part]}
        for key in sorted(theirs.keys() | ours.keys(), key=str):
            if key not in ours or key not in theirs:
                found.append(f"{part} {key}: only {'recorded' if key in theirs else 'here'}")
                continue
            found += [
                f"{part} {key} {name}: recorded {value!r}, here {ours[key].get(name)!r}"
                for name, value in theirs[key].items()
                if _plain(value) != _plain(ours[key].get(name), value)
            ]
    return found


def _plain(value: Any, like: Any = None) -> Any:
    """Tries without the fields that the recording of 2.x does not have."""
    if isinstance(value, list):
        if isinstance(like, list) and like:
            names = like[0].keys()
            return [{name: one.get(name) for name in names} for one in value]
        return value
    return value
