"""Replays for judging: a window simulated, then dates run again by an operator, with the truth.

The epilogue begins after the window is over, so that it changes nothing that was judged before.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, TypedDict

from sim.engine.orchestrators import capacity
from sim.engine.simulate import simulate
from sim.engine.window import Span, span_of
from sim.faults.schedules import ordeals
from sim.kernel.calendar import HOUR, date_of, start_of_day
from sim.kernel.streams import Streams
from sim.model.interventions import Rerun
from sim.views.replay import Replay
from sim.world.warehouse import stood_before, truth

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.faults.plan import Fault
    from sim.scenario.schema import Config, Scenario

_FIRST_RERUN_US = 10 * HOUR
_RERUN_EVERY_US = 6 * HOUR
_DRAWN = 2
"""How many ordinary dates are run again besides those on which something was odd."""
_RERUNS_MAX = 8


def replay(
    scenario: Scenario,
    config: Config,
    *,
    seed: int | None = None,
    window: str | None = None,
    faults: Sequence[Fault] = (),
    reruns: bool = False,
    schedules: int = 0,
) -> Replay:
    """Simulate one window; with `reruns`, an operator runs a sample of dates again afterwards.

    With `schedules` the window is also replayed under so many generated schedules of trouble.
    """
    span = span_of(scenario, window)
    seed = scenario.seed if seed is None else seed
    actions = [
        Rerun(at=span.end + _FIRST_RERUN_US + number * _RERUN_EVERY_US, data_date=day.isoformat())
        for number, day in enumerate(dates_to_rerun(scenario, span, seed) if reruns else ())
    ]
    journal = simulate(
        scenario, config, seed=seed, window=span.name, faults=faults, interventions=actions
    )
    world = scenario.resolved_world
    ready = capacity(config)
    days = [night - timedelta(days=1) for night in span.nights]
    made = Replay(
        window=span.name,
        seed=seed,
        journal=journal,
        nights=span.nights,
        timezone=scenario.clock.timezone,
        start=span.start,
        end=span.end,
        truth={
            name: truth(world, seed, name, [*_earlier(scenario, name, days[0]), *days])
            for name, table in world.tables.items()
            if table.truth is not None
        },
        stood={
            name: stood_before(world, seed, name, first=days[0], since=earlier[0])
            for name in world.tables
            if (earlier := _earlier(scenario, name, days[0]))
        },
        holidays=world.holidays,
        prices=world.prices,
        hidden=span.hidden,
        schedulers=ready.schedulers,
        worker_slots=ready.worker_slots,
    )
    numbers = range(1, schedules + 1)
    rehearsals = tuple(_rehearsal(scenario, config, made, number) for number in numbers)
    return replace(made, rehearsals=rehearsals) if rehearsals else made


def _earlier(scenario: Scenario, table: str, first: date) -> list[date]:
    """Data dates before the window's first that an objective asks about, too."""
    asked = [
        date.fromisoformat(one.since)
        for objective in scenario.objectives
        for one in (
            objective.equals_truth,
            objective.no_gap,
            objective.always_equals_truth,
            objective.survives,
        )
        if one is not None and one.table == table and one.since is not None
    ]
    begin = min(asked, default=first)
    return [begin + timedelta(days=number) for number in range((first - begin).days)]


class Asked(TypedDict):
    """What the objectives of a scenario ask of each replay beyond the window itself."""

    reruns: bool
    schedules: int


def asked_of_replays(scenario: Scenario) -> Asked:
    """The options of `replay` under which every objective of the scenario can be judged."""
    return {
        "reruns": any(one.kind.startswith("rerun_") for one in scenario.objectives),
        "schedules": max(
            (
                asked.schedules
                for one in scenario.objectives
                for asked in (one.idempotent, one.external_calls)
                if asked is not None
            ),
            default=0,
        ),
    }


def _rehearsal(scenario: Scenario, config: Config, known: Replay, number: int) -> Replay:
    """The window of `known` once more, with one ordeal for each of its data dates."""
    timezone, world = known.timezone, scenario.resolved_world
    nights = [(known.data_date(night), start_of_day(night, timezone)) for night in known.nights]
    # the median, since a task's own draw of a night is the platform's
    spans = {name: world.work[task.work].median_us for name, task in config.tasks.items()}
    calls = bool(world.services)
    drawn = ordeals(Streams(known.seed), number, nights=nights, spans=spans, calls=calls)
    journal = simulate(
        scenario,
        config,
        seed=known.seed,
        window=known.window,
        faults=[one.trouble for one in drawn if not isinstance(one.trouble, Rerun)],
        interventions=[one.trouble for one in drawn if isinstance(one.trouble, Rerun)],
    )
    return replace(known, journal=journal, ordeals=drawn, schedule=number)


def dates_to_rerun(scenario: Scenario, span: Span, seed: int) -> list[date]:
    """Dates with an outage in their night, holidays, and a few drawn by the seed; in order."""
    world, timezone = scenario.resolved_world, scenario.clock.timezone
    days = [night - timedelta(days=1) for night in span.nights]
    odd = {date_of(outage.start, timezone) - timedelta(days=1) for outage in world.outages}
    chosen = [day for day in days if day in odd or day in world.holidays]
    ordinary = [day for day in days if day not in chosen]
    streams = Streams(seed)
    ordinary.sort(key=lambda day: streams.bits("rerun", day.isoformat()))
    return sorted((chosen + ordinary[:_DRAWN])[:_RERUNS_MAX])
