"""From what a config declares to the condition: a ready-made one, or an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.dagster.automation.conditions import eager, on_cron, on_missing
from sim.orchestrators.dagster.automation.expression import parse_expression

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.dagster.automation.conditions import Condition
    from sim.orchestrators.dagster.config import Asset
    from sim.orchestrators.dagster.config_automation import AutomationConditionConfig


def conditions_of(assets: Mapping[str, Asset]) -> dict[str, Condition]:
    """The condition of each asset that has one."""
    return {
        key: condition_of(one.automation_condition, assets)
        for key, one in assets.items()
        if one.automation_condition is not None
    }


def condition_of(
    declared: AutomationConditionConfig | str, assets: Mapping[str, Asset]
) -> Condition:
    """A condition as it is declared. Raises `ValueError` for an expression that is none."""
    if isinstance(declared, str):
        parsed = parse_expression(declared, assets)
        if parsed.condition is None:
            message = f"this is no automation condition: {declared}"
            raise ValueError(message)
        return parsed.condition
    if declared.type == "on_cron":
        return on_cron(declared.cron_schedule or "", declared.cron_timezone)
    return on_missing() if declared.type == "on_missing" else eager()
