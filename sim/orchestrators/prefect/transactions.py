"""Transactions: `with transaction():` around calls of a flow.

Source: Prefect 3.8.8, transactions.py. Inside a block nothing is kept before the outermost block
ends; when an exception leaves it, the rollback hooks of what was staged run, the last first.
Invariant: a block either keeps everything that was staged in it, or takes all of it back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.orchestrators.prefect.caching import CacheSettings, ResultStore
    from sim.orchestrators.prefect.runs import TaskRun


@dataclass(slots=True)
class Transaction:
    """One block, with the task runs staged in it (commit mode LAZY, the default)."""

    name: str
    staged: list[tuple[TaskRun, CacheSettings, object, int]] = field(default_factory=list)

    def stage(self, run: TaskRun, settings: CacheSettings, value: object, now: int) -> None:
        """A task run ended well inside the block; its expiration counts from now."""
        self.staged.append((run, settings, value, now))

    def commit(self, results: ResultStore) -> None:
        """The block ended: everything is kept."""
        for run, settings, value, now in self.staged:
            results.keep(settings, run.key, value, now)
        self.staged = []

    def take_back(self) -> list[TaskRun]:
        """An exception left the block: whose rollback hooks run, in their order.

        A task run that failed staged nothing, and one whose result was in the store was committed
        before: neither is taken back.
        """
        runs = [run for run, *_ in reversed(self.staged) if run.call.options.on_rollback]
        self.staged = []
        return runs
