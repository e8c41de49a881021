"""What Dagster calls a node of a condition, and by what it finds again what a node remembered.

Source: Dagster 1.13.29, `name` and `get_node_unique_id` of each condition. Ids are tuples of what
Dagster hashes. A latch and `newly_true` are known by the names of what they are directly made of
and not by where they stand: two of them that are made of the same names share one memory, as they
do there.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sim.orchestrators.dagster.automation.conditions import (
    And,
    AnyDownstreamConditions,
    AssetMatches,
    Checks,
    CronTickPassed,
    Deps,
    InLatestTimeWindow,
    NewlyTrue,
    Not,
    Operand,
    Or,
    RunTags,
    Since,
)

if TYPE_CHECKING:
    from sim.orchestrators.dagster.automation.conditions import Condition

NodeId = tuple[object, ...]
_NAMES: dict[type, str] = {
    And: "AND",
    Or: "OR",
    Not: "NOT",
    NewlyTrue: "NEWLY_TRUE",
    Since: "SINCE",
    AnyDownstreamConditions: "ANY_DOWNSTREAM_CONDITIONS",
}
_FRESHNESS = {"freshness_passed": "PASS", "freshness_warned": "WARN", "freshness_failed": "FAIL"}


def name_of(condition: Condition) -> str:
    """The name by which `replace` knows it; of those with a selection, the name without it."""
    match condition:
        case Operand(name):
            state = _FRESHNESS.get(name)
            return name if state is None else f"freshness_result(state=FreshnessState.{state})"
        case InLatestTimeWindow(lookback):
            if lookback is None:
                return "in_latest_time_window"
            span = timedelta(microseconds=lookback)
            return f"in_latest_time_window(lookback_timedelta={span})"
        case CronTickPassed(cron, zone):
            return f"cron_tick_passed(cron_schedule={cron}, cron_timezone={zone})"
        case RunTags():
            return _tagged(condition)
        case Deps(how=how):
            return f"{how.upper()}_DEPS_MATCH"
        case Checks(how=how):
            return f"{how.upper()}_CHECKS_MATCH"
        case AssetMatches(key):
            return key
        case _:
            return _NAMES[type(condition)]


def children_of(condition: Condition) -> tuple[Condition, ...]:
    """The conditions that one is directly made of."""
    match condition:
        case And(operands) | Or(operands):
            return operands
        case Not(one) | NewlyTrue(one) | Deps(one) | Checks(one) | AssetMatches(_, one):
            return (one,)
        case Since(trigger, reset):
            return (trigger, reset)
        case _:
            return ()


def node_id(condition: Condition, parent: NodeId, index: int | None, target: str | None) -> NodeId:
    """By what a node is found again. `target`: the asset asked about, None: the condition's own."""
    if isinstance(condition, Since | NewlyTrue):
        made_of = children_of(condition)
        ids = (node_id(one, (), number, target) for number, one in enumerate(made_of))
        return name_of(condition), *ids, target or ""
    return parent, index, name_of(condition)


def size_of(condition: Condition) -> int:
    """How many nodes a condition has."""
    return 1 + sum(size_of(one) for one in children_of(condition))


def _tagged(condition: RunTags) -> str:
    keys = ",".join(sorted(condition.tag_keys))
    values = ",".join(f"{key}:{value}" for key, value in sorted(condition.tag_values))
    parts = [
        *([f"tag_keys={{{keys}}}"] if keys else []),
        *([f"tag_values={{{values}}}"] if values else []),
    ]
    return f"{condition.name}({', '.join(parts)})" if parts else condition.name
