"""A Dagster without one of its limits: what a counterfactual changes for each reason to wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from sim.views.ledger.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.orchestrators.dagster.config import Asset, DagsterConfig, MultiAsset, Op
    from sim.views.ledger.reasons import Wait
    from sim.views.ledger.story import TaskStory

ENOUGH = 1_000_000
"""More than anybody asks for."""


def _instance(config: DagsterConfig, **concurrency: Any) -> DagsterConfig:
    instance = config.instance
    bounds = replace(instance.concurrency, **concurrency)
    return replace(config, instance=replace(instance, concurrency=bounds))


def _run_queue(config: DagsterConfig, _wait: Wait, _story: TaskStory) -> DagsterConfig:
    runs = config.instance.concurrency.runs
    return _instance(config, runs=replace(runs, max_concurrent_runs=-1))


def _tag_limit(config: DagsterConfig, _wait: Wait, _story: TaskStory) -> DagsterConfig:
    """Of runs and of steps: the tag alone does not say whose it was."""
    runs = config.instance.concurrency.runs
    lifted = _instance(config, runs=replace(runs, tag_concurrency_limits=[]))
    return _executors(lifted, tag_concurrency_limits=[])


def _pool(config: DagsterConfig, wait: Wait, _story: TaskStory) -> DagsterConfig:
    pools = config.instance.concurrency.pools
    return _instance(config, pools=replace(pools, limits={**pools.limits, wait.blocker: ENOUGH}))


def _step_limit(config: DagsterConfig, _wait: Wait, _story: TaskStory) -> DagsterConfig:
    return _executors(config, max_concurrent=ENOUGH)


def _executors(config: DagsterConfig, **values: Any) -> DagsterConfig:
    """Every multiprocess executor changed: that of the code location, and those of jobs."""

    def changed(executor: Any) -> Any:
        if executor is None or executor.multiprocess is None:
            return executor
        return replace(executor, multiprocess=replace(executor.multiprocess, **values))

    jobs = {name: replace(job, executor=changed(job.executor)) for name, job in config.jobs.items()}
    return replace(config, executor=changed(config.executor), jobs=jobs)


def _retry_delay(config: DagsterConfig, _wait: Wait, story: TaskStory) -> DagsterConfig:
    def at_once(thing: Asset | MultiAsset | Op) -> Any:
        policy = thing.retry_policy
        if policy is None:
            return thing
        return replace(thing, retry_policy=replace(policy, delay=None, backoff=None, jitter=None))

    name = story.task_id
    assets = {key: at_once(asset) if key == name else asset for key, asset in config.assets.items()}
    multi = {key: at_once(op) if key == name else op for key, op in config.multi_assets.items()}
    jobs = {
        key: replace(
            job, ops={op: at_once(one) if op == name else one for op, one in job.ops.items()}
        )
        for key, job in config.jobs.items()
    }
    return replace(config, assets=assets, multi_assets=multi, jobs=jobs)


def _start_up(config: DagsterConfig, _wait: Wait, _story: TaskStory) -> DagsterConfig:
    instance = config.instance
    launcher = replace(
        instance.run_launcher, launch_seconds=0, start_seconds=0, step_start_seconds=0
    )
    return replace(config, instance=replace(instance, run_launcher=launcher))


CHANGES: Mapping[Reason, Callable[..., Any]] = {
    Reason.RUN_QUEUE: _run_queue,
    Reason.TAG_LIMIT: _tag_limit,
    Reason.POOL: _pool,
    Reason.STEP_LIMIT: _step_limit,
    Reason.RETRY_DELAY: _retry_delay,
    Reason.START_UP: _start_up,
}
