"""What small numbers mean in every kind: spans that grow, and places within a try.

Invariant: 0 is the shortest and the nearest, so that shrinking a number shrinks the trouble.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import HOUR, MINUTE, SECOND, format_instant

if TYPE_CHECKING:
    from sim.verify.points import Points, Try

SOON = tuple(number * SECOND for number in (0, 1, 3, 10, 60, 300))
"""How long after a point something strikes, microseconds."""
LENGTHS = tuple(number * MINUTE for number in (1, 2, 5, 10, 20, 45, 90))
"""How long something is away, microseconds."""
LATER = (1 * MINUTE, 10 * MINUTE, 1 * HOUR, 3 * HOUR, 6 * HOUR)
"""How long after a run's end somebody does something, microseconds."""
TRIES = 3
"""Which try of a task is hit: the one of the fault-free night, or one of the next two."""
PLACES = 8
"""Places within one try that are told apart."""


def place_in(one: Try, number: int) -> int:
    """Offset of a place in a try, microseconds: its start, its middle, and just after statements.

    Each statement that is not its last instant is a place, and so is the middle of what lies
    before it.
    """
    offsets = {0}
    before = one.start
    for at in (*one.statements, one.end):
        offsets.add((before + at) // 2 - one.start)
        offsets.add(at - one.start)
        before = at
    within = sorted(at for at in offsets if at < one.end - one.start) or [0]
    return within[number % len(within)]


def seconds(span_us: int) -> int:
    """A span in whole seconds, as fault files have it."""
    return span_us // SECOND


def instant(at: int) -> str:
    """An instant as fault files have it, to the second."""
    return format_instant(at - at % SECOND)


def moment(points: Points, number: int, soon: int) -> int:
    """An instant at which something happens, or a little later."""
    return points.moments[number % len(points.moments)] + SOON[soon % len(SOON)]


def moment_name(points: Points, number: int) -> str:
    """What happens at a moment, for coverage: `extract start`, `load statement`."""
    at = points.moments[number % len(points.moments)]
    for one in points.tries:
        if at == one.start:
            return f"{one.task} start"
        if at in one.statements:
            return f"{one.task} statement {one.statements.index(at) + 1}"
        if at == one.end:
            return f"{one.task} end"
    return "run start"
