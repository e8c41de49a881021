"""The real Airflow scheduler's seconds a task instance, where Airflow 2.x is installed.

Run it by hand with that environment's Python: `python tests/bench/real_airflow.py [TASKS [RUNS]]`.
A database of its own in a temporary folder (SQLite), a DAG of empty operators, which the scheduler
itself sets to success: no worker, no executor and no network is in the figure, only its own loop.
It is a figure, not a test, and nothing of the project needs it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

LOOPS_MAX = 2_000
DAG = """
from datetime import datetime
from airflow import DAG
from airflow.operators.empty import EmptyOperator
with DAG("bench", schedule=None, start_date=datetime(2024, 1, 1), max_active_runs=1000) as dag:
    tasks = [EmptyOperator(task_id=f"t{number:04}") for number in range(%d)]
    for number in range(5, len(tasks)):
        tasks[number - 5] >> tasks[number]
"""


def main() -> None:
    """Measure and print."""
    count, runs = (int(word) for word in (*sys.argv[1:3], *("20", "20")[len(sys.argv) - 1 :]))
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {
            "AIRFLOW_HOME": home,
            "AIRFLOW__CORE__DAGS_FOLDER": f"{home}/dags",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
            "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        }
        folder = Path(home, "dags")
        folder.mkdir()
        (folder / "bench.py").write_text(DAG % count, encoding="utf-8")
        measure(folder, count, runs)


def measure(folder: Path, count: int, runs: int) -> None:
    """Make the runs, then step the scheduler until all have ended."""
    import airflow  # noqa: PLC0415 - reads the environment when it is imported
    import pendulum  # noqa: PLC0415
    from airflow.jobs.job import Job  # noqa: PLC0415
    from airflow.jobs.scheduler_job_runner import SchedulerJobRunner  # noqa: PLC0415
    from airflow.models import DagBag, DagRun, TaskInstance  # noqa: PLC0415
    from airflow.utils.db import initdb  # noqa: PLC0415
    from airflow.utils.session import create_session  # noqa: PLC0415
    from airflow.utils.state import DagRunState, TaskInstanceState  # noqa: PLC0415
    from airflow.utils.types import DagRunType  # noqa: PLC0415

    initdb()
    bag = DagBag(folder, include_examples=False)
    bag.sync_to_db()
    dag = bag.dags["bench"]
    for number in range(runs):
        at = pendulum.datetime(2024, 1, 1).add(days=number)
        dag.create_dagrun(
            run_id=f"bench{number}",
            run_type=DagRunType.MANUAL,
            execution_date=at,
            data_interval=(at, at),
            state=DagRunState.QUEUED,
        )
    job = Job()
    runner = SchedulerJobRunner(job=job)
    job.executor.start()
    began, loops, left = time.process_time(), 0, runs
    while left and loops < LOOPS_MAX:
        with create_session() as session:
            runner._do_scheduling(session)  # one loop
            loops += 1
        with create_session() as session:
            open_runs = DagRun.state.in_([DagRunState.QUEUED, DagRunState.RUNNING])
            left = session.query(DagRun).filter(open_runs).count()
    spent = time.process_time() - began
    with create_session() as session:
        done = TaskInstance.state == TaskInstanceState.SUCCESS
        ended = session.query(TaskInstance).filter(done).count()
    print(f"Airflow {airflow.__version__}: {ended} task instances, {loops} loops, {spent:.1f} s")
    print(
        f"{spent / max(ended, 1) * 1e3:.2f} ms a task instance ({ended / spent:,.0f}/s), {count=}"
    )


if __name__ == "__main__":
    main()
