"""The instance: its runs, its pools and its assets, and the one place where a run changes status.

It stores and tells; the daemon's loops and the run workers decide. Invariant: every change of a
run's status is a fact in the journal, and is told to whoever listens, once.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import to_civil
from sim.model.facts import Entity, Fact
from sim.model.states import RunState
from sim.orchestrators.dagster.asset_catalog import AssetCatalog
from sim.orchestrators.dagster.backfills import Backfills
from sim.orchestrators.dagster.definitions import Definitions, pool_use
from sim.orchestrators.dagster.partitioning import data_date_of, window_of
from sim.orchestrators.dagster.partitions.definition import PartitionLoadingContext
from sim.orchestrators.dagster.pools import PoolSlots
from sim.orchestrators.dagster.runs import ACTIVE, PARTITION, Run, RunStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.orchestrators.dagster.config import DagsterConfig
    from sim.orchestrators.dagster.definitions import JobPlan
    from sim.orchestrators.dagster.freshness import FreshnessState
    from sim.orchestrators.dagster.macros import StepTry
    from sim.orchestrators.dagster.partitions.definition import PartitionsDefinition
    from sim.orchestrators.dagster.plan import ExecutionPlan
    from sim.platform.contract import Platform

_STATES = {
    RunStatus.NOT_STARTED: RunState.QUEUED,
    RunStatus.QUEUED: RunState.QUEUED,
    RunStatus.STARTING: RunState.RUNNING,
    RunStatus.SUCCESS: RunState.SUCCESS,
    RunStatus.FAILURE: RunState.FAILED,
    RunStatus.CANCELED: RunState.FAILED,
}
"""Statuses that are a state of ours; the others are told as the tool's own."""
_OWN_WORDS = frozenset({RunStatus.NOT_STARTED, RunStatus.STARTING, RunStatus.CANCELED})
RUN_ID_DIGITS = 8
"""How much of a run's id Dagster's pages show."""


