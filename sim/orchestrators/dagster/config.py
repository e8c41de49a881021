"""The `dagster:` section of config.yaml: what a code location defines, in Dagster's words.

Structs only; `config_instance` holds what stands in dagster.yaml. Spans are seconds, as Dagster has
them. What is wrong with names and texts, `validate` says.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from sim.orchestrators.dagster.config_automation import (  # noqa: TC001 - msgspec reads them
    AutomationConditionConfig,
    AutomationConditionSensor,
)
from sim.orchestrators.dagster.config_freshness import (
    FreshnessPolicyConfig,  # noqa: TC001 - msgspec reads it
)
from sim.orchestrators.dagster.config_instance import InstanceConfig, Section
from sim.orchestrators.dagster.config_instance import TagConcurrencyLimit as TagLimit
from sim.orchestrators.dagster.config_partitions import (  # noqa: TC001 - msgspec reads them
    BackfillPolicyConfig,
    MappingConfig,
    PartitionsDef,
)

DefaultStatus = Literal["RUNNING", "STOPPED"]


class RetryPolicy(Section, frozen=True, kw_only=True):
    """How a step is tried again (`RetryPolicy`)."""

    max_retries: int = 1
    delay: float | None = None
    """Seconds. Default: at once."""
    backoff: Literal["LINEAR", "EXPONENTIAL"] | None = None
    jitter: Literal["FULL", "PLUS_MINUS"] | None = None


class AssetCheck(Section, frozen=True, kw_only=True):
    """An asset check, a step of its own after its asset (`@asset_check`)."""

    compute: str | None = None
    """The task whose checks it evaluates. Default: `ASSET_CHECK`, its step key."""
    blocking: bool = False
    severity: Literal["ERROR", "WARN"] = "ERROR"
    """Of a result that did not pass."""
    retry_policy: RetryPolicy | None = None


class Asset(Section, frozen=True, kw_only=True):
    """A software-defined asset (`@asset`)."""

    compute: str | None = None
    """The task that materializes it. Default: the one of its own key."""
    op: str | None = None
    """One of `multi_assets`, which makes it together with others. Default: an op of its own."""
    deps: list[str] = []
    """Assets that come before it, whose values are not loaded."""
    ins: list[str] = []
    """Assets that are loaded through the IO manager as its arguments."""
    partitions_def: str | None = None
    """One of `partitions_defs`. Default: it has no partitions."""
    partition_mappings: dict[str, MappingConfig] = {}
    """By the asset that it depends on. Default: what Dagster infers from the two definitions."""
    backfill_policy: BackfillPolicyConfig | None = None
    """Default: a backfill materializes it partition by partition."""
    freshness_policy: FreshnessPolicyConfig | None = None
    """How fresh it is to be. Default: nobody looks."""
    automation_condition: AutomationConditionConfig | str | None = None
    """When an automation condition sensor requests it: a mapping, or an expression such as
    `AutomationCondition.eager() & ~AutomationCondition.in_progress()`. Default: nobody does."""
    code_version: str | None = None
    """Of its code; a materialization with the code and the inputs of the one before has its data
    version, too. Default: the id of the run, so that each makes another one."""
    observable: bool = False
    """`@observable_source_asset`: others make it, and its task only looks. What the task returns
    is its data version."""
    group_name: str = "default"
    kinds: list[str] = []
    owners: list[str] = []
    tags: dict[str, str] = {}
    op_tags: dict[str, str] = {}
    """Tags of its step, such as `dagster/priority`."""
    retry_policy: RetryPolicy | None = None
    pool: str | None = None
    checks: dict[str, AssetCheck] = {}
    output_required: bool = True
    """Whether a try that hands on nothing has failed; else what is downstream is skipped."""


class MultiAsset(Section, frozen=True, kw_only=True):
    """An op that makes several assets in one step (`@multi_asset`), always all of them."""

    compute: str | None = None
    """The task that materializes them. Default: the one of its own name."""
    op_tags: dict[str, str] = {}
    """Tags of its step, such as `dagster/priority`."""
    retry_policy: RetryPolicy | None = None
    pool: str | None = None


class Op(Section, frozen=True, kw_only=True):
    """An op of a job (`@op`)."""

    compute: str | None = None
    """The task that it performs. Default: the one of its own name."""
    ins: list[str] = []
    """Ops whose outputs it takes."""
    fan_in: bool = False
    """Whether one input takes all of them as a list."""
    tags: dict[str, str] = {}
    retry_policy: RetryPolicy | None = None
    pool: str | None = None
    out_required: bool = True
    """`Out(is_required=...)`."""


class InProcess(Section, frozen=True, kw_only=True):
    """One step at a time, in the process of the run worker (`in_process_executor`)."""

    retries: Literal["enabled", "disabled"] = "enabled"


class Multiprocess(Section, frozen=True, kw_only=True):
    """A process for each step (`multiprocess_executor`)."""

    max_concurrent: int = 0
    """Steps of one run at a time; 0: as many as the host has CPUs."""
    tag_concurrency_limits: list[TagLimit] = []
    retries: Literal["enabled", "disabled"] = "enabled"


class Executor(Section, frozen=True, kw_only=True):
    """How the steps of a run are executed: one of the two."""

    in_process: InProcess | None = None
    multiprocess: Multiprocess | None = None


class Hooks(Section, frozen=True, kw_only=True):
    """What is sent when a step of a job ends (`@failure_hook`, `@success_hook`)."""

    failure: list[str] = []
    """Alerts."""
    success: list[str] = []
    """Alerts."""


class Job(Section, frozen=True, kw_only=True):
    """A job: a selection of assets (`define_asset_job`), or ops (`@job`)."""

    selection: str | None = None
    """Of assets, in Dagster's syntax: `*`, `key:"a"+`, `group:sales and not tag:slow`."""
    ops: dict[str, Op] = {}
    tags: dict[str, str] = {}
    """Of each of its runs: `dagster/priority`, `dagster/max_retries`, `dagster/max_runtime`."""
    executor: Executor | None = None
    """Default: that of the code location."""
    hooks: Hooks = Hooks()
    op_retry_policy: RetryPolicy | None = None
    """Of ops that have none of their own."""


