"""What faults do to the workers of tries, looked up by task, data date and try.

Nothing is decided here about what follows: each orchestrator knows what it does with a worker that
is gone. Invariant: a fault strikes one run's try. Where several runs have that try, as when a date
is started twice, each fault strikes one of them, in the order in which they come to it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.faults.plan import (
    DispatchLost,
    DoubleDelivery,
    NetworkSplit,
    WorkerCrash,
    WorkerFault,
    WorkerLost,
)
from sim.kernel.calendar import parse_span
from sim.platform.contract import Fate

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.model.work import Attempt
    from sim.platform.site import Site

    Point = tuple[str, str, int]


class WorkerFates:
    """The fates of one plan of faults. Implements `sim.platform.contract.Fates`."""

    def __init__(self, faults: Iterable[WorkerFault], site: Site) -> None:
        self._site = site
        self._fates: dict[Point, list[Fate]] = {}
        self._struck: dict[Point, list[tuple[str, str]]] = {}
        """The runs that came to a point, in order: the first of its faults is the first one's."""
        self._vanishing: dict[Point, int] = {}
        self._doubled: dict[Point, int] = {}
        for fault in faults:
            point = (fault.task, fault.data_date, fault.try_number)
            if isinstance(fault, DispatchLost):
                self._vanishing[point] = fault.times
            elif isinstance(fault, DoubleDelivery):
                self._doubled.setdefault(point, parse_span(fault.after))
            else:
                self._fates.setdefault(point, []).append(_fate(fault))

    def of(self, attempt: Attempt) -> Fate | None:
        """What becomes of the worker of a try; asked again, the answer is the same."""
        point = self._point(attempt)
        if point not in self._fates:
            return None
        runs, run = self._struck.setdefault(point, []), (attempt.pipeline, attempt.run_id)
        if run not in runs:
            runs.append(run)
        place, fates = runs.index(run), self._fates[point]
        return fates[place] if place < len(fates) else None

    def vanishes(self, attempt: Attempt) -> bool:
        """Whether this hand-over is lost; each answer counts as one hand-over."""
        point = self._point(attempt)
        left = self._vanishing.get(point, 0)
        if left:
            self._vanishing[point] = left - 1
        return left > 0

    def delivered_again(self, attempt: Attempt) -> int | None:
        """How long after its first delivery the message of a try is delivered again."""
        return self._doubled.get(self._point(attempt)) if self._doubled else None

    def _point(self, attempt: Attempt) -> Point:
        data_date = self._site.data_date(attempt, attempt.macros())
        return attempt.task, data_date, attempt.try_number


def _fate(fault: WorkerLost | WorkerCrash | NetworkSplit) -> Fate:
    after = parse_span(fault.after)
    if isinstance(fault, WorkerLost):
        return Fate("worker_lost", after)
    if isinstance(fault, WorkerCrash):
        return Fate("worker_crash", after)
    return Fate(
        "network_split", after, None if fault.lasts is None else after + parse_span(fault.lasts)
    )
