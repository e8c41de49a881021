"""DAGs ready to be scheduled: names resolved to numbers, defaults filled in, weights computed.

A plan is built once from a config that `validate` found free of errors and never changes. Tasks
are numbered in topological order (ties as written), so that a pass in number order meets every
task after its upstream.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from sim.kernel.calendar import parse_instant, parse_span
from sim.orchestrators.airflow.asset_expressions import AssetExpression, assets_of
from sim.orchestrators.airflow.config import TimetableConfig, alert_names
from sim.orchestrators.airflow.deadlines import DeadlinePlan, plan_deadlines
from sim.orchestrators.airflow.graph import Graph, Shape, literally_mapped, shapes, topological
from sim.orchestrators.airflow.retries import RetryPolicy
from sim.orchestrators.airflow.timetables_build import build_timetable
from sim.orchestrators.airflow.weights import effective_weights, stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.airflow.config import AirflowConfig, Dag, Sensor, Task
    from sim.orchestrators.airflow.config_cfg import Cfg
    from sim.orchestrators.airflow.config_section import Span
    from sim.orchestrators.airflow.timetables import Timetable
    from sim.orchestrators.airflow.versions import Version

DEFAULT_POOL = "default_pool"


@dataclass(frozen=True, slots=True, kw_only=True)
class Callbacks:
    """Alerts to send, by what happened."""

    failure: tuple[str, ...] = ()
    retry: tuple[str, ...] = ()
    success: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorPlan:
    """How a sensor waits. Spans in microseconds."""

    reschedule: bool
    deferrable: bool
    poke_interval: int
    timeout: int
    soft_fail: bool
    silent_fail: bool
    never_fail: bool
    exponential_backoff: bool
    max_wait: int | None


class TaskPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One task of a DAG. Spans in microseconds; tasks are named by their numbers."""

    number: int
    task_id: str
    dag_id: str
    type: str
    upstream: tuple[int, ...]
    downstream: tuple[int, ...]
    below: frozenset[int]
    """Every task to which a path leads."""
    upstream_total: int
    trigger_rule: str
    eager: bool
    """Whether a single success upstream can decide the rule."""
    runs_on_success: bool
    """Whether the rule is satisfied when all upstream tasks are success."""
    plain: bool
    """`runs_on_success`, and neither earlier runs nor what is further up matter."""
    retries: int
    retry: RetryPolicy
    pool: str
    pool_slots: int
    priority_weight: int
    """Effective, that is with the weight rule applied."""
    rank: int
    """The same, as the critical section sorts by it: the highest weight comes first."""
    depends_on_past: bool
    wait_for_downstream: bool
    max_active_tis_per_dag: int | None
    max_active_tis_per_dagrun: int | None
    limited: bool
    """Whether one of the two bounds above is set."""
    lane: int
    """The first task of the DAG that waits for exactly the same slots; itself when it is alone."""
    execution_timeout: int | None
    instant: bool
    """An EmptyOperator without on_success_callback and outlets: the scheduler itself sets it to
    success [models/dagrun.py `schedule_tis`]."""
    sensor: SensorPlan | None
    executor: int
    """Which of the deployment's executors runs it, in the order of `[core] executor`."""
    queue: str
    deferrable: bool
    """The work is done elsewhere while a trigger waits for it."""
    short_circuits_all: bool
    callbacks: Callbacks
    outlets: tuple[str, ...]
    sla: int | None
    simple: bool
    """Its try is its work and nothing else: no sensor, trigger, timeout or bound of its own, and a
    success tells nobody but those downstream."""
    shape: Shape | None
    """None for a task that has nothing to do with mapping, setups and teardowns."""


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
        _plan_dag(dag_id, number, dag, config, version)
        for number, (dag_id, dag) in enumerate(config.dags.items())
    ]


def _plan_dag(
    dag_id: str, number: int, dag: Dag, config: AirflowConfig, version: Version
) -> DagPlan:
    cfg = config.cfg
    order = topological(dag.tasks)
    numbers = {task_id: number for number, task_id in enumerate(order)}
    graph = Graph.of(dag.tasks, numbers)
    tasks = _plan_tasks(dag_id, dag, graph, numbers, config)
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
        dagrun_timeout=_span(dag.dagrun_timeout),
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


def _plan_tasks(
    dag_id: str, dag: Dag, graph: Graph, numbers: Mapping[str, int], config: AirflowConfig
) -> tuple[TaskPlan, ...]:
    order = list(numbers)
    resolved = [_Resolved(dag.tasks[task_id], dag, config) for task_id in order]
    below = graph.below()
    shaped = shapes(graph, [one.task for one in resolved], numbers)
    weights = effective_weights(
        [one("priority_weight", 1) for one in resolved],
        [one("weight_rule", config.cfg.core.default_task_weight_rule) for one in resolved],
        graph.upstream,
    )
    lanes = _lanes(resolved)
    return tuple(
        _plan_task(
            one,
            number=number,
            lane=lanes[number],
            task_id=order[number],
            dag_id=dag_id,
            upstream=graph.upstream[number],
            downstream=graph.downstream[number],
            below=below[number],
            priority_weight=stored(weights[number]),
            shape=shaped[number],
        )
        for number, one in enumerate(resolved)
    )


