"""Recorded polls of Prefect's workers: each flow run at its place, and each queue's priority.

A case: `pool_limit`, `limit` and `prefetch` (seconds) of one poll at 0; `queues` in the order in
which they were made (`name`, `priority` wished for, `limit`, `paused`), `runs` (`name`, `queue`,
`at` seconds, `state`), and what came: `order`, `final_priorities`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sim.conform.decision import ABSENT, Decision
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import SECOND
from sim.orchestrators.prefect.work_queues import (
    DEFAULT_QUEUE,
    Candidate,
    WorkPool,
    WorkQueue,
    poll,
    priorities,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording

OCCUPY = frozenset({"RUNNING", "PENDING"})
WAIT = frozenset({"SCHEDULED", "LATE"})


class Queue(msgspec.Struct):
    """One queue as it was made."""

    name: str
    priority: int | None = None
    limit: int | None = None
    paused: bool = False


class Run(msgspec.Struct):
    """One flow run."""

    name: str
    queue: str
    at: float
    state: str


class Expected(msgspec.Struct):
    """What the poll returned."""

    order: list[str]
    final_priorities: dict[str, int] = {}


class Case(msgspec.Struct):
    """One poll."""

    queues: list[Queue]
    runs: list[Run]
    expect: Expected
    limit: int
    pool_limit: int | None = None
    prefetch: float = 0


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded priority and place beside ours."""
    for place, case in cases_as(recording, Case):
        given = priorities((queue.name, queue.priority) for queue in case.queues)
        for name, number in case.expect.final_priorities.items():
            yield Decision(place, f"priority {name}", number, given.get(name, ABSENT))
        for index, run in enumerate(case.runs):
            if run.queue not in given:
                raise malformed(recording.file, f"{place}.runs[{index}]", f"no queue {run.queue!r}")
        order = _polled(case, given)
        for at in range(max(len(order), len(case.expect.order), 1)):
            recorded, ours = (
                names[at] if at < len(names) else None for names in (case.expect.order, order)
            )
            yield Decision(place, f"place {at}", recorded, ours)


def _polled(case: Case, given: dict[str, int]) -> list[str]:
    made = [Queue(DEFAULT_QUEUE), *case.queues]
    pool = WorkPool(
        [WorkQueue(queue.name, given[queue.name], queue.limit, queue.paused) for queue in made],
        case.pool_limit,
    )
    occupied: dict[str, int] = {}
    for run in case.runs:
        if run.state in OCCUPY:
            occupied[run.queue] = occupied.get(run.queue, 0) + 1
    waiting = [
        Candidate(run.name, run.queue, round(run.at * SECOND))
        for run in case.runs
        if run.state in WAIT
    ]
    before = round(case.prefetch * SECOND)
    return poll(pool, waiting, occupied=occupied, before=before, limit=case.limit)
