"""What Prefect's side of a difference rests on, in 3.8.8."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.session.compare.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sim.orchestrators.prefect.config import PrefectConfig
    from sim.session.compare.rules.rule import Topic

_RELEASE = "3.8.8"


def rules(section: PrefectConfig, pipelines: Collection[str]) -> Mapping[Topic, Rule]:
    """Its rules, the same for each flow."""
    del section, pipelines
    return {
        topic: Rule(
            f"prefect-{_RELEASE}/{name}",
            f"Prefect {_RELEASE}",
            f"prefect.{name}",
            f"prefect {_RELEASE}, {source}",
        )
        for topic, name, source in _RULES
    }


_RULES: tuple[tuple[Topic, str, str], ...] = (
    ("schedule", "planned-ahead", "server/services/scheduler.py, server/schemas/schedules.py"),
    ("no_catchup", "planned-from-now", "server/models/deployments.py"),
    ("clock_change", "clock-change", "server/schemas/schedules.py"),
    ("data_date", "scheduled-start", "server/schemas/core.py, expected_start_time"),
    ("dependencies", "futures", "task_engine.py, futures.py"),
    ("retries", "retries", "task_engine.py; server/orchestration/core_policy.py"),
    ("no_retries", "no-retries", "settings/models/tasks.py, flows.py"),
    ("upstream_failed", "not-ready", "task_engine.py, utilities/engine.py"),
    ("scheduler_loop", "polls", "workers/base.py, worker.query_seconds"),
    ("run_limit", "deployment-limit", "server/orchestration/core_policy.py"),
    ("message", "hooks", "flow_engine.py; server/events/actions.py"),
    ("no_message", "no-hooks", "flows.py"),
    ("backfill", "no-backfill", "client/orchestration, create_flow_run_from_deployment"),
)
"""Topic, name, and where the release says so."""
