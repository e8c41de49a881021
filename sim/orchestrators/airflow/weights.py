"""Effective priority weights: a task's own weight plus those of all tasks that it leads to.

Source: Airflow 2.11.2 and 3.3.2, task/priority_strategy.py. Each related task counts once, however
many paths lead to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

INT32_MAX = 2**31 - 1
INT32_MIN = -(2**31)


def effective_weights(
    weights: Sequence[int], rules: Sequence[str], upstream: Sequence[Sequence[int]]
) -> list[int]:
    """The weight each task competes with; tasks are numbered, `upstream` leads to lower numbers.

    `upstream` must be in topological order: every number in `upstream[i]` is below `i`.
    """
    above = relatives(upstream)
    below = [0] * len(weights)
    for task, mask in enumerate(above):
        for other in bits(mask):
            below[other] |= 1 << task
    related = {"downstream": below, "upstream": above}
    if len(set(weights)) == 1:
        each = weights[0]
        return [
            each + each * related[rule][task].bit_count() if rule in related else each
            for task, rule in enumerate(rules)
        ]
    return [
        weights[task] + sum(weights[other] for other in bits(related[rule][task]))
        if rule in related
        else weights[task]
        for task, rule in enumerate(rules)
    ]


def stored(weight: int) -> int:
    """A weight as the database keeps it: in 32 bits (`db_safe_priority`)."""
    return max(INT32_MIN, min(INT32_MAX, weight))


def relatives(upstream: Sequence[Sequence[int]]) -> list[int]:
    """For each task, the bit set of all tasks from which a path leads to it."""
    above: list[int] = []
    for direct in upstream:
        mask = 0
        for other in direct:
            mask |= above[other] | 1 << other
        above.append(mask)
    return above


def bits(mask: int) -> list[int]:
    """The numbers in a bit set, ascending."""
    numbers = []
    while mask:
        low = mask & -mask
        numbers.append(low.bit_length() - 1)
        mask ^= low
    return numbers
