"""The rows of Airflow's metadata database, as far as anything is decided by them.

Plain mutable records with slots: thousands of them live at once and every decision reads them.
They hold no behaviour; `metadata.py` changes them and keeps their counters in step.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.states import RunState, TaskState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.model.work import Attempt, Running
    from sim.orchestrators.airflow.backfill_job import BackfillJob
    from sim.orchestrators.airflow.deferral import Parked
    from sim.orchestrators.airflow.intervals import RunInfo
    from sim.orchestrators.airflow.plan import DagPlan
    from sim.orchestrators.airflow.scheduler_job import SchedulerJob
    from sim.orchestrators.airflow.task_plan import TaskPlan

NONE = int(TaskState.NONE)
SCHEDULED = int(TaskState.SCHEDULED)
QUEUED = int(TaskState.QUEUED)
RUNNING = int(TaskState.RUNNING)
SUCCESS = int(TaskState.SUCCESS)
FAILED = int(TaskState.FAILED)
SKIPPED = int(TaskState.SKIPPED)
UPSTREAM_FAILED = int(TaskState.UPSTREAM_FAILED)
UP_FOR_RETRY = int(TaskState.UP_FOR_RETRY)
UP_FOR_RESCHEDULE = int(TaskState.UP_FOR_RESCHEDULE)
DEFERRED = int(TaskState.DEFERRED)
RESTARTING = int(TaskState.RESTARTING)
REMOVED = int(TaskState.REMOVED)

RUN_QUEUED = int(RunState.QUEUED)
RUN_RUNNING = int(RunState.RUNNING)
RUN_SUCCESS = int(RunState.SUCCESS)
RUN_FAILED = int(RunState.FAILED)

NULL_FIRST = -(2**62)
"""What a logical date of NULL counts as in the critical section: SQLite and MySQL sort it first."""
TRY = 256
"""A TASK_STATE fact's value is state + TRY * try_number."""

Entry = tuple[int, int, int, int, "TaskInstance"]
"""A scheduled task instance in the order of the critical section."""


class Pool:
    """A pool and what of it is used."""

    __slots__ = ("entity", "include_deferred", "name", "slots", "used")

    def __init__(
        self, name: str, slots: int, entity: int, *, include_deferred: bool = False
    ) -> None:
        self.name = name
        self.include_deferred = include_deferred
        """Whether deferred task instances use slots too."""
        self.slots = slots
        self.entity = entity
        self.used = 0

    @property
    def open(self) -> float:
        """Free slots; negative after the pool was made smaller than what is used."""
        return float("inf") if self.slots == -1 else self.slots - self.used


class DagRow:
    """A DAG: its pointer to the next run and its counters."""

    __slots__ = (
        "active",
        "armed",
        "backfill",
        "broken",
        "create_after",
        "entity",
        "exceeds",
        "held",
        "live",
        "newest",
        "next",
        "paused",
        "plan",
        "queued",
        "running",
        "runs",
        "runs_by_date",
        "stale",
        "task_active",
        "updates",
    )

    def __init__(self, plan: DagPlan, entity: int) -> None:
        self.plan = plan
        self.entity = entity
        self.paused = plan.paused
        self.stale = False
        """Its file is gone or broken: nothing of it is looked at (2.x: not is_active)."""
        self.held = plan.paused
        """Paused or stale."""
        self.broken = False
        """has_import_errors: no new runs."""
        self.next: RunInfo | None = None
        """The run that the pointer is on."""
        self.create_after: int | None = None
        self.exceeds = False
        """3.x: max_active_runs holds creation back."""
        self.armed: int | None = None
        """The instant for which the DAG waits in the scheduler's list of due DAGs."""
        self.runs: list[Run] = []
        """Every run, in order of creation."""
        self.runs_by_date: dict[int, Run] = {}
        """By logical date."""
        self.newest: Run | None = None
        """The run with the latest logical date that no person triggered."""
        self.live: list[Run] = []
        """Runs that are running, in order of their start."""
        self.queued = 0
        """Queued runs that no backfill owns."""
        self.running = 0
        """Running runs that no backfill owns."""
        self.active = 0
        """Queued and running task instances."""
        self.task_active: dict[int, int] = {}
        """The same by task, for tasks with max_active_tis_per_dag."""
        self.backfill: Backfill | None = None
        """The latest backfill."""
        self.updates: dict[str, int] | None = None
        """Assets updated since the last run that took them, and when first; None: not scheduled
        by assets."""


class Backfill:
    """A 3.x backfill: how many of its runs may run, how many do, how many are left."""

    __slots__ = ("left", "max_active_runs", "running")

    def __init__(self, max_active_runs: int) -> None:
        self.max_active_runs = max_active_runs
        self.running = 0
        self.left = 0
        """Runs that are not finished."""


class Change:
    """What a new definition of its DAG means to a run."""

    __slots__ = ("back", "gone", "seen")

    def __init__(self, gone: list[TaskInstance], back: list[TaskInstance]) -> None:
        self.gone = gone
        """Task instances whose task is not in the DAG any more."""
        self.back = back
        """Those whose task was not, and is again."""
        self.seen = False
        """Whether an examination has seen it."""