class Schedule(Section, frozen=True, kw_only=True):
    """Starts a job by the clock (`ScheduleDefinition`)."""

    job: str
    cron_schedule: str | list[str]
    """Of five fields; ticks of a list are those of all its entries."""
    execution_timezone: str = "UTC"
    default_status: DefaultStatus = "STOPPED"
    """What it is when it is first deployed: real schedules wait for somebody to start them."""
    stale_assets_only: bool = False
    """Whether a run only materializes what is stale or missing (`RunRequest`); nothing, if nothing
    is. Of assets with partitions nothing ever is."""


class Sensor(Section, frozen=True, kw_only=True):
    """Starts a job, or tells somebody, when something has happened."""

    job: str | None = None
    """What it requests runs of."""
    minimum_interval_seconds: int = 30
    default_status: DefaultStatus = "STOPPED"
    system: str | None = None
    """`@sensor`: a key of the world's systems; a run for each data date on which it is ready."""
    max_lag: str = "5m"
    """Ready means: not further behind than this."""
    min_rows: int = 1
    """Ready means: at least so many rows of the data date."""
    run_key: str = "{{ ds }}"
    """A request with a key that a run of this sensor had before is skipped; a template."""
    asset_key: str | None = None
    """`@asset_sensor`: the asset whose materializations it watches."""
    run_status: Literal["SUCCESS", "FAILURE", "CANCELED", "STARTED"] | None = None
    """`@run_status_sensor`: the status that it watches; FAILURE is `@run_failure_sensor`."""
    stale_assets_only: bool = False
    """As that of a schedule."""
    monitored_jobs: list[str] = []
    """Of which jobs. Default: of all."""
    alert: str | None = None
    """What a sensor of run statuses sends."""


class DagsterConfig(Section, frozen=True, kw_only=True):
    """Everything an engineer may decide about a Dagster instance and its code location."""

    code_location: str = "definitions"
    partitions_defs: dict[str, PartitionsDef] = {}
    """By name, for the assets that have partitions."""
    assets: dict[str, Asset] = {}
    multi_assets: dict[str, MultiAsset] = {}
    """By the name of the op; the assets say that they are made by it."""
    jobs: dict[str, Job] = {}
    schedules: dict[str, Schedule] = {}
    sensors: dict[str, Sensor] = {}
    automation_condition_sensors: dict[str, AutomationConditionSensor] = {}
    """What evaluates automation conditions. Default: one over all assets, which is stopped."""
    executor: Executor = Executor(multiprocess=Multiprocess())
    """Of jobs that have none of their own."""
    instance: InstanceConfig = msgspec.field(default_factory=InstanceConfig)
    """What stands in dagster.yaml."""
