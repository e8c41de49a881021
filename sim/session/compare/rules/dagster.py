"""What Dagster's side of a difference rests on, in 1.13.29."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.session.compare.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sim.orchestrators.dagster.config import DagsterConfig
    from sim.session.compare.rules.rule import Topic

_RELEASE = "1.13.29"


def rules(section: DagsterConfig, pipelines: Collection[str]) -> Mapping[Topic, Rule]:
    """Its rules, the same for each job."""
    del section, pipelines
    return {
        topic: Rule(
            f"dagster-{_RELEASE}/{name}",
            f"Dagster {_RELEASE}",
            f"dagster.{name}",
            f"dagster {_RELEASE}, {source}",
        )
        for topic, name, source in _RULES
    }


_RULES: tuple[tuple[Topic, str, str], ...] = (
    ("schedule", "schedule", "_scheduler/scheduler.py"),
    ("no_catchup", "latest-tick", "_scheduler/scheduler.py"),
    ("clock_change", "clock-change", "_utils/schedules.py"),
    ("data_date", "partition-or-clock", "_scheduler/scheduler.py"),
    ("dependencies", "steps", "_core/execution/plan/active.py"),
    ("retries", "retries", "_core/execution/retries.py; config run_retries"),
    ("no_retries", "no-retries", "_core/definitions/policy.py; config run_retries"),
    ("upstream_failed", "abandoned", "_core/execution/plan/active.py"),
    ("scheduler_loop", "daemons", "_core/run_coordinator/queued_run_coordinator.py"),
    ("run_limit", "run-queue", "_core/run_coordinator/queued_run_coordinator.py"),
    ("backfill", "backfill", "_core/execution/backfill.py, asset_backfill.py, job_backfill.py"),
    ("sensor", "sensor", "_daemon/sensor.py, minimum_interval_seconds"),
    ("message", "hooks", "_core/definitions/hook_definition.py, run_status_sensor_definition.py"),
    ("no_message", "no-hooks", "_core/definitions/hook_definition.py"),
)
"""Topic, name, and where the release says so."""
