"""Tasks ready to be scheduled: arguments resolved, defaults filled in, weights computed.

Source of the order in which an argument is looked for: Airflow 2.11.2, models/baseoperator.py
`apply_defaults`; 3.3.2, task SDK bases/operator.py. Tasks are numbered in topological order.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec.structs import asdict, replace

from sim.kernel.calendar import parse_span
from sim.orchestrators.airflow.config import alert_names
from sim.orchestrators.airflow.graph import Graph, Shape, shapes
from sim.orchestrators.airflow.retries import RetryPolicy
from sim.orchestrators.airflow.weights import effective_weights, stored

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.airflow.config import AirflowConfig, Dag, Sensor, Task
    from sim.orchestrators.airflow.config_section import Span

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
    """Its try is its work and nothing else: no sensor, trigger, timeout or bound of its own, a
    success tells nobody but those downstream, and nothing in its DAG looks at earlier runs."""
    shape: Shape | None
    """None for a task that has nothing to do with mapping, setups and teardowns."""


def plan_tasks(
    dag_id: str,
    dag: Dag,
    graph: Graph,
    numbers: Mapping[str, int],
    config: AirflowConfig,
    *,
    given: Mapping[str, Task],
) -> tuple[TaskPlan, ...]:
    """Every task of a DAG, by number; `given`: with what mapped groups give to theirs."""
    defaults = {
        name: value for name, value in asdict(dag.default_args).items() if value is not None
    }
    resolved = [_Resolved(given[task_id], defaults, config) for task_id in numbers]
    below = graph.below()
    shaped = shapes(graph, [one.task for one in resolved], numbers)
    weights = effective_weights(
        [one("priority_weight", 1) for one in resolved],
        [one("weight_rule", config.cfg.core.default_task_weight_rule) for one in resolved],
        graph.upstream,
    )
    lanes = _lanes(resolved)
    plans: list[TaskPlan] = []
    for (task_id, number), one in zip(numbers.items(), resolved, strict=True):
        place = {
            "number": number,
            "task_id": task_id,
            "lane": lanes[number],
            "upstream": graph.upstream[number],
            "upstream_total": len(graph.upstream[number]),
            "downstream": graph.downstream[number],
            "below": below[number],
            "priority_weight": stored(weights[number]),
            "rank": -stored(weights[number]),
        }
        last, before = plans[-1:], resolved[number - 1]
        if last and shaped[number] is None and _is_alike(place, one, last[0], before):
            plans.append(replace(last[0], **place))
        else:
            plans.append(_plan_task(one, dag_id, shaped[number], place))
    if any(plan.depends_on_past for plan in plans):
        return tuple(replace(plan, simple=False) for plan in plans)
    return tuple(plans)


def _is_alike(place: Mapping[str, Any], one: _Resolved, last: TaskPlan, before: _Resolved) -> bool:
    """Whether only its place tells a task from the one before, as it is with most."""
    roots = bool(place["upstream"]) == bool(last.upstream)
    return roots and last.shape is None and one.arguments == before.arguments


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


def _plan_task(one: _Resolved, dag_id: str, shape: Shape | None, place: dict[str, Any]) -> TaskPlan:
    task, core = one.task, one.config.cfg.core
    callbacks = _callbacks(one)
    per_dag = one("max_active_tis_per_dag", None)
    per_run = one("max_active_tis_per_dagrun", None)
    teardown = shape is not None and shape.teardown
    rule = "all_done_setup_success" if teardown else one("trigger_rule", "all_success")
    conditions = shape is not None and (shape.mapped or shape.setups or shape.teardown)
    runs_on_success = rule not in _WANTS_TROUBLE or not place["upstream"]
    wait_for_downstream = one("wait_for_downstream", default=False)
    # wait_for_downstream implies depends_on_past [models/baseoperator.py]
    depends_on_past = one("depends_on_past", default=False) or wait_for_downstream
    timeout = span_or_none(one("execution_timeout", core.default_task_execution_timeout))
    sla = span_or_none(one("sla", None))
    deferrable = one("deferrable", one.config.cfg.operators.default_deferrable)
    tells = callbacks.success or task.outlets or shape is not None or sla is not None
    limited = per_dag is not None or per_run is not None
    waits = task.sensor is not None or deferrable or timeout is not None or limited
    return TaskPlan(
        **place,
        dag_id=dag_id,
        type=task.type,
        trigger_rule=rule,
        eager=rule not in _WAITS_FOR_ALL,
        runs_on_success=runs_on_success,
        plain=runs_on_success and not depends_on_past and not conditions,
        retries=one("retries", core.default_task_retries),
        retry=_retry_policy(one),
        pool=one("pool", DEFAULT_POOL),
        pool_slots=one("pool_slots", 1),
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
        delay_max=span_or_none(one("max_retry_delay", None)),
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
        max_wait=span_or_none(sensor.max_wait),
    )


class _Resolved:
    """A task's arguments: its own, else the DAG's default_args, else a default."""

    __slots__ = ("arguments", "config", "task")

    def __init__(self, task: Task, defaults: Mapping[str, Any], config: AirflowConfig) -> None:
        self.task = task
        self.config = config
        self.arguments = asdict(task)
        """By name, without the place in the graph; None for those that are not given."""
        del self.arguments["upstream"]
        for name, value in defaults.items():
            if self.arguments[name] is None:
                self.arguments[name] = value

    def __call__(self, name: str, default: Any) -> Any:
        value = self.arguments[name]
        return default if value is None else value


def span_or_none(span: Span | None) -> int | None:
    """A span in microseconds, when there is one."""
    return None if span is None else parse_span(span)
