"""Decisions: comparable facts of a recording, each beside what this program decides.

A decision is one fact that can be right or wrong by itself: a run's date or state or time, one
instant or state of a try, one delay, one table row. Judging yields decisions one by one and keeps
none of those that agree. What only one side has is compared with an `Absent`, which equals nothing.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


@dataclass(frozen=True, slots=True, eq=False)
class Absent:
    """What one side does not have. It equals nothing, not even another absence."""

    reason: str = ""
    """Why the program could not say: the message of its refusal; empty when it says nothing."""


ABSENT = Absent()


class Decision(NamedTuple):
    """One fact: what the real system decided, and what this program decides."""

    case: str
    """The case of the file, by its own id where it has one."""
    what: str
    """The fact within its case, `task_instances a#0 t00 start`."""
    recorded: Any
    simulated: Any

    @property
    def agrees(self) -> bool:
        """Whether both decided the same."""
        return bool(self.recorded == self.simulated)


@dataclass(frozen=True, slots=True)
class Tally:
    """A judged recording: how many decisions agree, and the first ones that do not."""

    agreed: int
    total: int
    cases_whole: int
    """Cases in which every decision agrees."""
    cases: int
    differences: tuple[Decision, ...]
    """The first differences, in the recording's order; at most as many as were asked for. A case
    that could not be simulated at all stands there once."""


def tally(decisions: Iterable[Decision], *, differences_max: int) -> Tally:
    """Count decisions, keeping the first `differences_max` that disagree."""
    agreed = total = 0
    whole: dict[str, bool] = {}
    kept: list[Decision] = []
    told: Any = None
    for decision in decisions:
        total += 1
        if decision.agrees:
            agreed += 1
            whole.setdefault(decision.case, True)
            continue
        whole[decision.case] = False
        simulated = decision.simulated
        again = isinstance(simulated, Absent) and simulated.reason and simulated is told
        if len(kept) < differences_max and not again:
            kept.append(decision)
            told = simulated
    return Tally(agreed, total, sum(whole.values()), len(whole), tuple(kept))


def attempted(function: Callable[[], Any]) -> Any:
    """What the program decides, or an `Absent` with the reason when it cannot decide.

    The recording has been read and found well formed by then, so what fails here is that this
    program does not know something that the real system knew: every such decision disagrees.
    """
    try:
        return function()
    except Exception as error:  # noqa: BLE001 - whatever stops us, the real system was not stopped
        return Absent(f"{type(error).__name__}: {error}")


def near(recorded: Any, simulated: Any, within: float) -> Any:
    """What was simulated, or what was recorded when it differs from it by rounding alone."""
    if not isinstance(recorded, int | float) or not isinstance(simulated, int | float):
        return simulated
    return recorded if abs(recorded - simulated) <= within else simulated


def each_of(
    case: str, what: str, recorded: list[Any], simulated: list[Any] | Absent
) -> Iterator[Decision]:
    """A list of instants as decisions: each that both have agrees, in whatever place it stands.

    So one missing instant is one difference, and does not shift all that follow. Two empty lists
    agree in one decision: that nothing happens.
    """
    if isinstance(simulated, Absent):
        for value in recorded or [None]:
            yield Decision(case, what, value, simulated)
        return
    if not recorded and not simulated:
        yield Decision(case, what, None, None)
    left = Counter(simulated)
    for value in recorded:
        found = left[value] > 0
        left[value] -= found
        yield Decision(case, what, value, value if found else ABSENT)
    for value in simulated:
        if left[value] > 0:
            left[value] -= 1
            yield Decision(case, what, ABSENT, value)
