"""What types cannot say about automation conditions: expressions, schedules, zones, who looks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import zone
from sim.kernel.cron_expression import CronSyntaxError
from sim.orchestrators.dagster.automation.declared import condition_of
from sim.orchestrators.dagster.automation.expression import parse_expression
from sim.orchestrators.dagster.config_automation import DEFAULT_SENSOR
from sim.orchestrators.dagster.cron_ticks import cron_ticks
from sim.orchestrators.dagster.selection import SelectionError, select
from sim.orchestrators.dagster.validate_conditions import condition_problems

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.orchestrators.dagster.automation.conditions import Condition
    from sim.orchestrators.dagster.config import DagsterConfig
    from sim.orchestrators.dagster.config_automation import AutomationConditionConfig

    Path = tuple[str | int, ...]
    Found = tuple[object, ...]


def validate_automation(config: DagsterConfig) -> Iterator[Found]:
    """Every problem of conditions and of the sensors that evaluate them.

    Each is (path, code, message, hint); inside an expression, (path, line, column, code, message,
    hint), with the place in its text.
    """
    declared = [key for key, one in config.assets.items() if one.automation_condition is not None]
    read: dict[str, Condition] = {}
    for key in declared:
        condition = config.assets[key].automation_condition
        assert condition is not None
        path: Path = ("assets", key, "automation_condition")
        if isinstance(condition, str):
            parsed = parse_expression(condition, config.assets)
            for problem in parsed.problems:
                yield path, *problem
            if parsed.condition is not None:
                read[key] = parsed.condition
        else:
            yield from _condition(condition, path)
            read[key] = condition_of(condition, config.assets)
    yield from condition_problems(config, read)
    for name, sensor in config.automation_condition_sensors.items():
        path = ("automation_condition_sensors", name)
        try:
            found = select(sensor.target, config.assets)
        except SelectionError as error:
            yield (*path, "target"), "E-SELECTION", str(error), "write *, or group:NAME"
            continue
        if not set(found) & set(declared):
            message = "no asset that it looks at has an automation_condition"
            yield (*path, "target"), "W-AUTOMATION-NOTHING", message, "give one to an asset"
    sensors = config.automation_condition_sensors
    if declared and not any(one.default_status == "RUNNING" for one in sensors.values()):
        message = "no automation condition sensor runs: nothing is requested until one is started"
        hint = (
            f"add automation_condition_sensors: {{{DEFAULT_SENSOR}: {{default_status: RUNNING}}}}"
        )
        yield ("assets", declared[0], "automation_condition"), "W-AUTOMATION-STOPPED", message, hint


def _condition(condition: AutomationConditionConfig, path: Path) -> Iterator[Found]:
    if condition.type != "on_cron":
        if condition.cron_schedule is not None:
            message = f"{condition.type} has no cron_schedule"
            yield (*path, "cron_schedule"), "E-AUTOMATION-CRON", message, "write type: on_cron"
        return
    if condition.cron_schedule is None:
        message = "on_cron needs a cron_schedule"
        yield path, "E-AUTOMATION-CRON", message, 'add cron_schedule: "0 3 * * *"'
        return
    try:
        zone(condition.cron_timezone)
        next(cron_ticks(0, condition.cron_schedule, condition.cron_timezone), None)
    except CronSyntaxError as error:
        yield (*path, "cron_schedule"), "E-CRON", str(error), "five fields, such as 0 3 * * *"
    except ValueError as error:
        yield (*path, "cron_timezone"), "E-TIMEZONE", str(error), "an IANA name"
