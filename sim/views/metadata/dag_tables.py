"""Tables about DAGs and their files, pools, SLAs and deadlines."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sim.model.facts import Fact
from sim.orchestrators.airflow.task_plan import DEFAULT_POOL
from sim.views.metadata.sight import uuid_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.kernel.journal import Row
    from sim.orchestrators.airflow.config import Dag
    from sim.orchestrators.airflow.intervals import RunInfo
    from sim.orchestrators.airflow.plan import DagPlan
    from sim.views.metadata.sight import Sight

_DEADLINE, _CALLBACK, _ALERT, _VERSION, _SERIALIZED = 2, 3, 4, 5, 6
"""Kinds of ids."""
_CRON_FIELDS = 5


def dag(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `dag`. [A2, A3 models/dag.py]."""
    paused = {row.entity: row.value for row in sight.journal.rows(Fact.PAUSED)}
    of_dag = {sight.journal.name(entity): bool(value) for entity, value in paused.items()}
    broken = {
        dag_id: not parse.value
        for parse in _parses(sight).values()
        for dag_id in parse.detail["dags"]
    }
    paths = {dag_id: path for path, file in sight.config.dag_files.items() for dag_id in file.dags}
    for plan in sight.dags.values():
        written = sight.config.dags[plan.dag_id]
        ill = broken.get(plan.dag_id, False)
        yield {
            "dag_id": plan.dag_id,
            "is_paused": of_dag.get(plan.dag_id, False),
            "is_subdag": False,
            "is_active": None if ill else True,
            "is_stale": ill,
            "has_import_errors": ill,
            "fileloc": paths.get(plan.dag_id),
            "relative_fileloc": paths.get(plan.dag_id),
            "owners": "airflow",
            "dag_display_name": plan.dag_id,
            "schedule_interval": _schedule_json(written),
            "timetable_summary": _schedule(written),
            "max_active_tasks": plan.max_active_tasks,
            "max_active_runs": plan.max_active_runs,
            "max_consecutive_failed_dag_runs": plan.max_consecutive_failed_dag_runs,
            "has_task_concurrency_limits": plan.limited,
            "fail_fast": plan.fail_fast,
            **_pointer(plan, sight),
        }


def _schedule(written: Dag) -> str | None:
    """The schedule as lists show it: cron text or preset; a timetable's has no short form here."""
    schedule = written.schedule
    if isinstance(schedule, list):
        return "Asset"
    if isinstance(schedule, str):
        cron = schedule.startswith("@") or len(schedule.split()) == _CRON_FIELDS
        return schedule if cron else None
    return None


def _schedule_json(written: Dag) -> str | None:
    text = "Dataset" if isinstance(written.schedule, list) else _schedule(written)
    return None if text is None else json.dumps(text)


def _pointer(plan: DagPlan, sight: Sight) -> dict[str, Any]:
    """The next run, where it follows from the newest one; the journal has no fact of it.

    Left NULL: before the first run, at max_active_runs, and when it is overdue, since parses of the
    DAG file may have moved it.
    """
    mine = [run for run in sight.runs.values() if run.dag_id == plan.dag_id]
    scheduled = [run for run in mine if run.first.detail["run_type"] == "scheduled"]
    active = sum(run.end is None for run in mine)
    info = None if active >= plan.max_active_runs else _next(plan, scheduled[-1:])
    if info is None or info.run_after <= sight.now:
        return {}
    return {
        "next_dagrun": info.logical_date,
        "next_dagrun_data_interval_start": None if info.interval is None else info.interval.start,
        "next_dagrun_data_interval_end": None if info.interval is None else info.interval.end,
        "next_dagrun_create_after": info.run_after,
    }


def _next(plan: DagPlan, newest: list[Any]) -> RunInfo | None:
    from sim.orchestrators.airflow.intervals import DataInterval  # noqa: PLC0415 - of dag alone

    if not newest or newest[0].first.detail["data_interval_start"] is None:
        return None
    told = newest[0].first.detail
    last = DataInterval(told["data_interval_start"], told["data_interval_end"])
    return plan.timetable.next_run(
        last,
        now=newest[0].created,
        earliest=plan.start_date,
        latest=plan.end_date,
        catchup=plan.catchup,
    )


