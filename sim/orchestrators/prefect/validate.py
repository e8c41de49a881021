"""What types cannot say about a `prefect:` section: names that lead nowhere, orders, ranges.

Every problem in one pass, each with the path in the section, a code, what is wrong and what would
be right. Nothing is raised and nothing is changed.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import parse_instant, zone
from sim.orchestrators.prefect.catalog import policy_of, schedule_of
from sim.orchestrators.prefect.retry_delays import DELAYS_MAX
from sim.orchestrators.prefect.runs import DATE
from sim.orchestrators.prefect.schedules import RRULE_MAX
from sim.orchestrators.prefect.validate_automations import validate_automations
from sim.orchestrators.prefect.validate_pauses import validate_pause, validate_suspensions
from sim.orchestrators.prefect.validate_transactions import validate_transactions
from sim.orchestrators.prefect.work_queues import DEFAULT_QUEUE

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sim.orchestrators.prefect.config import (
        Call,
        Deployment,
        Flow,
        PrefectConfig,
        Schedule,
        Task,
    )

Path = tuple[str | int, ...]
Found = tuple[Path, str, str, str]


def validate(
    config: PrefectConfig, *, tasks: Collection[str], alerts: Collection[str]
) -> Iterator[Found]:
    """Yield every problem of a section; `tasks`, `alerts`: keys of the config's own parts."""
    if not config.flows:
        yield (), "E-FLOWS-EMPTY", "no flow is defined", "add flows: with their calls"
    for name, task in config.tasks.items():
        yield from _task(name, task, tasks, alerts)
    for name, flow in config.flows.items():
        yield from _flow(name, flow, config, tasks, alerts)
    yield from _circles(config)
    yield from validate_suspensions(config)
    yield from validate_transactions(config, tasks=tasks)
    for name, deployment in config.deployments.items():
        yield from _deployment(name, deployment, config)
    if config.flows and not config.deployments:
        message = "no flow has a deployment: nothing runs by itself"
        yield ("flows",), "W-DEPLOYMENTS-EMPTY", message, "add deployments:"
    yield from _pools(config)
    yield from _limits(config)
    yield from validate_automations(config, alerts)


# -- tasks and flows ------------------------------------------------------------------------


def _task(
    name: str, task: Task, tasks: Collection[str], alerts: Collection[str]
) -> Iterator[Found]:
    path: Path = ("tasks", name)
    work = task.task or name
    yield from _known(work, tasks, path if task.task is None else (*path, "task"), "task")
    yield from _at_least(task.retries, 0, (*path, "retries"))
    delay = task.retry_delay_seconds
    if isinstance(delay, list):
        if len(delay) > DELAYS_MAX:
            message = f"{len(delay)} delays: a list holds at most {DELAYS_MAX}"
            yield (*path, "retry_delay_seconds"), "E-RETRY-DELAYS", message, "the last one repeats"
        for number, one in enumerate(delay):
            yield from _at_least(one, 0, (*path, "retry_delay_seconds", number))
    elif isinstance(delay, int | float):
        yield from _at_least(delay, 0, (*path, "retry_delay_seconds"))
    else:
        place = (*path, "retry_delay_seconds", "backoff_factor")
        yield from _at_least(delay.backoff_factor, 0, place)
    yield from _at_least(task.retry_jitter_factor, 0, (*path, "retry_jitter_factor"))
    yield from _more(task.timeout_seconds, (*path, "timeout_seconds"))
    yield from _more(task.cache_expiration, (*path, "cache_expiration"))
    try:
        policy_of(task.cache_policy)
    except ValueError as error:
        hint = "INPUTS, TASK_SOURCE, FLOW_PARAMETERS, RUN_ID, sums of them, DEFAULT or NO_CACHE"
        yield (*path, "cache_policy"), "E-CACHE-POLICY", str(error), hint
    if task.persist_result is False and task.cache_policy not in {None, "NO_CACHE"}:
        message = "without persist_result nothing is kept: the cache policy is ignored"
        yield (*path, "cache_policy"), "W-CACHE-POLICY", message, "take persist_result away"
    if task.cache_key_fn is not None and task.cache_policy is not None:
        message = "cache_key_fn goes before cache_policy, which is ignored"
        yield (*path, "cache_policy"), "W-CACHE-POLICY", message, "take one of them away"
    for field in ("on_failure", "on_completion"):
        yield from _alerts(getattr(task, field), alerts, (*path, field))


