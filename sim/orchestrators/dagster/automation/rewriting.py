"""Conditions made from conditions: `allow`, `ignore`, `replace` and `without`.

Source: Dagster 1.13.29, operators/*.py. Not every condition has every method, and `replace` does
not look into all of them: both as there. Pure.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from sim.orchestrators.dagster.automation.conditions import (
    And,
    AssetMatches,
    Checks,
    Condition,
    Deps,
    Not,
    Or,
    Since,
)
from sim.orchestrators.dagster.automation.identity import name_of

Selective = And | Or | Not | Since | Deps | Checks
"""Conditions that have `allow` and `ignore`."""
S = TypeVar("S", bound=Selective)
OPERANDS_MIN = 2
"""An `&` with fewer is none."""


class RewritingError(ValueError):
    """What Dagster refuses, in one sentence."""


def allowing(condition: S, assets: frozenset[str]) -> S:
    """Only these assets are asked, by the condition or by those that it is made of."""
    return _selecting(condition, assets, ignore=False)


def ignoring(condition: S, assets: frozenset[str]) -> S:
    """These assets are not asked."""
    return _selecting(condition, assets, ignore=True)


def _selecting(condition: S, assets: frozenset[str], *, ignore: bool) -> S:
    def inside(one: Condition) -> Condition:
        return _selecting(one, assets, ignore=ignore) if isinstance(one, Selective) else one

    match condition:
        case Deps() | Checks():
            if ignore:
                return replace(condition, ignore=condition.ignore | assets)
            return replace(condition, allow=assets | (condition.allow or frozenset()))
        case And() | Or():
            return replace(condition, operands=tuple(inside(one) for one in condition.operands))
        case Not():
            return replace(condition, operand=inside(condition.operand))
        case _:
            assert isinstance(condition, Since)
            return replace(
                condition, trigger=inside(condition.trigger), reset=inside(condition.reset)
            )


def replaced(condition: Condition, old: Condition | str, new: Condition) -> Condition:
    """The same with `new` for every `old`: a condition equal to it, or one of that name or label.

    What stands inside of `newly_true`, of checks and of `any_downstream_conditions` stays.
    """
    if old == condition or old in {name_of(condition), condition.label}:
        return new
    match condition:
        case And() | Or():
            operands = tuple(replaced(one, old, new) for one in condition.operands)
            return replace(condition, operands=operands)
        case Not() | Deps() | AssetMatches():
            return replace(condition, operand=replaced(condition.operand, old, new))
        case Since():
            return replace(
                condition,
                trigger=replaced(condition.trigger, old, new),
                reset=replaced(condition.reset, old, new),
            )
        case _:
            return condition


def without(condition: And, left_out: Condition) -> And:
    """The same without one of its operands. Raises `RewritingError`."""
    if left_out not in condition.operands:
        message = "there is no such operand to leave out"
        raise RewritingError(message)
    operands = tuple(one for one in condition.operands if one != left_out)
    if len(operands) < OPERANDS_MIN:
        message = "too little would be left: an & has two operands at least"
        raise RewritingError(message)
    return replace(condition, operands=operands)
