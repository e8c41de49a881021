"""The instance's part of a `dagster:` section: what stands in dagster.yaml, and its machines.

Structs only, with the names and defaults of Dagster 1.13.29 (_core/instance/config.py); spans are
seconds. `run_launcher` and `cpu_count` also say what Dagster leaves to the machines.
"""

from __future__ import annotations

from typing import Literal

import msgspec


class Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Closed and immutable, as every part of a config."""


class UniqueValue(Section, frozen=True, kw_only=True):
    """`value` of a limit that holds for each value by itself."""

    apply_limit_per_unique_value: bool = msgspec.field(name="applyLimitPerUniqueValue")


class TagConcurrencyLimit(Section, frozen=True, kw_only=True):
    """How many with a tag there may be at a time."""

    key: str
    limit: int
    value: str | UniqueValue | None = None
    """Of those with this value, of each value by itself, or of all with the key."""


class RunQueue(Section, frozen=True, kw_only=True):
    """The run queue (`concurrency.runs`, and `run_coordinator` before it)."""

    max_concurrent_runs: int = 10
    """-1: unlimited; 0: none."""
    tag_concurrency_limits: list[TagConcurrencyLimit] = []
    dequeue_interval_seconds: int = 5
    block_op_concurrency_limited_runs: bool = True


class Pools(Section, frozen=True, kw_only=True):
    """Pools of the instance (`concurrency.pools`), and the limits set by hand."""

    default_limit: int | None = None
    """Of pools without one of their own. Default: they have none."""
    granularity: Literal["op", "run"] = "op"
    op_granularity_run_buffer: int = 0
    limits: dict[str, int] = {}
    """By pool; `dagster instance concurrency set` in the tool."""


class Concurrency(Section, frozen=True, kw_only=True):
    """What bounds runs and steps over the whole instance."""

    runs: RunQueue = RunQueue()
    pools: Pools = Pools()


class RunCoordinator(Section, frozen=True, kw_only=True):
    """What becomes of a run that is submitted."""

    kind: Literal["QueuedRunCoordinator", "DefaultRunCoordinator"] = "QueuedRunCoordinator"
    """Queued for the daemon, or launched at once."""


class RunLauncher(Section, frozen=True, kw_only=True):
    """What starts the process of a run."""

    kind: Literal["DefaultRunLauncher", "DockerRunLauncher", "K8sRunLauncher"] = (
        "DefaultRunLauncher"
    )
    """The default starts it on the host, as a child of the code server, and cannot ask whether it
    lives; the others start containers, whose health run monitoring can see."""
    launch_seconds: float = 0
    """How long the daemon is busy with one launch."""
    start_seconds: float = 3
    """From the launch until the run's process has loaded the code: STARTING."""
    step_start_seconds: float = 2
    """Until the process of a step has loaded it, with the multiprocess executor."""


class RunRetries(Section, frozen=True, kw_only=True):
    """Whether runs that failed are executed again."""

    enabled: bool = False
    max_retries: int = 0
    retry_on_asset_or_op_failure: bool = True


class RunMonitoring(Section, frozen=True, kw_only=True):
    """What watches over runs that are under way."""

    enabled: bool = False
    poll_interval_seconds: int = 120
    start_timeout_seconds: int = 180
    cancel_timeout_seconds: int = 180
    max_runtime_seconds: int = 0
    """0: as long as it takes."""
    free_slots_after_run_end_seconds: int = 0
    """After how long slots that a dead run still holds are freed; 0: never."""


class Scheduler(Section, frozen=True, kw_only=True):
    """The schedule daemon (`DagsterDaemonScheduler`)."""

    max_catchup_runs: int = 5
    """How many missed ticks of a schedule of partitions are made up for, the latest of them."""


class InstanceConfig(Section, frozen=True, kw_only=True):
    """dagster.yaml, and the machines it runs on."""

    host: str = "dagster-01"
    """The machine of daemon, webserver and code server; its name in the journal."""
    cpu_count: int = 4
    """Of the machine that executes a run."""
    run_coordinator: RunCoordinator = RunCoordinator()
    run_launcher: RunLauncher = RunLauncher()
    concurrency: Concurrency = Concurrency()
    scheduler: Scheduler = Scheduler()
    run_retries: RunRetries = RunRetries()
    run_monitoring: RunMonitoring = RunMonitoring()
