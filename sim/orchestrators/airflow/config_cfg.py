"""airflow.cfg: the sections and options that decide anything here, with their own names.

Defaults are those of Airflow 2.11.2 and 3.3.2 (`config_templates/config.yml`); where the two differ
the default is None and `versions.py` says.
"""

from __future__ import annotations

from typing import Any, Literal

from sim.orchestrators.airflow.config_executors import BrokerTransport, Celery, KubernetesExecutor
from sim.orchestrators.airflow.config_section import Section, Span


class Core(Section, frozen=True, kw_only=True):
    """`[core]` of airflow.cfg."""

    executor: str = "LocalExecutor"
    """One or several, with commas; the first is the tasks' default. The real default of 2.x,
    SequentialExecutor, is for trying things out and has to be asked for here."""
    parallelism: int = 32
    """Task instances that one scheduler's executor runs at a time."""
    max_active_tasks_per_dag: int = 16
    """Queued and running task instances: of a DAG in 2.x, of a run in 3.x."""
    max_active_runs_per_dag: int = 16
    default_pool_task_slot_count: int = 128
    default_task_retries: int = 0
    default_task_retry_delay: Span = 300
    max_task_retry_delay: Span = 86_400
    """Cap of the exponential backoff, and of nothing else."""
    default_task_weight_rule: Literal["downstream", "upstream", "absolute"] = "downstream"
    default_task_execution_timeout: Span | None = None
    dagbag_import_timeout: Span = 30
    """Longest that importing one DAG file may take."""
    check_slas: bool = True
    """2.x: whether `sla` is looked at."""
    max_consecutive_failed_dag_runs_per_dag: int = 0
    """0: a DAG is never paused for failing."""
    max_map_length: int = 1024
    """Longest list that a task may return for others to be expanded over; a longer one fails the
    try that returns it. Lists in the DAG file and products of several lists are not bounded."""


class Scheduler(Section, frozen=True, kw_only=True):
    """`[scheduler]` of airflow.cfg."""

    max_tis_per_query: int = 16
    """Task instances queued in one loop; 0 is no bound but the executor's."""
    max_dagruns_to_create_per_loop: int = 10
    max_dagruns_per_loop_to_schedule: int = 20
    catchup_by_default: bool | None = None
    """Default: true in 2.x, false in 3.x."""
    create_cron_data_intervals: bool | None = None
    """Default: true in 2.x, false in 3.x."""
    schedule_after_task_execution: bool = True
    """The mini scheduler; 2.x only."""
    ignore_first_depends_on_past_by_default: bool = True
    job_heartbeat_sec: Span = 5
    """2.x: how often a worker asks whether its task instance is still meant to run; 0: never, and
    no worker is missed. In 3.x that is `[workers] min_heartbeat_interval`."""
    scheduler_heartbeat_sec: Span = 5
    """How often a scheduler tells the others that it is alive."""
    scheduler_zombie_task_threshold: Span = 300
    """2.x: without heartbeats for longer, a running task instance is a zombie."""
    zombie_detection_interval: Span = 10
    """2.x: how often a scheduler looks for zombies."""
    task_instance_heartbeat_timeout: Span = 300
    """3.x: without heartbeats for longer, a running task instance has failed."""
    task_instance_heartbeat_timeout_detection_interval: Span = 10
    """3.x: how often a scheduler looks for those."""
    task_queued_timeout: Span = 600
    """Queued for longer, a task instance is taken back from an executor that can do that."""
    task_queued_timeout_check_interval: Span = 120
    num_stuck_in_queued_retries: int = 2
    """How often one try is queued again before it has failed."""
    scheduler_health_check_threshold: Span = 30
    orphaned_tasks_check_interval: Span = 300
    parsing_processes: int = 2
    """How many DAG files are parsed at a time. This and the next ones: `[dag_processor]` in 3.x."""
    dag_dir_list_interval: Span = 300
    """How often the folder is listed for files that are new or gone; `refresh_interval` in 3.x."""
    parsing_cleanup_interval: Span = 60
    """How often stale DAGs are looked for."""
    stale_dag_threshold: Span = 50
    """A DAG is stale when its file was parsed so much later without it."""
    trigger_timeout_check_interval: Span = 15
    """How often the scheduler looks for triggers that took too long."""
    min_file_process_interval: Span = 30
    """How often a DAG file is parsed, which renews the pointer to the next run; 0: never.
    `[dag_processor]` in 3.x."""


class Workers(Section, frozen=True, kw_only=True):
    """`[workers]` of airflow.cfg; 3.x only."""

    min_heartbeat_interval: Span = 5
    """How often a worker's supervisor asks whether its task instance is still meant to run; 0:
    never, and no worker is missed."""
    max_failed_heartbeats: int = 3
    """After so many heartbeats that fail, such as without a database, it ends its task."""
    missing_dag_retries: int = 3
    """How often a try whose DAG cannot be loaded on its worker begins anew, without being a new
    try; 0: it fails at once."""
    missing_dag_retry_delay: Span = 60
    """After how long it does."""


class Operators(Section, frozen=True, kw_only=True):
    """`[operators]` of airflow.cfg."""

    default_queue: str = "default"
    """Celery queue of tasks that do not say."""
    default_deferrable: bool = False
    """What `deferrable` of a task is when it does not say."""


class Triggerer(Section, frozen=True, kw_only=True):
    """`[triggerer]` of airflow.cfg."""

    capacity: int = 1000
    """Triggers that one triggerer runs at a time; `default_capacity` in 2.x."""
    job_heartbeat_sec: Span = 5
    triggerer_health_check_threshold: Span = 30
    """After so long without a heartbeat its triggers are given to others."""


class Cfg(Section, frozen=True, kw_only=True):
    """airflow.cfg, as far as it decides anything here."""

    core: Core = Core()
    scheduler: Scheduler = Scheduler()
    workers: Workers = Workers()
    operators: Operators = Operators()
    triggerer: Triggerer = Triggerer()
    celery: Celery = Celery()
    celery_broker_transport_options: BrokerTransport = BrokerTransport()
    kubernetes_executor: KubernetesExecutor = KubernetesExecutor()

    def as_mapping(self) -> dict[str, dict[str, Any]]:
        """What is given or has one default for all versions, by section."""
        return {
            name: {
                key: value
                for key in section.__struct_fields__
                if (value := getattr(section, key)) is not None
            }
            for name, section in (
                ("core", self.core),
                ("scheduler", self.scheduler),
                ("workers", self.workers),
            )
        }
