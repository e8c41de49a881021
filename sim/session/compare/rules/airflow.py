"""What Airflow's side of a difference rests on, in 2.11.2 and in 3.3.2.

Where a default decides, the rule says so; where the config says it, the rule says that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow.plan import timetable_of
from sim.orchestrators.airflow.timetables import DataIntervalTimetable, TriggerTimetable
from sim.orchestrators.airflow.versions import VERSIONS
from sim.session.compare.rules.rule import Rule

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sim.orchestrators.airflow.config import AirflowConfig, Dag
    from sim.session.compare.rules.rule import Topic

RELEASES = {2: "2.11.2", 3: "3.3.2"}
"""The release that each version of a config stands for."""


def rules(section: AirflowConfig, pipelines: Collection[str]) -> Mapping[Topic, Rule]:
    """The rules of this version under these settings, for these DAGs."""
    every = section.every_dag
    dags = [every[name] for name in every if name in pipelines] or list(every.values())
    found = {topic: rule(section.version, name) for topic, name in _names(section, dags)}
    return {topic: one for topic, one in found.items() if one is not None}


def rule(version: int, name: str) -> Rule | None:
    """One rule by its name; None when this version has none of that name."""
    own, release = _RULES.get((version, name)), RELEASES[version]
    source = own or _RULES.get((0, name))
    if source is None:
        return None
    code = f"airflow.{name}.{version}" if own else f"airflow.{name}"
    whole = f"apache-airflow {release}, {source}"
    return Rule(f"airflow-{release}/{name}", f"Airflow {release}", code, whole)


def _names(section: AirflowConfig, dags: Sequence[Dag]) -> Iterator[tuple[Topic, str]]:
    intervals = _on_intervals(section, dags)
    yield "schedule", _schedule(section, dags, intervals=intervals)
    yield "clock_change", "zone-of-the-schedule"
    yield "data_date", "ds-of-interval" if intervals else "ds-of-tick"
    by_cfg = section.cfg.scheduler.catchup_by_default is not None
    if by_cfg or any(dag.catchup is not None for dag in dags):
        yield "catchup", "catchup-written"
        yield "no_catchup", "no-catchup-written"
    else:
        yield "catchup", "catchup-default"
        yield "no_catchup", "catchup-default"
    for topic in _SAME_NAME:
        yield topic, topic.replace("_", "-")


_SAME_NAME: tuple[Topic, ...] = (
    "dependencies",
    "retries",
    "no_retries",
    "upstream_failed",
    "sensor",
    "scheduler_loop",
    "run_limit",
    "heartbeat",
    "message",
    "no_message",
    "backfill",
    "manual_run",
    "removed",
    "sla",
)


def _schedule(section: AirflowConfig, dags: Sequence[Dag], *, intervals: bool) -> str:
    """Whether the default of the release made their timetables what they are."""
    chosen = section.cfg.scheduler.create_cron_data_intervals
    default = VERSIONS[section.version].create_cron_data_intervals
    if chosen in {None, default} and any(isinstance(dag.schedule, str) for dag in dags):
        return "cron-text"
    return "interval-timetable" if intervals else "trigger-timetable"


def _on_intervals(section: AirflowConfig, dags: Sequence[Dag]) -> bool:
    """Whether the runs of these DAGs are about an interval that is over."""
    for dag in dags:
        table = timetable_of(dag, cfg=section.cfg, version=section.version)
        if isinstance(table, DataIntervalTimetable):
            return True
        if isinstance(table, TriggerTimetable):
            return table.interval > 0
    return False


_RULES: dict[tuple[int, str], str] = {
    (2, "cron-text"): "config_templates/config.yml [scheduler] create_cron_data_intervals",
    (3, "cron-text"): "config_templates/config.yml [scheduler] create_cron_data_intervals",
    (0, "interval-timetable"): "timetables/interval.py",
    (0, "trigger-timetable"): "timetables/trigger.py",
    (0, "zone-of-the-schedule"): "timetables/_cron.py",
    (0, "ds-of-interval"): "timetables/interval.py `next_dagrun_info`",
    (0, "ds-of-tick"): "timetables/trigger.py `next_dagrun_info`",
    (2, "catchup-default"): "config_templates/config.yml [scheduler] catchup_by_default",
    (3, "catchup-default"): "config_templates/config.yml [scheduler] catchup_by_default",
    (0, "catchup-written"): "timetables/base.py `next_dagrun_info`",
    (0, "no-catchup-written"): "timetables/base.py `next_dagrun_info`",
    (0, "dependencies"): "ti_deps/deps/trigger_rule_dep.py",
    (0, "retries"): "models/taskinstance.py `is_eligible_to_retry`, `next_retry_datetime`",
    (0, "no-retries"): "config_templates/config.yml [core] default_task_retries",
    (0, "upstream-failed"): "ti_deps/deps/trigger_rule_dep.py",
    (0, "sensor"): "sensors/base.py, in 3.x the task SDK bases/sensor.py",
    (0, "scheduler-loop"): "jobs/scheduler_job_runner.py `_run_scheduler_loop`",
    (0, "run-limit"): "config_templates/config.yml [core] max_active_runs_per_dag",
    (2, "heartbeat"): "config_templates/config.yml [scheduler] scheduler_zombie_task_threshold",
    (3, "heartbeat"): "config_templates/config.yml [scheduler] task_instance_heartbeat_timeout",
    (0, "message"): "models/taskinstance.py, in 3.x the task SDK execution_time/task_runner.py",
    (0, "no-message"): "models/baseoperator.py, in 3.x the task SDK bases/operator.py",
    (2, "backfill"): "cli/commands/dag_command.py `dag_backfill`, jobs/backfill_job_runner.py",
    (3, "backfill"): "models/backfill.py, config reprocess_behavior",
    (2, "manual-run"): "api/common/trigger_dag.py",
    (3, "manual-run"): "api_fastapi/core_api/datamodels/dag_run.py",
    (2, "sla"): "dag_processing/processor.py `manage_slas`",
    (3, "sla"): "models/deadline.py; `sla` is gone",
    (3, "removed"): "ti_deps, config_templates/config.yml, executors",
}
"""Where a version says so, by version (0: both alike) and name."""
