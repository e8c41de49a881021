"""What types cannot say about an `airflow:` section: names that lead nowhere, cycles, versions.

Every problem in one pass, each with the path in the section, a code, what is wrong and what would
be right. Nothing is raised and nothing is changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_instant, parse_span, zone
from sim.orchestrators.airflow.asset_expressions import assets_of
from sim.orchestrators.airflow.config import TaskArgs, TimetableConfig, alert_names
from sim.orchestrators.airflow.graph import above as direct_upstream
from sim.orchestrators.airflow.plan import timetable_of
from sim.orchestrators.airflow.problems import Path, Problem, nearest
from sim.orchestrators.airflow.task_groups import in_groups
from sim.orchestrators.airflow.task_plan import DEFAULT_POOL
from sim.orchestrators.airflow.timetables import ContinuousTimetable
from sim.orchestrators.airflow.trigger_rules import RULES_OF
from sim.orchestrators.airflow.validate_dag_files import dag_file_problems
from sim.orchestrators.airflow.validate_deadlines import deadline_problems
from sim.orchestrators.airflow.validate_executors import executor_problems
from sim.orchestrators.airflow.validate_graph import (
    fail_fast_problems,
    group_problems,
    mapping_problems,
    shape_problems,
)
from sim.orchestrators.airflow.validate_sensors import target_problems

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sim.orchestrators.airflow.config import AirflowConfig, Dag, Sensor, Task
    from sim.orchestrators.airflow.config_cfg import Cfg


def validate(
    config: AirflowConfig,
    *,
    tasks: Collection[str],
    alerts: Collection[str] = (),
    systems: Collection[str] | None = None,
    timezone: str = "UTC",
) -> Iterator[Problem]:
    """Yield every problem of a section.

    `tasks` and `alerts` are the keys of the config's own parts, `systems` the world's systems
    (None: not known, so not checked). `timezone` is the world's: nothing depends on it, since a
    DAG's own default is UTC wherever it runs.
    """
    del timezone
    yield from _spans(config, ("loop", "task_start_delay", "callback_delay"), ())
    if not _span_of(config.loop):
        yield Problem(("loop",), "E-RANGE", "the loop takes no time at all", "such as 1s")
    yield from executor_problems(config)
    yield from _at_least(config, {"triggerers": 0}, ())
    yield from _at_least(config.cfg.triggerer, {"capacity": 1}, ("cfg", "triggerer"))
    for section in ("core", "scheduler", "workers", "triggerer"):
        part = getattr(config.cfg, section)
        names = [name for name in part.__struct_fields__ if name in _SPANS]
        yield from _spans(part, names, ("cfg", section))
    if config.cfg.core.parallelism < 1:
        path = ("cfg", "core", "parallelism")
        yield Problem(path, "E-RANGE", "with parallelism below 1 nothing ever runs")
    yield from mapping_problems(config.cfg.core)
    if config.schedulers < 1:
        yield Problem(("schedulers",), "E-RANGE", "without a scheduler nothing ever runs")
    if config.cfg.scheduler.num_stuck_in_queued_retries < 0:
        path = ("cfg", "scheduler", "num_stuck_in_queued_retries")
        yield Problem(path, "E-RANGE", "fewer than no retries", "0 or more")
    pools = {name: pool.slots for name, pool in config.pools.items()}
    for name, slots in pools.items():
        if slots < -1:
            path = ("pools", name, "slots")
            yield Problem(path, "E-RANGE", f"{slots} slots", "0 or more; -1 is without bound")
    pools.setdefault(DEFAULT_POOL, config.cfg.core.default_pool_task_slot_count)
    for found in dag_file_problems(config):
        yield Problem(*found)
    known = _Known(config.version, config.cfg, pools, tasks, alerts, systems)
    for place, dag in _definitions(config):
        yield from _dag(dag, place, known)


def _definitions(config: AirflowConfig) -> Iterator[tuple[Path, Dag]]:
    """Every definition of a DAG: at first, and by deploys."""
    for dag_id, dag in config.dags.items():
        yield ("dags", dag_id), dag
    for number, deploy in enumerate(config.deploys):
        for dag_id, dag in deploy.dags.items():
            yield ("deploys", number, "dags", dag_id), dag


@dataclass(frozen=True, slots=True)
class _Known:
    """What the names in a DAG may lead to."""

    version: int
    cfg: Cfg
    pools: Mapping[str, int]
    """Slots by name."""
    tasks: Collection[str]
    alerts: Collection[str]
    systems: Collection[str] | None


_SPANS = frozenset(
    {
        "default_task_retry_delay",
        "max_task_retry_delay",
        "default_task_execution_timeout",
        "job_heartbeat_sec",
        "scheduler_health_check_threshold",
        "orphaned_tasks_check_interval",
        "min_file_process_interval",
        "dag_dir_list_interval",
        "parsing_cleanup_interval",
        "stale_dag_threshold",
        "dagbag_import_timeout",
        "min_heartbeat_interval",
        "scheduler_heartbeat_sec",
        "scheduler_zombie_task_threshold",
        "task_instance_heartbeat_timeout",
        "task_instance_heartbeat_timeout_detection_interval",
        "trigger_timeout_check_interval",
        "triggerer_health_check_threshold",
        "task_queued_timeout",
        "task_queued_timeout_check_interval",
        "zombie_detection_interval",
    }
)


def _dag(dag: Dag, path: Path, known: _Known) -> Iterator[Problem]:
    yield from _schedule(dag, path, known)
    yield from _spans(dag, ("dagrun_timeout",), path)
    yield from _alerts(dag, ("on_failure_callback", "on_success_callback"), path, known.alerts)
    for name in ("max_active_runs", "max_active_tasks"):
        bound = getattr(dag, name)
        if bound is not None and bound < 1:
            yield Problem((*path, name), "E-RANGE", f"with {name}: {bound} nothing ever runs")
    for found in deadline_problems(dag, path, version=known.version):
        yield Problem(*found)
    yield from _alerts(dag, ("sla_miss_callback",), path, known.alerts)
    for number, deadline in enumerate(dag.deadline):
        yield from _alerts(deadline, ("callback",), (*path, "deadline", number), known.alerts)
    if not dag.tasks:
        yield Problem((*path, "tasks"), "E-DAG-EMPTY", "a DAG without tasks")
    yield from _args(dag.default_args, (*path, "default_args"), known)
    for task_id, task in dag.tasks.items():
        place = (*path, "tasks", task_id)
        yield from _args(task, place, known)
        yield from _task(task, place, dag, known)
    yield from fail_fast_problems(dag, path, known.version)
    yield from group_problems(dag, path)
    yield from _cycle(dag, path)


def _schedule(dag: Dag, path: Path, known: _Known) -> Iterator[Problem]:
    try:
        zone(dag.timezone)
    except ValueError as error:
        yield Problem((*path, "timezone"), "E-TIMEZONE", str(error), "such as Europe/Madrid or UTC")
        return
    try:
        timetable = timetable_of(dag, cfg=known.cfg, version=known.version)
        assets_of(dag.schedule)
    except (ValueError, KeyError) as error:
        hint = getattr(error, "hint", "") or 'such as "0 3 * * *", "@daily", "1d" or null'
        place = (*path, "schedule")
        if isinstance(dag.schedule, TimetableConfig) and dag.schedule.cron is not None:
            place = (*place, "cron")
        yield Problem(place, "E-SCHEDULE", str(error), hint)
        return
    if isinstance(timetable, ContinuousTimetable) and dag.max_active_runs != 1:
        message = "@continuous needs max_active_runs: 1"
        yield Problem((*path, "schedule"), "E-SCHEDULE", message, "add max_active_runs: 1")
    dates = {}
    for name in ("start_date", "end_date"):
        text = getattr(dag, name)
        if text is None:
            continue
        try:
            dates[name] = parse_instant(text, dag.timezone)
        except ValueError:
            message = f'"{text}" is no date or instant'
            yield Problem((*path, name), "E-DATE", message, "such as 2024-03-01")
    if len(dates) == 2 and dates["end_date"] < dates["start_date"]:  # noqa: PLR2004 - both
        yield Problem((*path, "end_date"), "E-DATE", "the end_date is before the start_date")


def _args(args: TaskArgs, path: Path, known: _Known) -> Iterator[Problem]:
    yield from _spans(args, ("retry_delay", "max_retry_delay", "execution_timeout", "sla"), path)
    yield from _alerts(args, _CALLBACKS, path, known.alerts)
    rule = args.trigger_rule
    if rule is not None and rule not in RULES_OF[known.version]:
        message = f"Airflow {known.version} has no trigger rule {rule}"
        yield Problem((*path, "trigger_rule"), "E-TRIGGER-RULE", message, _OTHER_RULE.get(rule, ""))
    pool = args.pool or DEFAULT_POOL
    slots = known.pools.get(pool)
    if slots is None:
        message = f'pool "{pool}" is not defined'
        yield Problem((*path, "pool"), "E-POOL-UNKNOWN", message, nearest(pool, known.pools))
    elif args.pool_slots is not None and args.pool_slots > slots >= 0:
        message = f"{args.pool_slots} slots of a pool that has {slots}: it never runs"
        yield Problem((*path, "pool_slots"), "E-POOL-SLOTS", message, "make the pool bigger")
    for name, least in (("retries", 0), ("pool_slots", 1), *((bound, 1) for bound in _BOUNDS)):
        value = getattr(args, name)
        if value is not None and value < least:
            message = f"{name} must be at least {least}"
            yield Problem((*path, name), "E-RANGE", message)


_CALLBACKS = (
    "on_failure_callback",
    "on_retry_callback",
    "on_success_callback",
    "on_skipped_callback",
)
_BOUNDS = ("max_active_tis_per_dag", "max_active_tis_per_dagrun")
_OTHER_RULE = {
    "none_failed_or_skipped": "it is called none_failed_min_one_success now",
    "dummy": "it is called always now",
    "all_done_min_one_success": "it came with Airflow 3; the nearest here is one_success",
}


def _task(task: Task, path: Path, dag: Dag, known: _Known) -> Iterator[Problem]:
    task_id = str(path[-1])
    for index, name in enumerate(task.upstream):
        if name not in dag.tasks:
            message = f'upstream task "{name}" is not in this DAG'
            place = (*path, "upstream", index)
            yield Problem(place, "E-TASK-UNKNOWN", message, nearest(name, dag.tasks))
    if task.type == "sensor" and task.sensor is None:
        yield Problem(path, "E-SENSOR", "a sensor needs to know what it waits for", "add sensor: …")
    elif task.type != "sensor" and task.sensor is not None:
        message = f"the task is of type {task.type}, so it waits for nothing"
        yield Problem((*path, "sensor"), "E-SENSOR", message, "set type: sensor")
    if task.sensor is not None:
        yield from _sensor(task.sensor, (*path, "sensor"), known.systems)
    yield from shape_problems(task, path, dag)
    if task.type not in {"empty", "latest_only", "sensor"} and task_id not in known.tasks:
        message = f'"{task_id}" is none of the config\'s tasks, so there is nothing to run'
        yield Problem(path, "E-TASK-UNKNOWN", message, nearest(task_id, known.tasks))


def _sensor(sensor: Sensor, path: Path, systems: Collection[str] | None) -> Iterator[Problem]:
    spans = ("max_lag", "poke_interval", "timeout", "execution_delta", "max_wait")
    yield from _spans(sensor, spans, path)
    if sensor.soft_fail and sensor.never_fail:
        message = "soft_fail and never_fail are mutually exclusive"
        yield Problem((*path, "never_fail"), "E-SENSOR", message, "take one of them out")
    for found in target_problems(sensor, path):
        yield Problem(*found)
    if systems is not None and sensor.system and sensor.system not in systems:
        message = f'system "{sensor.system}" does not exist'
        hint = nearest(sensor.system, systems)
        yield Problem((*path, "system"), "E-SYSTEM-UNKNOWN", message, hint)


def _cycle(dag: Dag, path: Path) -> Iterator[Problem]:
    """The first cycle, edge by edge."""
    done: set[str] = set()
    tasks = in_groups(dag)
    for start in tasks:
        trail: list[str] = []
        found = _walk(start, tasks, trail, done)
        if found:
            chain = " -> ".join(reversed(found))
            place = (*path, "tasks", found[0], "upstream")
            message = f"the tasks wait for one another: {chain}"
            yield Problem(place, "E-CYCLE", message, "take one of these edges out")
            return


def _walk(
    task_id: str, tasks: Mapping[str, Task], trail: list[str], done: set[str]
) -> list[str] | None:
    """A cycle reachable from a task, first task repeated at its end, or None."""
    stack = [(task_id, iter(direct_upstream(tasks[task_id])))]
    trail.append(task_id)
    while stack:
        name, rest = stack[-1]
        above = next((one for one in rest if one in tasks and one not in done), None)
        if above is None:
            done.add(name)
            stack.pop()
            trail.pop()
        elif above in trail:
            return [*trail[trail.index(above) :], above]
        else:
            trail.append(above)
            stack.append((above, iter(direct_upstream(tasks[above]))))
    return None


def _spans(part: object, names: Collection[str], path: Path) -> Iterator[Problem]:
    for name in names:
        span = getattr(part, name)
        if span is not None and _span_of(span) is None:
            message = f'"{span}" is no span of time'
            yield Problem((*path, name), "E-SPAN", message, "such as 45m, 1h30m or 20s")


def _at_least(part: object, least: Mapping[str, int], path: Path) -> Iterator[Problem]:
    for name, bound in least.items():
        if getattr(part, name) < bound:
            message = f"{name} must be at least {bound}"
            yield Problem((*path, name), "E-RANGE", message)


def _span_of(span: str | float) -> int | None:
    try:
        us = parse_span(span)
    except ValueError:
        return None
    return us if us >= 0 else None


def _alerts(
    part: object, names: Collection[str], path: Path, alerts: Collection[str]
) -> Iterator[Problem]:
    for name in names:
        for alert in alert_names(getattr(part, name)):
            if alert not in alerts:
                message = f'alert "{alert}" is not defined'
                yield Problem((*path, name), "E-ALERT-UNKNOWN", message, nearest(alert, alerts))
