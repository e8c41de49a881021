"""Flows as values: the calls of a flow function in their order, and the options of what is called.

Real flow functions are Python. Here one is a list of calls, which is what the engines decide upon:
how a task is called, what it takes from calls before it, and what the function returns. Invariant:
a call only refers to calls before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sim.orchestrators.prefect.caching import CacheSettings
from sim.orchestrators.prefect.retry_delays import RetryDelays

if TYPE_CHECKING:
    from sim.orchestrators.prefect.transactions import CommitMode, IsolationLevel

Mode = Literal["submit", "map", "direct", "direct_state", "subflow", "pause"]
"""`t.submit()`, `t.map()`, `t()`, `t(return_state=True)`, another flow's `f()`, and
`pause_flow_run()` or `suspend_flow_run()`."""
Returns = Literal["none", "value", "states", "state", "mixed"]
"""Nothing, plain data, a list of futures and states, a single one, or states beside plain data."""

NO_RETRIES = RetryDelays()
NO_SETTINGS = CacheSettings()


@dataclass(frozen=True, slots=True)
class Ref:
    """An argument or a `wait_for` that comes from an earlier call."""

    call: str
    allow_failure: bool = False


@dataclass(frozen=True, slots=True)
class TaskOptions:
    """What `@task` says."""

    task: str
    """What does the work: a task of the config."""
    retry: RetryDelays = NO_RETRIES
    retry_on: frozenset[str] | None = None
    """Reasons of a failure for which `retry_condition_fn` says True; None: there is none."""
    timeout: int | None = None
    """Of each try, microseconds."""
    cache: CacheSettings = NO_SETTINGS
    tags: tuple[str, ...] = ()
    on_failure: tuple[str, ...] = ()
    on_completion: tuple[str, ...] = ()
    on_rollback: tuple[str, ...] = ()
    """Tasks of the config that take back what it did, the last first."""
    on_commit: tuple[str, ...] = ()
    """Tasks of the config that are done when its result is kept."""
    task_name: str = ""
    """The name of the function."""


@dataclass(frozen=True, slots=True)
class Pause:
    """`pause_flow_run()` and `suspend_flow_run()` (flow_runs.py)."""

    suspends: bool
    """Whether the process ends until somebody resumes the run."""
    timeout: int | None
    """Microseconds; None: as long as it takes."""
    poll: int = 0
    """How often a blocked process looks whether it may go on, microseconds."""
    key: str | None = None
    """Which pause it is; None: the number of pauses that this try of the function has met."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call in a flow function."""

    name: str
    options: TaskOptions
    mode: Mode = "submit"
    params: tuple[Ref, ...] = ()
    wait_for: tuple[Ref, ...] = ()
    length: int = 0
    """Of a mapped call over plain data: how many elements."""
    over: Ref | None = None
    """Of a mapped call: the earlier call whose futures, or whose future, it goes over."""
    flow: str | None = None
    """Of a subflow: which flow."""
    return_state: bool = False
    """Of a subflow: whether its failure does not raise."""
    transaction: tuple[str, ...] = ()
    """The `with transaction():` blocks it stands in, the outermost first."""
    concurrency: tuple[tuple[str, int], ...] = ()
    """Global limits that its body takes slots of, and how many of each."""
    parameters: tuple[str, ...] = ()
    """Parameters of the flow that it takes."""
    pause: Pause | None = None
    """Of a pause: which."""

    @property
    def refs(self) -> tuple[Ref, ...]:
        """What must be resolved, in the order in which it is."""
        over = () if self.over is None else (self.over,)
        return (*over, *self.params, *self.wait_for)


@dataclass(frozen=True, slots=True)
class Block:
    """What a `with transaction():` says (transactions.py), and what the function does there."""

    commit_mode: CommitMode | None = None
    isolation_level: IsolationLevel | None = None
    lock_manager: str | None = None
    """Of its store."""
    key: str | None = None
    """A template; None: no record is kept of the block."""
    overwrite: bool = False
    write_on_commit: bool = True
    on_commit: tuple[str, ...] = ()
    on_rollback: tuple[str, ...] = ()
    """Hooks that the function hangs on it as soon as it has entered it (`txn.stage`)."""
    catches: bool = False
    """Whether the function catches what leaves it."""
    skips_committed: bool = False
    """Whether the function makes no call in it when `txn.is_committed()`."""


@dataclass(frozen=True, slots=True)
class RunnerOptions:
    """The task runner of a flow (task_runners.py)."""

    kind: Literal["thread", "process", "dask", "ray"] = "thread"
    max_workers: int | None = None
    """None: no limit."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What `@flow` says, and the calls of its function."""

    name: str
    calls: tuple[Call, ...]
    returns: Returns = "none"
    returned: tuple[str, ...] = ()
    """The calls whose futures and states are returned."""
    retries: int = 0
    retry_delay: float = 0.0
    """Seconds."""
    timeout: int | None = None
    """Microseconds."""
    runner: RunnerOptions = RunnerOptions()
    wait_all: bool = False
    """Whether the function waits for every future before it returns."""
    catch: bool = False
    """Whether the function catches what its direct calls raise."""
    raises: Literal["no", "first", "always"] = "no"
    """Whether the function itself raises at its end: in its first try, or in each."""
    persist_by_default: bool = False
    hooks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Alerts by `on_completion`, `on_failure`, `on_cancellation`, `on_crashed`, `on_running`."""
    blocks: dict[str, Block] = field(default_factory=dict)
    """Every block that a call stands in, by name."""