class Instance:
    """What a Dagster instance stores."""

    def __init__(self, config: DagsterConfig, platform: Platform) -> None:
        self.config = config.instance
        self.definitions = Definitions(config)
        self.platform = platform
        self.kernel = platform.kernel
        pools = config.instance.concurrency.pools
        self.pools = PoolSlots(pools.limits, default_limit=pools.default_limit)
        self.catalog = AssetCatalog(platform.kernel, self.definitions.graph)
        self.runs: list[Run] = []
        """Every run, in order of creation."""
        self.queued: dict[str, Run] = {}
        """Those in the queue, by id, in the order in which they came."""
        self.active: dict[str, Run] = {}
        """Those that hold a place, by id, in the order in which they were launched."""
        self.listeners: list[Callable[[Run], None]] = []
        """Told of each change of a run's status, after it."""
        self.check_listeners: list[Callable[[StepTry, bool], None]] = []
        """Told of each result of an asset check: the try of its step, and whether it passed."""
        self.news: list[Callable[[], None]] = []
        """Told when something new is known of assets that is neither a run's status nor an event
        of theirs: how fresh one is, what a check found, what a backfill has in hand."""
        self.automation_turn = (-1, -1)
        """The instant at which an automation sensor went round last, and its rank."""
        self.freshness: dict[str, FreshnessState] = {}
        """What the freshness daemon wrote of each asset; nothing, while it is not in it."""
        self.first_status = RunStatus.QUEUED
        """What a run is when it was created and submitted."""
        self.submit: Callable[[Run], None] = lambda _run: None
        """What else the run coordinator does with a run that was created."""
        self.worker_lost: Callable[[], None] = lambda: None
        """Told when the process of a run is gone, which only run monitoring makes use of."""
        self.database_off = False
        """Whether the storage answers nobody."""
        self.backfills = Backfills(self)
        self._counts: dict[str, int] = {}
        self._ids: set[str] = set()

    def create_run(
        self,
        job: JobPlan,
        *,
        run_type: str,
        cause: int,
        plan: ExecutionPlan | None = None,
        scheduled: int | None = None,
        data_date: str | None = None,
        timezone: str | None = None,
        partition_keys: tuple[str, ...] = (),
        tags: Mapping[str, str] | None = None,
        parent: Run | None = None,
    ) -> Run:
        """Create a run and hand it to the coordinator. `plan`: a part of its job's."""
        kernel, number = self.kernel, self._counts.get(job.name, 0)
        self._counts[job.name] = number + 1
        run_id = self._run_id(job.name, number)
        pipeline = kernel.journal.entity(Entity.PIPELINE, job.name)
        entity = kernel.journal.entity(Entity.RUN, run_id, pipeline, number)
        moment = kernel.now if scheduled is None else scheduled
        zone = timezone or self.platform.timezone
        yesterday = (to_civil(moment, zone).date() - timedelta(days=1)).isoformat()
        chosen = job.plan if plan is None else plan
        definition = self.definitions.partitions_of(chosen) if partition_keys else None
        dates = tuple(_date_of(definition, key) or yesterday for key in partition_keys)
        all_tags = {**job.tags, **(tags or {})}
        if len(partition_keys) == 1:
            all_tags[PARTITION] = partition_keys[0]
        run = Run(
            run_id=run_id,
            number=number,
            entity=entity,
            job=job,
            plan=chosen,
            run_type=run_type,
            location=self.definitions.location,
            data_date=data_date or next(iter(dates), yesterday),
            created=kernel.now,
            scheduled=scheduled,
            tags=all_tags,
            partition_keys=partition_keys,
            dates=dates,
            windows=tuple(_window_of(definition, key) for key in partition_keys),
            parent=parent,
            tries=Counter() if parent is None else Counter(parent.tries),
            pools=job.pools if plan is None else pool_use(plan),
        )
        self.runs.append(run)
        detail = _as_created(run, definition, moment if parent is None else kernel.now)
        self.set_status(run, self.first_status, cause=cause, **detail)
        self.submit(run)
        return run

    def note_news(self) -> None:
        """Something new is known of assets."""
        for listener in self.news:
            listener()

    def partitions_at(self, instant: int) -> PartitionLoadingContext:
        """As of when, and with what is stored, partitions are asked for."""
        return PartitionLoadingContext(instant)

    def set_status(self, run: Run, status: RunStatus, *, cause: int = -1, **detail: Any) -> None:
        """Change a run's status, write it down, and tell whoever listens."""
        state = _STATES.get(status)
        if state is None or status in _OWN_WORDS:
            detail["state"] = status.value
        cause = run.row if cause < 0 else cause
        if state is None:
            run.row = self.kernel.fact(Fact.NATIVE_STATE, run.entity, 0, cause, **detail)
        else:
            run.row = self.kernel.fact(Fact.RUN_STATE, run.entity, state, cause, **detail)
        run.status = status
        self._file(run)
        for listener in self.listeners:
            listener(run)

    def _file(self, run: Run) -> None:
        """Keep the lists of runs, and the run's own times."""
        now = self.kernel.now
        self.queued.pop(run.run_id, None)
        if run.status is RunStatus.QUEUED:
            self.queued[run.run_id] = run
        if run.status in ACTIVE:
            self.active[run.run_id] = run
        else:
            self.active.pop(run.run_id, None)
        if run.status is RunStatus.STARTING:
            run.launched_at = now
        elif run.status is RunStatus.STARTED:
            run.started_at = now
        elif run.status is RunStatus.CANCELING:
            run.canceling_at = now
        elif run.finished:
            run.ended_at = now

    def _run_id(self, job: str, number: int) -> str:
        """The beginning of a UUID, which is what people see of one."""
        again = 0
        while True:
            bits = self.kernel.streams.bits("dagster_run_id", job, number, again)
            run_id = f"{bits:016x}"[:RUN_ID_DIGITS]
            if run_id not in self._ids:
                self._ids.add(run_id)
                return run_id
            again += 1


def _date_of(definition: PartitionsDefinition | None, key: str) -> str | None:
    return None if definition is None else data_date_of(definition, key)


def _window_of(definition: PartitionsDefinition | None, key: str) -> tuple[int, int] | None:
    window = None if definition is None else window_of(definition, key)
    return None if window is None else (window.start, window.end)


def _interval(definition: PartitionsDefinition | None, keys: tuple[str, ...]) -> dict[str, int]:
    """From the start of the first window to the end of the last; nothing without windows."""
    found = [] if definition is None else [window_of(definition, key) for key in keys]
    windows = [window for window in found if window is not None]
    if not windows:
        return {}
    return {
        "data_interval_start": min(window.start for window in windows),
        "data_interval_end": max(window.end for window in windows),
    }


def _as_created(
    run: Run, definition: PartitionsDefinition | None, run_after: int
) -> dict[str, Any]:
    """What the journal keeps of a run; a re-execution is due when it is asked for."""
    detail: dict[str, Any] = {
        "run_type": run.run_type,
        "logical_date": None,
        "data_interval_start": None,
        "data_interval_end": None,
        "run_after": run_after,
        "tags": dict(run.tags),
    }
    if run.partition_keys:
        detail["partitions"] = list(run.partition_keys)
        detail.update(_interval(definition, run.partition_keys))
    if run.parent is not None:
        detail["parent_run_id"] = run.parent.run_id
    return detail
