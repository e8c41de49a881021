"""The `airflow:` section of config.yaml, in Airflow's own words.

Structs only: what may be written and what holds when it is not. Spans are text (`15m`) or a
number of seconds, instants are ISO 8601. Defaults are those of Airflow 2.11.2 and 3.3.2
(`config_templates/config.yml`); where the two differ the default is None and `versions.py` says.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Span = str | int | float
"""`"15m"`, `"1h30m"`, or seconds."""
AlertNames = str | list[str]
"""One alert of the config's `alerts`, or several."""

MappedOver = str | int | list[Any]
"""A list to expand over: what the task of that name returns, a list as it stands, or its length."""

TriggerRuleName = Literal[
    "all_success",
    "all_failed",
    "all_done",
    "all_skipped",
    "one_success",
    "one_failed",
    "one_done",
    "none_failed",
    "none_failed_min_one_success",
    "none_failed_or_skipped",
    "none_skipped",
    "all_done_min_one_success",
    "always",
    "dummy",
]
TimetableName = Literal[
    "CronDataIntervalTimetable",
    "CronTriggerTimetable",
    "DeltaDataIntervalTimetable",
    "DeltaTriggerTimetable",
    "MultipleCronTriggerTimetable",
    "EventsTimetable",
    "OnceTimetable",
    "ContinuousTimetable",
    "NullTimetable",
]


