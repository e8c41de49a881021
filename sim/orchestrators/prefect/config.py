"""The `prefect:` section of config.yaml: flows, deployments, pools and limits, in Prefect's words.

Structs only; spans are seconds, as Prefect has them. What is wrong with names and texts, `validate`
says. A flow is Python in real life; here it is the list of its calls.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from sim.orchestrators.prefect.automations_config import Automation
from sim.orchestrators.prefect.settings import Settings


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Closed and immutable, as every part of a config."""


class ExponentialBackoff(Section, frozen=True, kw_only=True):
    """`exponential_backoff(backoff_factor)`: the factor itself, twice it, four times it."""

    backoff_factor: float


class Task(Section, frozen=True, kw_only=True):
    """The options of `@task`."""

    task: str | None = None
    """The task that does its work. Default: the one of its own name."""
    retries: int = 0
    retry_delay_seconds: float | list[float] | ExponentialBackoff = 0
    retry_jitter_factor: float | None = None
    retry_condition_fn: list[str] | None = None
    """Reasons of a failure for which the function says True. Default: there is no function."""
    timeout_seconds: float | None = None
    """Of each try. In a thread it is only seen when the try is over."""
    cache_policy: str | None = None
    """`INPUTS`, `TASK_SOURCE`, `FLOW_PARAMETERS`, `RUN_ID`, sums of them, `DEFAULT`, `NO_CACHE`."""
    cache_key_fn: str | None = None
    """`task_input_hash`, which Prefect brings: the task's source and its inputs; or a template that
    gives the key. It goes before a policy."""
    cache_expiration: float | None = None
    persist_result: bool | None = None
    refresh_cache: bool = False
    tags: list[str] = []
    on_failure: list[str] = []
    """Alerts."""
    on_completion: list[str] = []
    """Alerts."""
    on_rollback: str | list[str] | None = None
    """Tasks that take back what it did when its transaction is rolled back, the last first."""
    on_commit: str | list[str] | None = None
    """Tasks that are done when its result is kept; one that fails takes it back instead."""
    isolation_level: Literal["READ_COMMITTED", "SERIALIZABLE"] | None = None
    """Of its cache policy (`configure`). Default: that of the block around it."""
    lock_manager: Literal["MemoryLockManager", "FileSystemLockManager"] | None = None
    """Of its cache policy: for the threads of one process, or files for every run."""


class PauseFlowRun(Section, frozen=True, kw_only=True):
    """`pause_flow_run()`: the process blocks until somebody resumes the run."""

    timeout: float = 3600
    poll_interval: float = 10
    """How often it looks whether it may go on."""
    key: str | None = None
    """Default: the number of pauses so far. A pause whose key has fired is passed over."""


class SuspendFlowRun(Section, frozen=True, kw_only=True):
    """`suspend_flow_run()`: the process ends; resumed, the flow begins anew from its top."""

    timeout: float | None = None
    key: str | None = None
    """Default: the number of pauses so far. One whose key has fired is passed over."""


class Call(Section, frozen=True, kw_only=True):
    """One call in a flow function."""

    task: str | None = None
    """A key of `prefect.tasks` or of the config's tasks. Default: the name of the call."""
    flow: str | None = None
    """Calls a flow instead."""
    mode: Literal["submit", "map", "direct", "direct_state"] = "submit"
    """`t.submit()`, `t.map()`, `t()`, `t(return_state=True)`."""
    params: list[str] = []
    """Earlier calls whose results it takes."""
    parameters: list[str] = []
    """Parameters of the flow that it takes, such as `fecha`, the run's data date."""
    wait_for: list[str] = []
    """Earlier calls that must be over."""
    allow_failure: list[str] = []
    """Those of both whose failure is let through."""
    map_over: str | int | None = None
    """Of `map`: an earlier call, or how many elements the data has."""
    return_state: bool = False
    """Of a flow: its failure does not raise here."""
    transaction: str | list[str] | None = None
    """The `with transaction():` block that it stands in with its neighbours; of several, the
    outermost first."""
    concurrency: dict[str, int] = {}
    """Slots of global limits that its body takes (`with concurrency(...)`, `rate_limit`)."""
    pause_flow_run: PauseFlowRun | None = None
    """Instead of a task: waits for a person. `wait_for`: calls that must be over before."""
    suspend_flow_run: SuspendFlowRun | None = None
    """Instead of a task: ends the process until a person resumes the run."""


class Transaction(Section, frozen=True, kw_only=True):
    """The arguments of a `with transaction():`, and what the function does with it."""

    commit_mode: Literal["LAZY", "EAGER", "OFF"] | None = None
    """Default: that of the block around it; of the outermost, LAZY."""
    isolation_level: Literal["READ_COMMITTED", "SERIALIZABLE"] | None = None
    """Default: that of the block around it; of the outermost, READ_COMMITTED."""
    lock_manager: Literal["MemoryLockManager", "FileSystemLockManager"] | None = None
    """Of its store."""
    key: str | None = None
    """A template. With a key the block has a record, and is committed where it finds one."""
    overwrite: bool = False
    """Whether it looks for none."""
    write_on_commit: bool = True
    on_commit: str | list[str] | None = None
    on_rollback: str | list[str] | None = None
    """Tasks hung on the block itself (`txn.stage`), as soon as it is entered."""
    catches: bool = False
    """Whether the function catches what leaves the block."""
    skips_committed: bool = False
    """Whether the function asks `txn.is_committed()`, and makes no call in it then."""


