"""From the section to flows as values: names resolved, spans in microseconds.

Everything here is looked up once, when the deployment is built. Invariant: a config that
`validate` finds nothing wrong with can be resolved.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND, parse_instant
from sim.orchestrators.prefect import config as words
from sim.orchestrators.prefect import schedules
from sim.orchestrators.prefect.cache_keys import TASK_INPUT_HASH, cache_key_fn
from sim.orchestrators.prefect.caching import NO_CACHE, CachePolicy, CacheSettings, Part
from sim.orchestrators.prefect.flows import (
    Block,
    Call,
    Flow,
    Pause,
    Ref,
    RunnerOptions,
    TaskOptions,
)
from sim.orchestrators.prefect.retry_delays import RetryDelays, exponential_backoff
from sim.orchestrators.prefect.transactions import CommitMode, IsolationLevel

if TYPE_CHECKING:
    from sim.orchestrators.prefect.config import PrefectConfig

PARTS: dict[str, Part] = {
    "INPUTS": "inputs",
    "TASK_SOURCE": "task_source",
    "FLOW_PARAMETERS": "flow_parameters",
    "RUN_ID": "run_id",
}
"""What a cache policy can be a sum of."""
_RUNNERS = {
    "ThreadPoolTaskRunner": "thread",
    "ProcessPoolTaskRunner": "process",
    "DaskTaskRunner": "dask",
    "RayTaskRunner": "ray",
}


def flows_of(config: PrefectConfig) -> dict[str, Flow]:
    """Every flow of a section, by name."""
    return {name: flow_of(config, name) for name in config.flows}


def flow_of(config: PrefectConfig, name: str) -> Flow:
    """One flow with its calls."""
    flow = config.flows[name]
    calls = tuple(_call(config, flow, key, call) for key, call in flow.calls.items())
    returned = tuple(flow.calls) if flow.returns == "all" else tuple(flow.returns)
    if flow.returns == "none":
        returned = ()
    return Flow(
        name,
        calls,
        returns="states" if returned else "none",
        returned=returned,
        retries=flow.retries,
        retry_delay=flow.retry_delay_seconds,
        timeout=_micros(flow.timeout_seconds),
        runner=_runner(config, flow.task_runner),
        wait_all=flow.waits,
        catch=flow.catches,
        hooks={
            "on_failure": tuple(flow.on_failure),
            "on_completion": tuple(flow.on_completion),
            "on_crashed": tuple(flow.on_crashed),
            "on_cancellation": tuple(flow.on_cancellation),
            "on_running": tuple(flow.on_running),
        },
        blocks={
            block: _block(flow.transactions.get(block, words.Transaction()))
            for call in flow.calls.values()
            for block in listed(call.transaction)
        },
    )


def listed(names: str | list[str] | None) -> tuple[str, ...]:
    """One name, several, or none."""
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)


def policy_of(text: str | None) -> CachePolicy | None:
    """A cache policy as it is written; raises `ValueError` for what is none."""
    if text is None:
        return None
    if text == "NO_CACHE":
        return NO_CACHE
    if text == "DEFAULT":
        return CachePolicy()
    parts = []
    for word in text.split("+"):
        part = PARTS.get(word.strip())
        if part is None:
            message = f'"{word.strip()}" is no cache policy'
            raise ValueError(message)
        parts.append(part)
    return CachePolicy(tuple(parts))


def schedule_of(schedule: words.Schedule, *, start: int) -> schedules.Schedule:
    """A schedule's dates; raises `ValueError` for what is none. `start`: when the clock starts."""
    if schedule.cron is not None:
        return schedules.CronSchedule(schedule.cron, schedule.timezone, schedule.day_or)
    if schedule.interval is not None:
        anchor = start
        if schedule.anchor_date is not None:
            anchor = parse_instant(schedule.anchor_date)
        return schedules.IntervalSchedule(
            round(schedule.interval * SECOND), anchor, schedule.timezone
        )
    if schedule.rrule is None:
        message = "a schedule has one of cron, interval and rrule"
        raise ValueError(message)
    return schedules.RRuleSchedule(schedule.rrule, schedule.timezone)


