"""A run's claims on slots of pools: when each of its steps looks, and looks again.

Source: Dagster 1.13.29, _core/execution/plan/instance_concurrency_context.py. The real executor
looks at 1 s, 1.1 s, 1.21 s and so on after each other; here only those looks are stepped that can
find something, at the instants at which they fall.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.orchestrators.dagster.pools import recheck_seconds
from sim.orchestrators.dagster.run_queue import priority_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.plan import Step
    from sim.orchestrators.dagster.runs import Run


@dataclass(slots=True)
class _Claim:
    """A step that did not get a slot yet."""

    failed: int
    """How often it looked in vain."""
    due: int
    """When it looks next."""

    def look_on(self, until: int) -> None:
        """Let the looks before an instant have happened, in vain."""
        while self.due < until:
            self.due += round(recheck_seconds(self.failed) * SECOND)
            self.failed += 1


class SlotClaims:
    """The claims of one run."""

    def __init__(self, instance: Instance, run: Run, wake: Callable[[], None]) -> None:
        self._instance = instance
        self._run = run
        self._wake = wake
        self._by_op = instance.config.concurrency.pools.granularity == "op"
        self._claims: dict[str, _Claim] = {}
        self._full_since: int | None = None

    def full(self, full: bool) -> None:  # noqa: FBT001 - what it tells is a yes or a no
        """Whether the executor has no room: then nobody looks."""
        if not full:
            self._full_since = None
        elif self._full_since is None:
            self._full_since = self._instance.kernel.now

    def claim(self, step: Step) -> bool:
        """Whether a step may start as far as its pool is concerned."""
        if step.pool is None or not self._by_op:
            return True
        now, known = self._instance.kernel.now, self._claims.get(step.key)
        if known is not None:
            known.look_on(now if self._full_since is None else self._full_since)
            if now < known.due:
                return False
        held = self._instance.pools.claim(
            step.pool,
            self._run.run_id,
            step.key,
            priority=priority_of(self._run.tags) + step.priority,
            on_assigned=partial(self._assigned, step.key),
        )
        if held:
            self._claims.pop(step.key, None)
            return True
        failed = 0 if known is None else known.failed
        due = now + round(recheck_seconds(failed) * SECOND)
        self._claims[step.key] = _Claim(failed + 1, due)
        return False

    def _assigned(self, key: str) -> None:
        """A slot is kept for a step: it finds it when it next looks."""
        known = self._claims.get(key)
        if known is not None:
            known.look_on(self._instance.kernel.now if self._full_since is None else known.due)
            self._instance.kernel.at(max(known.due, self._instance.kernel.now), self._wake)
