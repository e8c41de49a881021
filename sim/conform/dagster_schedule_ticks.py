"""Recorded ticks of Dagster's schedules, and those that a daemon makes up after a down time.

A case: `kind`; `ticks`: `cron` (a string or several), `tz` (null: UTC), `start`; `catchup`: also
`last`, `now`, `partitioned`, `max_catchup_runs`, and how many ticks are `due`. Each tick is a
decision.
"""

from __future__ import annotations

from datetime import UTC
from itertools import islice
from typing import TYPE_CHECKING, Literal

import msgspec

from sim.conform.decision import Absent, Decision, attempted, each_of
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import parse_instant, to_civil
from sim.orchestrators.dagster.cron_schedule import CronSchedule, made_up

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording


class Case(msgspec.Struct):
    """A schedule and its ticks."""

    kind: Literal["ticks", "catchup"]
    cron: str | list[str]
    expect: list[str]
    tz: str | None = None
    start: str | None = None
    last: str | None = None
    now: str | None = None
    due: int | None = None
    partitioned: bool = False
    max_catchup_runs: int = 5


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded tick beside ours."""
    for place, case in cases_as(recording, Case):
        needed = ("start",) if case.kind == "ticks" else ("last", "now")
        instants = []
        for name in needed:
            try:
                instants.append(parse_instant(getattr(case, name) or ""))
            except ValueError as error:
                raise malformed(recording.file, f"{place}.{name}", str(error)) from None
        ours = attempted(lambda: _ours(case, *instants))  # noqa: B023
        if isinstance(ours, Absent):
            due, ticks = ours, ours
        else:
            due, ticks = ours
        if case.due is not None:
            yield Decision(place, "due", case.due, due)
        yield from each_of(place, f"{case.kind} {case.cron}", case.expect, ticks)


def _ours(case: Case, start: int, now: int | None = None) -> tuple[int, list[str]]:
    schedule = CronSchedule.of(case.cron, case.tz or "UTC")
    if now is None:
        return 0, [_written(tick) for tick in islice(schedule.ticks(start), len(case.expect))]
    due = schedule.between(start, now)
    runs = made_up(due, partitioned=case.partitioned, max_catchup_runs=case.max_catchup_runs)
    return len(due), [_written(tick) for tick in runs]


def _written(instant: int) -> str:
    return f"{to_civil(instant).astimezone(UTC):%Y-%m-%dT%H:%MZ}"
