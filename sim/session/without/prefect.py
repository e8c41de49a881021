"""A Prefect without one of its limits: what a counterfactual changes for each reason to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sim.views.ledger.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.orchestrators.prefect.config import PrefectConfig
    from sim.views.ledger.reasons import Wait
    from sim.views.ledger.story import TaskStory


def _deployment_limit(config: PrefectConfig, wait: Wait, _story: TaskStory) -> PrefectConfig:
    deployments = {
        name: replace(one, concurrency_limit=None) if name == wait.blocker else one
        for name, one in config.deployments.items()
    }
    return replace(config, deployments=deployments)


def _work_pool(config: PrefectConfig, wait: Wait, _story: TaskStory) -> PrefectConfig:
    """The limit of a pool, or of one of its queues (`pool/queue`)."""
    pool, _, queue = wait.blocker.partition("/")
    if pool not in config.work_pools:
        return config
    lifted = config.work_pools[pool]
    if queue:
        one = replace(lifted.work_queues[queue], concurrency_limit=None)
        lifted = replace(lifted, work_queues={**lifted.work_queues, queue: one})
    else:
        lifted = replace(lifted, concurrency_limit=None)
    return replace(config, work_pools={**config.work_pools, pool: lifted})


def _tag_limit(config: PrefectConfig, wait: Wait, _story: TaskStory) -> PrefectConfig:
    names = set(wait.blocker.split(", "))
    tags = {tag: most for tag, most in config.tag_concurrency_limits.items() if tag not in names}
    limits = {
        name: replace(limit, active=False) if name in names else limit
        for name, limit in config.global_concurrency_limits.items()
    }
    return replace(config, tag_concurrency_limits=tags, global_concurrency_limits=limits)


def _thread(config: PrefectConfig, _wait: Wait, story: TaskStory) -> PrefectConfig:
    name = story.run.dag_id
    if name not in config.flows:
        return config
    flow = config.flows[name]
    runner = replace(flow.task_runner, kind="ThreadPoolTaskRunner", max_workers=None)
    return replace(config, flows={**config.flows, name: replace(flow, task_runner=runner)})


def _retry_delay(config: PrefectConfig, _wait: Wait, story: TaskStory) -> PrefectConfig:
    """Of its task, and of its flow: either may have been waited for."""
    name = story.run.dag_id
    flow = config.flows.get(name)
    if flow is None:
        return config
    call = flow.calls.get(story.task_id)
    tasks = dict(config.tasks)
    key = story.task_id if call is None else call.task or story.task_id
    if key in tasks:
        tasks[key] = replace(tasks[key], retry_delay_seconds=0)
    flows = {**config.flows, name: replace(flow, retry_delay_seconds=0)}
    return replace(config, tasks=tasks, flows=flows)


def _start_up(config: PrefectConfig, _wait: Wait, _story: TaskStory) -> PrefectConfig:
    pools = {name: replace(pool, start_seconds=0) for name, pool in config.work_pools.items()}
    return replace(config, work_pools=pools)


CHANGES: Mapping[Reason, Callable[..., Any]] = {
    Reason.DEPLOYMENT_LIMIT: _deployment_limit,
    Reason.WORK_POOL_LIMIT: _work_pool,
    Reason.TAG_LIMIT: _tag_limit,
    Reason.THREAD: _thread,
    Reason.RETRY_DELAY: _retry_delay,
    Reason.START_UP: _start_up,
}
