"""Recorded iterations of the run queue daemon: what each dequeues, in order.

The instance is told run by run: one that an iteration launches is in progress from then on, and for
its duration. Each run that is launched, with its iteration and its place there, is one decision; so
is an iteration that launches nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import msgspec

from sim.conform.decision import ABSENT, Absent, Decision, attempted
from sim.conform.recording import cases_as, malformed
from sim.orchestrators.dagster.run_queue import (
    PRIORITY_TAG,
    PoolsNow,
    PoolUse,
    QueueLimits,
    runs_to_dequeue,
)
from sim.orchestrators.dagster.tag_limits import TagConcurrencyLimit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.conform.recording import Recording

_NotNegative = Annotated[int, msgspec.Meta(ge=0)]
_Positive = Annotated[int, msgspec.Meta(ge=1)]


class Each(msgspec.Struct):
    """`value` of a limit that holds for each value by itself."""

    apply: bool = msgspec.field(name="applyLimitPerUniqueValue")


class Limit(msgspec.Struct):
    """One limit by tag."""

    key: str
    limit: _NotNegative
    value: str | Each | None = None


class Config(msgspec.Struct):
    """The instance."""

    max_concurrent_runs: int
    tag_limits: list[Limit] = []
    page_size: _Positive = 100
    pool_granularity: Literal["op", "run"] | None = None
    pools: dict[str, _NotNegative] = {}
    run_buffer: int = 0


class Run(msgspec.Struct):
    """A run and what it will do."""

    name: str
    arrival: _NotNegative
    duration: _NotNegative
    priority: int | str | None
    tags: dict[str, str]
    root_pools: dict[str, int] = {}
    later_pools: list[str] = []
    free_root: bool = False


class Case(msgspec.Struct):
    """A queue over some time."""

    config: Config
    runs: list[Run]
    tick: _Positive
    until: _NotNegative
    expect: list[tuple[int, list[str]]]


@dataclass(frozen=True)
class _Queued:
    """A run as the queue sees it. Implements `run_queue.QueuedRun`."""

    name: str
    arrival: int
    duration: int
    tags: Mapping[str, str]
    pools: PoolUse
    location: str = field(default="")


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every launch beside ours."""
    for place, case in cases_as(recording, Case):
        names = [run.name for run in case.runs]
        for number, name in enumerate(names):
            if name in names[:number]:
                at = f"{place}.runs[{number}].name"
                raise malformed(recording.file, at, f"{name!r} is there twice")
        ours = attempted(partial(_ticked, case))
        yield from _compared(place, case, ours)


def _ticked(case: Case) -> dict[int, list[str]]:
    """What each iteration launches, by its instant (seconds)."""
    config = case.config
    limits = QueueLimits(
        max_concurrent_runs=config.max_concurrent_runs,
        tag_concurrency_limits=tuple(_limit(each) for each in config.tag_limits),
        page_size=config.page_size,
        granularity=config.pool_granularity or "op",
        op_granularity_run_buffer=config.run_buffer,
    )
    queued: list[_Queued] = []
    waiting = sorted((_queued(run) for run in case.runs), key=lambda run: (run.arrival, run.name))
    in_progress: list[tuple[int, _Queued]] = []
    launched: dict[int, list[str]] = {}
    for now in range(0, case.until + 1, case.tick):
        queued += [run for run in waiting if run.arrival <= now]
        waiting = [run for run in waiting if run.arrival > now]
        in_progress = [(end, run) for end, run in in_progress if end > now]
        chosen = runs_to_dequeue(
            queued,
            [run for _, run in in_progress],
            limits=limits,
            pools=PoolsNow(config.pools),
        )
        if chosen:
            launched[now] = [run.name for run in chosen]
        in_progress += [(now + run.duration, run) for run in chosen]
        queued = [run for run in queued if run not in chosen]
    return launched


def _limit(limit: Limit) -> TagConcurrencyLimit:
    if isinstance(limit.value, Each):
        return TagConcurrencyLimit(limit.key, limit.limit, per_unique_value=limit.value.apply)
    return TagConcurrencyLimit(limit.key, limit.limit, limit.value)


def _queued(run: Run) -> _Queued:
    tags = dict(run.tags)
    if run.priority is not None:
        tags[PRIORITY_TAG] = str(run.priority)
    pools = tuple(dict.fromkeys((*run.root_pools, *run.later_pools)))
    free = run.free_root or not run.root_pools
    use = PoolUse(run.root_pools, pools, unconstrained_root=free)
    return _Queued(run.name, run.arrival, run.duration, tags, use)


def _compared(place: str, case: Case, ours: dict[int, list[str]] | Absent) -> Iterator[Decision]:
    recorded = dict(case.expect)
    for now in range(0, case.until + 1, case.tick):
        theirs = recorded.get(now, [])
        if isinstance(ours, Absent):
            for name in theirs:
                yield Decision(place, f"{now} s", name, ours)
            continue
        mine = ours.get(now, [])
        for number in range(max(len(theirs), len(mine))):
            yield Decision(
                place,
                f"{now} s, launch {number}",
                theirs[number] if number < len(theirs) else ABSENT,
                mine[number] if number < len(mine) else ABSENT,
            )
        if not theirs and not mine:
            yield Decision(place, f"{now} s", None, None)