def _call(config: PrefectConfig, flow: words.Flow, name: str, call: words.Call) -> Call:
    pause = _pause(call)
    if pause is not None:
        waits = tuple(_ref(one, call) for one in call.wait_for)
        blocks = listed(call.transaction)
        options = TaskOptions(name)
        return Call(name, options, "pause", wait_for=waits, pause=pause, transaction=blocks)
    over, length = None, 0
    if isinstance(call.map_over, str):
        over, length = _ref(call.map_over, call), 1
    elif call.map_over is not None:
        length = call.map_over
    return Call(
        name,
        _options(config, flow, call.task or name),
        "subflow" if call.flow is not None else call.mode,
        tuple(_ref(one, call) for one in call.params),
        tuple(_ref(one, call) for one in call.wait_for),
        length=length,
        over=over,
        flow=call.flow,
        return_state=call.return_state,
        transaction=listed(call.transaction),
        concurrency=tuple(call.concurrency.items()),
        parameters=tuple(call.parameters),
    )


def _pause(call: words.Call) -> Pause | None:
    said = call.pause_flow_run
    if said is not None:
        timeout, poll = round(said.timeout * SECOND), round(said.poll_interval * SECOND)
        return Pause(suspends=False, timeout=timeout, poll=poll, key=said.key)
    suspended = call.suspend_flow_run
    if suspended is None:
        return None
    return Pause(suspends=True, timeout=_micros(suspended.timeout), key=suspended.key)


def _ref(name: str, call: words.Call) -> Ref:
    return Ref(name, name in call.allow_failure)


def _options(config: PrefectConfig, flow: words.Flow, name: str) -> TaskOptions:
    task = config.tasks.get(name)
    if task is None:
        settings = CacheSettings(persist=True if flow.persist_result else None)
        return TaskOptions(name, cache=settings, task_name=name)
    delay = task.retry_delay_seconds
    if isinstance(delay, words.ExponentialBackoff):
        delays: float | tuple[float, ...] = exponential_backoff(delay.backoff_factor, task.retries)
    else:
        delays = tuple(delay) if isinstance(delay, list) else delay
    persist = task.persist_result
    policy = _policy(task)
    if persist is None and policy is None and flow.persist_result:
        persist = True
    return TaskOptions(
        task.task or name,
        RetryDelays(task.retries, delays, task.retry_jitter_factor),
        None if task.retry_condition_fn is None else frozenset(task.retry_condition_fn),
        _micros(task.timeout_seconds),
        CacheSettings(
            policy,
            _micros(task.cache_expiration),
            persist,
            task.refresh_cache,
            _level(task.isolation_level),
            task.lock_manager,
        ),
        tuple(task.tags),
        tuple(task.on_failure),
        tuple(task.on_completion),
        listed(task.on_rollback),
        listed(task.on_commit),
        name,
    )


def _policy(task: words.Task) -> CachePolicy | None:
    """The policy that a task names, or whose configuration it does: that of DEFAULT."""
    if task.cache_key_fn == TASK_INPUT_HASH:
        return CachePolicy(("inputs", "task_source"))
    if task.cache_key_fn is not None:
        return CachePolicy(key_fn=cache_key_fn(task.cache_key_fn))
    configured = task.isolation_level is not None or task.lock_manager is not None
    return policy_of("DEFAULT" if task.cache_policy is None and configured else task.cache_policy)


def _level(word: str | None) -> IsolationLevel | None:
    return None if word is None else IsolationLevel(word)


def _block(block: words.Transaction) -> Block:
    return Block(
        None if block.commit_mode is None else CommitMode(block.commit_mode),
        _level(block.isolation_level),
        block.lock_manager,
        block.key,
        block.overwrite,
        block.write_on_commit,
        listed(block.on_commit),
        listed(block.on_rollback),
        block.catches,
        block.skips_committed,
    )


def _runner(config: PrefectConfig, runner: words.TaskRunner) -> RunnerOptions:
    kind = _RUNNERS[runner.kind]
    most = runner.max_workers
    if most is None and kind == "process":
        most = config.cpu_count
    return RunnerOptions(kind, most)  # type: ignore[arg-type]  # the table has no other words


def _micros(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * SECOND)
