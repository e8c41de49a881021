"""The mini scheduler of 2.x: a worker whose try is over looks at what follows in its run.

It schedules direct downstream tasks and sets the skips that can be decided then, between two
loops. Source: Airflow 2.11.2, models/taskinstance.py `schedule_downstream_tasks`,
`[scheduler] schedule_after_task_execution`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow.rows import RUN_RUNNING

if TYPE_CHECKING:
    from sim.orchestrators.airflow.examination import Examination
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import TaskInstance


class MiniScheduler:
    """Called once for each try that is over."""

    def __init__(self, metadata: Metadata, examination: Examination) -> None:
        self._metadata = metadata
        self._examination = examination

    def after_try(self, ti: TaskInstance) -> None:
        """Schedule the direct downstream tasks whose dependencies are met."""
        run, task, metadata = ti.run, ti.task, self._metadata
        now = metadata.kernel.now
        if not task.downstream or not run.touched or run.state != RUN_RUNNING:
            return
        # it sees the tasks below and their direct upstream; what is elsewhere waits for the loop
        elsewhere = [other for other in run.touched if not self._sees(ti, other)]
        waiting = run.waiting
        run.touched = [other for other in run.touched if self._sees(ti, other)]
        run.waiting = []
        ready, changes, _ = self._examination.decide(run, now)
        run.waiting = [*waiting, *run.waiting]
        run.touched += elsewhere
        self._examination.apply(changes)
        for other in ready:
            if other.task.number in task.downstream and not other.task.instant:
                metadata.schedule(other, now)
                metadata.wake()
            else:
                metadata.touch(other)

    @staticmethod
    def _sees(ti: TaskInstance, other: TaskInstance) -> bool:
        return other.task.number in ti.task.below
