"""Replays a recorded workload of the real scheduler and gives the trace in the same form.

The workload's fixed durations and outcomes stand in for the workshop; everything else is decided by
`sim.orchestrators.airflow`. Form and time model: the recording's own description, kept in
`docs/conform.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from sim.conform.actions import act
from sim.conform.trace import Trace, read_trace
from sim.kernel.calendar import DAY, SECOND, parse_instant, to_civil, to_micros
from sim.kernel.loop import WORLD_FIRST, Kernel
from sim.model.work import Attempt, Deferral, Outcome, Result, Returned
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.deployment import Airflow
from sim.orchestrators.airflow.executor import Traits
from sim.platform.contract import Fate, Platform

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Call

NEVER = 1000 * DAY
"""Longer than any recording."""
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
    timers = workload["config"].get("timers", False)
    platform = Platform(
        kernel=kernel,
        workshop=workshop,
        announcer=Silence(),
        timezone="UTC",
        end=end + 1,
        fates=RecordedFates(kernel, workload) if timers else None,
    )
    config = msgspec.convert(config_of(workload, version, epoch), AirflowConfig)
    revokes = timers and workload["config"].get("executor_revokes", True)
    airflow = Airflow(config, platform, cold=True, traits=Traits(adopts=False, revokes=revokes))
    if not timers:
        # the recording drove no timer of the scheduler, and this one notices ends in paused DAGs
        airflow.metadata.paused_changed = lambda: None
    airflow.start()
    errors: list[dict[str, Any]] = []
    for action in workload.get("actions", []):
        at = epoch + action["at_s"] * SECOND
        kernel.at(at, act, airflow, action, epoch, errors, priority=WORLD_FIRST)
    if every_loop:
        for at in range(epoch, end + 1, workload["tick_s"] * SECOND):
            kernel.at(at, airflow.clockwork.wake)
    kernel.run(until=end + 1)
    return {
        **read_trace(airflow, kernel, epoch, tick=workload["tick_s"] * SECOND),
        "action_errors": errors,
    }


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
        "callback_delay": given.get("callback_delay_s", 0),
        "cfg": {
            "core": {
                "parallelism": given.get("parallelism", 32),
                "default_pool_task_slot_count": given.get("default_pool_slots", 128),
            },
            "scheduler": {
                **{key: given[key] for key in scheduler_keys if key in given},
                "min_file_process_interval": 0,
                **timers_of(given),
            },
            "workers": {"min_heartbeat_interval": heartbeat_of(given)},
        },
        "pools": {
            pool["name"]: {
                "slots": pool["slots"],
                "include_deferred": pool.get("include_deferred", False),
            }
            for pool in workload.get("pools", [])
        },
        "dags": {dag["dag_id"]: dag_of(dag, version, epoch) for dag in workload["dags"]},
    }


def heartbeat_of(given: dict[str, Any]) -> int:
    """How often workers send heartbeats; never in a recording without timers."""
    return int(given.get("heartbeat_every_s", 5)) if given.get("timers") else 0


def timers_of(given: dict[str, Any]) -> dict[str, Any]:
    """The timers of a scheduler, in the options of both versions."""
    names = {
        "heartbeat_timeout_s": (
            "scheduler_zombie_task_threshold",
            "task_instance_heartbeat_timeout",
        ),
        "heartbeat_detection_interval_s": (
            "zombie_detection_interval",
            "task_instance_heartbeat_timeout_detection_interval",
        ),
        "task_queued_timeout_s": ("task_queued_timeout",),
        "task_queued_check_interval_s": ("task_queued_timeout_check_interval",),
        "num_stuck_in_queued_retries": ("num_stuck_in_queued_retries",),
        "orphan_check_interval_s": ("orphaned_tasks_check_interval",),
        "scheduler_health_threshold_s": ("scheduler_health_check_threshold",),
    }
    made = {option: given[key] for key, names in names.items() if key in given for option in names}
    return {"job_heartbeat_sec": heartbeat_of(given), **made}


def dag_of(dag: dict[str, Any], version: int, epoch: int) -> dict[str, Any]:
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
    if "deadlines" in dag:
        made["deadline"] = [deadline_of(deadline, epoch) for deadline in dag["deadlines"]]
    if dag.get("fail_fast"):
        made["fail_fast" if version > 2 else "fail_stop"] = True  # noqa: PLR2004 - its older name
    if "dagrun_timeout_s" in dag:
        made["dagrun_timeout"] = dag["dagrun_timeout_s"]
    return made


def deadline_of(deadline: dict[str, Any], epoch: int) -> dict[str, Any]:
    """A deadline as the config says it."""
    references = {
        "logical_date": "DAGRUN_LOGICAL_DATE",
        "queued_at": "DAGRUN_QUEUED_AT",
        "fixed": "FIXED_DATETIME",
        "average_runtime": "AVERAGE_RUNTIME",
    }
    made = {
        "name": deadline["name"],
        "reference": references[deadline["reference"]],
        "interval": deadline["interval_s"],
        "datetime": iso(epoch, deadline.get("at_s")),
    }
    return made | {key: deadline[key] for key in ("max_runs", "min_runs") if key in deadline}


def schedule_of(schedule: dict[str, Any]) -> str | list[Any] | dict[str, Any] | None:
    """A timetable as the config says it."""
    names = {
        "cron_interval": "CronDataIntervalTimetable",
        "cron_trigger": "CronTriggerTimetable",
        "delta_interval": "DeltaDataIntervalTimetable",
        "delta_trigger": "DeltaTriggerTimetable",
    }
    kind = schedule["kind"]
    if kind == "none":
        return None
    if kind == "once":
        return "@once"
    if kind == "assets":
        expr = schedule["expr"]
        return [expr] if isinstance(expr, str) else expr
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
        "outlets",
        "setup",
        "teardown",
        "setups",
        "on_failure_fail_dagrun",
    )
    made = {key: task[key] for key in same if key in task}
    if "expand_over" in task:
        made["expand"] = {"entry": task["expand_over"]}
    for key in ("retry_delay", "max_retry_delay", "execution_timeout", "sla"):
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
    """A try under way."""

    call: Call

    def kill(self, reason: str) -> None:  # noqa: ARG002 - whatever the reason
        """Its end never comes."""
        self.call.cancel()


class RecordedWork:
    """Performs every try as the workload says."""

    def __init__(self, kernel: Kernel, workload: dict[str, Any], epoch: int) -> None:
        self._kernel = kernel
        self._epoch = epoch
        self._fail_method_s = workload["config"].get("fail_method_s", 1)
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
            return Started(
                self._kernel.after(
                    task["poke_duration_s"] * SECOND, self._poked, attempt, task, run_no, on_end
                )
            )
        said = outcome_of(task, run_no, instance.number, attempt.try_number)
        return self._perform(said, on_end)

    def _perform(self, said: dict[str, Any], on_end: Callable[[Outcome], None]) -> Started:
        """A try, or the second part of one that was deferred."""
        if said["outcome"] in {"lost", "crash"}:
            return Started(self._kernel.after(NEVER, on_end, Outcome(Result.FAILED)))
        ends_at = self._kernel.now + said["duration_s"] * SECOND
        if said["outcome"] == "defer":
            outcome = Outcome(Result.DEFERRED, deferral=self._deferral(said, ends_at))
        else:
            outcome = Outcome(
                _RESULTS[said["outcome"]],
                follow=tuple(said["follow"]) if "follow" in said else None,
                short_circuit=said.get("short_circuit", False),
                returned=Returned(0, said["map_length"]) if "map_length" in said else None,
            )
        return Started(self._kernel.at(ends_at, on_end, outcome))

    def _deferral(self, said: dict[str, Any], deferred_at: int) -> Deferral:
        fires_at = deferred_at + said["trigger_s"] * SECOND
        timeout = said.get("trigger_timeout_s")

        def trigger(fire: Callable[[], None]) -> Started:
            return Started(self._kernel.at(max(fires_at, self._kernel.now), fire))

        def resume(timed_out: bool, on_end: Callable[[Outcome], None]) -> Started:  # noqa: FBT001
            fail_method = {"outcome": "fail", "duration_s": self._fail_method_s}
            return self._perform(fail_method if timed_out else said["then"], on_end)

        return Deferral(trigger, resume, None if timeout is None else timeout * SECOND)

    def _poked(
        self, attempt: Attempt, task: dict[str, Any], run_no: int, on_end: Callable[[Outcome], None]
    ) -> None:
        due = task["ready_after_run_s"]
        run_after = attempt.macros()["run_after"]
        ready = self._kernel.now >= to_micros(run_after) + due[run_no % len(due)] * SECOND
        on_end(Outcome(Result.SUCCESS if ready else Result.NOT_READY))


def outcome_of(task: dict[str, Any], run_no: int, map_index: int, number: int) -> dict[str, Any]:
    """What the workload says about one try; a sensor's pokes and empty tasks have nothing said."""
    tries = task.get("tries", [{"outcome": "success"}])
    if "tries_by_run" in task:
        tries = task["tries_by_run"][run_no % len(task["tries_by_run"])]
    if map_index >= 0 and "map_tries" in task:
        tries = task["map_tries"][map_index % len(task["map_tries"])]
    said: dict[str, Any] = tries[min(number, len(tries)) - 1]
    return said