def _flow(
    name: str, flow: Flow, config: PrefectConfig, tasks: Collection[str], alerts: Collection[str]
) -> Iterator[Found]:
    path: Path = ("flows", name)
    if not flow.calls:
        yield path, "E-FLOW-EMPTY", f"flow {name} calls nothing", "add calls:"
    before: list[str] = []
    given = _parameters(name, config)
    for key, call in flow.calls.items():
        place: Path = (*path, "calls", key)
        if call.pause_flow_run is not None or call.suspend_flow_run is not None:
            yield from validate_pause(call, before, place)
            continue
        yield from _call(key, call, config, tasks, before=before, path=place)
        for number, one in enumerate(call.parameters):
            yield from _known(one, given, (*place, "parameters", number), "parameter")
        before.append(key)
    if isinstance(flow.returns, list):
        for number, one in enumerate(flow.returns):
            yield from _known(one, flow.calls, (*path, "returns", number), "call")
    yield from _at_least(flow.retries, 0, (*path, "retries"))
    yield from _at_least(flow.retry_delay_seconds, 0, (*path, "retry_delay_seconds"))
    yield from _more(flow.timeout_seconds, (*path, "timeout_seconds"))
    yield from _more(flow.task_runner.max_workers, (*path, "task_runner", "max_workers"))
    for field in ("on_failure", "on_completion", "on_crashed", "on_cancellation", "on_running"):
        yield from _alerts(getattr(flow, field), alerts, (*path, field))


def _parameters(flow: str, config: PrefectConfig) -> list[str]:
    """What a flow's runs may be given."""
    found = {DATE: None}
    for one in config.deployments.values():
        if one.flow == flow:
            found |= dict.fromkeys(one.parameters)
            for schedule in one.schedules:
                found |= dict.fromkeys(schedule.parameters)
    return list(found)


def _call(
    name: str,
    call: Call,
    config: PrefectConfig,
    tasks: Collection[str],
    *,
    before: list[str],
    path: Path,
) -> Iterator[Found]:
    yield from _called(name, call, config, tasks, path)
    for field in ("params", "wait_for"):
        for number, one in enumerate(getattr(call, field)):
            yield from _earlier(one, before, (*path, field, number))
    over = [call.map_over] if isinstance(call.map_over, str) else []
    for number, one in enumerate(call.allow_failure):
        if one not in {*call.params, *call.wait_for, *over}:
            place = (*path, "allow_failure", number)
            hint = "put it into params or wait_for too"
            yield place, "E-ALLOW-FAILURE", f"it takes nothing from {one}", hint
    for one in over:
        yield from _earlier(one, before, (*path, "map_over"))
    if (call.mode == "map") != (call.map_over is not None):
        message = "map needs map_over" if call.mode == "map" else "map_over is of mode map"
        yield path, "E-MAP", message, "mode: map with map_over: an earlier call, or how many"
    elif isinstance(call.map_over, int):
        yield from _at_least(call.map_over, 0, (*path, "map_over"))
    yield from _concurrency(call, config, path)


def _called(
    name: str, call: Call, config: PrefectConfig, tasks: Collection[str], path: Path
) -> Iterator[Found]:
    """What a call is of: a task, or a flow."""
    if call.flow is None:
        if (call.task or name) not in config.tasks:
            place = path if call.task is None else (*path, "task")
            yield from _known(call.task or name, tasks, place, "task")
        return
    yield from _known(call.flow, config.flows, (*path, "flow"), "flow")
    if call.task is not None:
        message = "a call is of a task or of a flow"
        yield (*path, "flow"), "E-CALL", message, "take one of the two away"


def _concurrency(call: Call, config: PrefectConfig, path: Path) -> Iterator[Found]:
    for limit, slots in call.concurrency.items():
        place = (*path, "concurrency", limit)
        yield from _known(limit, config.global_concurrency_limits, place, "limit")
        yield from _more(slots, place)
        known = config.global_concurrency_limits.get(limit)
        if known is not None and slots > known.limit:
            message = f"{slots} slots of a limit of {known.limit} are never free"
            yield place, "E-CONCURRENCY", message, f"{known.limit} or fewer"


def _earlier(name: str, before: list[str], path: Path) -> Iterator[Found]:
    if name not in before:
        message = f'there is no call "{name}" before this one'
        yield path, "E-CALL-UNKNOWN", message, _nearest(name, before) or "calls are in order"


def _circles(config: PrefectConfig) -> Iterator[Found]:
    """Flows that call each other would never end."""
    calls = {
        name: {call.flow for call in flow.calls.values() if call.flow in config.flows}
        for name, flow in config.flows.items()
    }
    while True:
        free = [name for name, called in calls.items() if not called & set(calls)]
        if not free:
            break
        for name in free:
            del calls[name]
    if calls:
        message = f"these flows call each other: {', '.join(sorted(calls))}"
        yield ("flows",), "E-CIRCLE", message, "take one of the calls away"


# -- deployments, pools, limits -------------------------------------------------------------