class TaskRunner(Section, frozen=True, kw_only=True):
    """Where submitted task runs run."""

    kind: Literal[
        "ThreadPoolTaskRunner", "ProcessPoolTaskRunner", "DaskTaskRunner", "RayTaskRunner"
    ] = "ThreadPoolTaskRunner"
    max_workers: int | None = None
    """Default: no limit; of a process pool, the host's CPUs; of a cluster, its size."""


class Flow(Section, frozen=True, kw_only=True):
    """A flow: the options of `@flow`, and its function."""

    calls: dict[str, Call] = {}
    """In the order of the function."""
    transactions: dict[str, Transaction] = {}
    """What is said of blocks that its calls stand in, by name."""
    returns: list[str] | Literal["none", "all"] = "none"
    """The calls whose futures or states it returns: only those decide its final state."""
    waits: bool = False
    """Whether the function waits for every future before it ends (`wait(futures)`)."""
    catches: bool = False
    """Whether it catches what its direct calls raise."""
    retries: int = 0
    retry_delay_seconds: float = 0
    timeout_seconds: float | None = None
    persist_result: bool = False
    """Of its tasks that do not say (`results.persist_by_default`)."""
    task_runner: TaskRunner = TaskRunner()
    on_failure: list[str] = []
    """Alerts."""
    on_completion: list[str] = []
    """Alerts."""
    on_crashed: list[str] = []
    """Alerts."""
    on_cancellation: list[str] = []
    """Alerts."""
    on_running: list[str] = []
    """Alerts."""


class Schedule(Section, frozen=True, kw_only=True):
    """One schedule of a deployment: one of `cron`, `interval`, `rrule`."""

    cron: str | None = None
    day_or: bool = True
    interval: float | None = None
    """Seconds."""
    anchor_date: str | None = None
    """Of an interval. Default: when the clock starts."""
    rrule: str | None = None
    timezone: str = "UTC"
    active: bool = True
    parameters: dict[str, Any] = {}
    """Over those of the deployment."""


class Deployment(Section, frozen=True, kw_only=True):
    """A flow that runs by itself (`flow.deploy`, or `flow.serve` when it has no work pool)."""

    flow: str
    schedules: list[Schedule] = []
    work_pool: str | None = None
    work_queue: str = "default"
    concurrency_limit: int | None = None
    collision_strategy: Literal["ENQUEUE", "CANCEL_NEW"] = "ENQUEUE"
    paused: bool = False
    parameters: dict[str, Any] = {}


class WorkQueue(Section, frozen=True, kw_only=True):
    """A queue of a work pool."""

    priority: int | None = None
    """1 comes first. Default: the lowest number that is free."""
    concurrency_limit: int | None = None
    is_paused: bool = False


class WorkPool(Section, frozen=True, kw_only=True):
    """A work pool."""

    type: Literal["process", "docker", "kubernetes"] = "process"
    concurrency_limit: int | None = None
    is_paused: bool = False
    work_queues: dict[str, WorkQueue] = {}
    start_seconds: float = 3.0
    """From the pick-up until the run's process has loaded the flow; Prefect leaves that to the
    machine."""


class Worker(Section, frozen=True, kw_only=True):
    """A worker of a pool, on a machine of its own."""

    pool: str
    limit: int | None = None
    work_queues: list[str] = []


class GlobalConcurrencyLimit(Section, frozen=True, kw_only=True):
    """A global concurrency limit, or a rate limit when its slots decay."""

    limit: int
    active: bool = True
    slot_decay_per_second: float = 0.0


class PrefectConfig(Section, frozen=True, kw_only=True):
    """Everything an engineer may decide about a Prefect server and what runs under it."""

    flows: dict[str, Flow] = {}
    tasks: dict[str, Task] = {}
    """`@task` functions with options; a config's task without any needs no entry."""
    deployments: dict[str, Deployment] = {}
    work_pools: dict[str, WorkPool] = {}
    workers: dict[str, Worker] = {}
    global_concurrency_limits: dict[str, GlobalConcurrencyLimit] = {}
    tag_concurrency_limits: dict[str, int] = {}
    """Task runs with a tag that run at a time."""
    automations: dict[str, Automation] = {}
    settings: Settings = msgspec.field(default_factory=Settings)
    host: str = "prefect"
    """The machine of the server and of what `serve` runs."""
    cpu_count: int = 8
    """CPUs of the machines of flow runs, the default of process pools."""
