"""Generated nights of trouble: one fault, or one run too many, for each data date.

Drawn from the seed by (schedule, data date), so that a schedule is the same for every config whose
tasks have the same names. Nothing here knows an orchestrator. Invariant: a data date has one
ordeal, and it strikes a first try; a config that allows a second one can always get through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.faults.plan import AttemptCrash, NetworkSplit, WorkerCrash, WorkerLost
from sim.kernel.calendar import HOUR, MINUTE, SECOND
from sim.model.interventions import Rerun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.faults.plan import Fault
    from sim.kernel.streams import Streams

_KINDS = ("attempt_crash", "worker_lost", "worker_crash", "network_split", "rerun")
_BOUNDARIES = 5
"""One more than the write mode with the most statements has."""
_CALL_BOUNDARIES = 2
"""How many more a call and its receipt make of that one."""
_RERUN_WITHIN_US = 9 * HOUR
"""A date is run again at some time of its night: before, while or after it runs."""
_SPLIT_US = (1 * MINUTE, 40 * MINUTE)


@dataclass(frozen=True, slots=True)
class Ordeal:
    """What happens to one data date in one schedule."""

    data_date: str
    task: str
    """Empty when a person runs the whole date again."""
    trouble: Fault | Rerun

    @property
    def kind(self) -> str:
        """`attempt_crash`, `worker_lost`, `worker_crash`, `network_split` or `rerun`."""
        return _WORDS[type(self.trouble)]


_WORDS: Mapping[type, str] = {
    AttemptCrash: "attempt_crash",
    WorkerLost: "worker_lost",
    WorkerCrash: "worker_crash",
    NetworkSplit: "network_split",
    Rerun: "rerun",
}


def ordeals(
    streams: Streams,
    number: int,
    *,
    nights: Sequence[tuple[str, int]],
    spans: Mapping[str, int],
    calls: bool = False,
) -> tuple[Ordeal, ...]:
    """Schedule `number`: one ordeal a night.

    `nights` are (ISO data date, instant at which its night's day begins); `spans` are the tasks
    with their usual span in microseconds, so that a fault strikes while its task runs.
    With `calls` there are services that tasks may call, and more boundaries at which one can die.
    """
    boundaries = _BOUNDARIES + (_CALL_BOUNDARIES if calls else 0)
    return tuple(
        _ordeal(streams, number, day, start, spans, boundaries=boundaries) for day, start in nights
    )


def _ordeal(
    streams: Streams,
    number: int,
    day: str,
    start: int,
    spans: Mapping[str, int],
    *,
    boundaries: int,
) -> Ordeal:
    key = (number, day)

    def within(low: float, high: float, purpose: str) -> int:
        return round(streams.between(low, high, f"ordeal.{purpose}", *key) / SECOND)

    kind = _KINDS[streams.bits("ordeal.kind", *key) % len(_KINDS)]
    if kind == "rerun":
        at = start + within(0, _RERUN_WITHIN_US, "at") * SECOND
        return Ordeal(day, "", Rerun(at=at, data_date=day))
    task = list(spans)[streams.bits("ordeal.task", *key) % len(spans)]
    after = within(0, spans[task], "after")
    fault: Fault
    match kind:
        case "attempt_crash":
            boundary = 1 + streams.bits("ordeal.boundary", *key) % boundaries
            fault = AttemptCrash(task=task, data_date=day, before_statement=boundary)
        case "worker_lost":
            fault = WorkerLost(task=task, data_date=day, after=after)
        case "worker_crash":
            fault = WorkerCrash(task=task, data_date=day, after=after)
        case _:
            lasts = within(*_SPLIT_US, "lasts")
            fault = NetworkSplit(task=task, data_date=day, after=after, lasts=lasts)
    return Ordeal(day, task, fault)
