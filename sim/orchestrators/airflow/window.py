"""The runs that are running, in the order in which loops examine them.

Each loop takes at most `[scheduler] max_dagruns_per_loop_to_schedule` of them, those looked at
least recently first; a run never looked at comes before all others, and a run of a backfill after
all others (3.x). Source: Airflow 2.11.2 and 3.3.2, models/dagrun.py
`get_running_dag_runs_to_examine`. Loops in which nothing could be decided are not stepped, but they
do turn the order: `turn` makes up for them.
"""

from __future__ import annotations

from collections import deque
from itertools import islice
from operator import attrgetter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.orchestrators.airflow.rows import Run


_TURN = attrgetter("turn")


class Window:
    """Running runs of DAGs that are not paused."""

    def __init__(self, limit: int, *, by_logical_date: bool) -> None:
        self._limit = limit
        self._by_logical_date = by_logical_date
        self._fresh: list[Run] = []
        """Never looked at since they were started."""
        self._looked_at: deque[Run] = deque()
        """Least recently looked at first."""
        self._sorted = True
        """Whether runs looked at in the same loop are in order."""
        self._backfills: list[Run] = []

    def __len__(self) -> int:
        return len(self._fresh) + len(self._looked_at) + len(self._backfills)

    def add(self, run: Run) -> None:
        """A run was started."""
        run.turn = self._key(run)
        if run.ordinal:
            self._backfills.append(run)
        elif run.last_decision is None:
            self._fresh.append(run)
        else:
            # it was parked: everyone else has been looked at since
            self._looked_at.appendleft(run)

    def remove(self, run: Run) -> None:
        """A run ended, or its DAG was paused."""
        for runs in (self._fresh, self._looked_at, self._backfills):
            if run in runs:
                runs.remove(run)
                return

    def take(self, now: int) -> list[Run]:
        """The runs that the loop at `now` examines, in order."""
        fresh, looked_at, limit = self._fresh, self._looked_at, self._limit
        if not fresh and not self._backfills and len(looked_at) <= limit:
            self._sorted = False
            return list(looked_at)
        if len(fresh) > 1:
            fresh.sort(key=_TURN)
        if len(fresh) + len(looked_at) + len(self._backfills) <= limit:
            if fresh:
                for run in fresh:
                    run.last_decision = now
                looked_at.extendleft(reversed(fresh))
                fresh.clear()
            self._sorted = False
            taken = list(looked_at)
            if self._backfills:
                taken += sorted(self._backfills, key=self._backfill_key)
        else:
            taken = self._take_some(limit, now)
        if self._backfills:
            for run in taken:
                run.last_decision = now
        return taken

    def _take_some(self, limit: int, now: int) -> list[Run]:
        self._sort()
        fresh, looked_at = self._fresh, self._looked_at
        taken = fresh[:limit]
        del fresh[:limit]
        for run in taken:
            run.last_decision = now
        for _ in range(min(limit - len(taken), len(looked_at))):
            taken.append(looked_at.popleft())
        looked_at.extend(sorted(taken, key=_TURN))
        room = limit - len(taken)
        if room:
            taken += sorted(self._backfills, key=self._backfill_key)[:room]
        return taken

    def turn(self, loops: int) -> None:
        """Go on as if `loops` loops had each taken their share."""
        if len(self._looked_at) <= self._limit:
            return
        self._sort()
        runs = self._looked_at
        # Brent's search: the order comes back after some loops, and whole rounds change nothing
        start, since, power = runs.copy(), 0, 1
        while loops > 0:
            self._turn_once()
            loops -= 1
            since += 1
            if runs == start:
                loops %= since
            elif since == power:
                start, since, power = runs.copy(), 0, 2 * power

    def _turn_once(self) -> None:
        runs = self._looked_at
        batch = list(islice(runs, self._limit))
        runs.rotate(-len(batch))
        ordered = sorted(batch, key=_TURN)
        if ordered != batch:
            for _ in batch:
                runs.pop()
            runs.extend(ordered)

    def _sort(self) -> None:
        """Runs looked at in one loop count as equally recent: order them by date."""
        if not self._sorted:
            self._looked_at = deque(sorted(self._looked_at, key=_TURN))
            self._sorted = True

    def _key(self, run: Run) -> tuple[int, int]:
        if self._by_logical_date and run.logical_date is not None:
            return run.logical_date, run.entity
        return run.run_after, run.entity

    def _backfill_key(self, run: Run) -> tuple[int, int, int, int]:
        looked_at = -1 if run.last_decision is None else run.last_decision
        return (run.ordinal, looked_at, *run.turn)