class _Section(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Closed and immutable, as every part of a config."""


class Core(_Section, frozen=True, kw_only=True):
    """`[core]` of airflow.cfg."""

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


class Scheduler(_Section, frozen=True, kw_only=True):
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
    min_file_process_interval: Span = 30
    """How often a DAG file is parsed, which renews the pointer to the next run; 0: never.
    `[dag_processor]` in 3.x."""


class Workers(_Section, frozen=True, kw_only=True):
    """`[workers]` of airflow.cfg; 3.x only."""

    min_heartbeat_interval: Span = 5
    """How often a worker's supervisor asks whether its task instance is still meant to run; 0:
    never, and no worker is missed."""


class Cfg(_Section, frozen=True, kw_only=True):
    """airflow.cfg, as far as it decides anything here."""

    core: Core = Core()
    scheduler: Scheduler = Scheduler()
    workers: Workers = Workers()

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


class Pool(_Section, frozen=True, kw_only=True):
    """A pool of slots."""

    slots: int
    """-1: without bound."""
    include_deferred: bool = False


class TimetableConfig(_Section, frozen=True, kw_only=True):
    """A timetable by name, with what it needs."""

    timetable: TimetableName
    cron: str | list[str] | None = None
    """Five fields or a preset; a list for MultipleCronTriggerTimetable."""
    delta: Span | None = None
    interval: Span | None = None
    """Length of the data interval of a trigger timetable. Default: none."""
    timezone: str | None = None
    """IANA name. Default: the DAG's."""
    run_immediately: bool | Span | None = None
    """3.x trigger timetables without a start_date."""
    event_dates: list[str] = []
    """For EventsTimetable."""
    assets: list[Any] = []
    """Updates of assets start runs as well: AssetOrTimeSchedule, in 2.x DatasetOrTimeSchedule."""

    def as_mapping(self) -> dict[str, Any]:
        """What is given, by name."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return {name: value for name, value in fields.items() if value not in (None, [])}


Schedule = str | TimetableConfig | list[Any] | None
"""A list names assets: all of them, or those that `or` in first place asks for."""


class Sensor(_Section, frozen=True, kw_only=True):
    """What a sensor waits for and how."""

    system: str = ""
    """A key of the world's systems: the sensor waits until it is ready."""
    max_lag: str = "5m"
    """Ready means: not further behind than this."""
    min_rows: int = 1
    """Ready means: at least so many rows of the data date."""
    mode: Literal["poke", "reschedule"] = "poke"
    """`poke` holds its slots between pokes, `reschedule` gives them back."""
    poke_interval: Span = 60
    timeout: Span = 604_800
    soft_fail: bool = False
    """A timeout skips instead of failing."""
    external_dag_id: str | None = None
    """ExternalTaskSensor: the DAG to wait for, instead of a system."""
    external_task_id: str | None = None
    """The task of it. Default: its whole run."""
    external_task_ids: list[str] = []
    execution_delta: Span | None = None
    """How much earlier the logical date is that it looks for. Default: its own one."""
    allowed_states: tuple[str, ...] = ("success",)
    failed_states: list[str] = []
    """States that fail the sensor. Default: none, so it waits on."""
    skipped_states: list[str] = []
    """States that skip the sensor."""
    check_existence: bool = False
    """Whether a DAG or task that does not exist fails the sensor."""


class TaskArgs(_Section, frozen=True, kw_only=True):
    """What a task may set and `default_args` may set for all. None: not given."""

    trigger_rule: TriggerRuleName | None = None
    retries: int | None = None
    retry_delay: Span | None = None
    retry_exponential_backoff: bool | float | None = None
    """3.x: a number is the base of the powers; true is 2."""
    max_retry_delay: Span | None = None
    """Cap of the exponential backoff; without backoff it does nothing."""
    pool: str | None = None
    pool_slots: int | None = None
    priority_weight: int | None = None
    weight_rule: Literal["downstream", "upstream", "absolute"] | None = None
    depends_on_past: bool | None = None
    wait_for_downstream: bool | None = None
    max_active_tis_per_dag: int | None = None
    max_active_tis_per_dagrun: int | None = None
    execution_timeout: Span | None = None
    """Longest one try may take."""
    sla: Span | None = None
    """2.x: longest time from a date of the schedule to the task's end; 3.x ignores it."""
    on_failure_callback: AlertNames | None = None
    """Alerts sent when the last try has failed."""
    on_retry_callback: AlertNames | None = None
    """Alerts sent when a try failed and another follows."""
    on_success_callback: AlertNames | None = None
    on_skipped_callback: AlertNames | None = None


class Task(TaskArgs, frozen=True, kw_only=True):
    """One task. Its work is the entry of the config's `tasks` with the same name."""

    upstream: list[str] = []
    type: Literal["task", "empty", "branch", "short_circuit", "latest_only", "sensor"] = "task"
    """`latest_only` follows all next tasks in the newest run of the schedule, none in others."""
    ignore_downstream_trigger_rules: bool = True
    """Of a short circuit: skip everything below, not only the next tasks."""
    outlets: list[str] = []
    """Assets (2.x: datasets) that a success updates."""
    sensor: Sensor | None = None
    expand: dict[str, MappedOver] = {}
    """One task instance for each combination of entries, by argument: see `MappedOver`."""
    expand_kwargs: MappedOver | None = None
    """One task instance for each entry of one list."""
    setup: bool = False
    """`as_setup()`: what it makes is needed by the tasks below, until its teardown."""
    teardown: bool = False
    """`as_teardown()`: runs whatever became of the work, if a setup of it succeeded."""
    setups: list[str] = []
    """Of a teardown: the setups that it belongs to, which are upstream of it."""
    on_failure_fail_dagrun: bool = False
    """Of a teardown: its own failure fails the run, too."""


class DeadlineAlert(_Section, frozen=True, kw_only=True):
    """By when a run must have succeeded (3.x): a reference and a span after it."""

    reference: Literal[
        "DAGRUN_LOGICAL_DATE", "DAGRUN_QUEUED_AT", "FIXED_DATETIME", "AVERAGE_RUNTIME"
    ]
    interval: Span
    callback: AlertNames | None = None
    """Alerts sent when it is missed."""
    name: str | None = None
    """What the journal calls it. Default: `deadline-1` and so on."""
    datetime: str | None = None
    """FIXED_DATETIME: the instant."""
    max_runs: int = 10
    """AVERAGE_RUNTIME: the newest successful runs whose mean it is, after the creation."""
    min_runs: int | None = None
    """AVERAGE_RUNTIME: with fewer such runs there is no deadline. Default: `max_runs`."""


class Dag(_Section, frozen=True, kw_only=True):
    """One DAG."""

    schedule: Schedule
    """Cron text or preset, `@once`, `@continuous`, a span (`1d`), a timetable, a list of assets,
    or null."""
    start_date: str | None = None
    end_date: str | None = None
    timezone: str = "UTC"
    """Zone of the schedule and of civil dates without an offset."""
    catchup: bool | None = None
    """Default: `[scheduler] catchup_by_default`."""
    max_active_runs: int | None = None
    max_active_tasks: int | None = None
    dagrun_timeout: Span | None = None
    """Longest a run may be running."""
    max_consecutive_failed_dag_runs: int | None = None
    fail_fast: bool = False
    """3.x: the first task that fails for good stops everything else of its run."""
    fail_stop: bool = False
    """`fail_fast` as 2.x calls it."""
    is_paused_upon_creation: bool = False
    default_args: TaskArgs = TaskArgs()
    on_failure_callback: AlertNames | None = None
    on_success_callback: AlertNames | None = None
    sla_miss_callback: AlertNames | None = None
    """2.x: alerts sent when tasks missed their `sla`."""
    deadline: list[DeadlineAlert] = []
    """3.x: by when each run must have succeeded."""
    tasks: dict[str, Task]


class DagFile(_Section, frozen=True, kw_only=True):
    """A file in the DAG folder."""

    dags: list[str]
    """The DAGs that it says."""
    parse: Span = 1
    """How long importing it takes, in the processor and at the start of each try."""
    imports: list[str] = []
    """Modules of one's own that it imports; several files may share one."""


class Deploy(_Section, frozen=True, kw_only=True):
    """A change in the DAG folder."""

    at: str
    path: str
    """The DAG file, or a module that DAG files import."""
    change: Literal["broken", "fixed", "changed", "added", "removed"]
    """`added`: a file that was not there from the beginning."""
    error: str = ""
    """Of `broken`: what the import says."""
    parse: Span | None = None
    """How long importing the file takes from now on."""


class AirflowConfig(_Section, frozen=True, kw_only=True):
    """Everything an engineer may decide about an Airflow deployment."""

    version: Literal[2, 3] = 3
    """2 is 2.11.2, 3 is 3.3.2."""
    host: str = "airflow-01"
    """Where scheduler and LocalExecutor live."""
    cfg: Cfg = Cfg()
    pools: dict[str, Pool] = {}
    loop: Span = 1
    """From one scheduler loop to the next: the idle sleep, 1 s by default."""
    schedulers: int = 1
    """How many schedulers run, each with an executor of its own."""
    callback_delay: Span = 0
    """2.x: from the discovery of a zombie until the DAG processor has run its callback, which is
    what fails it."""
    task_start_delay: Span = 0
    """From the hand-over to the executor until the task runs; it is queued meanwhile."""
    dag_files: dict[str, DagFile] = {}
    """DAG files by path. DAGs of none of them are always parsed and always well."""
    deploys: list[Deploy] = []
    dags: dict[str, Dag]


def alert_names(names: AlertNames | None) -> tuple[str, ...]:
    """The names of a callback's alerts."""
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)