class Run:
    """A dag_run."""

    # Rare: only where a DAG was defined anew.
    change: Change | None = None
    absent: bool = False
    """Whether some of `tis` stand for tasks that this run does not have."""

    __slots__ = (
        "__dict__",  # for the rare ones
        "active",
        "backfill",
        "conf",
        "dag",
        "decisions",
        "dirty",
        "end",
        "ended",
        "entity",
        "extra",
        "going",
        "job",
        "last_decision",
        "logical_date",
        "number",
        "ordinal",
        "queued_at",
        "repeats",
        "returned",
        "row",
        "run_after",
        "run_id",
        "run_type",
        "start",
        "started",
        "state",
        "task_active",
        "tis",
        "touched",
        "turn",
        "unfinished",
        "waiting",
    )

    def __init__(
        self, dag: DagRow, run_type: str, logical_date: int | None, run_after: int
    ) -> None:
        self.dag = dag
        self.run_type = run_type
        self.logical_date = logical_date
        self.run_after = run_after
        self.number = len(dag.runs)
        self.state = RUN_QUEUED
        self.run_id = ""
        self.entity = self.row = -1
        """`row`: the journal's, of the latest change of state."""
        self.start: int | None = None
        """Of the data interval."""
        self.end: int | None = None
        """Of the data interval."""
        self.started: int | None = None
        """start_date: the latest change from queued to running."""
        self.ended: int | None = None
        """end_date: the loop that noticed the end."""
        self.queued_at: int | None = None
        """3.x: when a clear wrote it anew although the run was running, and stayed so."""
        self.last_decision: int | None = None
        self.conf: Mapping[str, str] | None = None
        self.backfill: Backfill | None = None
        self.ordinal = 0
        """sort_ordinal in its backfill, from 1; 0 without."""
        self.job: BackfillJob | None = None
        """2.x: the process that owns it; the scheduler leaves it alone."""
        self.tis: list[TaskInstance] = []
        """The first of each task, by its number; empty when the run has none at all."""
        self.unfinished = 0
        self.active = 0
        """Queued and running task instances."""
        self.turn = (0, 0)
        """Its place among runs that were looked at in one loop."""
        self.going: TaskInstance | None = None
        """The task instance that last showed that the run is not deadlocked."""
        self.dirty = self.repeats = False
        """`dirty`: whether an examination could decide something. `repeats`: whether some task
        instance of it was ever to be scheduled a second time."""
        self.touched: list[TaskInstance] = []
        """Task instances whose trigger rule may have something new to say."""
        self.waiting: list[TaskInstance] = []
        """Task instances that wait for time, or for an earlier run."""
        self.task_active: dict[int, int] | None = None
        """Queued and running by task, for tasks with max_active_tis_per_dagrun."""
        self.decisions: dict[tuple[int, int], frozenset[int]] | None = None
        """For each branch or short circuit that ran, by task and map_index: the tasks that it
        skips."""
        self.extra: dict[int, list[TaskInstance]] | None = None
        """By task, for those expanded over lists: the task instances after the first."""
        self.returned: dict[tuple[int, int], int] | None = None
        """By task and map_index: the length of the list in its XCom `return_value`, 0 for any
        other value."""


class TaskInstance:
    """A task_instance."""

    __slots__ = (
        "__dict__",  # for the rare ones
        "attempt",
        "cause",
        "counts",
        "entity",
        "entry",
        "job",
        "map_index",
        "max_tries",
        "process",
        "row",
        "run",
        "started",
        "state",
        "task",
        "token",
        "total",
        "touched",
        "try_number",
    )

    # Rare: most task instances never have one of their own.
    due: int = 0
    """When a retry or a reschedule may happen."""
    parked: Parked | None = None
    """The rest of a try that was deferred, until it is on a worker again."""
    sensor_clock: int | None = None
    """When a reschedule sensor began to wait."""
    skipped_at: int | None = None
    """When a branch last wrote its skip over whatever the state was."""

    def __init__(self, run: Run, task: TaskPlan, entity: int) -> None:
        self.run = run
        self.task = task
        self.entity = entity
        self.state = NONE
        self.try_number = 0
        self.max_tries = task.retries
        self.counts = 0
        """Finished upstream task instances by state, packed; see `trigger_rules`."""
        self.total = task.upstream_total
        """How many upstream task instances there are."""
        self.touched = False
        """Whether it is in its run's `touched`."""
        self.row = -1
        """Journal row of its latest change of state."""
        self.cause = -1
        """Journal row of the latest change upstream."""
        self.token = 0
        """Counts the starts on a worker: what an older one reports is refused."""
        self.job: SchedulerJob | None = None
        """The scheduler whose executor has it: `queued_by_job`."""
        self.map_index = -1
        self.entry: Entry | None = None
        self.process: Running | None = None
        self.attempt: Attempt | None = None
        """The latest try, as its worker saw it."""
        self.started = 0


def of_task(run: Run, number: int) -> list[TaskInstance]:
    """Every task instance of a task, by map_index."""
    first = run.tis[number]
    if run.extra is None or number not in run.extra:
        return [first]
    return [first, *run.extra[number]]


def instances(run: Run) -> list[TaskInstance]:
    """Every task instance of a run: the first of each task, then the other indices."""
    if run.extra is None and not run.absent:
        return run.tis
    others = [ti for number in sorted(run.extra or {}) for ti in (run.extra or {})[number]]
    return [*(ti for ti in run.tis if ti.entity >= 0), *others]
