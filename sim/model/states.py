"""The closed sets of states and the transitions that are legal.

Airflow's words are used for every orchestrator, since they are the richest set in use: a cron job
is a run with one task instance a script, which only knows `running`, `success` and `failed`.
Source of the Airflow sets and arrows: Airflow 2.11.2 and 3.3.2, `utils/state.py` and the places
that write states (scheduler, worker, clear, mark).
"""

from __future__ import annotations

from enum import IntEnum


class RunState(IntEnum):
    """States of a run (Airflow: dag_run)."""

    QUEUED = 1
    RUNNING = 2
    SUCCESS = 3
    FAILED = 4

    @property
    def word(self) -> str:
        """The state as practitioners write it, `success`."""
        return self.name.lower()


class TaskState(IntEnum):
    """States of a task instance. NONE is Airflow's null: created and not yet looked at."""

    NONE = 0
    SCHEDULED = 1
    QUEUED = 2
    RUNNING = 3
    SUCCESS = 4
    FAILED = 5
    SKIPPED = 6
    UPSTREAM_FAILED = 7
    UP_FOR_RETRY = 8
    UP_FOR_RESCHEDULE = 9
    DEFERRED = 10
    RESTARTING = 11
    REMOVED = 12

    @property
    def word(self) -> str:
        """The state as practitioners write it, `up_for_retry`."""
        return self.name.lower()


FINISHED = frozenset(
    {
        TaskState.SUCCESS,
        TaskState.FAILED,
        TaskState.SKIPPED,
        TaskState.UPSTREAM_FAILED,
        TaskState.REMOVED,
    }
)
"""Task states after which nothing happens without a clear."""

HOLDS_SLOT = frozenset({TaskState.QUEUED, TaskState.RUNNING})
"""Task states that occupy pool slots: `EXECUTION_STATES` in Airflow 2.11.2 and 3.3.2,
ti_deps/dependencies_states.py. A restarting one does not, although its process still lives."""

_S = TaskState

TASK_TRANSITIONS: dict[TaskState, frozenset[TaskState]] = {
    _S.NONE: frozenset(
        {
            # cron and systemd start a process without any waiting state
            _S.SCHEDULED,
            _S.RUNNING,
            _S.SUCCESS,
            _S.FAILED,
            _S.SKIPPED,
            _S.UPSTREAM_FAILED,
            _S.REMOVED,
        }
    ),
    _S.SCHEDULED: frozenset({_S.QUEUED, _S.NONE, _S.SKIPPED, _S.FAILED, _S.SUCCESS, _S.REMOVED}),
    _S.QUEUED: frozenset(
        {
            _S.RUNNING,
            _S.SCHEDULED,
            _S.NONE,
            _S.FAILED,
            _S.UP_FOR_RETRY,
            _S.SKIPPED,
            _S.SUCCESS,
            _S.REMOVED,
        }
    ),
    _S.RUNNING: frozenset(
        {
            _S.SUCCESS,
            _S.FAILED,
            _S.SKIPPED,
            _S.UP_FOR_RETRY,
            _S.UP_FOR_RESCHEDULE,
            _S.DEFERRED,
            _S.RESTARTING,
            _S.NONE,
            _S.REMOVED,
        }
    ),
    _S.UP_FOR_RETRY: frozenset(
        {_S.SCHEDULED, _S.NONE, _S.SKIPPED, _S.FAILED, _S.SUCCESS, _S.UPSTREAM_FAILED, _S.REMOVED}
    ),
    _S.UP_FOR_RESCHEDULE: frozenset(
        {_S.SCHEDULED, _S.NONE, _S.SKIPPED, _S.FAILED, _S.SUCCESS, _S.UPSTREAM_FAILED, _S.REMOVED}
    ),
    _S.DEFERRED: frozenset({_S.SCHEDULED, _S.NONE, _S.SKIPPED, _S.FAILED, _S.SUCCESS, _S.REMOVED}),
    _S.RESTARTING: frozenset(
        {_S.NONE, _S.UP_FOR_RETRY, _S.FAILED, _S.SKIPPED, _S.SUCCESS, _S.REMOVED}
    ),
    # finished states leave by a clear, by a mark or (2.x branch skips) by being overwritten
    _S.SUCCESS: frozenset({_S.NONE, _S.FAILED, _S.SKIPPED, _S.REMOVED}),
    _S.FAILED: frozenset({_S.NONE, _S.SUCCESS, _S.SKIPPED, _S.UP_FOR_RETRY, _S.REMOVED}),
    _S.SKIPPED: frozenset({_S.NONE, _S.SUCCESS, _S.FAILED, _S.REMOVED}),
    _S.UPSTREAM_FAILED: frozenset({_S.NONE, _S.SUCCESS, _S.FAILED, _S.SKIPPED, _S.REMOVED}),
    _S.REMOVED: frozenset({_S.NONE}),
}
"""From each task state, the states that may follow it directly."""

RUN_TRANSITIONS: dict[RunState | None, frozenset[RunState]] = {
    # a cron job is running the instant it exists; Airflow creates a run queued
    None: frozenset({RunState.QUEUED, RunState.RUNNING}),
    RunState.QUEUED: frozenset({RunState.RUNNING, RunState.SUCCESS, RunState.FAILED}),
    RunState.RUNNING: frozenset({RunState.SUCCESS, RunState.FAILED, RunState.QUEUED}),
    RunState.SUCCESS: frozenset({RunState.QUEUED, RunState.RUNNING, RunState.FAILED}),
    RunState.FAILED: frozenset({RunState.QUEUED, RunState.RUNNING, RunState.SUCCESS}),
}
"""From each run state (None: not there yet), the states that may follow it directly."""
