"""What types cannot say about what a sensor waits for: a system, or another DAG.

Part of `validate`; every problem in one pass as (path, code, message, hint), nothing is raised. An
external DAG that does not exist is no problem here: Airflow takes it and waits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.states import RunState, TaskState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.airflow.config import Sensor

Path = tuple[str | int, ...]
Found = tuple[Path, str, str, str]

_OF_TASKS = frozenset(state.word for state in TaskState if state is not TaskState.NONE)
_OF_RUNS = frozenset(state.word for state in RunState)


def target_problems(sensor: Sensor, path: Path) -> Iterator[Found]:
    """Every problem with what one sensor waits for."""
    external = sensor.external_dag_id is not None
    if external == bool(sensor.system):
        message = "a sensor waits for a system or for another DAG, one of the two"
        yield path, "E-SENSOR", message, "set system or external_dag_id"
        return
    if not external:
        return
    if sensor.external_task_id is not None and sensor.external_task_ids:
        message = "external_task_id and external_task_ids together"
        yield (*path, "external_task_ids"), "E-SENSOR", message, "give one of the two"
    named = sensor.external_task_id is not None or sensor.external_task_ids
    known = _OF_TASKS if named else _OF_RUNS
    seen: set[str] = set()
    for name in ("allowed_states", "failed_states", "skipped_states"):
        for index, state in enumerate(getattr(sensor, name)):
            place = (*path, name, index)
            if state not in known:
                message = f'"{state}" is no state of {"a task" if named else "a run"}'
                yield place, "E-STATE", message, f"there is {', '.join(sorted(known))}"
            elif state in seen:
                message = f'"{state}" stands in more than one list of states'
                yield place, "E-STATE", message, "let it mean one thing"
            seen.add(state)
