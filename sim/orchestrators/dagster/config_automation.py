"""Declarative automation in config.yaml: conditions of assets, and the sensor that looks at them.

Source: Dagster 1.13.29, `AutomationCondition` and `AutomationConditionSensorDefinition`. A
condition is a mapping for the three that Dagster brings ready-made, or the expression that one
would write in Python (`automation.expression`).
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from sim.orchestrators.dagster.config_instance import Section

DEFAULT_SENSOR = "default_automation_condition_sensor"
"""The sensor that is there when none is defined; it is stopped until somebody starts it."""


class AutomationConditionConfig(Section, frozen=True, kw_only=True):
    """When an asset is to be materialized: one of the conditions that are ready-made."""

    type: Literal["eager", "on_cron", "on_missing"]
    cron_schedule: str | None = None
    """Of `on_cron`."""
    cron_timezone: str = "UTC"


class AutomationConditionSensor(Section, frozen=True, kw_only=True):
    """Evaluates the conditions of some assets."""

    target: str = "*"
    """A selection of assets."""
    minimum_interval_seconds: Annotated[int, msgspec.Meta(ge=1)] = 30
    default_status: Literal["RUNNING", "STOPPED"] = "STOPPED"
