"""Recorded run sequences of Airflow's timetables: one decision a date.

A case: a schedule (`kind` and its expression or span) in a zone, asked `n` times for its next run,
first at `now`, then at the moment the run was due plus `lag_s`; each answer has its logical date,
interval, run_after and the moment it was created, or is null for "never again".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from sim.conform.airflow_version import airflow_of
from sim.conform.decision import ABSENT, Absent, Decision, attempted
from sim.conform.recording import cases_as, malformed
from sim.kernel.calendar import SECOND, format_instant, parse_instant
from sim.orchestrators.airflow.intervals import DataInterval
from sim.orchestrators.airflow.timetables_build import build_timetable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sim.conform.recording import Recording

RUNS_MAX = 10_000
"""Most runs that one case asks for."""
NAMES = {
    "cron_interval": "CronDataIntervalTimetable",
    "cron_trigger": "CronTriggerTimetable",
    "delta_interval": "DeltaDataIntervalTimetable",
    "delta_trigger": "DeltaTriggerTimetable",
    "multi_cron_trigger": "MultipleCronTriggerTimetable",
    "once": "OnceTimetable",
    "continuous": "ContinuousTimetable",
}
"""A recorded kind, and the timetable's own name."""


class Question(msgspec.Struct):
    """What the real timetable was asked."""

    kind: str
    now: str
    start: str | None
    tz: str
    n: Annotated[int, msgspec.Meta(ge=1, le=RUNS_MAX)]
    catchup: bool
    id: str = ""
    end: str | None = None
    expr: str | None = None
    exprs: list[str] | None = None
    delta_s: int | None = None
    interval_s: int = 0
    lag_s: int = 0


class Case(msgspec.Struct):
    """A question and its answers."""

    case: Question
    manual_interval_at_now: dict[str, str]
    runs: list[dict[str, str] | None]


def decisions(recording: Recording) -> Iterator[Decision]:
    """Every recorded date beside ours."""
    version = airflow_of(recording)
    for place, case in cases_as(recording, Case):
        asked = case.case
        if asked.kind not in NAMES:
            problem = f"there is no timetable {asked.kind!r}"
            raise malformed(recording.file, f"{place}.case.kind", problem)
        instants = _instants(asked, recording.file, place)
        ours = attempted(lambda: answers(asked, version, instants))  # noqa: B023
        name = f"{place} {asked.id}".rstrip()
        if isinstance(ours, Absent):
            here: tuple[Any, list[Any]] = (ours, [ours] * len(case.runs))
        else:
            here = ours
        yield from _dates(name, "manual", case.manual_interval_at_now, here[0])
        for number in range(max(len(case.runs), len(here[1]))):
            recorded = case.runs[number] if number < len(case.runs) else ABSENT
            simulated = here[1][number] if number < len(here[1]) else ABSENT
            yield from _dates(name, f"run {number}", recorded, simulated)


def answers(
    asked: Question, version: int, instants: dict[str, int | None]
) -> tuple[dict[str, str], list[dict[str, str] | None]]:
    """Our timetable's manual interval at `now`, and its answers."""
    schedule = {
        "timetable": NAMES[asked.kind],
        "cron": asked.expr or asked.exprs,
        "delta": asked.delta_s,
        "interval": asked.interval_s,
    }
    timetable = build_timetable(schedule, version=version, timezone=asked.tz, cfg=None)
    now = instants["now"]
    assert now is not None
    manual = timetable.manual_interval(now)
    told: list[dict[str, str] | None] = []
    last = None
    for _ in range(asked.n):
        info = timetable.next_run(
            last,
            now=now,
            earliest=instants["start"],
            latest=instants["end"],
            catchup=asked.catchup,
        )
        if info is None:
            told.append(None)
            break
        now = max(now, info.run_after)
        told.append(
            {
                "created_at": format_instant(now),
                "end": format_instant(info.end),
                "logical_date": format_instant(info.logical_date),
                "run_after": format_instant(info.run_after),
                "start": format_instant(info.start),
            }
        )
        now += asked.lag_s * SECOND
        last = DataInterval(info.start, info.end)
    return {"start": format_instant(manual.start), "end": format_instant(manual.end)}, told


def _dates(name: str, what: str, recorded: Any, simulated: Any) -> Iterator[Decision]:
    """The dates of one answer; an answer that one side lacks is one decision a recorded date."""
    if not isinstance(recorded, dict):
        yield Decision(name, what, recorded, simulated)
        return
    for field, date in recorded.items():
        ours = simulated.get(field, ABSENT) if isinstance(simulated, dict) else simulated
        yield Decision(name, f"{what} {field}", date, ours)


def _instants(asked: Question, file: str, place: str) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for field in ("now", "start", "end"):
        text = getattr(asked, field)
        try:
            found[field] = parse_instant(text) if text else None
        except ValueError as error:
            raise malformed(file, f"{place}.case.{field}", str(error)) from None
    if found["now"] is None:
        raise malformed(file, f"{place}.case.now", "is no instant")
    return found
