"""Slots of pools and the steps that wait for them, as the instance's storage keeps them.

Source: Dagster 1.13.29, _core/storage/event_log/sql_event_log.py (concurrency_slots, pending_steps
and concurrency_limits). A slot that is freed is assigned at once to the step that waits with the
highest priority, then the longest; that step takes it when it next looks. Law: a pool never has
more claimed slots than its limit had when they were claimed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(slots=True, eq=False)
class PendingStep:
    """A step that waits for a slot of a pool or holds one."""

    run_id: str
    step_key: str
    pool: str
    priority: int
    on_assigned: Callable[[], None]
    assigned: bool = False
    claimed: bool = False


class PoolSlots:
    """All pools of an instance."""

    def __init__(self, limits: Mapping[str, int], *, default_limit: int | None) -> None:
        self._limits = dict(limits)
        self._default = default_limit
        self._rows: dict[tuple[str, str], PendingStep] = {}
        """By run and step, in the order in which they came."""
        self.freed: Callable[[], None] = lambda: None
        """Told when a slot became free, or a step left a line."""

    def limit_of(self, pool: str) -> int | None:
        """How many slots a pool has; None: it has no limit."""
        return self._limits.get(pool, self._default)

    def limits(self, pools: Mapping[str, object]) -> dict[str, int]:
        """The limits of those of some pools that have one."""
        found = {pool: self.limit_of(pool) for pool in pools}
        return {pool: limit for pool, limit in found.items() if limit is not None}

    @property
    def rows(self) -> list[PendingStep]:
        """Every step that waits or holds, in the order in which they came."""
        return list(self._rows.values())

    def taken(self) -> dict[str, int]:
        """How many steps hold a slot of each pool or wait for one."""
        count: dict[str, int] = {}
        for row in self._rows.values():
            count[row.pool] = count.get(row.pool, 0) + 1
        return count

    def claim(
        self,
        pool: str,
        run_id: str,
        step_key: str,
        *,
        priority: int,
        on_assigned: Callable[[], None],
    ) -> bool:
        """Take a slot, or stand in line; `on_assigned` is called when one is kept for the step."""
        limit = self.limit_of(pool)
        if limit is None:
            self._rows.pop((run_id, step_key), None)
            return True
        row = self._rows.get((run_id, step_key))
        if row is None:
            row = PendingStep(run_id, step_key, pool, priority, on_assigned)
            row.assigned = self._assigned(pool) < limit
            self._rows[run_id, step_key] = row
        if row.assigned and not row.claimed:
            held = sum(other.claimed for other in self._rows.values() if other.pool == pool)
            row.claimed = held < limit
        return row.claimed

    def free(self, run_id: str, step_key: str) -> None:
        """Give back what a step holds, or leave the line."""
        row = self._rows.pop((run_id, step_key), None)
        if row is None:
            return
        if row.assigned:
            self._assign(row.pool)
        self.freed()

    def free_run(self, run_id: str, *, pending_only: bool = False) -> None:
        """Give back whatever a run's steps hold; `pending_only`: only leave the lines."""
        for row in self.rows:
            if row.run_id == run_id and not (pending_only and row.claimed):
                self.free(run_id, row.step_key)

    def set_limit(self, pool: str, limit: int) -> None:
        """Change how many slots a pool has; what is held stays held."""
        self._limits[pool] = limit
        self._assign(pool)
        self.freed()

    def _assigned(self, pool: str) -> int:
        return sum(row.assigned for row in self._rows.values() if row.pool == pool)

    def _assign(self, pool: str) -> None:
        limit = self.limit_of(pool)
        if limit is None:
            return
        waiting = [row for row in self._rows.values() if row.pool == pool and not row.assigned]
        free = max(limit - self._assigned(pool), 0)
        for row in sorted(waiting, key=lambda row: -row.priority)[:free]:
            row.assigned = True
            row.on_assigned()


def recheck_seconds(failed_claims: int) -> float:
    """How long a step waits before it looks again, after so many looks before this one.

    Source: _core/execution/plan/instance_concurrency_context.py, `_calculate_timeout_interval`.
    """
    longest = 15.0
    return longest if failed_claims > 30 else min(longest, 1 + (1.1**failed_claims - 1))  # noqa: PLR2004
