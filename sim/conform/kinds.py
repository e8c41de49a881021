"""The kinds of recordings that can be judged: one row and one module each.

A module has `decisions(recording)`, which yields every decision of the recording, and may raise
`UsageError` for a case that is not of the documented form. What has no row is refused, never
passed over.
"""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING

from sim.conform.decision import tally
from sim.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sim.conform.decision import Decision, Tally
    from sim.conform.recording import Recording

KINDS = {
    ("airflow", "retries"): "sim.conform.retries",
    ("airflow", "scheduler"): "sim.conform.scheduler",
    ("airflow", "timetables"): "sim.conform.timetables",
    ("airflow", "trigger_rules"): "sim.conform.trigger_rules",
    ("airflow", "weights"): "sim.conform.weights",
    ("cron", "anacron_real"): "sim.conform.anacron",
    ("cron", "cron_compare"): "sim.conform.cron_compare",
    ("cron", "debian_cron_real"): "sim.conform.debian_cron",
    ("dagster", "asset_backfill"): "sim.conform.dagster_backfill",
    ("dagster", "automation"): "sim.conform.dagster_automation",
    ("dagster", "freshness_staleness"): "sim.conform.dagster_freshness",
    ("dagster", "partition_keys"): "sim.conform.dagster_partitions",
    ("dagster", "partition_mappings"): "sim.conform.dagster_mappings",
    ("dagster", "retry_delays"): "sim.conform.dagster_retry_delays",
    ("dagster", "run_queue"): "sim.conform.dagster_run_queue",
    ("dagster", "schedule_ticks"): "sim.conform.dagster_schedule_ticks",
    ("dagster", "step_outcomes"): "sim.conform.dagster_steps",
    ("prefect", "cache_sequences"): "sim.conform.prefect_cache",
    ("prefect", "concurrency"): "sim.conform.prefect_concurrency",
    ("prefect", "flow_outcomes"): "sim.conform.prefect_flows",
    ("prefect", "retry_delays"): "sim.conform.prefect_retry_delays",
    ("prefect", "schedules"): "sim.conform.prefect_schedules",
    ("prefect", "thread_pool"): "sim.conform.prefect_thread_pool",
    ("prefect", "transactions"): "sim.conform.prefect_transactions",
    ("prefect", "work_queues"): "sim.conform.prefect_work_queues",
    ("systemd", "systemd_calendar"): "sim.conform.systemd_calendar",
}
"""(system, kind) and the module that judges it."""


def judge(recording: Recording, *, differences_max: int = 10) -> Tally:
    """How many of a recording's decisions this program takes too.

    Raises `UsageError` for a system or kind that cannot be judged and for a case that is not of
    the documented form.
    """
    named = (recording.system, recording.kind)
    if named not in KINDS:
        raise _unknown(recording)
    decisions: Callable[[Recording], Iterator[Decision]] = import_module(KINDS[named]).decisions
    return tally(decisions(recording), differences_max=differences_max)


def _unknown(recording: Recording) -> UsageError:
    kinds = [kind for system, kind in KINDS if system == recording.system]
    if not kinds:
        systems = list(dict.fromkeys(system for system, _ in KINDS))
        message = f"{recording.file}: system: {recording.system!r} cannot be judged"
        return UsageError(message, f"systems are {', '.join(systems)}")
    message = f"{recording.file}: kind: {recording.kind!r} of {recording.system} cannot be judged"
    close = get_close_matches(recording.kind, kinds, n=1)
    hint = f'did you mean "{close[0]}"?' if close else f"kinds are {', '.join(kinds)}"
    return UsageError(message, hint)
