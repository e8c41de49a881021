"""Machines that are away for a while: host, database, broker, a worker's machine, a scheduler.

Each begins at a moment of the fault-free night, or a little later, and ends: what never comes back
leaves nothing to be proved.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.faults.plan import BrokerOff, DatabaseOff, HostOff, SchedulerCrash, WorkerOff
from sim.verify.kinds.ladders import LENGTHS, SOON, instant, moment, moment_name
from sim.verify.plan import Kind

if TYPE_CHECKING:
    from sim.verify.plan import Trouble
    from sim.verify.points import Points


def _sizes(points: Points) -> tuple[int, ...]:
    return len(points.moments), len(SOON), len(LENGTHS)


def _any(points: Points) -> str:
    return "" if points.moments else "no_runs"


def _database(points: Points) -> str:
    return _any(points) if "metadata_database" in points.abilities else "no_database"


def _celery(points: Points) -> str:
    return _any(points) if "CeleryExecutor" in points.executors else "no_broker"


def _machines(points: Points) -> str:
    return _any(points) if points.workers else "no_machines"


def _schedulers(points: Points) -> str:
    return _any(points) if points.schedulers else "no_scheduler"


def _off(
    fault: type[HostOff | DatabaseOff | BrokerOff], points: Points, numbers: tuple[int, ...]
) -> tuple[Trouble, ...]:
    start = moment(points, numbers[0], numbers[1])
    return (fault(start=instant(start), end=instant(start + LENGTHS[numbers[2]])),)


def _worker_off(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    start = moment(points, numbers[0], numbers[1])
    end = start + LENGTHS[numbers[2]]
    worker = points.workers[numbers[3]]
    return (WorkerOff(worker=worker, start=instant(start), end=instant(end)),)


def _crash(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    at = moment(points, numbers[0], numbers[1])
    return (
        SchedulerCrash(
            at=instant(at),
            restart=instant(at + LENGTHS[numbers[2]]),
            workers="survive" if numbers[3] else "die",
            scheduler=numbers[4],
        ),
    )


def _where(points: Points, numbers: tuple[int, ...]) -> str:
    return moment_name(points, numbers[0])


HOST = Kind("host_off", _any, _sizes, partial(_off, HostOff), _where)
DATABASE = Kind("database_off", _database, _sizes, partial(_off, DatabaseOff), _where)
BROKER = Kind("broker_off", _celery, _sizes, partial(_off, BrokerOff), _where)
WORKER = Kind(
    "worker_off",
    _machines,
    lambda points: (*_sizes(points), len(points.workers)),
    _worker_off,
    _where,
)
SCHEDULER = Kind(
    "scheduler_crash",
    _schedulers,
    lambda points: (*_sizes(points), 2, points.schedulers),
    _crash,
    _where,
)
