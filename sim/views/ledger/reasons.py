"""Why an instant passed: the reasons of the wait ledger, and a wait itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Reason(StrEnum):
    """What a task instance waited for. Exactly one holds at each instant."""

    SCHEDULE = "schedule"
    """Its run was not asked for yet: catch-up, or dates before the clock started."""
    RUN_LIMIT = "run_limit"
    """max_active_runs."""
    DEPENDS_ON_PAST = "depends_on_past"
    UPSTREAM = "upstream"
    TRIGGER_RULE = "trigger_rule"
    """Everything above it is over, and its rule will never let it go."""
    POOL = "pool"
    PRIORITY = "priority"
    """There was room, and others were queued before it."""
    PARALLELISM = "parallelism"
    MAX_ACTIVE_TASKS = "max_active_tasks"
    MAX_ACTIVE_TIS_PER_DAG = "max_active_tis_per_dag"
    MAX_ACTIVE_TIS_PER_DAGRUN = "max_active_tis_per_dagrun"
    EXECUTOR_SLOT = "executor_slot"
    """One of several executors was full, or the one process of a sequential one."""
    WORKER = "worker"
    """Queued until a worker took it; or its worker was gone and nobody had noticed."""
    SCHEDULER_LOOP = "scheduler_loop"
    """The next loop of the scheduler."""
    SCHEDULER_DOWN = "scheduler_down"
    DATABASE = "database"
    """The metadata database was away, or made loops longer."""
    PARSE = "parse"
    """The DAG file was broken."""
    RUN_QUEUE = "run_queue"
    """A run queue had as many runs in progress as it may (Dagster's max_concurrent_runs)."""
    TAG_LIMIT = "tag_limit"
    """As many with the tag were in progress as may be (tag_concurrency_limits)."""
    STEP_LIMIT = "step_limit"
    """The executor of its run had as many steps under way as it may (max_concurrent)."""
    START_UP = "start_up"
    """The process of its run or its own was being started, and loaded the code."""
    POLL = "poll"
    """Until a worker or runner asked the server for work the next time (Prefect)."""
    WORK_POOL_LIMIT = "work_pool_limit"
    """As many flow runs of its work pool or queue were in progress as may be."""
    DEPLOYMENT_LIMIT = "deployment_limit"
    """As many flow runs of its deployment were in progress as may be."""
    THREAD = "thread"
    """Every thread or process of its task runner was taken."""
    RETRY_DELAY = "retry_delay"
    SENSOR_POKE = "sensor_poke"
    DEFERRAL = "deferral"
    PAUSED = "paused"
    HUMAN = "human"
    """It was done, or not wanted, until a person asked for it."""
    RUNNING = "running"


GONE = frozenset({"died", "lost", "killed"})
"""Ends of a process after which its task instance still counts as running."""
BY_SCHEDULER = frozenset(
    {
        Reason.SCHEDULE,
        Reason.RUN_LIMIT,
        Reason.DEPENDS_ON_PAST,
        Reason.TRIGGER_RULE,
        Reason.POOL,
        Reason.PRIORITY,
        Reason.PARALLELISM,
        Reason.MAX_ACTIVE_TASKS,
        Reason.MAX_ACTIVE_TIS_PER_DAG,
        Reason.MAX_ACTIVE_TIS_PER_DAGRUN,
        Reason.EXECUTOR_SLOT,
        Reason.SCHEDULER_LOOP,
        Reason.RUN_QUEUE,
        Reason.POLL,
        Reason.WORK_POOL_LIMIT,
        Reason.DEPLOYMENT_LIMIT,
    }
)
"""Waits that only a scheduler can end: without one they are waits for it."""


@dataclass(frozen=True, slots=True)
class Wait:
    """A stretch of time [start, end) of one task instance with one reason."""

    task_instance: int
    start: int
    end: int
    reason: Reason
    blocker: str = ""
    """What it waited for, by name: a pool, a task, a run, a system, a person."""
    entity: int = -1
    """The same as an entity of the journal; -1: there is none."""

    @property
    def word(self) -> str:
        """What names its sentence: the reason, or `gone` for a worker that nobody missed yet."""
        gone = self.reason is Reason.WORKER and self.blocker in GONE
        return "gone" if gone else self.reason.value

    @property
    def span(self) -> int:
        """How long, microseconds."""
        return self.end - self.start
