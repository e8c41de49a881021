"""Queries as people write them for Airflow 2: documentation, dashboards, blogs.

Each runs as it would on PostgreSQL, against a deployment whose story `desk.DAGS` tells.
"""

from __future__ import annotations

import pytest

from tests.unit.views.desk import END, Case, rows

CASES = {
    "tasks per state and DAG": Case(
        2,
        END,
        """
        SELECT dag_id, state, COUNT(*) AS tasks
        FROM task_instance GROUP BY dag_id, state ORDER BY dag_id, state
        """,
        [
            ("broken", "failed", 1),
            ("broken", "success", 2),
            ("broken", "upstream_failed", 1),
            ("files", "failed", 1),
            ("files", "upstream_failed", 1),
            ("report", "success", 3),
            ("sales", "success", 9),
        ],
    ),
    "failed in the last day": Case(
        2,
        END,
        """
        SELECT dag_id, task_id, run_id, end_date
        FROM task_instance
        WHERE state = 'failed' AND end_date >= NOW() - INTERVAL '1 day'
        """,
        [
            ("broken", "boom", "scheduled__2024-03-10T05:00:00Z", "2024-03-11 05:01:03+00"),
        ],
    ),
    "running for longer than a span": Case(
        2,
        "2024-03-11T03:00:50",
        """
        SELECT dag_id, task_id, EXTRACT(EPOCH FROM (NOW() - start_date)) AS running_s
        FROM task_instance
        WHERE state = 'running' AND start_date < NOW() - INTERVAL '30 seconds'
        """,
        [
            ("sales", "extract", 47.0),
        ],
    ),
    "longest tasks": Case(
        2,
        END,
        """
        SELECT task_id, MAX(duration) AS longest, ROUND(AVG(duration), 1) AS mean
        FROM task_instance WHERE state = 'success' AND dag_id = 'sales'
        GROUP BY task_id ORDER BY task_id
        """,
        [
            ("extract", 60.0, 60.0),
            ("load", 60.0, 60.0),
            ("transform", 60.0, 60.0),
        ],
    ),
    "queue time": Case(
        2,
        END,
        """
        SELECT ti.dag_id, ti.task_id,
               EXTRACT(EPOCH FROM (ti.start_date - ti.queued_dttm)) AS queued_s
        FROM task_instance ti
        WHERE ti.queued_dttm IS NOT NULL AND ti.run_id LIKE 'scheduled__2024-03-10%'
        ORDER BY 1, 2
        """,
        [
            ("broken", "boom", 3.0),
            ("sales", "extract", 3.0),
            ("sales", "load", 3.0),
            ("sales", "transform", 3.0),
        ],
    ),
    "pool usage": Case(
        2,
        "2024-03-11T03:00:50",
        """
        SELECT p.pool, p.slots,
               COALESCE(SUM(ti.pool_slots) FILTER (WHERE ti.state = 'running'), 0) AS running,
               COALESCE(SUM(ti.pool_slots) FILTER (WHERE ti.state = 'queued'), 0) AS queued,
               p.slots - COALESCE(SUM(ti.pool_slots)
                 FILTER (WHERE ti.state IN ('running', 'queued')), 0) AS open
        FROM slot_pool p LEFT JOIN task_instance ti ON ti.pool = p.pool
        GROUP BY p.pool, p.slots ORDER BY p.pool
        """,
        [
            ("db", 4, 1, 0, 3),
            ("default_pool", 128, 0, 0, 128),
        ],
    ),
    "average duration of runs": Case(
        2,
        END,
        """
        SELECT dag_id, COUNT(*) AS runs,
               ROUND(AVG(EXTRACT(EPOCH FROM (end_date - start_date))) / 60, 2) AS minutes
        FROM dag_run WHERE state = 'success' GROUP BY dag_id ORDER BY minutes DESC, dag_id
        """,
        [
            ("sales", 3, 9.22),
            ("broken", 1, 2.1),
            ("report", 3, 1.05),
        ],
    ),
    "tasks joined with their run": Case(
        2,
        END,
        """
        SELECT dr.run_type, dr.execution_date, ti.task_id, ti.try_number
        FROM task_instance ti
        JOIN dag_run dr ON ti.dag_id = dr.dag_id AND ti.run_id = dr.run_id
        WHERE dr.dag_id = 'sales' AND ti.try_number > 1 ORDER BY dr.execution_date
        """,
        [
            ("scheduled", "2024-03-09 03:00:00+00", "extract", 2),
            ("scheduled", "2024-03-10 03:00:00+00", "extract", 2),
            ("manual", "2024-03-10 09:00:00+00", "extract", 2),
        ],
    ),
    "state percentages per day": Case(
        2,
        END,
        """
        SELECT DATE(start_date) AS day, state,
               ROUND(100.0 * COUNT(*)
                 / SUM(COUNT(*)) OVER (PARTITION BY DATE(start_date)), 1) AS pct
        FROM task_instance WHERE start_date IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2
        """,
        [
            ("2024-03-10", "failed", 8.3),
            ("2024-03-10", "success", 83.3),
            ("2024-03-10", "upstream_failed", 8.3),
            ("2024-03-11", "failed", 16.7),
            ("2024-03-11", "success", 66.7),
            ("2024-03-11", "upstream_failed", 16.7),
        ],
    ),
    "up for retry": Case(
        2,
        "2024-03-11T03:02",
        """
        SELECT dag_id, task_id, try_number, max_tries, end_date
        FROM task_instance WHERE state = 'up_for_retry'
        """,
        [
            ("sales", "extract", 1, 2, "2024-03-11 03:01:03+00"),
        ],
    ),
    "rows without a run": Case(
        2,
        END,
        """
        SELECT COUNT(*) FROM task_instance ti
        LEFT JOIN dag_run dr ON ti.dag_id = dr.dag_id AND ti.run_id = dr.run_id
        WHERE dr.run_id IS NULL
        """,
        [
            (0,),
        ],
    ),
    "scheduler's heartbeat": Case(
        2,
        "2024-03-11T03:00:52",
        """
        SELECT job_type, state, EXTRACT(EPOCH FROM (NOW() - latest_heartbeat)) AS age_s
        FROM job WHERE job_type = 'SchedulerJob' ORDER BY latest_heartbeat DESC LIMIT 1
        """,
        [
            ("SchedulerJob", "running", 2.0),
        ],
    ),
    "zombies": Case(
        2,
        "2024-03-11T03:00:52",
        """
        SELECT ti.task_id, j.latest_heartbeat
        FROM task_instance ti JOIN job j ON ti.job_id = j.id
        WHERE ti.state = 'running' AND j.job_type = 'LocalTaskJob'
          AND (j.state <> 'running' OR j.latest_heartbeat < NOW() - INTERVAL '300 seconds')
        """,
        [],
    ),
    "tasks that retry most": Case(
        2,
        END,
        """
        SELECT dag_id, task_id, SUM(try_number - 1) AS retries
        FROM task_instance WHERE try_number > 1
        GROUP BY dag_id, task_id ORDER BY retries DESC, dag_id LIMIT 5
        """,
        [
            ("sales", "extract", 3),
            ("broken", "boom", 1),
        ],
    ),
    "failures by hour": Case(
        2,
        END,
        """
        SELECT DATE_TRUNC('hour', end_date) AS hour, COUNT(*) AS failures
        FROM task_fail GROUP BY 1 ORDER BY 1
        """,
        [
            ("2024-03-10 03:00:00+00", 1),
            ("2024-03-10 05:00:00+00", 1),
            ("2024-03-10 07:00:00+00", 1),
            ("2024-03-10 09:00:00+00", 1),
            ("2024-03-11 03:00:00+00", 1),
            ("2024-03-11 05:00:00+00", 1),
        ],
    ),
    "latest run of each DAG": Case(
        2,
        END,
        """
        SELECT dag_id, state, end_date FROM (
          SELECT dr.*, ROW_NUMBER() OVER (PARTITION BY dag_id ORDER BY execution_date DESC) AS rn
          FROM dag_run dr) latest
        WHERE rn = 1 ORDER BY dag_id
        """,
        [
            ("broken", "failed", "2024-03-11 05:01:03+00"),
            ("files", "failed", "2024-03-10 07:08:54+00"),
            ("report", "success", "2024-03-11 03:08:10+00"),
            ("sales", "success", "2024-03-10 09:09:13+00"),
        ],
    ),
    "DAGs and whether they are paused": Case(
        2,
        END,
        """
        SELECT d.dag_id, d.is_paused, d.is_active, d.schedule_interval, d.next_dagrun_create_after
        FROM dag d WHERE d.is_active AND NOT d.is_subdag ORDER BY d.dag_id
        """,
        [
            ("broken", False, True, '"0 5 * * *"', "2024-03-12 05:00:00+00"),
            ("files", True, True, '"0 4 * * *"', None),
            ("report", False, True, '"Dataset"', None),
            ("sales", False, True, '"0 3 * * *"', "2024-03-12 03:00:00+00"),
        ],
    ),
    "who did what": Case(
        2,
        END,
        """
        SELECT dttm, dag_id, event, owner FROM log
        WHERE event IN ('trigger', 'clear', 'paused') ORDER BY dttm
        """,
        [
            ("2024-03-10 08:00:00+00", "broken", "clear", "operator"),
            ("2024-03-10 09:00:00+00", "sales", "trigger", "ana"),
            ("2024-03-10 10:00:00+00", "files", "paused", "operator"),
        ],
    ),
    "active tasks by pool": Case(
        2,
        "2024-03-10T09:01:30",
        """
        SELECT pool, state, COUNT(*) FROM task_instance
        WHERE state IN ('running', 'queued', 'scheduled', 'deferred', 'up_for_retry')
        GROUP BY pool, state
        """,
        [
            ("db", "up_for_retry", 1),
        ],
    ),
    "median and p95": Case(
        2,
        END,
        """
        SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY duration) AS p50,
               PERCENTILE_CONT(0.95) WITHIN GROUP (ORDER BY duration) AS p95
        FROM task_instance WHERE state = 'success'
        """,
        [
            (60.0, 60.0),
        ],
    ),
    "datasets and who waits for them": Case(
        2,
        END,
        """
        SELECT d.uri, r.dag_id, COUNT(e.id) AS events, MAX(e.timestamp) AS latest
        FROM dataset d JOIN dag_schedule_dataset_reference r ON r.dataset_id = d.id
        LEFT JOIN dataset_event e ON e.dataset_id = d.id GROUP BY d.uri, r.dag_id
        """,
        [
            ("orders", "report", 3, "2024-03-11 03:07:07+00"),
        ],
    ),
    "reschedules of sensors": Case(
        2,
        END,
        """
        SELECT task_id, COUNT(*) AS pokes, MIN(start_date) AS first, MAX(reschedule_date) AS last
        FROM task_reschedule GROUP BY task_id
        """,
        [
            ("wait", 17, "2024-03-10 04:00:03+00", "2024-03-10 07:07:51+00"),
        ],
    ),
    "earlier tries": Case(
        2,
        END,
        """
        SELECT dag_id, task_id, try_number, state, duration
        FROM task_instance_history ORDER BY start_date NULLS LAST, task_id LIMIT 3
        """,
        [
            ("sales", "extract", 1, "failed", 60.0),
            ("broken", "boom", 1, "failed", 60.0),
            ("broken", "after", 0, "upstream_failed", 0.0),
        ],
    ),
    "time of the first task to the last": Case(
        2,
        END,
        """
        WITH spans AS (
          SELECT dag_id, run_id, MIN(start_date) AS first, MAX(end_date) AS last
          FROM task_instance GROUP BY dag_id, run_id)
        SELECT dag_id, MAX(last - first) AS span FROM spans GROUP BY dag_id ORDER BY dag_id
        """,
        [
            ("broken", "00:02:03"),
            ("files", "00:01:00"),
            ("report", "00:01:00"),
            ("sales", "00:03:06"),
        ],
    ),
    "a day's runs as one line": Case(
        2,
        END,
        """
        SELECT execution_date::date AS day,
               STRING_AGG(dag_id || '=' || state, ', ' ORDER BY dag_id, run_id) AS runs
        FROM dag_run WHERE run_type = 'scheduled' GROUP BY 1 ORDER BY 1
        """,
        [
            ("2024-03-09", "broken=success, files=failed, sales=success"),
            ("2024-03-10", "broken=failed, sales=success"),
        ],
    ),
}
"""What is asked, by what one wants to know."""


@pytest.mark.parametrize("name", CASES)
def test_query(name: str) -> None:
    """The answer to a common question is the one that the night gives."""
    case = CASES[name]

    assert case.answer == rows(case.sql, case.version, case.until)
