"""The execution plan of one run: its steps, what each waits for, and the order they are listed in.

Values only: nothing here knows time, or what became of a step (`steps` does). Invariant: a plan
lists its steps by levels of the graph, and inside a level by step key, as Dagster 1.13.29 does
(_core/execution/plan/plan.py over toposort); that order decides every tie between ready steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

RESULT = "result"
"""The name of an output that has none of its own (Dagster's DEFAULT_OUTPUT)."""


@dataclass(frozen=True, slots=True, order=True)
class Source:
    """One output of one step (Dagster's StepOutputHandle)."""

    step_key: str
    output_name: str = RESULT


@dataclass(frozen=True, slots=True)
class StepInput:
    """What one input of a step is made of."""

    sources: tuple[Source, ...]
    """The outputs it is loaded from: one, or those of a fan-in (Dagster's FromMultipleSources)."""
    gates: tuple[Source, ...] = ()
    """Outputs that are waited for and not loaded: blocking checks of the asset that is read."""
    loaded: bool = True
    """Whether a value is loaded through the IO manager; False for `deps`, which only order."""

    @property
    def waits_for(self) -> tuple[Source, ...]:
        """Every output that this input stands behind."""
        return self.sources + self.gates


@dataclass(frozen=True, slots=True)
class CheckStep:
    """What a step that is an asset check evaluates."""

    asset: str
    name: str
    blocking: bool


@dataclass(frozen=True)
class Step:
    """One step: an asset, an op, or an asset check that is not evaluated in its asset's own op."""

    key: str
    node: str
    """The asset or op that it executes; of a check its asset."""
    assets: tuple[str, ...] = ()
    """The assets that it makes or evaluates: several of a multi-asset, none of an op of a job."""
    inputs: tuple[StepInput, ...] = ()
    outputs: tuple[str, ...] = (RESULT,)
    check: CheckStep | None = None
    priority: int = 0
    """The step's tag `dagster/priority`."""
    pool: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def upstream(self) -> tuple[str, ...]:
        """Keys of the steps it waits for, each once, in the order of its inputs."""
        sources = [source for each in self.inputs for source in each.waits_for]
        return tuple(dict.fromkeys(source.step_key for source in sources))


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """An asset check as its asset declares it."""

    name: str
    blocking: bool = False
    severity: Literal["ERROR", "WARN"] = "ERROR"
    inside: bool = False
    """Whether the asset's own op evaluates it; then it has no step of its own."""
    asset: str = ""
    """Which asset of a multi-asset it checks; empty: the node itself."""


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """An asset or an op as a plan needs it."""

    name: str
    deps: tuple[str, ...] = ()
    """The assets or ops it reads, in the order of its inputs."""
    loads: tuple[str, ...] | None = None
    """Those of `deps` that are argument inputs; None: all."""
    fan_in: bool = False
    """Whether one input takes all of `deps` (an op with a list input)."""
    checks: tuple[CheckSpec, ...] = ()
    priority: int = 0
    pool: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    assets: tuple[str, ...] = ()
    """What it makes: itself, several assets of a multi-asset, or nothing but its result."""

    @property
    def outputs(self) -> tuple[str, ...]:
        """Of a multi-asset one for each asset, by its name; else the one."""
        return self.assets if len(self.assets) > 1 else (RESULT,)


@dataclass(frozen=True)
class ExecutionPlan:
    """The steps of a run in the order in which Dagster lists them."""

    steps: tuple[Step, ...]

    @cached_property
    def by_key(self) -> dict[str, Step]:
        """The steps by their keys."""
        return {step.key: step for step in self.steps}

    @cached_property
    def downstream(self) -> dict[str, tuple[str, ...]]:
        """From each step to those that wait for it directly, in the order of the plan."""
        below: dict[str, list[str]] = {step.key: [] for step in self.steps}
        for step in self.steps:
            for key in step.upstream:
                below[key].append(step.key)
        return {key: tuple(keys) for key, keys in below.items()}

    @cached_property
    def roots(self) -> tuple[Step, ...]:
        """The steps that wait for nothing in this run."""
        return tuple(step for step in self.steps if not step.upstream)

    def steps_of(self, assets: Collection[str]) -> tuple[str, ...]:
        """The keys of the steps that make or check any of some assets, in order.

        A multi-asset is not subset: with one of its assets all are made.
        """
        wanted = frozenset(assets)
        return tuple(step.key for step in self.steps if not wanted.isdisjoint(step.assets))

    def only(self, keys: Collection[str]) -> ExecutionPlan:
        """The plan of a re-execution: these steps; what others have done is loaded from storage."""
        kept = frozenset(keys)
        steps = [
            _with_inputs(step, tuple(_inside(step.inputs, kept)))
            for step in self.steps
            if step.key in kept
        ]
        return ExecutionPlan(_listed(steps))


def plan_of(nodes: Iterable[NodeSpec]) -> ExecutionPlan:
    """The plan that executes these nodes, and their checks.

    A dependency that is not among the nodes gates nothing, and its value is loaded from storage; a
    path that leads through such a one orders nothing. A node that depends on itself (another
    partition of the same asset) does not wait for itself. Source: Dagster 1.13.29,
    _core/definitions/assets/job/asset_job.py, `build_node_deps`.
    """
    chosen = {node.name: node for node in nodes}
    made = {name: node for node in chosen.values() for name in node.assets or (node.name,)}
    steps: list[Step] = []
    for node in chosen.values():
        steps.append(_node_step(node, made))
        steps += [_check_step(node, check) for check in node.checks if not check.inside]
    return ExecutionPlan(_listed(steps))


def check_step_key(asset: str, check: str) -> str:
    """The key of the step of a check: the name of the op that Dagster makes for it."""
    return f"{asset}_{check}"


def _node_step(node: NodeSpec, made: Mapping[str, NodeSpec]) -> Step:
    deps = [name for name in node.deps if name in made and made[name].name != node.name]
    loads = node.deps if node.loads is None else node.loads
    inputs: tuple[StepInput, ...]
    if node.fan_in:
        inputs = (StepInput(tuple(_output(name, made) for name in deps)),) if deps else ()
    else:
        inputs = tuple(
            StepInput((_output(name, made),), _gates(name, made[name]), loaded=name in loads)
            for name in deps
        )
    return Step(
        node.name,
        node.name,
        node.assets,
        inputs,
        node.outputs,
        priority=node.priority,
        pool=node.pool,
        tags=node.tags,
    )


def _output(name: str, made: Mapping[str, NodeSpec]) -> Source:
    """Where an asset, or what an op returns, comes out."""
    node = made[name]
    return Source(node.name, name if name in node.outputs else RESULT)


def _gates(asset: str, node: NodeSpec) -> tuple[Source, ...]:
    """What stands between an asset and those that read it: its blocking checks."""
    return tuple(
        Source(check_step_key(asset, check.name))
        for check in node.checks
        if check.blocking and not check.inside and (check.asset or node.name) == asset
    )


def _check_step(node: NodeSpec, check: CheckSpec) -> Step:
    asset = check.asset or node.name
    return Step(
        check_step_key(asset, check.name),
        asset,
        (asset,),
        (StepInput((Source(node.name, asset if asset in node.outputs else RESULT),)),),
        check=CheckStep(asset, check.name, check.blocking),
    )


def _inside(inputs: Iterable[StepInput], kept: Collection[str]) -> Iterable[StepInput]:
    for each in inputs:
        sources = tuple(source for source in each.sources if source.step_key in kept)
        gates = tuple(source for source in each.gates if source.step_key in kept)
        if sources or gates:
            yield StepInput(sources, gates, loaded=each.loaded)


def _with_inputs(step: Step, inputs: tuple[StepInput, ...]) -> Step:
    return Step(
        step.key,
        step.node,
        step.assets,
        inputs,
        step.outputs,
        check=step.check,
        priority=step.priority,
        pool=step.pool,
        tags=step.tags,
    )


def _listed(steps: Sequence[Step]) -> tuple[Step, ...]:
    """By level, and inside a level by key. Raises `ValueError` for a graph with a circle."""
    levels: dict[str, int] = {}
    waiting = {step.key: step for step in steps}
    while waiting:
        ready = [step for step in waiting.values() if all(key in levels for key in step.upstream)]
        if not ready:
            message = f"these steps wait for each other: {', '.join(sorted(waiting))}"
            raise ValueError(message)
        for step in ready:
            del waiting[step.key]
        for step in ready:
            levels[step.key] = 1 + max((levels[key] for key in step.upstream), default=-1)
    return tuple(sorted(steps, key=lambda step: (levels[step.key], step.key)))
