"""The life of a run between its creation and its end: queued, running, ended, cleared.

Source: Airflow 2.11.2 and 3.3.2, jobs/scheduler_job_runner.py `_start_queued_dagruns`,
models/dagrun.py `next_dagruns_to_examine`, `set_state`, `_check_last_n_dagruns_failed`.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sim.model.facts import Fact
from sim.orchestrators.airflow.rows import RUN_FAILED, RUN_QUEUED, RUN_RUNNING, instances

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.airflow.creation import Creation
    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import DagRow, Run
    from sim.orchestrators.airflow.window import Window

_ROW = attrgetter("row")


class Lifecycle:
    """Starts queued runs and ends running ones."""

    def __init__(
        self,
        metadata: Metadata,
        creation: Creation,
        window: Window,
        *,
        runs_per_loop: int,
        announce: Callable[[Run], None],
    ) -> None:
        self._metadata = metadata
        self._creation = creation
        self._window = window
        self._runs_per_loop = runs_per_loop
        self._announce = announce
        """Sends the DAG's own callbacks for a run that ended."""

    # -- queued -> running ------------------------------------------------------------------

    def start_queued(self, now: int) -> None:
        """Start as many queued runs as max_active_runs lets through."""
        metadata = self._metadata
        eligible = [run for run in metadata.queued_runs if self._may_start(run, now)]
        window = self._runs_per_loop
        if len(eligible) > 1:
            eligible.sort(key=self._order_2 if metadata.version.pointer_stops else self._order_3)
        for run in eligible[:window]:
            if self._has_room(run):
                self._start(run, now)
        if len(eligible) > window:
            metadata.again()

    def _may_start(self, run: Run, now: int) -> bool:
        # the earliest instant is run_after in 3.x, the logical date in 2.x: kept in one field
        return run.run_after <= now and not run.dag.held and self._has_room(run)

    @staticmethod
    def _has_room(run: Run) -> bool:
        if run.backfill is not None:
            return run.backfill.running < run.backfill.max_active_runs
        return run.dag.running < run.dag.plan.max_active_runs

    @staticmethod
    def _order_2(run: Run) -> tuple[int, int]:
        return run.logical_date or 0, run.entity

    @staticmethod
    def _order_3(run: Run) -> tuple[int, int, int, int]:
        return run.ordinal, run.dag.running, run.run_after, run.entity

    def _start(self, run: Run, now: int) -> None:
        metadata, dag = self._metadata, run.dag
        metadata.queued_runs.remove(run)
        if run.backfill is None:
            dag.queued -= 1
            dag.running += 1
        else:
            run.backfill.running += 1
        dag.live.append(run)
        run.started = now
        run.last_decision = None
        metadata.set_run_state(run, RUN_RUNNING, cause=run.row)
        self._window.add(run)
        metadata.mark(run)
        timeout = dag.plan.dagrun_timeout
        if timeout is not None:
            # the comparison is strict: at exactly the timeout a run is still in time
            due = now + timeout + 1
            metadata.kernel.at(due, self._look_at, run, now)

    def _look_at(self, run: Run, started: int) -> None:
        if run.state == RUN_RUNNING and run.started == started:
            self._metadata.mark(run)

    # -- running -> success | failed --------------------------------------------------------

    def end(self, run: Run, state: int, reason: str) -> None:
        """End a running run in the current loop."""
        metadata, dag, now = self._metadata, run.dag, self._metadata.kernel.now
        self.leave(run)
        self.close(run, state, reason)
        self._creation.run_ended(run, now)
        if metadata.queued_runs:
            metadata.again()
        if dag.plan.looks_back:
            for other in dag.live:
                metadata.mark(other)

    def close(self, run: Run, state: int, reason: str) -> None:
        """Write the end of a run down and tell whom it concerns; the lists are left alone."""
        metadata, dag, now = self._metadata, run.dag, self._metadata.kernel.now
        cause = max(map(_ROW, instances(run)), default=run.row)
        metadata.set_run_state(
            run, state, cause=cause, detail={"reason": reason} if reason else None
        )
        run.ended = now
        if dag.plan.deadlines:
            self._creation.deadlines.ended(run, now)
        self._announce(run)
        if state == RUN_FAILED:
            self._pause_after_failures(dag)

    def leave(self, run: Run) -> None:
        """Take a running run out of the lists of running ones."""
        metadata, dag = self._metadata, run.dag
        metadata.unmark(run)
        dag.live.remove(run)
        if run.backfill is None:
            dag.running -= 1
        else:
            run.backfill.running -= 1
        self._window.remove(run)

    def requeue(self, run: Run, cause: int) -> None:
        """A finished run was cleared: it waits like any queued run."""
        metadata = self._metadata
        run.started = None
        run.queued_at = None
        run.last_decision = None
        if run.backfill is None:
            run.dag.queued += 1
        metadata.queued_runs.append(run)
        metadata.set_run_state(
            run, RUN_QUEUED, cause=cause, detail={**metadata.describe(run), "reason": "cleared"}
        )
        metadata.wake()

    def _pause_after_failures(self, dag: DagRow) -> None:
        """max_consecutive_failed_dag_runs: the newest runs, in whatever state, all failed."""
        count = dag.plan.max_consecutive_failed_dag_runs
        if not count or dag.paused:
            return
        newest = sorted(dag.runs, key=lambda run: (run.run_after, run.entity))[-count:]
        if len(newest) == count and all(run.state == RUN_FAILED for run in newest):
            self.pause(dag, cause=newest[-1].row)

    # -- pausing ----------------------------------------------------------------------------

    def pause(self, dag: DagRow, *, cause: int) -> None:
        """Nothing of the DAG is created, started, examined or queued from now on."""
        if dag.paused:
            return
        dag.paused = True
        metadata = self._metadata
        metadata.kernel.fact(Fact.PAUSED, dag.entity, 1, cause)
        self._hold(dag)

    def set_stale(self, dag: DagRow, *, stale: bool) -> None:
        """The DAG's file is gone or broken, or it is back."""
        if dag.stale != stale:
            dag.stale = stale
            (self._hold if stale else self._release)(dag)

    def _hold(self, dag: DagRow) -> None:
        if dag.held:
            return
        dag.held = True
        metadata = self._metadata
        for run in dag.live:
            metadata.unmark(run)
            self._window.remove(run)

    def unpause(self, dag: DagRow, *, cause: int) -> None:
        """Everything goes on."""
        if not dag.paused:
            return
        dag.paused = False
        metadata = self._metadata
        metadata.kernel.fact(Fact.PAUSED, dag.entity, 0, cause)
        self._release(dag)

    def _release(self, dag: DagRow) -> None:
        dag.held = dag.paused or dag.stale
        if dag.held:
            return
        metadata = self._metadata
        for run in reversed(dag.live):
            self._window.add(run)
            metadata.mark(run)
        self._creation.unpaused(dag, metadata.kernel.now)
        metadata.wake()
