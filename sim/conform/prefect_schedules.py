"""Recorded dates of Prefect's schedules: one decision a date, or that it is refused.

A case: `kind` (`cron`, `interval`, `rrule`), its `spec`, a `start`, and the dates that follow.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sim.conform.decision import Absent, Decision, attempted, each_of
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import SECOND, format_instant, parse_instant
from sim.kernel.cron_fields import CronSyntaxError
from sim.orchestrators.prefect.schedules import CronSchedule, IntervalSchedule, RRuleSchedule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording
    from sim.orchestrators.prefect.schedules import Schedule

REFUSED = "refused"


class Spec(msgspec.Struct):
    """A schedule's own arguments."""

    cron: str = ""
    day_or: bool = True
    interval: float = 0
    anchor: str | None = None
    rrule: str = ""
    timezone: str | None = None


class Case(msgspec.Struct):
    """A schedule and its dates."""

    kind: Literal["cron", "interval", "rrule"]
    spec: Spec
    start: str
    expect: list[str] | dict[str, Any]


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded date beside ours."""
    for place, case in cases_as(recording, Case):
        try:
            start = parse_instant(case.start)
            anchor = start if case.spec.anchor is None else parse_instant(case.spec.anchor)
            recorded = _instants(case.expect)
        except ValueError as error:
            raise malformed(recording.file, place, str(error)) from None
        if case.kind == "interval" and case.spec.interval <= 0:
            raise malformed(recording.file, f"{place}.spec.interval", "must be more than 0")
        what = f"{case.kind} {case.spec.cron or case.spec.rrule or case.spec.interval}"
        wanted = len(recorded) if recorded else 1
        ours = attempted(lambda: _dates(case, start, anchor, wanted))  # noqa: B023
        if isinstance(case.expect, dict):
            yield Decision(place, what, REFUSED, ours)
        elif ours == REFUSED:
            yield from each_of(place, what, case.expect, Absent(REFUSED))
        else:
            yield from each_of(place, what, [format_instant(at) for at in recorded], ours)


def _instants(expect: list[str] | dict[str, Any]) -> list[int]:
    return [] if isinstance(expect, dict) else [parse_instant(text) for text in expect]


def _dates(case: Case, start: int, anchor: int, wanted: int) -> list[str] | str:
    try:
        schedule = _schedule(case, anchor)
    except CronSyntaxError:
        return REFUSED
    return [format_instant(at) for at in islice(schedule.dates(start), wanted)]


def _schedule(case: Case, anchor: int) -> Schedule:
    spec = case.spec
    timezone = spec.timezone or "UTC"
    if case.kind == "cron":
        return CronSchedule(spec.cron, timezone, spec.day_or)
    if case.kind == "interval":
        return IntervalSchedule(round(spec.interval * SECOND), anchor, timezone)
    return RRuleSchedule(spec.rrule, timezone)
