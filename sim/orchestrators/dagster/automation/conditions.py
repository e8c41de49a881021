"""Automation conditions as data: operands, operators, and the compositions that have a name.

Nothing is evaluated here. Source: Dagster 1.13.29, _core/definitions/declarative_automation/
automation_condition.py, whose names these are. Invariant: two conditions are equal when Dagster's
are, which takes their labels into account.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeVar

OperandName = Literal[
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
]
RunTagsName = Literal[
    "executed_with_tags", "any_new_update_has_run_tags", "all_new_updates_have_run_tags"
]


@dataclass(frozen=True, slots=True)
class Operand:
    """Something that is true of some partitions of an asset by itself."""

    name: OperandName
    label: str | None = None


@dataclass(frozen=True, slots=True)
class InLatestTimeWindow:
    """The newest partition in time; everything of an asset without a dimension of time."""

    lookback_delta: int | None = None
    """Microseconds before the end of the newest window in which partitions count, too."""
    label: str | None = None


@dataclass(frozen=True, slots=True)
class CronTickPassed:
    """A tick has passed since the previous evaluation."""

    cron_schedule: str
    timezone: str = "UTC"
    label: str | None = None


@dataclass(frozen=True, slots=True)
class RunTags:
    """What the runs behind the latest updates are tagged with."""

    name: RunTagsName
    tag_keys: frozenset[str] = frozenset()
    """Tags that a run must have."""
    tag_values: frozenset[tuple[str, str]] = frozenset()
    """Tags with the value that they must have."""
    label: str | None = None


@dataclass(frozen=True, slots=True)
class And:
    """True where all are; each is asked only about what the ones before it left."""

    operands: tuple[Condition, ...]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Or:
    """True where any is."""

    operands: tuple[Condition, ...]
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Not:
    """True where the other is not."""

    operand: Condition
    label: str | None = None


@dataclass(frozen=True, slots=True)
class NewlyTrue:
    """True where it is now and was not at the previous evaluation."""

    operand: Condition
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Since:
    """A latch: true from when `trigger` is until `reset` is."""

    trigger: Condition
    reset: Condition
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Deps:
    """Of the direct upstream assets, mapped to the partitions that are made from them."""

    operand: Condition
    how: Literal["any", "all"]
    allow: frozenset[str] | None = None
    """Only these; None: all."""
    ignore: frozenset[str] = frozenset()
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Checks:
    """Of the checks of an asset."""

    operand: Condition
    how: Literal["any", "all"]
    blocking_only: bool = False
    allow: frozenset[str] | None = None
    """Only checks of these assets; None: of all."""
    ignore: frozenset[str] = frozenset()
    label: str | None = None


@dataclass(frozen=True, slots=True)
class AssetMatches:
    """Of one other asset, mapped to the partitions of this one."""

    key: str
    operand: Condition
    label: str | None = None


@dataclass(frozen=True, slots=True)
class AnyDownstreamConditions:
    """Whatever makes anything downstream be requested, asked about this asset."""

    label: str | None = None


Condition = (
    Operand
    | InLatestTimeWindow
    | CronTickPassed
    | RunTags
    | And
    | Or
    | Not
    | NewlyTrue
    | Since
    | Deps
    | Checks
    | AssetMatches
    | AnyDownstreamConditions
)
C = TypeVar("C", bound=Condition)


def labelled(condition: C, label: str | None) -> C:
    """The same under a label."""
    return replace(condition, label=label)


def both(left: Condition, right: Condition) -> And:
    """`left & right`; what an `&` without a label was made of goes into the new one."""
    return And(tuple(one for each in (left, right) for one in _joined(each, And)))


def either(left: Condition, right: Condition) -> Or:
    """`left | right`, likewise."""
    return Or(tuple(one for each in (left, right) for one in _joined(each, Or)))


def _joined(condition: Condition, kind: type[And | Or]) -> tuple[Condition, ...]:
    if isinstance(condition, kind) and condition.label is None:
        return condition.operands
    return (condition,)


MISSING = Operand("missing")
NEWLY_UPDATED = Operand("newly_updated")
WILL_BE_REQUESTED = Operand("will_be_requested")
IN_LATEST_TIME_WINDOW = InLatestTimeWindow()
IN_PROGRESS = Or((Operand("run_in_progress"), Operand("backfill_in_progress")), "in_progress")
HANDLED = Or((Operand("newly_requested"), NEWLY_UPDATED, Operand("initial_evaluation")), "handled")
"""What resets `since_last_handled`."""
NEWLY_MISSING = NewlyTrue(MISSING, "newly_missing")
ANY_DEPS_MISSING = Deps(And((MISSING, Not(WILL_BE_REQUESTED))), "any", label="any_deps_missing")
ANY_DEPS_IN_PROGRESS = Deps(IN_PROGRESS, "any", label="any_deps_in_progress")
ANY_DEPS_UPDATED = Deps(
    Or(
        (
            And(
                (NEWLY_UPDATED, Not(Operand("executed_with_root_target"))),
                "newly_updated_without_root",
            ),
            WILL_BE_REQUESTED,
        )
    ),
    "any",
    label="any_deps_updated",
)
ALL_DEPS_BLOCKING_CHECKS_PASSED = Deps(
    Checks(
        Or((Operand("check_passed"), WILL_BE_REQUESTED)),
        "all",
        blocking_only=True,
        label="all_blocking_checks_passed",
    ),
    "all",
    label="all_deps_blocking_checks_passed",
)


def since_last_handled(trigger: Condition) -> Since:
    """From when it is true until it was requested or updated; the first evaluation resets it."""
    return Since(trigger, HANDLED)


def all_deps_updated_since_cron(cron_schedule: str, timezone: str = "UTC") -> Deps:
    """Everything upstream was updated since the latest tick, or will be requested now."""
    updated = Since(NEWLY_UPDATED, CronTickPassed(cron_schedule, timezone))
    label = f"all_deps_updated_since_cron({cron_schedule}, {timezone})"
    return Deps(Or((updated, WILL_BE_REQUESTED)), "all", label=label)


def eager() -> And:
    """Whenever something upstream was updated, unless upstream is missing or under way."""
    return And(
        (
            IN_LATEST_TIME_WINDOW,
            since_last_handled(Or((NEWLY_MISSING, ANY_DEPS_UPDATED))),
            Not(ANY_DEPS_MISSING),
            Not(ANY_DEPS_IN_PROGRESS),
            Not(IN_PROGRESS),
        ),
        "eager",
    )


def on_cron(cron_schedule: str, timezone: str = "UTC") -> And:
    """Once after each tick, when everything upstream was updated since."""
    return And(
        (
            IN_LATEST_TIME_WINDOW,
            since_last_handled(CronTickPassed(cron_schedule, timezone)),
            all_deps_updated_since_cron(cron_schedule, timezone),
        ),
        f"on_cron({cron_schedule}, {timezone})",
    )


def on_missing() -> And:
    """Once a partition is missing, when nothing upstream of it is."""
    return And(
        (
            IN_LATEST_TIME_WINDOW,
            labelled(since_last_handled(NewlyTrue(MISSING)), "missing_since_last_handled"),
            Not(ANY_DEPS_MISSING),
        ),
        "on_missing",
    )
