"""Replays for judging: a window simulated, then dates run again by an operator, with the truth.

The epilogue begins after the window is over, so that it changes nothing that was judged before.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from sim.engine.simulate import simulate
from sim.engine.window import Span, span_of
from sim.kernel.calendar import HOUR, date_of
from sim.kernel.streams import Streams
from sim.model.interventions import Rerun
from sim.views.replay import Replay
from sim.world.warehouse import truth

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

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
) -> Replay:
    """Simulate one window; with `reruns`, an operator runs a sample of dates again afterwards."""
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
    days = [night - timedelta(days=1) for night in span.nights]
    return Replay(
        window=span.name,
        seed=seed,
        journal=journal,
        nights=span.nights,
        timezone=scenario.clock.timezone,
        start=span.start,
        end=span.end,
        truth={
            name: truth(world, seed, name, days)
            for name, table in world.tables.items()
            if table.truth is not None
        },
        holidays=world.holidays,
        prices=world.prices,
        hidden=span.hidden,
    )


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
