"""The `airflow:` section of config.yaml, in Airflow's own words.

Structs only: what may be written and what holds when it is not. Spans are text (`15m`) or a
number of seconds, instants are ISO 8601. Defaults are those of Airflow 2.11.2 and 3.3.2
(`config_templates/config.yml`); where the two differ the default is None and `versions.py` says.
"""

from __future__ import annotations

from typing import Any, Literal

from msgspec.structs import replace

from sim.orchestrators.airflow.config_cfg import Cfg
from sim.orchestrators.airflow.config_database import Database
from sim.orchestrators.airflow.config_executors import CeleryWorker, Cluster
from sim.orchestrators.airflow.config_section import Section, Span

AlertNames = str | list[str]
"""One alert of the config's `alerts`, or several."""

MappedOver = str | int | list[Any] | dict[str, Any]
"""A list to expand over: what the task of that name returns, a list as it stands, or its length; or
several of these as `{zip: [...]}`, `{concat: [...]}` or `{map: ...}`."""

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


class Pool(Section, frozen=True, kw_only=True):
    """A pool of slots."""

    slots: int
    """-1: without bound."""
    include_deferred: bool = False


class TimetableConfig(Section, frozen=True, kw_only=True):
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


class Sensor(Section, frozen=True, kw_only=True):
    """What a sensor waits for and how."""

    system: str = ""
    """A key of the world's systems: the sensor waits until it is ready."""
    max_lag: str = "5m"
    """Ready means: not further behind than this."""
    min_rows: int = 1
    """Ready means: at least so many rows of the data date."""
    mode: Literal["poke", "reschedule", "deferrable"] = "poke"
    """`poke` holds its slots between pokes, `reschedule` gives them back; `deferrable` (in Airflow
    `deferrable=True`) pokes once and leaves the rest to a trigger."""
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
    silent_fail: bool = False
    """A poke that raises counts as false."""
    never_fail: bool = False
    """A poke that raises skips; not together with soft_fail."""
    exponential_backoff: bool = False
    """Each interval between m and 2m for m = poke_interval * 2^(pokes - 2)."""
    max_wait: Span | None = None
    """Longest interval of the backoff."""


class TaskArgs(Section, frozen=True, kw_only=True):
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
    executor: str | None = None
    """One of `[core] executor`. Default: the first."""
    queue: str | None = None
    """Queue of Celery workers. Default: `[operators] default_queue`."""
    deferrable: bool | None = None
    """The work is done elsewhere: a worker hands it over and a trigger waits for its end."""
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
    task_group: str | None = None
    """The mapped task group of the DAG's `task_groups` that it belongs to."""
    setup: bool = False
    """`as_setup()`: what it makes is needed by the tasks below, until its teardown."""
    teardown: bool = False
    """`as_teardown()`: runs whatever became of the work, if a setup of it succeeded."""
    setups: list[str] = []
    """Of a teardown: the setups that it belongs to, which are upstream of it."""
    on_failure_fail_dagrun: bool = False
    """Of a teardown: its own failure fails the run, too."""


class TaskGroup(Section, frozen=True, kw_only=True):
    """A mapped task group: all its tasks once for each entry, index by index.

    Airflow puts the group's name and a point before the ids of its tasks; here ids are as written.
    """

    expand: dict[str, MappedOver] = {}
    """As of a task: one copy of the group for each combination of entries."""
    expand_kwargs: MappedOver | None = None
    """One copy of the group for each entry of one list."""


class DeadlineAlert(Section, frozen=True, kw_only=True):
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


class Dag(Section, frozen=True, kw_only=True):
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
    task_groups: dict[str, TaskGroup] = {}
    """Mapped task groups by name; a task says which one it is in."""
    tasks: dict[str, Task]


class DagFile(Section, frozen=True, kw_only=True):
    """A file in the DAG folder."""

    dags: list[str]
    """The DAGs that it says."""
    parse: Span = 1
    """How long importing it takes, in the processor and at the start of each try."""
    imports: list[str] = []
    """Modules of one's own that it imports; several files may share one."""


class Deploy(Section, frozen=True, kw_only=True):
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
    dags: dict[str, Dag] = {}
    """What the file says of its DAGs from now on, each one whole."""


class AirflowConfig(Section, frozen=True, kw_only=True):
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
    triggerers: int = 1
    """Triggerers that run; without one a deferred task waits until its trigger times out."""
    celery_workers: dict[str, CeleryWorker] = {}
    """Celery workers by name; only for CeleryExecutor. None given: one, `worker-1`."""
    cluster: Cluster = Cluster()
    """Only for KubernetesExecutor."""
    database: Database = Database()
    """The metadata database: what its queries cost, and its connections."""
    dags: dict[str, Dag]

    @property
    def every_dag(self) -> dict[str, Dag]:
        """Each DAG with all the tasks that it ever has: those that deploys add come last."""
        every = dict(self.dags)
        for deploy in self.deploys:
            for dag_id, dag in deploy.dags.items():
                if dag_id in every:
                    known = every[dag_id]
                    every[dag_id] = replace(
                        known, tasks={**known.tasks, **dag.tasks, **known.tasks}
                    )
        return every

    @property
    def executors(self) -> list[str]:
        """The names in `[core] executor`, in order."""
        return [name.strip() for name in self.cfg.core.executor.split(",")]

    @property
    def worker_slots(self) -> int:
        """Slots that stand ready for tasks, over all executors, at work or not.

        Celery workers by their concurrency, processes of local executors by their parallelism, and
        of Kubernetes the largest cluster that it may grow to: nobody gets machines for nothing.
        """
        slots = 0
        if "CeleryExecutor" in self.executors:
            workers = self.celery_workers or {"worker-1": CeleryWorker()}
            default = self.cfg.celery.worker_concurrency
            slots += sum(one.concurrency or default for one in workers.values())
        if "KubernetesExecutor" in self.executors:
            slots += self.cluster.nodes_max * self.cluster.pods_per_node
        if "LocalExecutor" in self.executors:
            slots += self.cfg.core.parallelism * self.schedulers
        if "SequentialExecutor" in self.executors:
            slots += self.schedulers
        return slots


def alert_names(names: AlertNames | None) -> tuple[str, ...]:
    """The names of a callback's alerts."""
    if names is None:
        return ()
    return (names,) if isinstance(names, str) else tuple(names)