class RecordedFates:
    """What the workload does to workers: lost, crashed, cut off, hand-overs that vanish."""

    def __init__(self, kernel: Kernel, workload: dict[str, Any]) -> None:
        self._journal = kernel.journal
        self._tasks = {
            (dag["dag_id"], task["task_id"]): task
            for dag in workload["dags"]
            for task in dag["tasks"]
        }
        self._vanished: dict[int, int] = {}

    def delivered_again(self, attempt: Attempt) -> int | None:  # noqa: ARG002 - none is recorded
        """Never."""
        return None

    def of(self, attempt: Attempt) -> Fate | None:
        """Lost, crashed or cut off as written."""
        task = self._tasks[attempt.pipeline, attempt.task]
        instance = self._journal.who(attempt.task_instance)
        run_no = self._journal.who(instance.parent).number
        said = outcome_of(task, run_no, instance.number, attempt.try_number)
        if said["outcome"] == "lost":
            return Fate("worker_lost", said["after_s"] * SECOND)
        if said["outcome"] == "crash":
            return Fate("worker_crash", said["duration_s"] * SECOND)
        if "heartbeats_until_s" in said:
            return Fate("network_split", said["heartbeats_until_s"] * SECOND)
        return None

    def vanishes(self, attempt: Attempt) -> bool:
        """The first so many hand-overs of each task instance do."""
        count = self._vanished.get(attempt.task_instance, 0)
        task = self._tasks[attempt.pipeline, attempt.task]
        if count >= task.get("stuck_dispatches", 0):
            return False
        self._vanished[attempt.task_instance] = count + 1
        return True
