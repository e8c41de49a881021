"""The executors of one scheduler: one, or several in parallel that share `parallelism`.

Source: Airflow 2.11.2 and 3.3.2, executors/executor_loader.py; jobs/scheduler_job_runner.py
`_do_scheduling` (parallelism less what all of them occupy), `_executable_task_instances_to_queued`
(each one's own slots). Invariant: as `Executor`'s, for each of them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow.executor import Executor
from sim.orchestrators.airflow.executors import EXECUTORS

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.orchestrators.airflow.clockwork import Clockwork
    from sim.orchestrators.airflow.config import AirflowConfig
    from sim.orchestrators.airflow.executor import Traits
    from sim.orchestrators.airflow.executors.backend import Surroundings
    from sim.orchestrators.airflow.rows import TaskInstance
    from sim.orchestrators.airflow.scheduler_job import SchedulerJob

    Vanishes = Callable[[TaskInstance, SchedulerJob], bool]


class Executors:
    """Several executors, with what one has."""

    def __init__(self, parallelism: int, each: Sequence[Executor]) -> None:
        self.parallelism = parallelism
        self.each = tuple(each)

    def of(self, ti: TaskInstance) -> Executor:
        """The executor of a task instance."""
        return self.each[ti.task.executor]

    def rooms(self, now: int) -> list[int] | None:
        """Free slots of each in the loop at `now`."""
        return [one.free(now) for one in self.each]

    def free(self, now: int) -> int:
        """Slots of the shared parallelism that are free in the loop at `now`."""
        return self.parallelism - sum(self.parallelism - one.free(now) for one in self.each)

    def hand_over(self, chosen: list[TaskInstance], job: SchedulerJob) -> None:
        """Each gets its own, in order."""
        for number, one in enumerate(self.each):
            one.hand_over([ti for ti in chosen if ti.task.executor == number], job)

    def ended(self, ti: TaskInstance, token: int) -> None:
        """The process that was started for this hand-over ended just now."""
        self.of(ti).ended(ti, token)

    def sync(self, now: int) -> bool:
        """Every heartbeat, in order: whether not all of them had a free slot, and all have now."""
        had = [one.has_room for one in self.each]
        for one in self.each:
            one.sync(now)
        return not all(had) and all(one.has_room for one in self.each)

    def clear(self) -> None:
        """They died with their scheduler."""
        for one in self.each:
            one.clear()


AnyExecutor = Executor | Executors


class ExecutorLoader:
    """Makes the executors that `[core] executor` names, for each scheduler anew."""

    def __init__(
        self, config: AirflowConfig, around: Surroundings, traits: Traits | None = None
    ) -> None:
        self._parallelism = config.cfg.core.parallelism
        self.kinds = [EXECUTORS[name](around) for name in config.executors]
        self._around = around
        self._traits = traits
        """What executors can do, instead of what their kind can."""
        self.vanishes: Vanishes | None = None
        """Whether a hand-over is lost on its way; None: none ever is."""

    @property
    def waits(self) -> bool:
        """Whether a task instance may stay queued because of what is below the slots."""
        return any(kind.elsewhere for kind in self.kinds)

    def load(self, clockwork: Clockwork) -> AnyExecutor:
        """The executors of a scheduler that starts, or of a backfill's process."""
        each = []
        for kind in self.kinds:
            executor = Executor(self._parallelism, clockwork, self._traits or kind.traits)
            executor.vanishes = self.vanishes
            backend = kind.backend(executor, clockwork)
            executor.run_on(backend, elsewhere=kind.elsewhere, steps=kind.steps)
            if backend.send == self._around.start and self.vanishes is None:
                executor.start_all = self._around.start_all
            each.append(executor)
        return each[0] if len(each) == 1 else Executors(self._parallelism, each)
