"""Automation conditions as data: operands, operators, and the compositions that have a name.

Nothing is evaluated here. Source: Dagster 1.13.29, _core/definitions/declarative_automation/
automation_condition.py, whose names these are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

OperandName = Literal[
    "missing",
    "newly_updated",
    "newly_requested",
    "run_in_progress",
    "backfill_in_progress",
    "execution_failed",
    "will_be_requested",
    "in_latest_time_window",
    "code_version_changed",
    "data_version_changed",
    "initial_evaluation",
    "executed_with_root_target",
    "freshness_passed",
    "freshness_warned",
    "freshness_failed",
    "blocking_checks_passed",
]


@dataclass(frozen=True, slots=True)
class Operand:
    """Something that is true of some partitions of an asset by itself."""

    name: OperandName


@dataclass(frozen=True, slots=True)
class CronTickPassed:
    """A tick has passed since the previous evaluation."""

    cron_schedule: str
    timezone: str = "UTC"


@dataclass(frozen=True, slots=True)
class And:
    """True where all are; each is asked only about what the ones before it left."""

    operands: tuple[Condition, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class Or:
    """True where any is."""

    operands: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """True where the other is not."""

    operand: Condition


@dataclass(frozen=True, slots=True)
class NewlyTrue:
    """True where it is now and was not at the previous evaluation."""

    operand: Condition


@dataclass(frozen=True, slots=True)
class Since:
    """A latch: true from when `trigger` is until `reset` is."""

    trigger: Condition
    reset: Condition


@dataclass(frozen=True, slots=True)
class Deps:
    """Of the direct upstream assets, mapped to the partitions that are made from them."""

    operand: Condition
    how: Literal["any", "all"]
    allow: frozenset[str] | None = None
    """Only these; None: all."""
    ignore: frozenset[str] = frozenset()


Condition = Operand | CronTickPassed | And | Or | Not | NewlyTrue | Since | Deps

MISSING = Operand("missing")
NEWLY_UPDATED = Operand("newly_updated")
WILL_BE_REQUESTED = Operand("will_be_requested")
IN_LATEST_TIME_WINDOW = Operand("in_latest_time_window")
IN_PROGRESS = Or((Operand("run_in_progress"), Operand("backfill_in_progress")))
HANDLED = Or((Operand("newly_requested"), NEWLY_UPDATED, Operand("initial_evaluation")))
"""What resets `since_last_handled`."""
ANY_DEPS_MISSING = Deps(And((MISSING, Not(WILL_BE_REQUESTED))), "any")
ANY_DEPS_IN_PROGRESS = Deps(IN_PROGRESS, "any")
ANY_DEPS_UPDATED = Deps(
    Or((And((NEWLY_UPDATED, Not(Operand("executed_with_root_target")))), WILL_BE_REQUESTED)), "any"
)
ALL_DEPS_BLOCKING_CHECKS_PASSED = Deps(Operand("blocking_checks_passed"), "all")


def since_last_handled(trigger: Condition) -> Since:
    """From when it is true until it was requested or updated; the first evaluation resets it."""
    return Since(trigger, HANDLED)


def eager() -> And:
    """Whenever something upstream was updated, unless upstream is missing or under way."""
    return And(
        (
            IN_LATEST_TIME_WINDOW,
            since_last_handled(Or((NewlyTrue(MISSING), ANY_DEPS_UPDATED))),
            Not(ANY_DEPS_MISSING),
            Not(ANY_DEPS_IN_PROGRESS),
            Not(IN_PROGRESS),
        ),
        "eager",
    )


def on_cron(cron_schedule: str, timezone: str = "UTC") -> And:
    """Once after each tick, when everything upstream was updated since."""
    tick = CronTickPassed(cron_schedule, timezone)
    updated = Deps(Or((Since(NEWLY_UPDATED, tick), WILL_BE_REQUESTED)), "all")
    return And((IN_LATEST_TIME_WINDOW, since_last_handled(tick), updated), "on_cron")


def on_missing() -> And:
    """Once a partition is missing, when nothing upstream of it is."""
    return And(
        (
            IN_LATEST_TIME_WINDOW,
            since_last_handled(NewlyTrue(MISSING)),
            Not(ANY_DEPS_MISSING),
        ),
        "on_missing",
    )


def without(condition: And, left_out: Condition) -> And:
    """The same without one of its operands."""
    return And(tuple(one for one in condition.operands if one != left_out), condition.label)
