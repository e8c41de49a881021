"""What happens to the worker of one try: lost, crashed, cut off, or never told of its task.

Cron has no worker apart from its host, and no hand-over: there these kinds are absent. A hand-over
can vanish where it is a message between machines (Celery, Kubernetes), not inside of one process.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.faults.plan import DispatchLost, NetworkSplit, WorkerCrash, WorkerLost
from sim.verify.kinds.ladders import LENGTHS, PLACES, SOON, TRIES, place_in, seconds
from sim.verify.plan import Kind

if TYPE_CHECKING:
    from sim.verify.plan import Trouble
    from sim.verify.points import Points

_DISPATCHES = 3


def _absent(points: Points) -> str:
    if "workers" not in points.abilities:
        return "no_workers"
    return "" if points.tries else "no_tries"


def _no_message(points: Points) -> str:
    between = {"CeleryExecutor", "KubernetesExecutor"}
    return _absent(points) or ("" if between & {*points.executors} else "no_message")


def _sizes(points: Points) -> tuple[int, ...]:
    return len(points.tries), PLACES, len(SOON), TRIES


def _after(points: Points, numbers: tuple[int, ...]) -> int:
    return seconds(place_in(points.tries[numbers[0]], numbers[1]) + SOON[numbers[2]])


def _gone(
    fault: type[WorkerLost | WorkerCrash], points: Points, numbers: tuple[int, ...]
) -> tuple[Trouble, ...]:
    hit = points.tries[numbers[0]]
    return (
        fault(
            task=hit.task,
            data_date=hit.data_date,
            try_number=hit.number + numbers[3],
            after=_after(points, numbers),
        ),
    )


def _split(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    hit = points.tries[numbers[0]]
    return (
        NetworkSplit(
            task=hit.task,
            data_date=hit.data_date,
            try_number=hit.number + numbers[3],
            after=_after(points, numbers),
            lasts=seconds(LENGTHS[numbers[4]]),
        ),
    )


def _undelivered(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    hit = points.tries[numbers[0]]
    return (
        DispatchLost(
            task=hit.task,
            data_date=hit.data_date,
            try_number=hit.number + numbers[2],
            times=1 + numbers[1],
        ),
    )


def _where(points: Points, numbers: tuple[int, ...]) -> str:
    hit = points.tries[numbers[0]]
    offset = place_in(hit, numbers[1])
    done = sum(at - hit.start <= offset for at in hit.statements)
    return f"{hit.task} after {done}"


def _where_undelivered(points: Points, numbers: tuple[int, ...]) -> str:
    return points.tries[numbers[0]].task


LOST = Kind("worker_lost", _absent, _sizes, partial(_gone, WorkerLost), _where)
CRASH = Kind("worker_crash", _absent, _sizes, partial(_gone, WorkerCrash), _where)
SPLIT = Kind(
    "network_split", _absent, lambda points: (*_sizes(points), len(LENGTHS)), _split, _where
)
UNDELIVERED = Kind(
    "dispatch_lost",
    _no_message,
    lambda points: (len(points.tries), _DISPATCHES, TRIES),
    _undelivered,
    _where_undelivered,
)
