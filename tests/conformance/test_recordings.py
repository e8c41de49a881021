"""Every recorded decision of the real systems but the scheduler's traces, judged as a person would.

The traces have levels and a test of their own, `airflow/test_scheduler.py`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.conform.kinds import judge
from sim.conform.recording import read_recording

HERE = Path(__file__).parent
DECISIONS = {
    "airflow/retries_v2.json.gz": 1_280,
    "airflow/retries_v3.json.gz": 3_840,
    "airflow/trigger_rules_v2.json.gz": 1_092,
    "airflow/trigger_rules_v3.json.gz": 1_092,
    "airflow/weights_v2.json.gz": 1_284,
    "airflow/weights_v3.json.gz": 1_284,
    "cron/anacron_real.json.gz": 8_760,
    "cron/cron_compare.json.gz": 9_392,
    "cron/debian_cron_real.json.gz": 183,
    "dagster/automation.json.gz": 252,
    "dagster/automation_expressions.json.gz": 3_321,
    "dagster/freshness_staleness.json.gz": 638,
    "dagster/retry_delays.json.gz": 612,
    "dagster/run_queue.json.gz": 1_117,
    "dagster/schedule_ticks.json.gz": 2_062,
    "dagster/step_outcomes.json.gz": 1_867,
    "dagster/asset_backfill.json.gz": 553,
    "dagster/partition_keys.json.gz": 4_386,
    "dagster/partition_mappings.json.gz": 11_126,
    "prefect/cache_sequences.json.gz": 782,
    "prefect/concurrency.json.gz": 1_213,
    "prefect/flow_outcomes.json.gz": 614,
    "prefect/retry_delays.json.gz": 754,
    "prefect/schedules.json.gz": 2_475,
    "prefect/thread_pool.json.gz": 159,
    "prefect/transactions.json.gz": 6_873,
    "prefect/work_queues.json.gz": 289,
    "systemd/systemd_calendar.json.gz": 725,
    "timetables/timetables_v2.json.gz": 29_448,
    "timetables/timetables_v3.json.gz": 29_902,
}
"""How many decisions each file holds, so that none is lost on the way to being judged."""


@pytest.mark.parametrize("name", DECISIONS)
def test_every_recorded_decision_is_ours_too(name: str) -> None:
    """All decisions of the file agree, and it holds as many as it did."""
    tally = judge(read_recording((HERE / name).read_bytes(), name))

    assert tally.differences == ()
    assert (DECISIONS[name], DECISIONS[name]) == (tally.agreed, tally.total)
