"""Which scheduled runs a worker's poll gets from a work pool.

Source: Prefect 3.8.8, server/database/sql/sqlite/get-runs-from-worker-queues.sql.jinja and
server/models/workers.py (priorities of queues). Pure: rows in, rows out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

DEFAULT_QUEUE = "default"
"""The queue that every pool has, created first."""


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """A queue of a pool."""

    name: str
    priority: int
    """1 comes first; no two queues of a pool have the same."""
    concurrency_limit: int | None = None
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A flow run that waits to be picked up."""

    flow_run: str
    queue: str
    scheduled: int
    """When it is due, any unit in which `before` is given too."""


@dataclass(frozen=True, slots=True)
class WorkPool:
    """A pool with its queues."""

    queues: Sequence[WorkQueue]
    concurrency_limit: int | None = None
    is_paused: bool = False
    by_name: Mapping[str, WorkQueue] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {queue.name: queue for queue in self.queues})


def priorities(asked: Iterable[tuple[str, int | None]]) -> dict[str, int]:
    """Each queue's priority after the queues were created in this order, the default one first.

    A queue without a wish gets the lowest number that is free. One with a wish gets it, and whoever
    has it moves on by one, and so on up to the first gap.
    """
    given = {DEFAULT_QUEUE: 1}
    for name, wish in asked:
        if wish is None:
            given[name] = _free_from(1, given)
        else:
            end = _free_from(wish, given)
            for other, number in given.items():
                given[other] = number + 1 if wish <= number < end else number
            given[name] = wish
    return given


def _free_from(number: int, given: Mapping[str, int]) -> int:
    """The first number from this one on that no queue has."""
    taken = set(given.values())
    while number in taken:
        number += 1
    return number


def poll(
    pool: WorkPool,
    candidates: Iterable[Candidate],
    *,
    occupied: Mapping[str, int],
    before: int,
    limit: int,
) -> list[str]:
    """The flow runs that a poll returns, in order.

    `occupied`: flow runs in a RUNNING or PENDING state, by queue; `before`: those due until then,
    included, are seen; `limit`: of each queue, and in all. A paused pool or queue gives nothing.
    """
    if pool.is_paused:
        return []
    of_queue: dict[str, list[Candidate]] = {}
    for one in candidates:
        queue = pool.by_name.get(one.queue)
        if queue is not None and not queue.is_paused and one.scheduled <= before:
            of_queue.setdefault(one.queue, []).append(one)
    found: list[tuple[int, int, str]] = []
    for name, waiting in of_queue.items():
        queue = pool.by_name[name]
        room = limit
        if queue.concurrency_limit is not None:
            room = min(room, max(0, queue.concurrency_limit - occupied.get(name, 0)))
        first = sorted(waiting, key=lambda one: (one.scheduled, one.flow_run))[:room]
        found += [(queue.priority, one.scheduled, one.flow_run) for one in first]
    found.sort()
    if pool.concurrency_limit is not None:
        found = found[: max(0, pool.concurrency_limit - sum(occupied.values()))]
    return [flow_run for _, _, flow_run in found[:limit]]
