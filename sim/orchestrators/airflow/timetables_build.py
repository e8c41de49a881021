"""From what a DAG's `schedule` says to its timetable.

Which class a text becomes depends on the version and on `[scheduler] create_cron_data_intervals`,
as in Airflow 2.11.2 (models/dag.py `create_timetable`) and 3.3.2 (sdk/definitions/dag.py
`_create_timetable`): there 3.x asks that same option for spans, while 2.x always gives a span data
intervals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import parse_instant, parse_span, zone
from sim.kernel.cron_expression import CronSyntaxError, parse_cron
from sim.orchestrators.airflow.timetables import (
    ContinuousTimetable,
    DataIntervalTimetable,
    EventsTimetable,
    MultipleCronTriggerTimetable,
    NullTimetable,
    OnceTimetable,
    Timetable,
    TriggerTimetable,
)
from sim.orchestrators.airflow.timetables_grid import CronGrid, DeltaGrid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.airflow.timetables_grid import Grid

PRESETS = {"@quarterly": "0 0 1 */3 *"}
"""Airflow's presets that cron has not (utils/dates.py `cron_presets`)."""


class ScheduleError(ValueError):
    """A schedule that Airflow would refuse. `hint` says what would be right."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


def build_timetable(
    schedule: str | float | Mapping[str, Any] | None,
    *,
    version: int,
    timezone: str,
    cfg: Mapping[str, Any] | None,
) -> Timetable:
    """The timetable of a DAG.

    `schedule` is cron text, a preset, `@once`, `@continuous`, a span (`1d`), a mapping with the key
    `timetable`, or None. `cfg` is airflow.cfg by section; `timezone` the DAG's. Raises
    `ScheduleError`.
    """
    if schedule is None or schedule == "@none":
        return NullTimetable()
    if isinstance(schedule, str | int | float):
        return _from_text(schedule, version, timezone, _wants_intervals(version, cfg))
    return _from_mapping(schedule, version, timezone)


def _wants_intervals(version: int, cfg: Mapping[str, Any] | None) -> bool:
    chosen = (cfg or {}).get("scheduler", {}).get("create_cron_data_intervals")
    return version == 2 if chosen is None else bool(chosen)  # noqa: PLR2004 - Airflow 2


def _from_text(
    schedule: str | float,
    version: int,
    timezone: str,
    wants_intervals: bool,  # noqa: FBT001
) -> Timetable:
    if schedule == "@once":
        return OnceTimetable()
    if schedule == "@continuous":
        return ContinuousTimetable(from_now=version >= 3)  # noqa: PLR2004 - Airflow 3
    span = _span_or_none(schedule)
    grid: Grid
    if span is not None:
        grid = DeltaGrid(span)
        wants_intervals = wants_intervals or version == 2  # noqa: PLR2004 - Airflow 2
    else:
        grid = _cron_grid(str(schedule), timezone)
    if wants_intervals:
        return DataIntervalTimetable(grid, strictly_forward=version >= 3)  # noqa: PLR2004
    return TriggerTimetable(grid=grid, first_run=version >= 3)  # noqa: PLR2004


def _from_mapping(given: Mapping[str, Any], version: int, timezone: str) -> Timetable:
    newer = version >= 3  # noqa: PLR2004 - Airflow 3
    zone_name = given.get("timezone") or timezone
    simple: dict[str, Timetable] = {
        "OnceTimetable": OnceTimetable(),
        "ContinuousTimetable": ContinuousTimetable(from_now=newer),
        "NullTimetable": NullTimetable(),
    }
    name = given["timetable"]
    if name in simple:
        return simple[name]
    if name == "CronDataIntervalTimetable":
        return DataIntervalTimetable(_cron_grid(_one_cron(given), zone_name), newer)
    if name == "DeltaDataIntervalTimetable":
        return DataIntervalTimetable(DeltaGrid(_delta(given)), newer)
    if name == "EventsTimetable":
        return EventsTimetable(_events(given, zone_name))
    return _trigger(given, zone_name, newer=newer)


def _trigger(given: Mapping[str, Any], timezone: str, *, newer: bool) -> Timetable:
    """The kinds that start a run at a tick."""
    name = given["timetable"]
    interval = _span(given.get("interval", 0), "interval", least=0)
    immediately = given.get("run_immediately") or False
    if not isinstance(immediately, bool):
        immediately = _span(immediately, "run_immediately", least=0)
    if name == "CronTriggerTimetable":
        return TriggerTimetable(
            grid=_cron_grid(_one_cron(given), timezone),
            interval=interval,
            first_run=newer,
            run_immediately=immediately,
        )
    if name == "DeltaTriggerTimetable":
        return TriggerTimetable(grid=DeltaGrid(_delta(given)), interval=interval, first_run=newer)
    if name != "MultipleCronTriggerTimetable":
        message = f"there is no timetable {name!r}"
        raise ScheduleError(message, "such as CronDataIntervalTimetable or CronTriggerTimetable")
    if not newer:
        message = f"{name} came with Airflow 3"
        raise ScheduleError(message, "give one cron, or set version: 3")
    crons = given.get("cron") or []
    texts = [crons] if isinstance(crons, str) else list(crons)
    if not texts:
        message = f"{name} needs at least one cron"
        raise ScheduleError(message, 'add cron: ["0 3 * * *", …]')
    grids = tuple(_cron_grid(text, timezone) for text in texts)
    return MultipleCronTriggerTimetable(grids=grids, interval=interval, run_immediately=immediately)


def _one_cron(given: Mapping[str, Any]) -> str:
    cron = given.get("cron")
    if not isinstance(cron, str):
        message = f"{given['timetable']} needs one cron"
        raise ScheduleError(message, 'add cron: "0 3 * * *"')
    return cron


def _cron_grid(text: str, timezone: str) -> CronGrid:
    text = text.strip()
    try:
        zone(timezone)
        expression = parse_cron(PRESETS.get(text, text), dialect="croniter")
    except CronSyntaxError as error:
        raise ScheduleError(error.message, error.hint) from error
    except ValueError as error:
        raise ScheduleError(str(error), "an IANA name such as Europe/Madrid") from error
    if not expression.possible:
        message = f'"{text}" never comes: no such day exists'
        raise ScheduleError(message, "look at the day of month and the month")
    return CronGrid(expression, timezone)


def _delta(given: Mapping[str, Any]) -> int:
    if given.get("delta") is None:
        message = f"{given['timetable']} needs a delta"
        raise ScheduleError(message, "add delta: 1h")
    return _span(given["delta"], "delta", least=1)


def _span_or_none(schedule: str | float) -> int | None:
    try:
        span = parse_span(schedule)
    except ValueError:
        return None
    if span <= 0:
        message = f"{schedule!r} is no step forward"
        raise ScheduleError(message, "a span such as 1d or 30m")
    return span


def _span(text: str | float, name: str, *, least: int) -> int:
    try:
        span = parse_span(text)
    except ValueError as error:
        raise ScheduleError(str(error), "45m, 1h30m or 20s") from error
    if span < least:
        message = f"{name} {text!r} is too short"
        raise ScheduleError(message, "45m, 1h30m or 20s")
    return span


def _events(given: Mapping[str, Any], timezone: str) -> tuple[int, ...]:
    dates = given.get("event_dates") or []
    try:
        return tuple(sorted({parse_instant(str(text), timezone) for text in dates}))
    except ValueError as error:
        raise ScheduleError(str(error), "ISO dates, 2024-03-14T09:00Z") from error


__all__ = ["ScheduleError", "build_timetable"]
