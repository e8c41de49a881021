"""What the server's queries ask of flow runs: who is scheduled where and when, and who takes slots.

It stands for the indexes of the table `flow_run` (Prefect 3.8.8, server/database/orm_models.py):
one row a flow run, replaced when the run changes. It decides nothing. Invariant: each list is in
order of (next scheduled start time, flow run), and holds exactly the rows its name says.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Queue = tuple[str, str]
"""Work pool and queue."""
Due = tuple[int, str]
"""Next scheduled start time and flow run."""

OCCUPY = frozenset({"PENDING", "RUNNING"})
"""Types of states that count against the limits of pools and queues."""


@dataclass(frozen=True, slots=True)
class FlowRunRow:
    """A flow run as the queries see it."""

    flow_run: str
    state_type: str
    state_name: str
    next_scheduled_start_time: int = 0
    """Instant; of a SCHEDULED state."""
    deployment: str | None = None
    schedule: str | None = None
    """The schedule that planned it; None: it was not planned by one (`auto_scheduled`)."""
    queue: Queue | None = None
    in_process: bool = False
    """It waits for a retry in its own process, where no worker takes it from."""
    run_count: int = 0

    @property
    def due(self) -> Due:
        """Its place in every list."""
        return self.next_scheduled_start_time, self.flow_run


class FlowRunIndex:
    """All flow runs that are not forgotten."""

    def __init__(self) -> None:
        self.rows: dict[str, FlowRunRow] = {}
        self.listeners: list[Callable[[FlowRunRow | None, FlowRunRow | None], None]] = []
        """Told of each change: the row before, and after it."""
        self._named_scheduled: list[Due] = []
        self._of_queue: dict[Queue, list[Due]] = {}
        self._of_deployment: dict[str, list[Due]] = {}
        self._of_schedule: dict[str, list[Due]] = {}
        self._occupied: dict[Queue, int] = {}

    def put(self, row: FlowRunRow) -> None:
        """A flow run is there, or has changed."""
        before = self.rows.get(row.flow_run)
        if before is not None:
            self._forget(before)
        self.rows[row.flow_run] = row
        for line in self._lines(row):
            insort(line, row.due)
        if row.queue is not None and row.state_type in OCCUPY:
            self._occupied[row.queue] = self._occupied.get(row.queue, 0) + 1
        self._tell(before, row)

    def drop(self, flow_run: str) -> None:
        """A flow run was deleted."""
        row = self.rows.pop(flow_run)
        self._forget(row)
        self._tell(row, None)

    def occupied(self, queue: Queue) -> int:
        """How many flow runs of a queue are PENDING or RUNNING."""
        return self._occupied.get(queue, 0)

    def named_scheduled(self) -> list[Due]:
        """Those whose state is named Scheduled: who can become late."""
        return self._named_scheduled

    def of_queue(self, queue: Queue) -> list[Due]:
        """Those that a worker can get from a queue."""
        return self._of_queue.get(queue, [])

    def of_deployment(self, deployment: str) -> list[Due]:
        """Those of a deployment that are SCHEDULED, under whatever name."""
        return self._of_deployment.get(deployment, [])

    def of_schedule(self, schedule: str) -> list[Due]:
        """Those that a schedule planned and that are still SCHEDULED."""
        return self._of_schedule.get(schedule, [])

    def _lines(self, row: FlowRunRow) -> Iterable[list[Due]]:
        if row.state_type != "SCHEDULED":
            return
        if row.state_name == "Scheduled":
            yield self._named_scheduled
        if row.queue is not None and not row.in_process:
            yield self._of_queue.setdefault(row.queue, [])
        if row.deployment is not None:
            yield self._of_deployment.setdefault(row.deployment, [])
        if row.schedule is not None:
            yield self._of_schedule.setdefault(row.schedule, [])

    def _forget(self, row: FlowRunRow) -> None:
        for line in self._lines(row):
            del line[bisect_left(line, row.due)]
        if row.queue is not None and row.state_type in OCCUPY:
            self._occupied[row.queue] -= 1

    def _tell(self, before: FlowRunRow | None, after: FlowRunRow | None) -> None:
        for listener in self.listeners:
            listener(before, after)


def first_after(line: list[Due], instant: int) -> int | None:
    """The first time in a list that is after an instant."""
    place = bisect_left(line, (instant + 1, ""))
    return line[place][0] if place < len(line) else None


def until(line: list[Due], instant: int) -> list[Due]:
    """What of a list is due at an instant, itself included."""
    return line[: bisect_left(line, (instant + 1, ""))]
