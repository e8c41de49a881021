"""A try dies at a statement boundary, also after its last effect and before it reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.faults.plan import AttemptCrash
from sim.verify.kinds.ladders import TRIES
from sim.verify.plan import Kind

if TYPE_CHECKING:
    from sim.verify.plan import Trouble
    from sim.verify.points import Points


def _absent(points: Points) -> str:
    return "" if points.writing else "no_statements"


def _sizes(points: Points) -> tuple[int, ...]:
    most = max(len(one.statements) for one in points.writing)
    return len(points.writing), most + 1, TRIES


def _boundary(points: Points, numbers: tuple[int, ...]) -> int:
    return 1 + numbers[1] % (len(points.writing[numbers[0]].statements) + 1)


def _make(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    hit = points.writing[numbers[0]]
    return (
        AttemptCrash(
            task=hit.task,
            data_date=hit.data_date,
            try_number=hit.number + numbers[2],
            before_statement=_boundary(points, numbers),
        ),
    )


def _where(points: Points, numbers: tuple[int, ...]) -> str:
    return f"{points.writing[numbers[0]].task} boundary {_boundary(points, numbers)}"


KIND = Kind("attempt_crash", _absent, _sizes, _make, _where)
