"""Tables about task instances: the rows themselves, earlier tries, what they left behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.views.metadata.instances import names, seconds
from sim.views.metadata.jobs import heartbeat, job_ids, queued_by
from sim.views.metadata.sight import uuid_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.views.metadata.instances import Instance, Try
    from sim.views.metadata.sight import Sight

TI = 1
"""Kind of id of a task instance; the generation is added above it."""
_GENERATIONS = 0x400
_OPERATORS = {
    "empty": "EmptyOperator",
    "latest_only": "LatestOnlyOperator",
    "short_circuit": "ShortCircuitOperator",
}
"""Operators that the type of a task names; what else runs is the config's `tasks`, no class."""


def task_instance(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `task_instance`. [A2, A3 models/taskinstance.py]."""
    ids, scheduler = job_ids(sight), queued_by(sight)
    for one in sight.instances.values():
        last = one.processes[-1] if one.processes else None
        yield {
            **names(one),
            **_settings(one, sight),
            "id": instance_id(one, one.generation),
            "start_date": one.start,
            "end_date": one.end,
            "duration": seconds(one.start, one.end),
            "state": one.word,
            "try_number": one.try_number,
            "max_tries": one.max_tries,
            "hostname": sight.config.host if one.processes else "",
            "job_id": None if last is None else ids.get((one.entity, len(one.processes) - 1)),
            "queued_dttm": one.queued,
            "scheduled_dttm": one.scheduled,
            "queued_by_job_id": None if one.queued is None else scheduler,
            "last_heartbeat_at": None if last is None else heartbeat(last, sight),
            "updated_at": one.updated,
            "trigger_id": None if one.trigger is None else one.trigger[0],
        }


def task_instance_history(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `task_instance_history`. [A2, A3 models/taskinstancehistory.py]."""
    scheduler = queued_by(sight)
    moved = [(past, one) for one in sight.instances.values() for past in one.history]
    for number, (past, one) in enumerate(sorted(moved, key=_when), 1):
        yield {
            **names(one),
            **_settings(one, sight),
            "id": number,
            "task_instance_id": instance_id(one, past.generation),
            "try_number": past.try_number,
            "start_date": past.start,
            "end_date": past.end,
            "duration": seconds(past.start, past.end),
            "state": past.state.word,
            "max_tries": past.max_tries,
            "hostname": sight.config.host if past.start is not None else "",
            "queued_dttm": past.queued,
            "scheduled_dttm": past.scheduled,
            "queued_by_job_id": None if past.queued is None else scheduler,
            "updated_at": past.at,
        }


def task_fail(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `task_fail`. [A2 models/taskfail.py: whole seconds]."""
    failed = [(past, one) for one in sight.instances.values() for past in one.failures]
    for number, (past, one) in enumerate(sorted(failed, key=_when), 1):
        duration = seconds(past.start, past.end)
        yield {
            "id": number,
            **names(one),
            "start_date": past.start,
            "end_date": past.end,
            "duration": None if duration is None else int(duration),
        }


def task_reschedule(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `task_reschedule`. [A2, A3 models/taskreschedule.py: whole seconds].

    In 3.x they hang on the id of a task instance and go with it when the try is over.
    """
    waits = [(wait, one) for one in sight.instances.values() for wait in one.waits]
    for number, (wait, one) in enumerate(sorted(waits, key=lambda pair: pair[0].end), 1):
        if sight.version.reset_is_archived and wait.generation != one.generation:
            continue
        yield {
            "id": number,
            **names(one),
            "ti_id": instance_id(one, wait.generation),
            "try_number": wait.try_number,
            "start_date": wait.start,
            "end_date": wait.end,
            "duration": (wait.end - wait.start) // 1_000_000,
            "reschedule_date": wait.until,
        }


def trigger(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `trigger`: one for each task instance that is deferred. [models/trigger.py]."""
    for one in sight.instances.values():
        if one.trigger is not None:
            yield {"id": one.trigger[0], "created_date": one.trigger[1]}


def xcom(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `xcom`. What was stored is not known but for its size; see `xcom_size`."""
    for one in sight.instances.values():
        for key, (_, _, at) in one.xcoms.items():
            yield {"dag_run_id": one.run.number, **names(one), "key": key, "timestamp": at}


def xcom_size(sight: Sight) -> Iterator[dict[str, Any]]:
    """How large each XCom is, which no table of Airflow's has."""
    for one in sight.instances.values():
        for key, (size, length, at) in one.xcoms.items():
            yield {**names(one), "key": key, "bytes": size, "length": length, "timestamp": at}


def task_map(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `task_map`: the length of each list that a task returned. [models/taskmap.py]."""
    for one in sight.instances.values():
        for _, length, _ in one.xcoms.values():
            if length is not None and one.task is not None and one.task.shape is not None:
                yield {**names(one), "length": length}


def instance_id(one: Instance, generation: int) -> str:
    """The UUID of a row in 3.x; each try that is moved away takes it along and leaves a new one."""
    return uuid_of(one.run.created, TI * _GENERATIONS + generation, one.entity)


def _settings(one: Instance, sight: Sight) -> dict[str, Any]:
    task = one.task
    if task is None:
        return {"task_display_name": one.task_id}
    return {
        "pool": task.pool,
        "pool_slots": task.pool_slots,
        "queue": "default",
        "priority_weight": task.priority_weight,
        "operator": _operator(one, sight),
        "task_display_name": one.task_id,
    }


def _operator(one: Instance, sight: Sight) -> str | None:
    written = sight.config.every_dag[one.run.dag_id].tasks[one.task_id]
    if written.sensor is not None:
        return "ExternalTaskSensor" if written.sensor.external_dag_id else None
    return _OPERATORS.get(written.type)


def _when(pair: tuple[Try, Instance]) -> tuple[int, int]:
    return pair[0].at, pair[1].entity
