"""The score: three axes that a fix is compared by, beyond passing.

Minutes to correct data, cost (slot-hours, pages at the scenario's prices), size of the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import msgspec

from sim.kernel.calendar import DAY, MINUTE
from sim.objectives.cost import bill
from sim.objectives.survival import lost_rows

if TYPE_CHECKING:
    from sim.scenario.schema import Config, Scenario
    from sim.views.nights import Nights
    from sim.views.replay import Replay


@dataclass(frozen=True, slots=True)
class Figures:
    """Plain figures of one replay, within its window."""

    wrong_reads: int
    """Reads of a figure that was not the truth and was not marked stale; a table of which no truth
    is known counts for nothing."""
    missing_reads: int
    """Reads that showed no figure of that day: none at all, or an earlier day's marked stale."""
    pages: int
    false_pages: int
    late_nights: int
    """Nights whose data date was not published by the time that the scenario asks for."""
    lost_tasks: int
    """Task instances that did not end well."""
    slot_wait_minutes: float
    """What the first objective about waits for a slot looks at: their percentile, minutes."""
    slot_hours: float
    """Hours that tries held a worker."""
    cost: float
    """Slot-hours, schedulers and pages at the scenario's prices."""
    minutes_to_correct: float
    """From the end of a bad extract to the truth being published, minutes, the mean over the nights
    that had one; a night that never gets right counts a whole day."""


@dataclass(frozen=True, slots=True)
class Score:
    """What a fix is compared by; less is better on every axis."""

    minutes_to_correct: float
    cost: float
    changes: int
    """Edited keys and edited SQL statements of the config."""


def score_of(scenario: Scenario, config: Config, replay: Replay, nights: Nights) -> Score:
    """The score of a config, on the shown window and seed."""
    figures = figures_of(scenario, replay, nights)
    return Score(figures.minutes_to_correct, figures.cost, changes(scenario, config))


def figures_of(scenario: Scenario, replay: Replay, nights: Nights) -> Figures:
    """The figures of one replay."""
    wrong, missing = 0, 0
    for row in nights.reads:
        detail = row.detail
        if detail["shown"] is None or detail["stale"]:
            missing += 1
            continue
        true = replay.truth.get(detail["table"], {}).get(detail["partition"])
        if true is not None:
            wrong += Decimal(detail["shown"]) != Decimal(true.sums.get(detail["figure"], "0"))
    used = bill(replay, nights)
    return Figures(
        wrong_reads=wrong,
        missing_reads=missing,
        pages=used.pages,
        false_pages=used.false_pages,
        late_nights=_late(scenario, replay, nights),
        lost_tasks=len(lost_rows(nights)),
        slot_wait_minutes=_slot_wait(scenario, replay),
        slot_hours=used.slot_hours,
        cost=used.cost,
        minutes_to_correct=_minutes_to_correct(replay, nights),
    )


def _late(scenario: Scenario, replay: Replay, nights: Nights) -> int:
    from sim.objectives.punctual import late_nights  # noqa: PLC0415 - only this figure needs it

    asked = next((one.done_by for one in scenario.objectives if one.done_by is not None), None)
    return 0 if asked is None else len(late_nights(asked, replay, nights))


def _slot_wait(scenario: Scenario, replay: Replay) -> float:
    asked = next((one.slot_wait for one in scenario.objectives if one.slot_wait is not None), None)
    if asked is None:
        return 0.0
    from sim.objectives.tasks_on_time import percentile, slot_waits  # noqa: PLC0415 - as above

    waits = [span for span, _ in slot_waits(replay, frozenset(asked.tasks))]
    return round(percentile(waits, asked.percentile) / MINUTE, 1)


def _minutes_to_correct(replay: Replay, nights: Nights) -> float:
    first_bad: dict[str, int] = {}
    for extract in nights.extracts:
        if extract.bad and extract.ended_at is not None and extract.ended_at < replay.end:
            first_bad.setdefault(extract.data_date, extract.ended_at)
    if not first_bad:
        return 0.0
    right: dict[str, int] = {}
    for one in nights.publications:
        true = replay.truth.get(one.table, {}).get(one.data_date)
        if true is not None and true.digest == one.digest:
            right.setdefault(one.data_date, one.at)
    spans = [
        min(DAY, max(0, right.get(day, ended + DAY) - ended)) for day, ended in first_bad.items()
    ]
    return round(sum(spans) / len(spans) / MINUTE, 1)


def changes(scenario: Scenario, config: Config) -> int:
    """How many keys of the config differ from what the player found; SQL counts as one key."""
    from sim.scenario.load import load_config  # noqa: PLC0415 - only this figure needs it

    found = load_config(scenario.config_text, file=str(scenario.config_path), scenario=scenario)
    before, after = _leaves(_plain(found)), _leaves(_plain(config))
    return sum(before.get(key) != after.get(key) for key in before.keys() | after.keys())


def _plain(config: Config) -> dict[str, Any]:
    keys = ("orchestrator", "settings", "tasks", "checks", "alerts", "runbook")
    return {key: _given(getattr(config, key)) for key in keys}


def _given(value: Any) -> Any:
    """A setting as plain data; what stands at its default counts as not given."""
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.fields(value)
        known = [(one, getattr(value, one.name)) for one in fields]
        return {one.name: _given(part) for one, part in known if part != _default(one)}
    if isinstance(value, dict):
        return {name: _given(part) for name, part in value.items()}
    return value


def _default(field: msgspec.structs.FieldInfo) -> Any:
    made = field.default_factory
    return field.default if made is msgspec.NODEFAULT else made()


def _leaves(value: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    if isinstance(value, dict):
        return {
            key: leaf
            for name, part in value.items()
            for key, leaf in _leaves(part, (*path, str(name))).items()
        }
    if value is None or (isinstance(value, list | dict) and not value):
        return {}
    return {path: value}
