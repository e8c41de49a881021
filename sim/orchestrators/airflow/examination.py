"""Looking at one running run: what becomes scheduled or skipped, and whether it ends.

Only task instances about which something may be new are evaluated; each sees its upstream as it was
before the pass. Source: Airflow 2.11.2 and 3.3.2, models/dagrun.py `update_state`,
`task_instance_scheduling_decisions`, jobs/scheduler_job_runner.py `_schedule_dag_run`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.states import TaskState
from sim.orchestrators.airflow.branches import was_skipped
from sim.orchestrators.airflow.mapping import Expansion, mapped_dependencies_say
from sim.orchestrators.airflow.redefinition import verify_integrity
from sim.orchestrators.airflow.rows import (
    FAILED,
    NONE,
    REMOVED,
    RUN_FAILED,
    RUN_SUCCESS,
    SKIPPED,
    SUCCESS,
    UP_FOR_RESCHEDULE,
    UP_FOR_RETRY,
    UPSTREAM_FAILED,
    instances,
    of_task,
)
from sim.orchestrators.airflow.setups import setups_say, teardown_says
from sim.orchestrators.airflow.trigger_rules import RUN, WAIT, decide, unpack

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.airflow.graph import Shape
    from sim.orchestrators.airflow.mapping import Change
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

    def examine(self, run: Run, now: int, *, paused: bool = False) -> list[TaskInstance]:
        """One examination at `now`: what may be scheduled. `paused`: the run's DAG is."""
        metadata, plan = self._metadata, run.dag.plan
        if run.dirty:
            run.dirty = False
            metadata.dirty -= 1
        if run.change is not None:
            verify_integrity(metadata, run)
        timeout = plan.dagrun_timeout
        if timeout is not None and not paused and (run.started or 0) < now - timeout:
            self._time_out(run)
            return []
        none_left = run.unfinished == 0
        ready, changes, expanded = self.decide(run, now)
        if expanded:
            # after an expansion the list of what is unfinished is taken anew
            self.apply(changes)
            none_left = run.unfinished == 0
        if none_left:
            self._end_run(run, RUN_FAILED if _failed(run) else RUN_SUCCESS, "")
            return []
        if not expanded:
            if not ready and not changes and run.active == 0 and self._is_deadlocked(run):
                self._end_run(run, RUN_FAILED, "deadlock")
                return []
            if changes:
                self.apply(changes)
        return ready

    def apply(self, changes: list[Change]) -> None:
        """Give task instances the states that they get without running."""
        for ti, state, reason in changes:
            self._metadata.set_state(ti, state, ti.cause, {"reason": reason})

    def decide(self, run: Run, now: int) -> tuple[list[TaskInstance], list[Change], bool]:
        """The task instances that may be scheduled now, and those that get a state without running.

        The third: whether a mapped task was to be expanded. Takes what was touched, and leaves in
        `waiting` what time or an earlier run still blocks.
        """
        ready: list[TaskInstance] = []
        changes: list[Change] = []
        if not run.touched and not run.waiting:
            return ready, changes, False
        touched = _take(run)
        no_branches = run.decisions is None
        expansion = None
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
                shape = ti.task.shape
                if not self._may_go(ti, now):
                    run.waiting.append(ti)
                elif shape is None or not shape.mapped:
                    ready.append(ti)
                else:
                    expansion = expansion or Expansion(self._metadata, touched, ready, changes)
                    expansion.meet(ti, shape)
            elif verdict != WAIT:
                changes.append((ti, verdict, _REASON[verdict]))
            elif ti.state != NONE:
                run.waiting.append(ti)
        return ready, changes, expansion is not None and expansion.happened

    def _verdict(self, ti: TaskInstance) -> int:
        """RUN, WAIT or a state: what the trigger rule and the branches above say."""
        shape = ti.task.shape
        verdict = self._rule_says(ti) if shape is None else self._shaped(ti, shape)
        if ti.run.decisions is not None and was_skipped(ti, self._metadata.version):
            return verdict if verdict == UPSTREAM_FAILED else SKIPPED
        return verdict

    def _rule_says(self, ti: TaskInstance) -> int:
        if ti.counts == ti.total and ti.task.runs_on_success:
            return RUN
        counts = unpack(ti.total, ti.counts)
        return decide(ti.task.trigger_rule, counts, version=self._version, map_index=ti.map_index)

    def _shaped(self, ti: TaskInstance, shape: Shape) -> int:
        """What the trigger rule says with setups, teardowns and mapping."""
        held = RUN
        rule = ti.task.trigger_rule
        if shape.setups and rule not in {"always", "dummy"}:
            held = setups_say(ti, shape)
            if held not in {RUN, WAIT}:
                return held
        verdict = self._rule_says(ti)
        if verdict == RUN and shape.teardown:
            scoped = self._metadata.version.teardown_waits_for_scope
            verdict = teardown_says(ti.run, shape, scoped=scoped)
        if shape.mapped and shape.over and verdict != UPSTREAM_FAILED:
            mapped = mapped_dependencies_say(ti.run, shape)
            verdict = verdict if mapped == RUN else mapped
        return held if verdict == RUN else verdict

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
        looked_at = (task.number, *(task.downstream if task.wait_for_downstream else ()))
        return all(
            other.state in _GOOD for number in looked_at for other in of_task(previous, number)
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

    def _is_deadlocked(self, run: Run) -> bool:
        """Whether nothing can ever go on: all that is unfinished waits for what never comes."""
        if not run.dag.plan.deadlock_checked:
            return False
        going = run.going
        if going is not None and going.state != NONE and not _finished(going):
            return False
        # from the end: what is scheduled last goes on longest, and answers the next times too
        for ti in reversed(instances(run)):
            if ti.state != NONE and not _finished(ti):
                run.going = ti
                return False
        return True

    def _time_out(self, run: Run) -> None:
        """dagrun_timeout: the run fails and whatever is unfinished is skipped."""
        spared = None if self._metadata.version.timeout_skips_unscheduled else NONE
        self._end_run(run, RUN_FAILED, "timed_out")
        for ti in instances(run):
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


_REASON = {SKIPPED: "upstream", UPSTREAM_FAILED: "upstream", REMOVED: "removed"}


def _failed(run: Run) -> bool:
    """Whether a task that decides how the run ends has failed."""
    tis, leaves = run.tis, run.dag.plan.leaves
    if run.extra is None:
        return bool(tis) and not _BAD.isdisjoint([tis[leaf].state for leaf in leaves])
    return any(ti.state in _BAD for leaf in leaves for ti in of_task(run, leaf))


def _finished(ti: TaskInstance) -> bool:
    return ti.state in _FINISHED_STATES


_FINISHED_STATES = _GOOD | _BAD | {int(TaskState.REMOVED)}