def slot_pool(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `slot_pool`. [A2, A3 models/pool.py]."""
    slots = {DEFAULT_POOL: 0}  # the first one that `airflow db migrate` makes
    for row in sight.journal.rows(Fact.POOL):
        slots[sight.journal.name(row.entity)] = row.value
    for number, (name, size) in enumerate(slots.items(), 1):
        pool = sight.config.pools.get(name)
        yield {
            "id": number,
            "pool": name,
            "slots": size,
            "include_deferred": pool is not None and pool.include_deferred,
        }


def import_error(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `import_error`: one for each file that is broken. [A2, A3 models/errors.py]."""
    for number, (path, row) in enumerate(_parses(sight).items(), 1):
        if not row.value:
            yield {
                "id": number,
                "timestamp": row.time,
                "filename": path,
                "stacktrace": row.detail.get("error"),
            }


def _parses(sight: Sight) -> dict[str, Row]:
    """The latest parse of each DAG file that the journal tells of."""
    return {sight.journal.name(row.entity): row for row in sight.journal.rows(Fact.DAG_FILE)}


def dag_version(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `dag_version`. [A3 models/dag_version.py].

    The first one was there before the clock started: when it was made is not known.
    """
    for plan in sight.dags.values():
        for number, at in _versions(plan.dag_id, sight).items():
            yield {
                "id": uuid_of(at or sight.start, _VERSION, (plan.number << 20) + number),
                "version_number": number,
                "dag_id": plan.dag_id,
                "bundle_name": "dags-folder",
                "created_at": at,
                "last_updated": at,
            }


def serialized_dag(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `serialized_dag`; what was serialized is not kept. [models/serialized_dag.py]."""
    for plan in sight.dags.values():
        versions = _versions(plan.dag_id, sight)
        number = max(versions)
        at = versions[number]
        yield {
            "id": uuid_of(at or sight.start, _SERIALIZED, plan.number),
            "dag_id": plan.dag_id,
            "created_at": at,
            "last_updated": at,
            "dag_version_id": uuid_of(at or sight.start, _VERSION, (plan.number << 20) + number),
        }


def _versions(dag_id: str, sight: Sight) -> dict[int, int | None]:
    """From each version of a DAG to when it was seen first."""
    versions: dict[int, int | None] = {1: None}
    for row in sight.journal.rows(Fact.DAG_FILE):
        if row.value and dag_id in row.detail["dags"]:
            versions.setdefault(row.detail["version"], row.time)
    return versions


def sla_miss(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `sla_miss`. [A2 models/slamiss.py]."""
    for row in sight.journal.rows(Fact.SLA_MISS):
        dag_id = sight.journal.name(row.entity)
        plan = sight.dags.get(dag_id)
        yield {
            "task_id": row.detail["task"],
            "dag_id": dag_id,
            "execution_date": row.value,
            "email_sent": False,
            "timestamp": row.time,
            "notification_sent": plan is not None and bool(plan.on_sla_miss),
        }


def deadline(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `deadline`; one that was met is gone. [A3 models/deadline.py]."""
    standing: dict[tuple[int, str], dict[str, Any]] = {}
    for row in sight.journal.rows(Fact.DEADLINE):
        key, event = (row.entity, row.detail["alert"]), row.detail["event"]
        if event == "created":
            standing[key] = _deadline(row, sight)
        elif event == "pruned":
            standing.pop(key, None)
        elif key in standing:
            standing[key]["last_updated_at"] = row.time
            standing[key]["missed"] = standing[key]["missed"] or event == "missed"
            standing[key]["deadline_time"] = row.value
    yield from standing.values()


def _deadline(row: Row, sight: Sight) -> dict[str, Any]:
    run = sight.runs[row.entity]
    numbers = {name: number for number, name in _deadline_names(run.dag_id, sight)}
    number = numbers.get(row.detail["alert"])
    return {
        "id": uuid_of(row.time, _DEADLINE, row.index),
        "created_at": row.time,
        "last_updated_at": row.time,
        "dagrun_id": run.number,
        "deadline_time": row.value,
        "missed": False,
        "callback_id": uuid_of(row.time, _CALLBACK, row.index),
        "deadline_alert_id": None if number is None else uuid_of(sight.start, _ALERT, number),
    }


def deadline_alert(sight: Sight) -> Iterator[dict[str, Any]]:
    """Rows of `deadline_alert`. [A3 models/deadline_alert.py]."""
    for plan in sight.dags.values():
        for number, name in _deadline_names(plan.dag_id, sight):
            yield {"id": uuid_of(sight.start, _ALERT, number), "name": name}


def _deadline_names(dag_id: str, sight: Sight) -> list[tuple[int, str]]:
    """A number for each deadline of a DAG, and its name."""
    plan = sight.dags[dag_id]
    return [((plan.number << 20) + at, one.name) for at, one in enumerate(plan.deadlines)]
