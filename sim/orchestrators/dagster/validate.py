"""What types cannot say about a `dagster:` section: names that lead nowhere, circles, ranges.

Every problem in one pass, each with the path in the section, a code, what is wrong and what would
be right. Nothing is raised and nothing is changed.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from sim.kernel.calendar import parse_span, zone
from sim.kernel.cron_expression import CronSyntaxError, parse_cron
from sim.orchestrators.dagster.plan import check_step_key
from sim.orchestrators.dagster.run_queue import PRIORITY_TAG
from sim.orchestrators.dagster.selection import SelectionError, select, upstream
from sim.orchestrators.dagster.validate_automation import validate_automation
from sim.orchestrators.dagster.validate_freshness import freshness_problems
from sim.orchestrators.dagster.validate_multi_assets import multi_asset_problems
from sim.orchestrators.dagster.validate_partitions import partition_problems
from sim.orchestrators.dagster.validate_versions import version_problems

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sim.orchestrators.dagster.config import DagsterConfig, Executor, Job, RetryPolicy, Sensor
    from sim.orchestrators.dagster.config_instance import InstanceConfig, Section

Path = tuple[str | int, ...]
Found = tuple[Path, str, str, str]


def validate(
    config: DagsterConfig,
    *,
    tasks: Collection[str],
    alerts: Collection[str] = (),
    systems: Collection[str] | None = None,
) -> Iterator[tuple[object, ...]]:
    """Yield every problem of a section, with a line and a column where it stands inside a text.

    `tasks` and `alerts` are the keys of the config's own parts, `systems` the world's systems
    (None: not known, so not checked).
    """
    if not config.assets and not config.jobs:
        yield (), "E-DEFINITIONS-EMPTY", "nothing is defined", "add assets: or jobs: with ops"
    yield from _assets(config, tasks)
    yield from multi_asset_problems(config)
    yield from partition_problems(config)
    yield from freshness_problems(config)
    yield from version_problems(config)
    for name, job in config.jobs.items():
        yield from _job(name, job, config, tasks=tasks, alerts=alerts)
    yield from _executor(config.executor, ("executor",))
    for name, schedule in config.schedules.items():
        path: Path = ("schedules", name)
        yield from _known(schedule.job, config.jobs, (*path, "job"), "job")
        yield from _crons(schedule.cron_schedule, (*path, "cron_schedule"))
        try:
            zone(schedule.execution_timezone)
        except ValueError as error:
            hint = "an IANA name such as Europe/Madrid"
            yield (*path, "execution_timezone"), "E-TIMEZONE", str(error), hint
        if schedule.default_status == "STOPPED":
            yield from _stopped((*path,), "schedule", name)
    yield from validate_automation(config)
    for name, sensor in config.sensors.items():
        yield from _sensor(name, sensor, config, alerts=alerts, systems=systems)
    yield from _instance(config.instance)


# -- assets ---------------------------------------------------------------------------------


def _assets(config: DagsterConfig, tasks: Collection[str]) -> Iterator[Found]:
    step_keys = {key for key, one in config.assets.items() if one.op is None}
    step_keys |= set(config.multi_assets)
    for key, asset in config.assets.items():
        path: Path = ("assets", key)
        if asset.op is None:
            yield from _task(asset.compute or key, tasks, path, given=asset.compute is not None)
        for field in ("deps", "ins"):
            for number, name in enumerate(getattr(asset, field)):
                yield from _known(name, config.assets, (*path, field, number), "asset")
        yield from _retry(asset.retry_policy, (*path, "retry_policy"))
        yield from _priority(asset.op_tags, (*path, "op_tags"))
        for name, check in asset.checks.items():
            place = (*path, "checks", name)
            step = check_step_key(key, name)
            if step in step_keys:
                message = f"there are two steps {step}"
                yield place, "E-STEP-TWICE", message, "give the check another name"
            step_keys.add(step)
            yield from _task(check.compute or step, tasks, place, given=check.compute is not None)
            yield from _retry(check.retry_policy, (*place, "retry_policy"))
    for name, op in config.multi_assets.items():
        path = ("multi_assets", name)
        yield from _task(op.compute or name, tasks, path, given=op.compute is not None)
        yield from _retry(op.retry_policy, (*path, "retry_policy"))
        yield from _priority(op.op_tags, (*path, "op_tags"))
    above = {key: upstream(asset) for key, asset in config.assets.items()}
    yield from _circles(above, ("assets",), "assets")


def _circles(above: Mapping[str, tuple[str, ...]], path: Path, what: str) -> Iterator[Found]:
    """Those that wait for each other; one that reads itself waits for its other partitions."""
    left = {
        key: {name for name in names if name in above and name != key}
        for key, names in above.items()
    }
    while True:
        free = [key for key, names in left.items() if not names & set(left)]
        if not free:
            break
        for key in free:
            del left[key]
    if left:
        message = f"these {what} depend on each other: {', '.join(sorted(left))}"
        yield path, "E-CIRCLE", message, "take one of the dependencies away"


# -- jobs -----------------------------------------------------------------------------------


def _job(
    name: str,
    job: Job,
    config: DagsterConfig,
    *,
    tasks: Collection[str],
    alerts: Collection[str],
) -> Iterator[Found]:
    path: Path = ("jobs", name)
    if (job.selection is None) == (not job.ops):
        message = "a job is a selection of assets or has ops, one of the two"
        yield path, "E-JOB", message, 'selection: "*"'
    if job.selection is not None:
        yield from _selection(job.selection, config, (*path, "selection"))
    yield from _ops(job, path, tasks)
    if job.executor is not None:
        yield from _executor(job.executor, (*path, "executor"))
    for when in ("failure", "success"):
        for number, alert in enumerate(getattr(job.hooks, when)):
            yield from _alert(alert, alerts, (*path, "hooks", when, number))


def _selection(text: str, config: DagsterConfig, path: Path) -> Iterator[Found]:
    try:
        chosen = select(text, config.assets)
    except SelectionError as error:
        yield path, "E-SELECTION", str(error), 'such as key:"a"+ or group:sales'
        return
    if not chosen:
        yield path, "E-SELECTION", "the selection is empty", "select at least one asset"


def _ops(job: Job, path: Path, tasks: Collection[str]) -> Iterator[Found]:
    for key, op in job.ops.items():
        place = (*path, "ops", key)
        yield from _task(op.compute or key, tasks, place, given=op.compute is not None)
        for number, above in enumerate(op.ins):
            yield from _known(above, job.ops, (*place, "ins", number), "op")
        yield from _retry(op.retry_policy, (*place, "retry_policy"))
        yield from _priority(op.tags, (*place, "tags"))
        if key in op.ins:
            yield (*place, "ins"), "E-CIRCLE", f"{key} depends on itself", "take it away"
    yield from _circles({key: tuple(op.ins) for key, op in job.ops.items()}, (*path, "ops"), "ops")
    yield from _retry(job.op_retry_policy, (*path, "op_retry_policy"))


def _executor(executor: Executor, path: Path) -> Iterator[Found]:
    if (executor.in_process is None) == (executor.multiprocess is None):
        message = "an executor is in_process or multiprocess, one of the two"
        yield path, "E-EXECUTOR", message, "multiprocess: {}"
    if executor.multiprocess is not None:
        place = (*path, "multiprocess")
        yield from _at_least(executor.multiprocess, {"max_concurrent": 0}, place)
        for number, limit in enumerate(executor.multiprocess.tag_concurrency_limits):
            yield from _at_least(limit, {"limit": 0}, (*place, "tag_concurrency_limits", number))


# -- instigators ----------------------------------------------------------------------------


def _crons(crons: str | list[str], path: Path) -> Iterator[Found]:
    texts = [crons] if isinstance(crons, str) else crons
    if not texts:
        yield path, "E-CRON", "no cron expression at all", "such as 0 3 * * *"
    for number, text in enumerate(texts):
        place = path if isinstance(crons, str) else (*path, number)
        try:
            parsed = parse_cron(text, dialect="croniter")
        except CronSyntaxError as error:
            yield place, "E-CRON", error.message, error.hint
        else:
            if not parsed.possible:
                yield place, "W-CRON-NEVER", f'"{text}" never comes', "look at day and month"


def _sensor(
    name: str,
    sensor: Sensor,
    config: DagsterConfig,
    *,
    alerts: Collection[str],
    systems: Collection[str] | None,
) -> Iterator[Found]:
    path: Path = ("sensors", name)
    yield from _watches(sensor, path)
    if sensor.job is not None:
        yield from _known(sensor.job, config.jobs, (*path, "job"), "job")
    if sensor.alert is not None:
        yield from _alert(sensor.alert, alerts, (*path, "alert"))
    if sensor.system is not None and systems is not None and sensor.system not in systems:
        message = f'system "{sensor.system}" does not exist'
        yield (*path, "system"), "E-SYSTEM-UNKNOWN", message, _nearest(sensor.system, systems)
    if sensor.asset_key is not None:
        yield from _known(sensor.asset_key, config.assets, (*path, "asset_key"), "asset")
    for number, job in enumerate(sensor.monitored_jobs):
        yield from _known(job, config.jobs, (*path, "monitored_jobs", number), "job")
    try:
        parse_span(sensor.max_lag)
    except ValueError as error:
        yield (*path, "max_lag"), "E-SPAN", str(error), "such as 5m"
    yield from _at_least(sensor, {"minimum_interval_seconds": 1}, path)
    if sensor.default_status == "STOPPED":
        yield from _stopped(path, "sensor", name)


def _watches(sensor: Sensor, path: Path) -> Iterator[Found]:
    """What a sensor watches, and what it does then."""
    kinds = [field for field in ("system", "asset_key", "run_status") if getattr(sensor, field)]
    if len(kinds) != 1:
        message = "a sensor watches a system, an asset or the status of runs, one of the three"
        yield path, "E-SENSOR", message, "set system, asset_key or run_status"
    if sensor.job is None and ("run_status" not in kinds or sensor.alert is None):
        yield path, "E-SENSOR", "the sensor does nothing", "set the job that it starts"
    if sensor.alert is not None and "run_status" not in kinds:
        message = "only a sensor of run statuses sends an alert"
        yield (*path, "alert"), "E-SENSOR", message, "set run_status"


def _stopped(path: Path, what: str, name: str) -> Iterator[Found]:
    message = f"the {what} {name} is STOPPED, as by default, and does nothing until it is started"
    yield path, "W-STOPPED", message, "default_status: RUNNING"


# -- the instance ---------------------------------------------------------------------------


def _instance(instance: InstanceConfig) -> Iterator[Found]:
    path: Path = ("instance",)
    yield from _at_least(instance, {"cpu_count": 1}, path)
    runs, pools = instance.concurrency.runs, instance.concurrency.pools
    place = (*path, "concurrency", "runs")
    yield from _at_least(runs, {"max_concurrent_runs": -1, "dequeue_interval_seconds": 1}, place)
    for number, limit in enumerate(runs.tag_concurrency_limits):
        yield from _at_least(limit, {"limit": 0}, (*place, "tag_concurrency_limits", number))
    place = (*path, "concurrency", "pools")
    for name, slots in pools.limits.items():
        if slots < 0:
            yield (*place, "limits", name), "E-RANGE", f"{slots} slots", "0 or more"
    if pools.default_limit is not None:
        yield from _at_least(pools, {"default_limit": 0}, place)
    launcher = {"launch_seconds": 0, "start_seconds": 0, "step_start_seconds": 0}
    yield from _at_least(instance.run_launcher, launcher, (*path, "run_launcher"))
    yield from _at_least(instance.scheduler, {"max_catchup_runs": 0}, (*path, "scheduler"))
    yield from _at_least(instance.run_retries, {"max_retries": 0}, (*path, "run_retries"))
    monitoring = {
        "poll_interval_seconds": 1,
        "start_timeout_seconds": 0,
        "cancel_timeout_seconds": 0,
        "max_runtime_seconds": 0,
        "free_slots_after_run_end_seconds": 0,
    }
    yield from _at_least(instance.run_monitoring, monitoring, (*path, "run_monitoring"))


# -- what many have in common ---------------------------------------------------------------


def _task(name: str, tasks: Collection[str], path: Path, *, given: bool) -> Iterator[Found]:
    if name not in tasks:
        message = f'task "{name}" is not defined'
        place = (*path, "compute") if given else path
        yield place, "E-TASK-UNKNOWN", message, _nearest(name, tasks) or "add it under tasks:"


def _known(name: str, known: Collection[str], path: Path, what: str) -> Iterator[Found]:
    if name not in known:
        yield (
            path,
            f"E-{what.upper()}-UNKNOWN",
            f'{what} "{name}" is not defined',
            _nearest(name, known),
        )


def _alert(name: str, alerts: Collection[str], path: Path) -> Iterator[Found]:
    if name not in alerts:
        message = f'alert "{name}" is not defined'
        yield path, "E-ALERT-UNKNOWN", message, _nearest(name, alerts) or "add it under alerts:"


def _retry(policy: RetryPolicy | None, path: Path) -> Iterator[Found]:
    if policy is None:
        return
    yield from _at_least(policy, {"max_retries": 0}, path)
    if policy.delay is None:
        for field in ("backoff", "jitter"):
            if getattr(policy, field) is not None:
                message = f"{field} without delay"
                yield (*path, field), "E-RETRY-POLICY", message, "set delay, in seconds"
    else:
        yield from _at_least(policy, {"delay": 0}, path)


def _priority(tags: Mapping[str, str], path: Path) -> Iterator[Found]:
    """A priority of a step that is no whole number makes its run raise."""
    text = tags.get(PRIORITY_TAG)
    if text is None:
        return
    try:
        int(text)
    except ValueError:
        message = f"the priority of a step is {text!r}, which is no whole number"
        yield (*path, PRIORITY_TAG), "E-PRIORITY", message, 'such as "5" or "-1"'


def _at_least(section: Section, least: Mapping[str, float], path: Path) -> Iterator[Found]:
    for field, bound in least.items():
        value = getattr(section, field)
        if value < bound:
            yield (*path, field), "E-RANGE", f"{field} is {value}", f"{bound} or more"


def _nearest(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]}?" if close else ""