def _deployment(name: str, deployment: Deployment, config: PrefectConfig) -> Iterator[Found]:
    path: Path = ("deployments", name)
    yield from _known(deployment.flow, config.flows, (*path, "flow"), "flow")
    yield from _more(deployment.concurrency_limit, (*path, "concurrency_limit"))
    for number, schedule in enumerate(deployment.schedules):
        yield from _schedule(schedule, (*path, "schedules", number))
    pool = deployment.work_pool
    if pool is None:
        return
    yield from _known(pool, config.work_pools, (*path, "work_pool"), "work pool")
    if pool in config.work_pools:
        queues = [DEFAULT_QUEUE, *config.work_pools[pool].work_queues]
        yield from _known(deployment.work_queue, queues, (*path, "work_queue"), "work queue")
        if all(worker.pool != pool for worker in config.workers.values()):
            message = f"no worker polls the pool {pool}: its runs stay Late"
            yield (*path, "work_pool"), "W-NO-WORKER", message, "add a worker under workers:"


def _schedule(schedule: Schedule, path: Path) -> Iterator[Found]:
    given = [one for one in ("cron", "interval", "rrule") if getattr(schedule, one) is not None]
    if len(given) != 1:
        message = "a schedule has one of cron, interval and rrule"
        yield path, "E-SCHEDULE", message, 'cron: "0 3 * * *"'
        return
    try:
        zone(schedule.timezone)
    except ValueError as error:
        yield (*path, "timezone"), "E-TIMEZONE", str(error), "an IANA name such as Europe/Madrid"
        return
    if schedule.interval is not None and schedule.interval <= 0:
        message = f"interval is {schedule.interval}"
        yield (*path, "interval"), "E-RANGE", message, "more than 0"
        return
    if schedule.rrule is not None and len(schedule.rrule) > RRULE_MAX:
        message = f"a rule of {len(schedule.rrule)} letters"
        yield (*path, "rrule"), "E-SCHEDULE", message, f"{RRULE_MAX} at most"
        return
    if schedule.anchor_date is not None:
        try:
            parse_instant(schedule.anchor_date)
        except ValueError as error:
            hint = "such as 2024-01-01T00:00:00Z"
            yield (*path, "anchor_date"), "E-SCHEDULE", str(error), hint
            return
    try:
        next(iter(schedule_of(schedule, start=0).dates(0)), None)
    except ValueError as error:
        hint = str(getattr(error, "hint", "")) or "look at its fields"
        yield (*path, given[0]), "E-SCHEDULE", str(error), hint


def _pools(config: PrefectConfig) -> Iterator[Found]:
    for name, pool in config.work_pools.items():
        path: Path = ("work_pools", name)
        yield from _at_least(pool.concurrency_limit, 0, (*path, "concurrency_limit"))
        yield from _at_least(pool.start_seconds, 0, (*path, "start_seconds"))
        for key, queue in pool.work_queues.items():
            place = (*path, "work_queues", key)
            yield from _at_least(queue.priority, 1, (*place, "priority"))
            yield from _at_least(queue.concurrency_limit, 0, (*place, "concurrency_limit"))
    for name, worker in config.workers.items():
        path = ("workers", name)
        yield from _known(worker.pool, config.work_pools, (*path, "pool"), "work pool")
        yield from _more(worker.limit, (*path, "limit"))
        if worker.pool in config.work_pools:
            queues = [DEFAULT_QUEUE, *config.work_pools[worker.pool].work_queues]
            for number, queue_name in enumerate(worker.work_queues):
                place = (*path, "work_queues", number)
                yield from _known(queue_name, queues, place, "work queue")


def _limits(config: PrefectConfig) -> Iterator[Found]:
    for name, limit in config.global_concurrency_limits.items():
        path: Path = ("global_concurrency_limits", name)
        yield from _more(limit.limit, (*path, "limit"))
        decay = limit.slot_decay_per_second
        yield from _at_least(decay, 0, (*path, "slot_decay_per_second"))
    for tag, most in config.tag_concurrency_limits.items():
        # a limit of 0 makes the real server abort what asks for it
        yield from _more(most, ("tag_concurrency_limits", tag))
    yield from _more(config.cpu_count, ("cpu_count",))


# -- what many have in common ---------------------------------------------------------------


def _known(name: str, known: Collection[str], path: Path, what: str) -> Iterator[Found]:
    if name not in known:
        code = f"E-{what.upper().replace(' ', '-')}-UNKNOWN"
        message = f'{what} "{name}" is not defined'
        yield path, code, message, _nearest(name, known) or f"there is no such {what}"


def _alerts(names: list[str], alerts: Collection[str], path: Path) -> Iterator[Found]:
    for number, name in enumerate(names):
        yield from _known(name, alerts, (*path, number), "alert")


def _at_least(value: Any, least: float, path: Path) -> Iterator[Found]:
    if value is not None and value < least:
        yield path, "E-RANGE", f"{path[-1]} is {value}", f"{least} or more"


def _more(value: Any, path: Path) -> Iterator[Found]:
    if value is not None and value <= 0:
        yield path, "E-RANGE", f"{path[-1]} is {value}", "more than 0"


def _nearest(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]}?" if close else ""
