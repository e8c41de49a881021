"""What an expression of a condition may call, and with which arguments.

Source: Dagster 1.13.29, _core/definitions/declarative_automation/automation_condition.py; the names
of arguments and their order are those of its functions. Invariant: every function named here can be
evaluated; what Dagster has besides is in `NOT_MODELLED`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sim.orchestrators.dagster.automation import conditions as c
from sim.orchestrators.dagster.automation.check_operands import OF_CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable

Kind = Literal[
    "condition",
    "check_condition",
    "cron",
    "timezone",
    "span",
    "truth",
    "asset",
    "selection",
    "label",
    "old",
    "names",
    "tags",
]
"""What an argument has to be."""
REQUIRED: Any = object()


class Argument(NamedTuple):
    """One argument of a function."""

    name: str
    kind: Kind
    default: Any = REQUIRED


class Function(NamedTuple):
    """A function, and what becomes of its arguments."""

    build: Callable[..., Any]
    arguments: tuple[Argument, ...] = ()
    keyword_only: bool = False


def _operand(name: c.OperandName) -> Function:
    label = name if name.startswith("freshness_") else None
    return Function(lambda: c.Operand(name, label))


def _constant(condition: c.Condition) -> Function:
    return Function(lambda: condition)


def _run_tags(name: c.RunTagsName) -> Function:
    def build(tag_keys: frozenset[str] | None, tag_values: dict[str, str] | None) -> c.RunTags:
        return c.RunTags(name, tag_keys or frozenset(), frozenset((tag_values or {}).items()))

    keys, values = Argument("tag_keys", "names", None), Argument("tag_values", "tags", None)
    return Function(build, (keys, values), keyword_only=True)


_CRON = (Argument("cron_schedule", "cron"), Argument("cron_timezone", "timezone", "UTC"))
_OF_A_DEP = (Argument("condition", "condition"),)
_OF_A_CHECK = (
    Argument("condition", "check_condition"),
    Argument("blocking_only", "truth", False),  # noqa: FBT003 - a default
)

CONSTRUCTORS: dict[str, Function] = {
    **{
        name: _operand(name)
        for name in (
            "missing",
            "newly_updated",
            "newly_requested",
            "run_in_progress",
            "backfill_in_progress",
            "execution_failed",
            "will_be_requested",
            "code_version_changed",
            "data_version_changed",
            "initial_evaluation",
            "executed_with_root_target",
            "freshness_passed",
            "freshness_warned",
            "freshness_failed",
            "check_passed",
            "check_failed",
        )
    },
    "in_progress": _constant(c.IN_PROGRESS),
    "newly_missing": _constant(c.NEWLY_MISSING),
    "any_deps_updated": _constant(c.ANY_DEPS_UPDATED),
    "any_deps_missing": _constant(c.ANY_DEPS_MISSING),
    "any_deps_in_progress": _constant(c.ANY_DEPS_IN_PROGRESS),
    "all_deps_blocking_checks_passed": _constant(c.ALL_DEPS_BLOCKING_CHECKS_PASSED),
    "any_downstream_conditions": _constant(c.AnyDownstreamConditions()),
    "eager": Function(c.eager),
    "on_missing": Function(c.on_missing),
    "on_cron": Function(c.on_cron, _CRON),
    "cron_tick_passed": Function(c.CronTickPassed, _CRON),
    "all_deps_updated_since_cron": Function(c.all_deps_updated_since_cron, _CRON),
    "in_latest_time_window": Function(
        c.InLatestTimeWindow, (Argument("lookback_delta", "span", None),)
    ),
    "any_deps_match": Function(lambda one: c.Deps(one, "any"), _OF_A_DEP),
    "all_deps_match": Function(lambda one: c.Deps(one, "all"), _OF_A_DEP),
    "asset_matches": Function(
        c.AssetMatches, (Argument("key", "asset"), Argument("condition", "condition"))
    ),
    "any_checks_match": Function(
        lambda one, blocking: c.Checks(one, "any", blocking_only=blocking), _OF_A_CHECK
    ),
    "all_checks_match": Function(
        lambda one, blocking: c.Checks(one, "all", blocking_only=blocking), _OF_A_CHECK
    ),
    **{
        name: _run_tags(name)
        for name in (
            "executed_with_tags",
            "any_new_update_has_run_tags",
            "all_new_updates_have_run_tags",
        )
    },
}
"""The static functions of `AutomationCondition`."""

METHODS: dict[str, tuple[Argument, ...]] = {
    "since": (Argument("reset_condition", "condition"),),
    "newly_true": (),
    "since_last_handled": (),
    "with_label": (Argument("label", "label"),),
    "replace": (Argument("old", "old"), Argument("new", "condition")),
    "allow": (Argument("selection", "selection"),),
    "ignore": (Argument("selection", "selection"),),
    "without": (Argument("condition", "condition"),),
}
"""The methods of a condition; not every condition has each (`rewriting`)."""

OF_CHECKS_ONLY = frozenset({"check_passed", "check_failed"})
"""What can only be asked about a check."""
ABOUT_CHECKS = OF_CHECKS | {
    "in_progress",
    "newly_missing",
    "in_latest_time_window",
    "cron_tick_passed",
}
"""What can be asked about a check at all."""

NOT_MODELLED: dict[str, str] = {
    "any_job_root_assets_match": "conditions of jobs are not modelled here",
    "all_job_root_assets_match": "conditions of jobs are not modelled here",
    "resolve_through_virtual": "virtual assets are not modelled here",
    "as_auto_materialize_policy": "it makes a policy of before Dagster 1.8",
}
"""What Dagster has, and why it cannot be written here."""
