"""What comes late, twice or half: rows, reports, messages, a second cron, deaths in a statement.

Each is absent where the real system cannot have it: messages where there is no broker, a second
cron daemon under Airflow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.faults.plan import AttemptCrash, DoubleCron, DoubleDelivery, LateReport, SourceLate
from sim.verify.kinds.ladders import LENGTHS, SOON, TRIES, instant, moment, moment_name, seconds
from sim.verify.plan import Kind

if TYPE_CHECKING:
    from sim.verify.plan import Trouble
    from sim.verify.points import Points

_SHARES = (0.0, 0.02, 0.1, 0.33)
"""Of a day's rows, those that are there before: at most a third, as with a partial source."""


def _no_reads(points: Points) -> str:
    return "" if points.reads else "no_reads"


def _no_tries(points: Points) -> str:
    return "" if points.tries else "no_tries"


def _no_statements(points: Points) -> str:
    return "" if points.writing else "no_statements"


def _no_broker(points: Points) -> str:
    return _no_tries(points) if "CeleryExecutor" in points.executors else "no_broker"


def _no_second_cron(points: Points) -> str:
    if "twin" not in points.abilities:
        return "one_scheduler"
    return "" if points.runs else "no_runs"


def _source_late(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    read = points.reads[numbers[0]]
    return (
        SourceLate(
            source=read.source,
            data_date=read.data_date,
            until=instant(read.at + LENGTHS[numbers[1]]),
            rows=int(read.rows * _SHARES[numbers[2]]),
        ),
    )


def _late_report(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    hit = points.tries[numbers[0]]
    return (
        LateReport(
            task=hit.task,
            data_date=hit.data_date,
            try_number=hit.number + numbers[2],
            late=seconds(LENGTHS[numbers[1]]),
        ),
    )


def _double_delivery(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    hit = points.tries[numbers[0]]
    return (
        DoubleDelivery(
            task=hit.task,
            data_date=hit.data_date,
            try_number=hit.number + numbers[2],
            after=seconds(SOON[numbers[1]]),
        ),
    )


def _double_cron(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    # it is there when the line is due, so from a second before
    start = moment(points, numbers[0], 0) - SOON[1]
    return (
        DoubleCron(
            start=instant(start),
            end=instant(start + LENGTHS[numbers[1]]),
            same_host=not numbers[2],
        ),
    )


def _inside(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    hit = points.writing[numbers[0]]
    return (
        AttemptCrash(
            task=hit.task,
            data_date=hit.data_date,
            try_number=hit.number + numbers[2],
            before_statement=1 + numbers[1] % len(hit.statements),
            inside="completes" if numbers[3] else "undone",
        ),
    )


def _task(points: Points, numbers: tuple[int, ...]) -> str:
    return points.tries[numbers[0]].task


SOURCE = Kind(
    "source_late",
    _no_reads,
    lambda points: (len(points.reads), len(LENGTHS), len(_SHARES)),
    _source_late,
    lambda points, numbers: points.reads[numbers[0]].source,
)
REPORT = Kind(
    "late_report",
    _no_tries,
    lambda points: (len(points.tries), len(LENGTHS), TRIES),
    _late_report,
    _task,
)
DELIVERY = Kind(
    "double_delivery",
    _no_broker,
    lambda points: (len(points.tries), len(SOON), TRIES),
    _double_delivery,
    _task,
)
CRON = Kind(
    "double_cron",
    _no_second_cron,
    lambda points: (len(points.moments), len(LENGTHS), 2),
    _double_cron,
    lambda points, numbers: moment_name(points, numbers[0]),
)
INSIDE = Kind(
    "crash_inside",
    _no_statements,
    lambda points: (
        len(points.writing),
        max(len(one.statements) for one in points.writing),
        TRIES,
        2,
    ),
    _inside,
    lambda points, numbers: (
        f"{points.writing[numbers[0]].task} "
        f"statement {1 + numbers[1] % len(points.writing[numbers[0]].statements)}"
    ),
)
