"""Looking at one running run: what becomes scheduled or skipped, and whether it ends.

Only task instances about which something may be new are evaluated; each sees its upstream as it was
before the pass. Source: Airflow 2.11.2 and 3.3.2, models/dagrun.py `update_state`,
`task_instance_scheduling_decisions`, jobs/scheduler_job_runner.py `_schedule_dag_run`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.states import TaskState
from sim.orchestrators.airflow.rows import (
    FAILED,
    NONE,
    RUN_FAILED,
    RUN_SUCCESS,
    SKIPPED,
    SUCCESS,
    UP_FOR_RESCHEDULE,
    UP_FOR_RETRY,
    UPSTREAM_FAILED,
)
from sim.orchestrators.airflow.trigger_rules import RUN, WAIT, decide, unpack

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.airflow.metadata import Metadata
    from sim.orchestrators.airflow.rows import Run, TaskInstance

_SCHEDULABLE = frozenset({NONE, UP_FOR_RETRY, UP_FOR_RESCHEDULE})
_GOOD = frozenset({SUCCESS, SKIPPED})
_BAD = frozenset({FAILED, UPSTREAM_FAILED})


class Examination:
    """Examines runs. `end_run(run, state, reason)` is called for each one that ends."""

    def __init__(self, metadata: Metadata, end_run: Callable[[Run, int, str], None]) -> None:
        self._metadata = metadata
        self._end_run = end_run
        self._version = metadata.version.number

    def examine(self, run: Run, now: int, *, schedule: bool = True) -> None:
        """One examination at `now`; `schedule=False` for a run of a paused DAG."""
        metadata, plan = self._metadata, run.dag.plan
        metadata.unmark(run)
        timeout = plan.dagrun_timeout
        if timeout is not None and schedule and (run.started or 0) < now - timeout:
            self._time_out(run)
            return
        none_left = run.unfinished == 0
        ready, changes = self.decide(run, now)
        if none_left:
            bad = any(run.tis[leaf].state in _BAD for leaf in plan.leaves) if run.tis else False
            self._end_run(run, RUN_FAILED if bad else RUN_SUCCESS, "")
            return
        if not ready and not changes and run.active == 0 and self._is_deadlocked(run):
            self._end_run(run, RUN_FAILED, "deadlock")
            return
        for ti, state in changes:
            metadata.set_state(ti, state, ti.cause, {"reason": _REASON[state]})
        if schedule:
            self.schedule(ready, now)
        else:
            untouched = [ti for ti in ready if not ti.touched]
            for ti in untouched:
                ti.touched = True
            run.touched += untouched

    def schedule(self, ready: list[TaskInstance], now: int) -> None:
        """Schedule task instances whose dependencies are met."""
        metadata = self._metadata
        for ti in ready:
            if ti.task.instant:
                ti.try_number += 1
                metadata.set_state(ti, SUCCESS, ti.cause)
            else:
                metadata.schedule(ti, now)

    def decide(
        self, run: Run, now: int
    ) -> tuple[list[TaskInstance], list[tuple[TaskInstance, int]]]:
        """The task instances that may be scheduled now, and those that get a state without running.

        Takes what was touched, and leaves in `waiting` what time or an earlier run still blocks.
        """
        ready: list[TaskInstance] = []
        changes: list[tuple[TaskInstance, int]] = []
        if not run.touched and not run.waiting:
            return ready, changes
        touched = _take(run)
        no_branches = run.decisions is None
        for ti in touched:
            ti.touched = False
            if ti.counts == ti.total and ti.state == NONE and ti.task.plain and no_branches:
                # what `_verdict` and `_may_go` would say, for by far the most
                ready.append(ti)
                continue
            if ti.state not in _SCHEDULABLE:
                continue
            verdict = self._verdict(ti)
            if verdict == RUN:
                if self._may_go(ti, now):
                    ready.append(ti)
                else:
                    run.waiting.append(ti)
            elif verdict != WAIT:
                changes.append((ti, verdict))
            elif ti.state != NONE:
                run.waiting.append(ti)
        return ready, changes

    def _verdict(self, ti: TaskInstance) -> int:
        """RUN, WAIT or a state: what the trigger rule and the branches above say."""
        if ti.counts == ti.total and ti.task.runs_on_success:
            verdict = RUN
        else:
            counts = unpack(ti.total, ti.counts)
            verdict = decide(ti.task.trigger_rule, counts, version=self._version)
        if ti.run.decisions is not None and self._was_skipped(ti):
            return verdict if verdict == UPSTREAM_FAILED else SKIPPED
        return verdict

    def _may_go(self, ti: TaskInstance, now: int) -> bool:
        """Whether neither time nor an earlier run holds a task instance back."""
        if ti.state == UP_FOR_RETRY and ti.due >= now:
            return False
        if ti.state == UP_FOR_RESCHEDULE and ti.due > now:
            return False
        return not ti.task.depends_on_past or self._past_allows(ti)

    def _past_allows(self, ti: TaskInstance) -> bool:
        """depends_on_past and wait_for_downstream [ti_deps/deps/prev_dagrun_dep.py]."""
        run, task = ti.run, ti.task
        previous = self._previous(run)
        if previous is None or not previous.tis:
            return True
        if previous.tis[task.number].state not in _GOOD:
            return False
        return not task.wait_for_downstream or all(
            previous.tis[number].state in _GOOD for number in task.downstream
        )

    def _previous(self, run: Run) -> Run | None:
        if run.logical_date is None:
            return None
        automated_only = run.dag.plan.catchup
        earlier = [
            date
            for date, other in run.dag.runs_by_date.items()
            if date < run.logical_date and not (automated_only and other.run_type == "manual")
        ]
        return run.dag.runs_by_date[max(earlier)] if earlier else None

    @staticmethod
    def _was_skipped(ti: TaskInstance) -> bool:
        """Whether a branch above decided against it.

        [ti_deps/deps/not_previously_skipped_dep.py]
        """
        run = ti.run
        assert run.decisions is not None
        return any(
            ti.task.number in run.decisions[number]
            for number in ti.task.upstream
            if number in run.decisions and run.tis[number].state == SUCCESS
        )

    def _is_deadlocked(self, run: Run) -> bool:
        """Whether nothing can ever go on: all that is unfinished waits for what never comes."""
        if not run.dag.plan.deadlock_checked:
            return False
        going = run.going
        if going is not None and going.state != NONE and not _finished(going):
            return False
        # from the end: what is scheduled last goes on longest, and answers the next times too
        for ti in reversed(run.tis):
            if ti.state != NONE and not _finished(ti):
                run.going = ti
                return False
        return True

    def _time_out(self, run: Run) -> None:
        """dagrun_timeout: the run fails and whatever is unfinished is skipped."""
        spared = None if self._metadata.version.timeout_skips_unscheduled else NONE
        self._end_run(run, RUN_FAILED, "timed_out")
        for ti in run.tis:
            if not _finished(ti) and ti.state != spared:
                self._metadata.set_state(ti, SKIPPED, run.row, {"reason": "dagrun_timeout"})


def _take(run: Run) -> list[TaskInstance]:
    """What was touched and what waits, each once, and neither list keeps anything."""
    touched, waiting = run.touched, run.waiting
    run.touched = []
    if waiting:
        for ti in waiting:
            if not ti.touched:
                ti.touched = True
                touched.append(ti)
        run.waiting = []
    return touched


_REASON = {SKIPPED: "upstream", UPSTREAM_FAILED: "upstream"}


def _finished(ti: TaskInstance) -> bool:
    return ti.state in _FINISHED_STATES


_FINISHED_STATES = _GOOD | _BAD | {int(TaskState.REMOVED)}
