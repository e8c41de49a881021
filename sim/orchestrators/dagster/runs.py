"""Runs as the instance's storage knows them: their statuses, tags and times.

Rows only: what changes a status, and when, is decided elsewhere; every change goes through
`Instance.set_status`, which writes it down.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from sim.orchestrators.dagster.run_queue import NO_POOLS, PoolUse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.dagster.definitions import JobPlan, Node
    from sim.orchestrators.dagster.plan import ExecutionPlan
    from sim.orchestrators.dagster.steps import ActiveExecution

PARENT_RUN_ID = "dagster/parent_run_id"
ROOT_RUN_ID = "dagster/root_run_id"
RETRY_NUMBER = "dagster/retry_number"
MAX_RETRIES = "dagster/max_retries"
RETRY_STRATEGY = "dagster/retry_strategy"
RETRY_ON_FAILURE = "dagster/retry_on_asset_or_op_failure"
MAX_RUNTIME = ("dagster/max_runtime", "dagster/max_runtime_seconds")
PARTITION = "dagster/partition"
SCHEDULE_NAME = "dagster/schedule_name"
SENSOR_NAME = "dagster/sensor_name"
RUN_KEY = "dagster/run_key"


class RunStatus(StrEnum):
    """Statuses of a run (Dagster 1.13.29, _core/storage/dagster_run.py)."""

    NOT_STARTED = "NOT_STARTED"
    QUEUED = "QUEUED"
    STARTING = "STARTING"
    STARTED = "STARTED"
    CANCELING = "CANCELING"
    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"
    CANCELED = "CANCELED"


ACTIVE = frozenset({RunStatus.STARTING, RunStatus.STARTED, RunStatus.CANCELING})
"""Statuses that hold a place in the run queue's limit."""
FINISHED = frozenset({RunStatus.SUCCESS, RunStatus.FAILURE, RunStatus.CANCELED})


@dataclass(slots=True, eq=False, kw_only=True)
class Run:
    """One run."""

    run_id: str
    number: int
    """Of its job's runs, from 0."""
    entity: int
    job: JobPlan
    plan: ExecutionPlan
    run_type: str
    """`scheduled`, `manual`, `sensor`, `retry`, `backfill`, `automation`."""
    location: str
    data_date: str
    """The ISO date that unpartitioned work is about: its run config, which a retry keeps."""
    created: int
    scheduled: int | None = None
    """The tick of the schedule that requested it."""
    tags: Mapping[str, str] = field(default_factory=dict)
    partition_keys: tuple[str, ...] = ()
    """What it materializes; none for a job without partitions."""
    dates: tuple[str, ...] = ()
    """The ISO date that each of these partitions is about."""
    windows: tuple[tuple[int, int] | None, ...] = ()
    """From when until when each of them is, microseconds; None: it is no window of time."""
    parent: Run | None = None
    pools: PoolUse = NO_POOLS
    status: RunStatus = RunStatus.NOT_STARTED
    row: int = -1
    """The journal row of its latest change."""
    launched_at: int | None = None
    started_at: int | None = None
    canceling_at: int | None = None
    ended_at: int | None = None
    failure_reason: str = ""
    """Why it failed: `step_failure`, `start_timeout`, `worker_lost`, `max_runtime`."""
    active: ActiveExecution | None = None
    """Its steps, once it has started."""
    worker: Any = None
    """The process that executes it, while there is one."""
    lost_worker: Any = None
    """The process that executed it and is gone without a word."""
    tries: Counter[str] = field(default_factory=Counter)
    """How many tries of each step have begun, in it and in the runs that it re-executes."""
    steps: dict[str, int] = field(default_factory=dict)
    """Journal entities of its steps."""

    def keys_for(self, node: Node) -> tuple[str, ...]:
        """The partitions that one of its steps works on; none if it is not partitioned."""
        return self.partition_keys if node.partitioned else ()

    @property
    def root(self) -> Run:
        """The run that it is a re-execution of, however often."""
        run = self
        while run.parent is not None:
            run = run.parent
        return run

    @property
    def finished(self) -> bool:
        """Whether it is over."""
        return self.status in FINISHED
