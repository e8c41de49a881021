"""Fire minutes of one cron expression in several systems: one decision a minute and system.

A case: an expression `cron` in the zone `tz` from `start` to `end`; `sequences` lists the different
answers (UTC minutes, or "error" for a refusal), and `by` says which answer each system gave. Judged
are the systems that this program has: Debian's cron and Airflow. The other columns are other
programs' answers to the same question, and no decision of a system simulated here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import msgspec

from sim.conform.debian_cron import starts
from sim.conform.decision import Decision, attempted, each_of
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import MINUTE, format_instant, parse_instant
from sim.kernel.cron_expression import CronSyntaxError
from sim.orchestrators.airflow.timetables_build import ScheduleError, build_timetable
from sim.orchestrators.airflow.timetables_grid import CronGrid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sim.conform.recording import Recording

MINUTES_MAX = 400
"""The recorder writes at most so many minutes of a case."""


class Case(msgspec.Struct):
    """One expression and what each system made of it."""

    cron: str
    tz: str
    start: str
    end: str
    sequences: list[list[str] | Literal["error"]]
    by: dict[str, int]


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every minute of the judged columns."""
    for place, case in cases_as(recording, Case):
        try:
            start, end = parse_instant(case.start), parse_instant(case.end)
        except ValueError as error:
            raise malformed(recording.file, place, str(error)) from None
        judged = {name: case.by[name] for name in _COLUMNS if name in case.by}
        if not judged:
            raise malformed(recording.file, f"{place}.by", "names neither debian nor airflow")
        for column, at in judged.items():
            if not 0 <= at < len(case.sequences):
                problem = f"there are {len(case.sequences)} sequences from 0"
                raise malformed(recording.file, f"{place}.by.{column}", problem)
            recorded = case.sequences[at]
            minutes = _COLUMNS[column]
            ours = attempted(lambda: minutes(case.cron, case.tz, start, end))  # noqa: B023
            what = f"{column} {case.cron} {case.tz}"
            if isinstance(recorded, str) or isinstance(ours, str):
                yield Decision(place, what, recorded, ours)
            else:
                yield from each_of(place, what, recorded, ours)


def _debian(cron: str, timezone: str, start: int, end: int) -> list[str] | str:
    try:
        found = starts(cron, timezone, start, end, count=MINUTES_MAX)
    except CronSyntaxError:
        return "error"
    return [_minute(at) for at in found]


def _airflow(cron: str, timezone: str, start: int, end: int) -> list[str] | str:
    schedule = {"timetable": "CronTriggerTimetable", "cron": cron}
    try:
        timetable = build_timetable(schedule, version=3, timezone=timezone, cfg=None)
    except ScheduleError:
        return "error"
    grid = timetable.grid  # type: ignore[attr-defined]
    assert isinstance(grid, CronGrid)
    found: list[str] = []
    at = grid.next_after(start - 1)
    while at < end and len(found) < MINUTES_MAX:
        found.append(_minute(at))
        at = grid.next_after(at)
    return found


_COLUMNS: dict[str, Callable[[str, str, int, int], list[str] | str]] = {
    "debian": _debian,
    "airflow": _airflow,
}


def _minute(at: int) -> str:
    return f"{format_instant(at - at % MINUTE)[:16]}Z"