def _lanes(resolved: list[_Resolved]) -> list[int]:
    """Each task's lane: tasks of one pool share one, but for those that can be held up alone."""
    first: dict[str, int] = {}
    lanes = []
    for number, one in enumerate(resolved):
        bounds = one("max_active_tis_per_dag", None), one("max_active_tis_per_dagrun", None)
        alone = one("pool_slots", 1) > 1 or bounds != (None, None)
        lanes.append(number if alone else first.setdefault(one("pool", DEFAULT_POOL), number))
    return lanes


_WAITS_FOR_ALL = frozenset(
    {"all_success", "all_done", "none_failed", "none_skipped", "all_done_setup_success"}
)
"""Rules that successes alone decide only when there are as many as upstream tasks."""

_WANTS_TROUBLE = frozenset({"all_failed", "all_skipped", "one_failed"})
"""Rules that are not satisfied when all upstream tasks are success."""


def _plan_task(
    one: _Resolved,
    *,
    number: int,
    lane: int,
    task_id: str,
    dag_id: str,
    upstream: tuple[int, ...],
    downstream: tuple[int, ...],
    below: frozenset[int],
    priority_weight: int,
    shape: Shape | None,
) -> TaskPlan:
    task, core = one.task, one.config.cfg.core
    callbacks = _callbacks(one)
    per_dag = one("max_active_tis_per_dag", None)
    per_run = one("max_active_tis_per_dagrun", None)
    teardown = shape is not None and shape.teardown
    rule = "all_done_setup_success" if teardown else one("trigger_rule", "all_success")
    conditions = shape is not None and (shape.mapped or shape.setups or shape.teardown)
    runs_on_success = rule not in _WANTS_TROUBLE or not upstream
    wait_for_downstream = one("wait_for_downstream", default=False)
    # wait_for_downstream implies depends_on_past [models/baseoperator.py]
    depends_on_past = one("depends_on_past", default=False) or wait_for_downstream
    timeout = _span(one("execution_timeout", core.default_task_execution_timeout))
    sla = _span(one("sla", None))
    deferrable = one("deferrable", one.config.cfg.operators.default_deferrable)
    tells = callbacks.success or task.outlets or shape is not None or sla is not None
    limited = per_dag is not None or per_run is not None
    waits = task.sensor is not None or deferrable or timeout is not None or limited
    return TaskPlan(
        number=number,
        lane=lane,
        task_id=task_id,
        dag_id=dag_id,
        type=task.type,
        upstream=upstream,
        downstream=downstream,
        below=below,
        upstream_total=len(upstream),
        trigger_rule=rule,
        eager=rule not in _WAITS_FOR_ALL,
        runs_on_success=runs_on_success,
        plain=runs_on_success and not depends_on_past and not conditions,
        retries=one("retries", core.default_task_retries),
        retry=_retry_policy(one),
        pool=one("pool", DEFAULT_POOL),
        pool_slots=one("pool_slots", 1),
        priority_weight=priority_weight,
        rank=-priority_weight,
        depends_on_past=depends_on_past,
        wait_for_downstream=wait_for_downstream,
        max_active_tis_per_dag=per_dag,
        max_active_tis_per_dagrun=per_run,
        limited=limited,
        execution_timeout=timeout,
        instant=task.type == "empty" and not callbacks.success and not task.outlets,
        sensor=_sensor_plan(task.sensor),
        executor=one.config.executors.index(one("executor", one.config.executors[0])),
        queue=one("queue", one.config.cfg.operators.default_queue),
        deferrable=deferrable,
        short_circuits_all=task.ignore_downstream_trigger_rules,
        callbacks=callbacks,
        outlets=tuple(task.outlets),
        sla=sla,
        simple=task.type == "task" and not tells and not waits,
        shape=shape,
    )


def _callbacks(one: _Resolved) -> Callbacks:
    return Callbacks(
        failure=alert_names(one("on_failure_callback", None)),
        retry=alert_names(one("on_retry_callback", None)),
        success=alert_names(one("on_success_callback", None)),
        skipped=alert_names(one("on_skipped_callback", None)),
    )


def _retry_policy(one: _Resolved) -> RetryPolicy:
    core = one.config.cfg.core
    backoff = one("retry_exponential_backoff", default=False)
    return RetryPolicy(
        delay=parse_span(one("retry_delay", core.default_task_retry_delay)),
        base=2.0 if backoff is True or (backoff and one.config.version == 2) else float(backoff),  # noqa: PLR2004
        delay_max=_span(one("max_retry_delay", None)),
        cap=parse_span(core.max_task_retry_delay),
    )


def _sensor_plan(sensor: Sensor | None) -> SensorPlan | None:
    if sensor is None:
        return None
    return SensorPlan(
        reschedule=sensor.mode == "reschedule",
        deferrable=sensor.mode == "deferrable",
        poke_interval=parse_span(sensor.poke_interval),
        timeout=parse_span(sensor.timeout),
        soft_fail=sensor.soft_fail,
        silent_fail=sensor.silent_fail,
        never_fail=sensor.never_fail,
        exponential_backoff=sensor.exponential_backoff,
        max_wait=_span(sensor.max_wait),
    )


@dataclass(frozen=True, slots=True)
class _Resolved:
    """A task's arguments: its own, else the DAG's default_args, else a default."""

    task: Task
    dag: Dag
    config: AirflowConfig

    def __call__(self, name: str, default: Any) -> Any:
        value = getattr(self.task, name)
        if value is None:
            value = getattr(self.dag.default_args, name)
        return default if value is None else value


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _span(span: Span | None) -> int | None:
    return None if span is None else parse_span(span)


def _instant(text: str | None, timezone: str) -> int | None:
    return None if text is None else parse_instant(text, timezone)
