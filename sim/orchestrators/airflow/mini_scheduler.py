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
        if not run.touched or run.state != RUN_RUNNING:
            return
        # it looks at the whole run, and sets the states that can be decided anywhere in it
        waiting, run.waiting = run.waiting, []
        ready, changes, _ = self._examination.decide(run, now)
        run.waiting = [*waiting, *run.waiting]
        self._examination.apply(changes)
        for other in ready:
            if other.task.number in task.downstream and not other.task.instant:
                metadata.schedule(other, now)
                metadata.wake()
            else:
                metadata.touch(other)
