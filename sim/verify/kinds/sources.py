"""A source that answers badly while it is read: empty, partial, slow, refusing, timing out.

A partial answer has at most a third of the day's rows. Nearer to the truth lies what an ordinary
day may have, and no check of volume could tell it from one.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.faults.plan import SourceOutage
from sim.kernel.calendar import MINUTE
from sim.verify.kinds.ladders import LENGTHS, instant
from sim.verify.plan import Kind

if TYPE_CHECKING:
    from typing import Literal

    from sim.verify.plan import Trouble
    from sim.verify.points import Points

    Mode = Literal["refuse", "empty", "partial", "slow", "timeout"]

_LEADS = (0, 1 * MINUTE, 30 * MINUTE)
"""How long it has been so already when the source is read, microseconds."""
_SHARES = (0.02, 0.1, 0.2, 0.33)
_FACTORS = (2.0, 4.0, 8.0)


def _absent(points: Points) -> str:
    return "" if points.reads else "no_reads"


def _sizes(points: Points) -> tuple[int, ...]:
    return len(points.reads), len(LENGTHS), len(_LEADS)


def _make(mode: Mode, points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    read = points.reads[numbers[0]]
    rows = int(read.rows * _SHARES[numbers[3]]) if mode == "partial" else 0
    factor = _FACTORS[numbers[3]] if mode == "slow" else 2.0
    return (
        SourceOutage(
            system=read.system,
            start=instant(read.at - _LEADS[numbers[2]]),
            end=instant(read.at + LENGTHS[numbers[1]]),
            mode=mode,
            rows=rows,
            factor=factor,
        ),
    )


def _where(points: Points, numbers: tuple[int, ...]) -> str:
    return points.reads[numbers[0]].source


EMPTY = Kind("source_empty", _absent, _sizes, partial(_make, "empty"), _where)
REFUSE = Kind("source_refuse", _absent, _sizes, partial(_make, "refuse"), _where)
TIMEOUT = Kind("source_timeout", _absent, _sizes, partial(_make, "timeout"), _where)
PARTIAL = Kind(
    "source_partial",
    _absent,
    lambda points: (*_sizes(points), len(_SHARES)),
    partial(_make, "partial"),
    _where,
)
SLOW = Kind(
    "source_slow",
    _absent,
    lambda points: (*_sizes(points), len(_FACTORS)),
    partial(_make, "slow"),
    _where,
)
