"""Executing a run again: which steps, and the automatic retries of whole runs.

Source: Dagster 1.13.29, _core/execution/plan/resume_retry.py and state.py,
_core/execution/retries.py, _daemon/auto_run_reexecution. A re-execution is a new run with the same
config and tags, which goes through the queue again; its steps count their tries anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.orchestrators.dagster.daemon_loop import DaemonLoop
from sim.orchestrators.dagster.runs import (
    MAX_RETRIES,
    PARENT_RUN_ID,
    RETRY_NUMBER,
    RETRY_ON_FAILURE,
    RETRY_STRATEGY,
    ROOT_RUN_ID,
    Run,
    RunStatus,
)
from sim.orchestrators.dagster.steps import StepEnd

if TYPE_CHECKING:
    from collections.abc import Collection

    from sim.orchestrators.dagster.instance import Instance

INTERVAL_US = 5 * SECOND
"""`DAGSTER_EVENT_LOG_CONSUMER_DAEMON_INTERVAL_SECONDS`."""


def steps_from_failure(run: Run) -> tuple[str, ...]:
    """What FROM_FAILURE executes: all but what succeeded and what was skipped."""
    ends = {} if run.active is None else run.active.ends
    done = {StepEnd.SUCCESS, StepEnd.SKIPPED}
    return tuple(step.key for step in run.plan.steps if ends.get(step.key) not in done)


def reexecute(
    instance: Instance,
    parent: Run,
    *,
    cause: int,
    keys: Collection[str] | None = None,
    run_type: str = "manual",
    retry_number: int | None = None,
) -> Run:
    """Submit a new run of a run's steps; `keys`: only these of them."""
    tags = {**parent.tags, PARENT_RUN_ID: parent.run_id, ROOT_RUN_ID: parent.root.run_id}
    tags.pop(RETRY_NUMBER, None)
    if retry_number is not None:
        tags[RETRY_NUMBER] = str(retry_number)
    return instance.create_run(
        parent.job,
        run_type=run_type,
        cause=cause,
        plan=parent.plan if keys is None else parent.job.plan.only(keys),
        scheduled=parent.scheduled,
        data_date=parent.data_date,
        partition_keys=parent.partition_keys,
        tags=tags,
        parent=parent,
    )


class RunRetries:
    """The daemon that reads of failed runs and executes them again."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._config = instance.config.run_retries
        self._unread: list[Run] = []
        self._groups: dict[str, int] = {}
        """How many runs there are of each root, itself among them."""
        self.loop = DaemonLoop(instance.kernel, INTERVAL_US, self._iterate)
        instance.listeners.append(self._changed)

    def will_retry(self, run: Run) -> bool:
        """Whether a run that failed is executed again; runs by hand count as retries."""
        if run.status is not RunStatus.FAILURE:
            return False
        backfill = self._instance.backfills.of(run)
        if backfill is not None and backfill.status.over:
            return False
        on_failure = self._config.retry_on_asset_or_op_failure
        if RETRY_ON_FAILURE in run.tags:
            on_failure = run.tags[RETRY_ON_FAILURE].lower() == "true"
        if run.failure_reason == "step_failure" and not on_failure:
            return False
        try:
            retries = int(run.tags.get(MAX_RETRIES, self._config.max_retries))
        except ValueError:
            return False
        return 0 < retries >= self._groups.get(run.root.run_id, 1)

    def waits(self, run: Run) -> bool:
        """Whether a run that failed will be executed again, and has not been yet."""
        return run in self._unread and self.will_retry(run)

    def _changed(self, run: Run) -> None:
        if run.status in {RunStatus.QUEUED, RunStatus.NOT_STARTED}:
            root = run.root.run_id
            self._groups[root] = self._groups.get(root, 0) + 1
        elif self._config.enabled and run.status is RunStatus.FAILURE:
            self._unread.append(run)
            self.loop.wake()

    def _iterate(self) -> int:
        if self._instance.database_off:
            return 0
        unread, self._unread = self._unread, []
        for run in unread:
            if self.will_retry(run):
                whole = run.tags.get(RETRY_STRATEGY) == "ALL_STEPS"
                reexecute(
                    self._instance,
                    run,
                    cause=run.row,
                    keys=None if whole else steps_from_failure(run),
                    run_type="retry",
                    retry_number=self._groups.get(run.root.run_id, 1),
                )
        return 0
