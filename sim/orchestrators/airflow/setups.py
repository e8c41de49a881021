"""Setups and teardowns while a run goes on: what they hold back, and what they decide.

Pure functions of the task instances of a run. Source: Airflow 2.11.2 and 3.3.2,
ti_deps/deps/trigger_rule_dep.py `_evaluate_setup_constraint`, `all_done_setup_success`, and in
3.3.2 `_evaluate_teardown_scope`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow.rows import (
    FAILED,
    REMOVED,
    SKIPPED,
    SUCCESS,
    UPSTREAM_FAILED,
    of_task,
)
from sim.orchestrators.airflow.trigger_rules import RUN, WAIT

if TYPE_CHECKING:
    from sim.orchestrators.airflow.graph import Shape
    from sim.orchestrators.airflow.rows import Run, TaskInstance

_FINISHED = frozenset({SUCCESS, FAILED, SKIPPED, UPSTREAM_FAILED, REMOVED})


def setups_say(ti: TaskInstance, shape: Shape) -> int:
    """RUN, WAIT or the state that the setups further up give to a task instance.

    A setup that failed or was skipped decides at once, without waiting for the others.
    """
    states = [other.state for number in shape.setups for other in of_task(ti.run, number)]
    if FAILED in states or UPSTREAM_FAILED in states:
        return UPSTREAM_FAILED
    if SKIPPED in states:
        return SKIPPED
    removed, success = states.count(REMOVED), states.count(SUCCESS)
    if removed and 0 < success <= ti.map_index:
        return REMOVED
    ignored = removed if ti.map_index >= 0 else 0
    return RUN if len(states) - success - ignored <= 0 else WAIT


def teardown_says(run: Run, shape: Shape, *, scoped: bool) -> int:
    """RUN, WAIT or the state of a teardown all of whose direct upstream is finished."""
    states = [other.state for number in shape.own_setups for other in of_task(run, number)]
    if states and states.count(SKIPPED) == len(states):
        return SKIPPED
    if states and SUCCESS not in states:
        return UPSTREAM_FAILED
    if scoped and any(
        other.state not in _FINISHED for number in shape.scope for other in of_task(run, number)
    ):
        return WAIT
    return RUN
