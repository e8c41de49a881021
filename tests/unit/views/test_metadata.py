"""The projection itself: columns that exist, ids that join, facts that only some nights have."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.kernel.calendar import SECOND, parse_instant
from sim.model.interventions import Backfill, Clear
from sim.orchestrators.airflow.config import AirflowConfig
from sim.views.metadata.airflow import PROJECTIONS, TABLES
from sim.views.metadata.sight import Sight, uuid_of
from sim.world.warehouse.relation import columns_of
from tests.unit.airflow.builder import START, dag, fly
from tests.unit.views.desk import DAGS, OUTCOMES, ask_about, desk, rows

LATE = "2024-03-10T06:00"


def after(
    sql: str,
    *,
    version: int = 3,
    until: str = LATE,
    actions: tuple[Any, ...] = (),
    **section: Any,
) -> list[Any]:
    """What a SELECT gives after a flight of its own; `section` is of the config."""
    made = fly(version=version, actions=actions, until=until, days=2, **section)
    config = msgspec.convert({"version": version, "dags": {"d": dag()}, **section}, AirflowConfig)
    return list(ask_about(made.kernel.journal, config, until).ask(sql).rows)


def test_every_projected_column_is_a_real_one() -> None:
    """What a projection calls a column is one in a release that has the table."""
    strange = []
    for version in TABLES:
        section: dict[str, Any] = {"dags": DAGS, "pools": {"db": {"slots": 1}}}
        flight = fly(version=version, outcomes=OUTCOMES, **section)
        config = msgspec.convert({"version": version, **section}, AirflowConfig)
        now = flight.kernel.now
        sight = Sight(flight.kernel.journal, config, parse_instant(START), now)
        for project in set(PROJECTIONS.values()):
            names = [name for name, other in PROJECTIONS.items() if other is project]
            known = {
                column
                for tables in TABLES.values()
                for name in names
                for column, _ in columns_of(tables.get(name, "id int"))
            }
            strange += [
                (names[0], column)
                for row in project(sight)
                for column in row
                if column not in known | {"process"}
            ]

    assert [] == sorted(set(strange))


def test_every_projection_has_a_table() -> None:
    """No projection is left without a table in any release."""
    assert set() == PROJECTIONS.keys() - {name for tables in TABLES.values() for name in tables}


def test_ids_are_ordered_uuids_of_version_7() -> None:
    """The instant in front, then version and variant, then our own numbers."""
    first, second = uuid_of(1_000 * SECOND, 1, 7), uuid_of(1_001 * SECOND, 1, 3)

    assert "00000000-03e8-7001-8000-000000000007" == uuid_of(SECOND, 1, 7)
    assert first < second


def test_a_history_row_has_an_id_of_its_own_in_3() -> None:
    """A retry leaves the old id behind and the row goes on under a new one."""
    sql = """
        SELECT count(*), count(DISTINCT h.task_instance_id) FROM task_instance_history h
        LEFT JOIN task_instance ti ON ti.id = h.task_instance_id WHERE ti.id IS NULL
    """

    assert [(5, 5)] == rows(sql, 3)


def test_a_backfill_and_its_runs() -> None:
    """3.x: the backfill, its runs in order, and whether it is over."""
    action = Backfill(
        at=parse_instant("2024-03-10T01:00"), pipeline="d", first="2024-03-05", last="2024-03-06"
    )
    sql = """
        SELECT b.dag_id, b.from_date, b.completed_at, r.sort_ordinal, d.run_type, d.state
        FROM backfill b JOIN backfill_dag_run r ON r.backfill_id = b.id
        JOIN dag_run d ON d.id = r.dag_run_id AND d.backfill_id = b.id ORDER BY r.sort_ordinal
    """

    assert [
        ("d", "2024-03-05 00:00:00+00", "2024-03-10 01:02:00+00", 1, "backfill", "success"),
        ("d", "2024-03-05 00:00:00+00", "2024-03-10 01:02:00+00", 2, "backfill", "success"),
    ] == after(sql, actions=(action,))


def test_a_deadline_that_is_missed_and_one_that_was_met() -> None:
    """3.x: the first stands there as missed with its alert's name, the second is gone."""
    alerts = [
        {"reference": "DAGRUN_QUEUED_AT", "interval": "30s", "name": "soon"},
        {"reference": "DAGRUN_QUEUED_AT", "interval": "1h", "name": "late"},
    ]
    sql = """
        SELECT a.name, d.missed, d.deadline_time, r.run_id
        FROM deadline d JOIN deadline_alert a ON a.id = d.deadline_alert_id
        JOIN dag_run r ON r.id = d.dagrun_id
    """

    assert [("soon", True, "2024-03-10 03:00:30+00", "scheduled__2024-03-10T03:00:00Z")] == after(
        sql, dags={"d": dag(deadline=alerts)}
    )


def test_an_sla_that_was_missed() -> None:
    """2.x: by task and the logical date that it is labelled with, in order of recording."""
    made = after(
        "SELECT task_id, execution_date, notification_sent FROM sla_miss",
        version=2,
        until="2024-03-11T06:00",
        dags={"d": dag({"a": {"sla": "30s"}})},
    )

    assert [
        ("a", "2024-03-10 03:00:00+00", False),
        ("a", "2024-03-11 03:00:00+00", False),
    ] == made


def test_a_broken_file() -> None:
    """`import_error` while it is broken, nothing once it is mended."""
    section: dict[str, Any] = {
        "dag_files": {"dags/d.py": {"dags": ["d"]}},
        "deploys": [
            {"at": "2024-03-10T01:00", "path": "dags/d.py", "change": "broken", "error": "No x"},
            {"at": "2024-03-10T05:00", "path": "dags/d.py", "change": "fixed"},
        ],
    }
    sql = "SELECT filename, stacktrace FROM import_error"

    assert [("dags/d.py", "No x")] == after(sql, until="2024-03-10T02:00", **section)
    assert [] == after(sql, until="2024-03-10T06:00", **section)
    assert [("d", True, "dags/d.py")] == after(
        "SELECT dag_id, has_import_errors, fileloc FROM dag", until="2024-03-10T02:00", **section
    )


@pytest.mark.parametrize("version", [2, 3])
def test_a_clear_gives_fresh_tries(version: int) -> None:
    """max_tries counts on from the tries there were; the cleared one is in the history."""
    action = Clear(at=parse_instant("2024-03-10T05:00"), pipeline="d", data_date="2024-03-09")
    schedule = {"timetable": "CronDataIntervalTimetable", "cron": "0 3 * * *"}
    tasks = {"a": {"retries": 3}}
    dags = {"d": dag(tasks, schedule=schedule)}
    sql = "SELECT try_number, max_tries, state FROM task_instance"
    past = "SELECT try_number, max_tries, state FROM task_instance_history"

    assert [(2, 4, "success")] == after(sql, version=version, dags=dags, actions=(action,))
    assert [(1, 3, "success")] == after(past, version=version, dags=dags, actions=(action,))


def test_mapped_tasks_have_a_row_an_index() -> None:
    """The unmapped row becomes the first index."""
    dags = {"d": dag({"a": {"expand": {"x": [1, 2, 3]}}})}
    sql = "SELECT map_index, state FROM task_instance ORDER BY map_index"

    assert [(0, "success"), (1, "success"), (2, "success")] == after(sql, dags=dags)


def test_tables_are_loaded_when_they_are_named() -> None:
    """A statement loads what it names and nothing else."""
    one = desk(2, "2024-03-10T03:00:30")
    one.ask("SELECT count(*) FROM slot_pool")

    assert {"slot_pool"} == one._loaded
