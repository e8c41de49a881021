"""Replays a recorded workload of the real scheduler and gives the trace in the same form.

The workload's fixed durations and outcomes stand in for the workshop; everything else is decided by
`sim.orchestrators.airflow`. Form and time model: the recording's own description, kept in
`docs/conform.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from sim.conform.trace import Trace, read_trace
from sim.kernel.calendar import SECOND, parse_instant, to_civil, to_micros
from sim.kernel.loop import WORLD_FIRST, Kernel
from sim.model.interventions import Pause, SetPool
from sim.model.work import Attempt, Outcome, Result
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.deployment import Airflow
from sim.orchestrators.airflow.operations import select
from sim.platform.contract import Platform

if TYPE_CHECKING:
    from collections.abc import Callable


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
            "workers": {"min_heartbeat_interval": 0},
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
