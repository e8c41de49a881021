"""DAGs ready to be scheduled: names resolved to numbers, defaults filled in.

A plan is built once from a config that `validate` found free of errors and never changes. Tasks
are numbered in topological order (ties as written), so that a pass in number order meets every
task after its upstream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import parse_instant
from sim.orchestrators.airflow.asset_expressions import AssetExpression, assets_of
from sim.orchestrators.airflow.config import TimetableConfig, alert_names
from sim.orchestrators.airflow.deadlines import DeadlinePlan, plan_deadlines
from sim.orchestrators.airflow.graph import Graph, literally_mapped, topological
from sim.orchestrators.airflow.task_groups import in_groups
from sim.orchestrators.airflow.task_plan import TaskPlan, plan_tasks, span_or_none
from sim.orchestrators.airflow.timetables_build import build_timetable

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.airflow.config import AirflowConfig, Dag
    from sim.orchestrators.airflow.config_cfg import Cfg
    from sim.orchestrators.airflow.timetables import Timetable
    from sim.orchestrators.airflow.versions import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class DagPlan:
    """One DAG. Spans in microseconds."""

    dag_id: str
    number: int
    """Its place in the config."""
    timetable: Timetable
    assets: AssetExpression | None
    """Whose updates start runs."""
    timezone: str
    start_date: int | None
    end_date: int | None
    catchup: bool
    max_active_runs: int
    max_active_tasks: int
    dagrun_timeout: int | None
    max_consecutive_failed_dag_runs: int
    paused: bool
    tasks: tuple[TaskPlan, ...]
    task_ids: tuple[str, ...]
    """By number of the task."""
    starters: tuple[int, ...]
    """Tasks that need not wait for anyone: without upstream, or with the rule `always`."""
    leaves: tuple[int, ...]
    """The tasks that decide how a run ends."""
    literal: tuple[int, ...]
    """Mapped tasks all of whose lists stand in the DAG file."""
    graph: Graph
    fail_fast: bool
    numbers: Mapping[str, int]
    """From task_id to number."""
    deadlock_checked: bool
    """No task has depends_on_past or a concurrency bound, which switch the check off."""
    looks_back: bool
    """Some task has depends_on_past or wait_for_downstream."""
    limited: bool
    """Some task has a concurrency bound of its own."""
    pool: str | None
    """Of which each task takes one slot and waits for nothing else; None: it is not so simple."""
    on_failure: tuple[str, ...]
    on_success: tuple[str, ...]
    on_sla_miss: tuple[str, ...]
    slas: tuple[tuple[int, int], ...]
    """Number of the task and span (2.x)."""
    deadlines: tuple[DeadlinePlan, ...]


def plan_dags(config: AirflowConfig, version: Version) -> list[DagPlan]:
    """Every DAG of the config, in its order."""
    return [
        plan_dag(dag_id, number, dag, config, version)
        for number, (dag_id, dag) in enumerate(config.dags.items())
    ]


def later_plans(config: AirflowConfig, version: Version) -> list[DagPlan]:
    """What deploys make of DAGs, in the order of the deploys."""
    numbers = {dag_id: number for number, dag_id in enumerate(config.dags)}
    return [
        plan_dag(dag_id, numbers[dag_id], dag, config, version)
        for deploy in sorted(config.deploys, key=lambda one: parse_instant(one.at))
        for dag_id, dag in deploy.dags.items()
    ]


def plan_dag(
    dag_id: str, number: int, dag: Dag, config: AirflowConfig, version: Version
) -> DagPlan:
    """One DAG, the `number`th of the config."""
    cfg = config.cfg
    given = in_groups(dag)
    order = topological(given)
    numbers = {task_id: number for number, task_id in enumerate(order)}
    graph = Graph.of(given, numbers)
    tasks = plan_tasks(dag_id, dag, graph, numbers, config, given=given)
    catchup = _first(dag.catchup, cfg.scheduler.catchup_by_default, version.catchup_by_default)
    looks_back = any(task.depends_on_past or task.wait_for_downstream for task in tasks)
    limited = any(task.limited for task in tasks)
    return DagPlan(
        dag_id=dag_id,
        number=number,
        timetable=timetable_of(dag, cfg=config.cfg, version=version.number),
        assets=assets_of(dag.schedule),
        timezone=dag.timezone,
        start_date=_instant(dag.start_date, dag.timezone),
        end_date=_instant(dag.end_date, dag.timezone),
        catchup=catchup,
        max_active_runs=_first(dag.max_active_runs, cfg.core.max_active_runs_per_dag),
        max_active_tasks=_first(dag.max_active_tasks, cfg.core.max_active_tasks_per_dag),
        dagrun_timeout=span_or_none(dag.dagrun_timeout),
        max_consecutive_failed_dag_runs=_first(
            dag.max_consecutive_failed_dag_runs, cfg.core.max_consecutive_failed_dag_runs_per_dag
        ),
        paused=dag.is_paused_upon_creation,
        tasks=tasks,
        task_ids=tuple(order),
        starters=tuple(
            task.number
            for task in tasks
            if not task.upstream or task.trigger_rule in {"always", "dummy"}
        ),
        leaves=graph.leaves(),
        literal=literally_mapped([task.shape for task in tasks]),
        graph=graph,
        fail_fast=dag.fail_fast or dag.fail_stop,
        numbers=numbers,
        deadlock_checked=not limited and not any(task.depends_on_past for task in tasks),
        looks_back=looks_back,
        limited=limited,
        pool=_shared_pool(tasks),
        on_failure=alert_names(dag.on_failure_callback),
        on_success=alert_names(dag.on_success_callback),
        on_sla_miss=alert_names(dag.sla_miss_callback),
        slas=tuple(
            (task.number, task.sla)
            for task in tasks
            if task.sla is not None and version.slas and cfg.core.check_slas
        ),
        deadlines=plan_deadlines(dag),
    )


def _shared_pool(tasks: tuple[TaskPlan, ...]) -> str | None:
    pools = {task.pool for task in tasks}
    alike = all(
        task.pool_slots == 1
        and task.shape is None
        and not (task.limited or task.instant or task.depends_on_past)
        for task in tasks
    )
    return pools.pop() if alike and len(pools) == 1 else None


def timetable_of(dag: Dag, *, cfg: Cfg, version: int) -> Timetable:
    """The timetable that a DAG's `schedule` means. Raises `ValueError` for one that means none."""
    schedule = None if isinstance(dag.schedule, list) else dag.schedule
    given = schedule.as_mapping() if isinstance(schedule, TimetableConfig) else schedule
    return build_timetable(given, version=version, timezone=dag.timezone, cfg=cfg.as_mapping())


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _instant(text: str | None, timezone: str) -> int | None:
    return None if text is None else parse_instant(text, timezone)
