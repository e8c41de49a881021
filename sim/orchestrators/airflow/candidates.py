"""Scheduled task instances, best first, so that those which cannot go cost nothing.

The critical section looks at candidates in the order of its query (priority weight, logical date,
map index) and leaves out whole groups at once: those of a full pool, of a full run, of a task at
its bound. Here each such group is a lane of its own, sorted, and each pool holds its lanes in a
heap by their first candidate. So a loop pays for the candidates it looks at and not for the
thousands that wait behind them; and what is scheduled and queued in one loop meets no lane at all.
Invariant: the order is that of one sorted list of all entries.
"""

from __future__ import annotations

from bisect import insort
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.orchestrators.airflow.rows import Entry, Run
    from sim.orchestrators.airflow.task_plan import TaskPlan

Heap = list[tuple["Entry", int]]
"""Lanes of one pool by their first entry; the number is the lane's key."""

_TASKS_BITS = 24
_STALE_MAX = 64


class Lane:
    """Candidates of one run that wait for the same things, best first."""

    __slots__ = ("at", "entries", "head", "item", "run", "skipped", "task")

    def __init__(self, run: Run, task: TaskPlan) -> None:
        self.run = run
        self.task = task
        """One of its tasks; the only one where a task has bounds of its own."""
        self.entries: list[Entry] = []
        self.head = 0
        """No entry before this one is live."""
        self.at = 0
        """Where the critical section goes on; `head` but while it is at work."""
        self.item: Entry | None = None
        """The entry under which it lies in its pool's heap; any other item of it is void."""
        self.skipped = 0
        """Stale entries passed between live ones since they were last taken out."""

    def live(self, at: int) -> int:
        """The first live entry from place `at`; the number of entries when there is none.

        An entry is stale when its task instance is not scheduled any more, or anew.
        """
        entries = self.entries
        end = len(entries)
        while at < end:
            entry = entries[at]
            if entry[4].entry is entry:
                return at
            at += 1
        return end

    def after(self, at: int) -> int:
        """The live entry after the one at `at`; what is passed over is counted."""
        following = self.live(at + 1)
        self.skipped += following - at - 1
        return following

    def tidy(self) -> None:
        """Take stale entries out once they are many."""
        if self.skipped > _STALE_MAX + len(self.entries) // 8:
            self.entries = [entry for entry in self.entries if entry[4].entry is entry]
            self.head = self.skipped = 0
        elif self.head > _STALE_MAX and 2 * self.head > len(self.entries):
            del self.entries[: self.head]
            self.head = 0


class Candidates:
    """Every scheduled task instance of one deployment."""

    __slots__ = ("_heaps", "_lanes", "fresh", "sequence")

    def __init__(self) -> None:
        self.fresh: list[Entry] = []
        """Scheduled since the latest look, in no order; not in a lane yet."""
        self.sequence = 0
        """How many entries there have been: among equals the first one scheduled comes first."""
        self._lanes: dict[int, Lane] = {}
        self._heaps: dict[str, Heap] = {}

    @property
    def all_fresh(self) -> bool:
        """Whether nothing waits from before."""
        return not self._lanes

    def file(self) -> None:
        """Put what is fresh into its lanes."""
        for entry in self.fresh:
            if entry[4].entry is entry:
                self._file(entry)
        self.fresh.clear()

    def _file(self, entry: Entry) -> None:
        ti = entry[4]
        task, run = ti.task, ti.run
        key = run.entity << _TASKS_BITS | task.lane
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(run, task)
        entries = lane.entries
        if not entries or entries[-1] < entry:
            entries.append(entry)
        else:
            insort(entries, entry, lane.head)
            # the last walk may have passed stale entries here without coming back to this lane
            lane.at = lane.head
        item = lane.item
        if item is None or entry < item:
            self._put(lane, entry, key)

    def refile(self, run: Run) -> None:
        """The tasks of a run have changed: what waits is filed anew."""
        for key in [key for key, lane in self._lanes.items() if lane.run is run]:
            lane = self._lanes.pop(key)
            self.fresh += [one for one in lane.entries[lane.head :] if one[4].entry is one]

    def clear(self) -> None:
        """Forget everything: nothing is scheduled."""
        if self.fresh:
            self.fresh.clear()
        if self._lanes:
            self._lanes.clear()
            self._heaps.clear()

    def heaps(self, full: list[str]) -> list[Heap]:
        """What waits for pools that are not full."""
        return [heap for pool, heap in self._heaps.items() if heap and pool not in full]

    def take(self, heaps: list[Heap]) -> tuple[int, Lane] | None:
        """The lane with the best candidate, taken out until it is given back; None at the end.

        `heaps` loses those that come to their end. The lane's candidate is the one at `at`; when
        that is past its last one, it has no more.
        """
        while heaps:
            heap = heaps[0] if len(heaps) == 1 else min(heaps)
            entry, key = heappop(heap)
            if not heap:
                heaps.remove(heap)
            lane = self._lanes.get(key)
            if lane is None or lane.item is not entry:
                continue
            lane.item = None
            at = lane.at = lane.live(lane.at)
            if at == len(lane.entries) or lane.entries[at] is entry:
                return key, lane
            self.resume(key, lane, at, heaps)
        return None

    def resume(self, key: int, lane: Lane, at: int, heaps: list[Heap]) -> None:
        """Another lane has better candidates than the one at `at`: go on there when it is due."""
        lane.at = at
        heap = self._put(lane, lane.entries[at], key)
        if len(heap) == 1:
            heaps.append(heap)

    def give_back(self, key: int, lane: Lane) -> None:
        """Put a lane back at its first live candidate, or forget it when it has none."""
        head = lane.head = lane.live(lane.head)
        if head == len(lane.entries):
            del self._lanes[key]
            return
        lane.tidy()
        lane.at = lane.head
        entry = lane.entries[lane.head]
        if lane.item is not entry:
            self._put(lane, entry, key)

    def _put(self, lane: Lane, entry: Entry, key: int) -> Heap:
        lane.item = entry
        pool = lane.task.pool
        heap = self._heaps.get(pool)
        if heap is None:
            heap = self._heaps[pool] = []
        heappush(heap, (entry, key))
        return heap
