"""Definitions: what a code location says, resolved from its config and never changed by a run.

Jobs with their plans, assets with the tasks that materialize them. It knows nothing of time and
nothing of what happened. A config with problems is told so by `validate`; what is built here is one
without.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.orchestrators.dagster.config_instance import UniqueValue
from sim.orchestrators.dagster.partitioning import asset_graph, partitions_definition
from sim.orchestrators.dagster.plan import (
    CheckSpec,
    ExecutionPlan,
    NodeSpec,
    Step,
    check_step_key,
    plan_of,
)
from sim.orchestrators.dagster.run_queue import PRIORITY_TAG, PoolUse
from sim.orchestrators.dagster.selection import select, upstream
from sim.orchestrators.dagster.tag_limits import TagConcurrencyLimit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sim.orchestrators.dagster.config import (
        Asset,
        AssetCheck,
        DagsterConfig,
        Executor,
        Hooks,
        Job,
        MultiAsset,
        Op,
        RetryPolicy,
    )
    from sim.orchestrators.dagster.config_instance import TagConcurrencyLimit as TagLimitConfig
    from sim.orchestrators.dagster.partitions.definition import PartitionsDefinition

ASSET_JOB = "__ASSET_JOB"
"""The job of runs that materialize assets without a job of their own (Dagster's own name)."""


@dataclass(frozen=True)
class Node:
    """What one step executes."""

    compute: str
    """The task that does the work."""
    retry_policy: RetryPolicy | None = None
    output_required: bool = True
    assets: tuple[str, ...] = ()
    """What its success materializes or observes, upstream first."""
    loads: tuple[tuple[str, str], ...] = ()
    """(asset, the one of its own that reads it) that is loaded before it starts."""
    partitioned: bool = False
    """Whether it works on the partitions of its run."""
    check: AssetCheck | None = None


@dataclass(frozen=True)
class ExecutorPlan:
    """How the steps of a run are executed."""

    multiprocess: bool
    limit: int
    """Steps at a time."""
    step_start: int
    """Until the process of a step has loaded the code, microseconds."""
    tag_limits: tuple[TagConcurrencyLimit, ...] = ()
    retries: bool = True
    """Whether steps may be tried again at all."""


@dataclass(frozen=True)
class JobPlan:
    """A job, resolved."""

    name: str
    plan: ExecutionPlan
    nodes: Mapping[str, Node]
    """By step key."""
    executor: ExecutorPlan
    hooks: Hooks
    tags: Mapping[str, str] = field(default_factory=dict)
    partitions: PartitionsDefinition | None = None
    """Of its assets that have any; None: it has no partitions."""

    @cached_property
    def pools(self) -> PoolUse:
        """Which pools a run of all its steps needs."""
        return pool_use(self.plan)

    @property
    def assets(self) -> tuple[str, ...]:
        """The assets that a run of it materializes."""
        return tuple(key for node in self.nodes.values() for key in node.assets)


class Definitions:
    """Everything that one code location defines."""

    def __init__(self, config: DagsterConfig) -> None:
        self.config = config
        self.location = config.code_location
        self.assets = config.assets
        self.partitions: dict[str, PartitionsDefinition] = {
            name: partitions_definition(each) for name, each in config.partitions_defs.items()
        }
        self.graph = asset_graph(config, self.partitions)
        self.jobs: dict[str, JobPlan] = {
            name: self._job(name, job) for name, job in config.jobs.items()
        }
        covered = {key for job in self.jobs.values() for key in job.assets}
        automated = any(one.automation_condition for one in self.assets.values())
        if set(self.assets) - covered or not self.jobs or automated:
            self.jobs[ASSET_JOB] = self.asset_job

    @cached_property
    def asset_job(self) -> JobPlan:
        """The job of all assets, from which runs take what they materialize."""
        from sim.orchestrators.dagster.config import Job  # noqa: PLC0415 - see the package

        observed = [f'key:"{key}"' for key, one in self.assets.items() if one.observable]
        return self._job(ASSET_JOB, Job(selection=" or ".join(["*", *observed])))

    def _job(self, name: str, job: Job) -> JobPlan:
        executor = self.config.executor if job.executor is None else job.executor
        specs: list[NodeSpec] = []
        nodes: dict[str, Node] = {}
        for key, op in job.ops.items():
            specs.append(_op_spec(key, op))
            policy = job.op_retry_policy if op.retry_policy is None else op.retry_policy
            nodes[key] = Node(op.compute or key, policy, op.out_required)
        if job.selection is not None:
            for made in self._ops_of(select(job.selection, self.assets)):
                specs.append(self._asset_spec(made))
                nodes.update(self._asset_nodes(made))
        plan = plan_of(specs)
        return JobPlan(
            name,
            plan,
            nodes,
            self._executor(executor),
            job.hooks,
            job.tags,
            None if name == ASSET_JOB else self.partitions_of(plan),
        )

    def _ops_of(self, keys: Sequence[str]) -> list[tuple[str, ...]]:
        """Some assets by the op that makes them, upstream first in each; multi-assets whole."""
        found: dict[str, tuple[str, ...]] = {}
        for key in keys:
            op = self.assets[key].op
            made = (key,) if op is None else [one for one, a in self.assets.items() if a.op == op]
            # an asset and a multi-asset may have the same name
            found.setdefault(key if op is None else f"op {op}", tuple(self.graph.topological(made)))
        return list(found.values())

    def _asset_spec(self, made: tuple[str, ...]) -> NodeSpec:
        """What a plan needs of the op of some assets."""
        assets = [self.assets[key] for key in made]
        op = self._op_of(made)
        checks = [
            CheckSpec(name, check.blocking, check.severity, asset=key)
            for key, asset in zip(made, assets, strict=True)
            for name, check in asset.checks.items()
        ]
        return NodeSpec(
            assets[0].op or made[0],
            tuple(dict.fromkeys(dep for asset in assets for dep in upstream(asset))),
            tuple(dict.fromkeys(name for asset in assets for name in asset.ins)),
            checks=tuple(checks),
            priority=_priority(op.op_tags),
            pool=op.pool,
            tags=op.op_tags,
            assets=made,
        )

    def _op_of(self, made: tuple[str, ...]) -> Asset | MultiAsset:
        asset = self.assets[made[0]]
        return asset if asset.op is None else self.config.multi_assets[asset.op]

    def _asset_nodes(self, made: tuple[str, ...]) -> dict[str, Node]:
        """What its step executes, and the steps of its checks."""
        assets = [self.assets[key] for key in made]
        op, name = self._op_of(made), assets[0].op or made[0]
        nodes = {
            name: Node(
                op.compute or name,
                op.retry_policy,
                all(asset.output_required for asset in assets),
                assets=made,
                loads=tuple(
                    (read, key)
                    for key, asset in zip(made, assets, strict=True)
                    for read in asset.ins
                    if read not in made or read == key
                ),
                partitioned=any(asset.partitions_def is not None for asset in assets),
            )
        }
        for key, asset in zip(made, assets, strict=True):
            for check_name, check in asset.checks.items():
                step = check_step_key(key, check_name)
                nodes[step] = Node(
                    check.compute or step,
                    check.retry_policy,
                    check=check,
                    partitioned=asset.partitions_def is not None,
                )
        return nodes

    def partitions_of(self, plan: ExecutionPlan) -> PartitionsDefinition | None:
        """The definition that the assets of a run have keys of; None: they have no partitions."""
        assets = [self.assets[key] for step in plan.steps for key in step.assets]
        named = [asset.partitions_def for asset in assets if asset.partitions_def is not None]
        return self.partitions[named[0]] if named else None

    def _executor(self, executor: Executor) -> ExecutorPlan:
        instance = self.config.instance
        if executor.in_process is not None:
            enabled = executor.in_process.retries == "enabled"
            return ExecutorPlan(multiprocess=False, limit=1, step_start=0, retries=enabled)
        many = executor.multiprocess
        return ExecutorPlan(
            multiprocess=True,
            limit=(many.max_concurrent if many is not None else 0) or instance.cpu_count,
            step_start=round(instance.run_launcher.step_start_seconds * SECOND),
            tag_limits=tag_limits(() if many is None else many.tag_concurrency_limits),
            retries=many is None or many.retries == "enabled",
        )


def tag_limits(limits: Iterable[TagLimitConfig]) -> tuple[TagConcurrencyLimit, ...]:
    """Limits by tag, as a config gives them."""
    return tuple(
        TagConcurrencyLimit(
            each.key, each.limit, per_unique_value=each.value.apply_limit_per_unique_value
        )
        if isinstance(each.value, UniqueValue)
        else TagConcurrencyLimit(each.key, each.limit, each.value)
        for each in limits
    )


def pool_use(plan: ExecutionPlan) -> PoolUse:
    """Which pools a run of a plan needs.

    Source: Dagster 1.13.29, _core/op_concurrency_limits_counter.py
    (`compute_run_op_concurrency_info_for_snapshot`).
    """
    roots: dict[str, int] = {}
    for step in plan.roots:
        if step.pool is not None:
            roots[step.pool] = roots.get(step.pool, 0) + 1
    pools = dict.fromkeys(step.pool for step in plan.steps if step.pool is not None)
    free = any(step.pool is None for step in plan.roots)
    return PoolUse(roots, tuple(pools), unconstrained_root=free)


def step_entity_names(steps: Iterable[Step]) -> tuple[str, ...]:
    """The names of the task instances of some steps: their step keys."""
    return tuple(step.key for step in steps)


def _priority(tags: Mapping[str, str]) -> int:
    return int(tags.get(PRIORITY_TAG, "0"))


def _op_spec(key: str, op: Op) -> NodeSpec:
    return NodeSpec(
        key,
        tuple(op.ins),
        fan_in=op.fan_in,
        priority=_priority(op.tags),
        pool=op.pool,
        tags=op.tags,
    )
