"""What a person does: run a date again (twice, meanwhile, in the wrong order); backfill; clear.

An operator acts on runs that the fault-free night has, after them or while they run.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.model.interventions import Backfill, Clear, Rerun
from sim.verify.kinds.ladders import LATER, SOON
from sim.verify.plan import Kind

if TYPE_CHECKING:
    from sim.verify.plan import Trouble
    from sim.verify.points import Points, Run

_GAPS = LATER[:3]
_MODES = ("completed", "failed", "none")


def _absent(points: Points) -> str:
    return "" if points.runs else "no_runs"


def _backfill_absent(points: Points) -> str:
    return _absent(points) if "backfill" in points.abilities else "no_such_action"


def _clear_absent(points: Points) -> str:
    return _absent(points) if "clear" in points.abilities else "no_such_action"


def _two_dates(points: Points) -> str:
    return "" if len(_ends(points)) > 1 else "one_date"


def _ends(points: Points) -> tuple[tuple[str, int], ...]:
    """Each data date with the instant at which its last run ends."""
    ends: dict[str, int] = {}
    for run in points.runs:
        ends[run.data_date] = max(run.end, ends.get(run.data_date, run.end))
    return tuple(sorted(ends.items()))


def _rerun(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    day, end = _ends(points)[numbers[0]]
    return (Rerun(at=points.not_too_late(end + LATER[numbers[1]]), data_date=day),)


def _twice(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    day, end = _ends(points)[numbers[0]]
    first = points.not_too_late(end + LATER[numbers[1]])
    second = points.not_too_late(first + _GAPS[numbers[2]])
    return Rerun(at=first, data_date=day), Rerun(at=second, data_date=day)


def _overlap(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    run = points.runs[numbers[0]]
    # whoever runs it again sees it running: not in the very instant in which it is created
    at = max(_within(points, run, numbers[1]) + SOON[numbers[2]], run.start + SECOND)
    return (Rerun(at=at, data_date=run.data_date),)


def _within(points: Points, run: Run, number: int) -> int:
    moments = [at for at in points.moments if run.start <= at < run.end] or [run.start]
    return moments[number % len(moments)]


def _disorder(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    ends = _ends(points)
    earlier = ends[numbers[0]]
    later = ends[numbers[0] + 1]
    first = points.not_too_late(later[1] + LATER[numbers[1]])
    second = points.not_too_late(first + _GAPS[numbers[2]])
    return Rerun(at=first, data_date=later[0]), Rerun(at=second, data_date=earlier[0])


def _backfill(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    first, last = _range(points, numbers)
    end = max(run.end for run in points.runs)
    return (
        Backfill(
            at=points.not_too_late(end + LATER[numbers[3]]),
            pipeline=_pipelines(points)[numbers[2]],
            first=first,
            last=last,
            reverse=bool(numbers[4]),
            reprocess=_MODES[numbers[5]],
        ),
    )


def _backfill_sizes(points: Points) -> tuple[int, ...]:
    days = len(points.dates)
    return days, days, len(_pipelines(points)), len(LATER), 2, len(_MODES)


def _range(points: Points, numbers: tuple[int, ...]) -> tuple[str, str]:
    """The first and the last date of a backfill."""
    dates = points.dates
    return dates[numbers[0]], dates[min(len(dates) - 1, numbers[0] + numbers[1])]


def _clear(points: Points, numbers: tuple[int, ...]) -> tuple[Trouble, ...]:
    hit = points.tries[numbers[0]]
    return (
        Clear(
            at=points.not_too_late(hit.end + LATER[numbers[1]]),
            pipeline=hit.pipeline,
            data_date=hit.data_date,
            tasks=(hit.task,),
            downstream=not numbers[2],
        ),
    )


def _pipelines(points: Points) -> tuple[str, ...]:
    return tuple(dict.fromkeys(run.pipeline for run in points.runs))


def _date(points: Points, numbers: tuple[int, ...]) -> str:
    return _ends(points)[numbers[0]][0]


RERUN = Kind("rerun", _absent, lambda points: (len(_ends(points)), len(LATER)), _rerun, _date)
TWICE = Kind(
    "rerun_twice",
    _absent,
    lambda points: (len(_ends(points)), len(LATER), len(_GAPS)),
    _twice,
    _date,
)
OVERLAP = Kind(
    "overlap",
    _absent,
    lambda points: (len(points.runs), len(points.moments), len(SOON)),
    _overlap,
    lambda points, numbers: points.runs[numbers[0]].data_date,
)
DISORDER = Kind(
    "out_of_order",
    _two_dates,
    lambda points: (len(_ends(points)) - 1, len(LATER), len(_GAPS)),
    _disorder,
    _date,
)
BACKFILL = Kind(
    "backfill",
    _backfill_absent,
    _backfill_sizes,
    _backfill,
    lambda points, numbers: " to ".join(_range(points, numbers)),
)
CLEAR = Kind(
    "clear",
    lambda points: _clear_absent(points) or ("" if points.tries else "no_tries"),
    lambda points: (len(points.tries), len(LATER), 2),
    _clear,
    lambda points, numbers: points.tries[numbers[0]].task,
)
