"""What one iteration of the run queue daemon dequeues: a pure decision.

Source: Dagster 1.13.29, _daemon/run_coordinator/queued_run_coordinator_daemon.py
(`_get_runs_to_dequeue`), _core/op_concurrency_limits_counter.py. When an iteration happens, and
what a launch takes, is the daemon's business. Invariant: nobody blocks those behind; a run that may
not start is passed over.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeVar

from sim.orchestrators.dagster.tag_limits import TagConcurrencyLimit, TagCounter

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

PAGE_SIZE = 100
"""How many queued runs are read at a time (`DEFAULT_PAGE_SIZE` of the daemon)."""
PRIORITY_TAG = "dagster/priority"


@dataclass(frozen=True, slots=True)
class PoolUse:
    """Which pools a run needs (Dagster's RunOpConcurrency)."""

    roots: Mapping[str, int] = field(default_factory=dict)
    """From each pool to how many of the run's root steps are in it."""
    all_pools: tuple[str, ...] = ()
    """The pools of all its steps, each once."""
    unconstrained_root: bool = True
    """Whether a root step is in no pool."""


NO_POOLS = PoolUse()


class QueuedRun(Protocol):
    """A run as the queue sees it."""

    @property
    def tags(self) -> Mapping[str, str]:
        """Its tags, which limits count and which hold its priority."""

    @property
    def pools(self) -> PoolUse:
        """Which pools it needs."""

    @property
    def location(self) -> str:
        """The code location that it is from."""


R = TypeVar("R", bound=QueuedRun)


@dataclass(frozen=True, slots=True)
class QueueLimits:
    """What bounds the runs of an instance."""

    max_concurrent_runs: int = 10
    """-1: unlimited; 0: none."""
    tag_concurrency_limits: tuple[TagConcurrencyLimit, ...] = ()
    page_size: int = PAGE_SIZE
    block_op_concurrency_limited_runs: bool = True
    granularity: Literal["op", "run"] = "op"
    op_granularity_run_buffer: int = 0


@dataclass(frozen=True, slots=True)
class PoolsNow:
    """The pools at one moment. One without a limit is not in it."""

    limits: Mapping[str, int] = field(default_factory=dict)
    claimed: Mapping[str, int] = field(default_factory=dict)
    """How many steps hold a slot of each or wait for one."""
    allotted: Mapping[str, int] = field(default_factory=dict)
    """Root steps of runs that started so lately that they may not have claimed their slots."""


NO_LIMITS = PoolsNow()

Blocked = Literal["tag_limit", "pool", "location_paused"]
"""Why a run that could start is passed over."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Why each of some runs was passed over, by its place among the queued."""

    blocked: dict[int, tuple[Blocked, str]] = field(default_factory=dict)
    """With the tag, the pool or the location that is the reason."""


def priority_of(tags: Mapping[str, str]) -> int:
    """The priority of a run; a tag that is no whole number counts as 0."""
    try:
        return int(tags.get(PRIORITY_TAG, "0"))
    except ValueError:
        return 0


def runs_to_dequeue(
    queued: Sequence[R],
    in_progress: Sequence[R],
    *,
    limits: QueueLimits,
    pools: PoolsNow = NO_LIMITS,
    paused_locations: Collection[str] = (),
    verdicts: Verdicts | None = None,
) -> list[R]:
    """The runs that one iteration launches, in that order. `queued`: oldest first."""
    free = None
    if limits.max_concurrent_runs >= 0:
        free = limits.max_concurrent_runs - len(in_progress)
        if free <= 0:
            return []
    batch: list[tuple[int, R]] = []
    for start in range(0, len(queued), limits.page_size):
        batch += enumerate(queued[start : start + limits.page_size], start)
        batch.sort(key=lambda numbered: -priority_of(numbered[1].tags))
        tags = TagCounter(limits.tag_concurrency_limits, (run.tags for run in in_progress))
        slots = _PoolCounter(limits, pools, in_progress)
        batch = _admitted(batch, tags, slots, paused_locations, verdicts)
        if free is not None:
            batch = batch[:free]
    return [run for _, run in batch]


def _admitted(
    batch: Iterable[tuple[int, R]],
    tags: TagCounter,
    slots: _PoolCounter,
    paused_locations: Collection[str],
    verdicts: Verdicts | None,
) -> list[tuple[int, R]]:
    """Those that nothing holds back.

    One that passes the tags is counted by them although a pool then holds it back: so it can keep
    another from starting in the same iteration.
    """
    admitted = []
    for number, run in batch:
        reason: tuple[Blocked, str] | None = None
        tag, pool = tags.blocking(run.tags), None
        if tag is not None:
            reason = "tag_limit", tag
        else:
            tags.add(run.tags)
            pool = slots.blocking(run.pools)
            if pool is not None:
                reason = "pool", pool
            else:
                slots.add(run.pools)
                if run.location in paused_locations:
                    reason = "location_paused", run.location
        if reason is None:
            admitted.append((number, run))
        elif verdicts is not None:
            verdicts.blocked[number] = reason
    return admitted


class _PoolCounter:
    """Dagster's GlobalOpConcurrencyLimitsCounter."""

    def __init__(
        self, limits: QueueLimits, pools: PoolsNow, in_progress: Iterable[QueuedRun]
    ) -> None:
        self._pools = pools
        self._buffer = limits.op_granularity_run_buffer
        self._off = not limits.block_op_concurrency_limited_runs or not pools.limits
        self._by_run = limits.granularity == "run"
        self._launched: Counter[str] = Counter()
        if self._by_run:
            for run in in_progress:
                self.add(run.pools)

    def blocking(self, use: PoolUse) -> str | None:
        """The pool that keeps a run from starting."""
        if self._off:
            return None
        if self._by_run:
            for pool in use.all_pools:
                limit = self._pools.limits.get(pool)
                if limit is not None and limit - self._launched[pool] + self._buffer <= 0:
                    return pool
            return None
        if use.unconstrained_root or not use.roots:
            return None
        # one root that can have a slot is enough for the run to start
        full = [pool for pool in use.roots if self._available(pool) <= 0]
        return full[0] if len(full) == len(use.roots) else None

    def _available(self, pool: str) -> int:
        limit = self._pools.limits.get(pool)
        if limit is None:
            return 1
        taken = self._pools.claimed.get(pool, 0) + self._pools.allotted.get(pool, 0)
        return limit - taken - self._launched[pool] + self._buffer

    def add(self, use: PoolUse) -> None:
        """Count a run that starts."""
        if self._by_run:
            self._launched.update(use.all_pools)
        else:
            self._launched.update(use.roots)
