"""Queries as people write them for Airflow 3, where it differs from 2.

Each runs as it would on PostgreSQL, against a deployment whose story `desk.DAGS` tells.
"""

from __future__ import annotations

import pytest

from tests.unit.views.desk import END, Case, rows

CASES = {
    "late runs by their logical date": Case(
        3,
        END,
        """
        SELECT dag_id, run_after, start_date - run_after AS late
        FROM dag_run WHERE logical_date IS NOT NULL ORDER BY run_after, dag_id
        """,
        [
            ("broken", "2024-03-09 05:00:00+00", "1 day 03:00:00"),
            ("sales", "2024-03-10 03:00:00+00", "00:00:00"),
            ("files", "2024-03-10 04:00:00+00", "00:00:00"),
            ("broken", "2024-03-10 05:00:00+00", "00:00:00"),
            ("sales", "2024-03-11 03:00:00+00", "00:00:00"),
            ("broken", "2024-03-11 05:00:00+00", "00:00:00"),
        ],
    ),
    "scheduled to queued to running": Case(
        3,
        END,
        """
        SELECT task_id, queued_dttm - scheduled_dttm AS waited, start_date - queued_dttm AS queued
        FROM task_instance WHERE dag_id = 'sales' AND run_id LIKE 'scheduled%11%'
        ORDER BY start_date
        """,
        [
            ("extract", "00:00:00", "00:00:03"),
            ("transform", "00:00:00", "00:00:03"),
            ("load", "00:00:00", "00:00:03"),
        ],
    ),
    "tries with their history": Case(
        3,
        END,
        """
        SELECT task_id, try_number, state, duration FROM task_instance
        WHERE dag_id = 'sales' AND task_id = 'extract'
        UNION ALL
        SELECT task_id, try_number, state, duration FROM task_instance_history
        WHERE dag_id = 'sales' AND task_id = 'extract' ORDER BY try_number LIMIT 4
        """,
        [
            ("extract", 1, "failed", 60.0),
            ("extract", 1, "failed", 60.0),
            ("extract", 1, "failed", 60.0),
            ("extract", 2, "success", 60.0),
        ],
    ),
    "heartbeats of running tasks": Case(
        3,
        "2024-03-11T03:00:52",
        """
        SELECT task_id, NOW() - last_heartbeat_at AS age FROM task_instance
        WHERE state = 'running' AND last_heartbeat_at < NOW() - INTERVAL '1 second'
        """,
        [
            ("extract", "00:00:04"),
        ],
    ),
    "assets": Case(
        3,
        END,
        """
        SELECT a.name, e.source_dag_id, e.source_task_id, dr.dag_id AS started
        FROM asset a JOIN asset_event e ON e.asset_id = a.id
        JOIN dagrun_asset_event de ON de.event_id = e.id JOIN dag_run dr ON dr.id = de.dag_run_id
        ORDER BY e.timestamp LIMIT 1
        """,
        [
            ("orders", "sales", "extract", "report"),
        ],
    ),
    "reschedules by task instance": Case(
        3,
        END,
        """
        SELECT ti.task_id, COUNT(*) FROM task_reschedule tr
        JOIN task_instance ti ON ti.id = tr.ti_id GROUP BY ti.task_id
        """,
        [
            ("wait", 17),
        ],
    ),
}
"""What is asked, by what one wants to know."""


@pytest.mark.parametrize("name", CASES)
def test_query(name: str) -> None:
    """The answer to a common question is the one that the night gives."""
    case = CASES[name]

    assert case.answer == rows(case.sql, case.version, case.until)
