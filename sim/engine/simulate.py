"""`simulate`: the one pure function. Same inputs, same journal, byte for byte.

It puts a world, an orchestrator, people, faults and an operator together on one kernel and lets
time pass. It reads no clock and no file, and its only result is the journal.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.engine.orchestrators import pipelines
from sim.engine.stage import set_stage
from sim.engine.window import span_of
from sim.kernel.calendar import DAY
from sim.kernel.loop import Kernel, Limits
from sim.world.warehouse import Warehouse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sim.engine.window import Span
    from sim.faults.plan import Fault
    from sim.kernel.journal import Journal
    from sim.model.interventions import Intervention
    from sim.scenario.schema import Config, Scenario

EPILOGUE = 1 * DAY
"""How long an action of an operator may take to play out after the window, microseconds."""


def simulate(
    scenario: Scenario,
    config: Config,
    *,
    seed: int | None = None,
    window: str | None = None,
    faults: Sequence[Fault] = (),
    interventions: Sequence[Intervention] = (),
    until: int | None = None,
    epilogue: int = EPILOGUE,
    limits: Limits | None = None,
    look: Callable[[Journal, Warehouse], None] | None = None,
    warehouse: Warehouse | None = None,
) -> Journal:
    """Run one window of a scenario under a config and return its journal.

    `faults` and `interventions` come on top of the scenario's own, and of the config's runbook.
    `seed` defaults to the scenario's own, `window` to its first; `until` is an instant (µs) at
    which to stop early; `epilogue` how long the last of `interventions` has to play out when it
    comes after the window. `look` gets the journal and the warehouse as they stand at the end,
    before the warehouse is closed. A `warehouse` that is given was opened for this window and seed,
    and stays open: its owner rewinds it. Raises `UsageError` for a window that does not exist and
    `LimitError` when a bound is exceeded.
    """
    span = span_of(scenario, window)
    kernel = Kernel(
        seed=scenario.seed if seed is None else seed,
        start=span.start,
        limits=limits,
        header=_header(scenario, config, span, seed),
    )
    own = warehouse is None
    if warehouse is None:
        warehouse = Warehouse(scenario.resolved_world, seed=kernel.streams.seed)
    try:
        if own:
            warehouse.open(first_day=span.first_data_date, last_day=span.last_data_date)
        set_stage(
            kernel,
            span=span,
            scenario=scenario,
            config=config,
            warehouse=warehouse,
            faults=[*scenario.faults, *faults],
            interventions=[*_planned(scenario, config, span), *interventions],
        )
        last = max((action.at for action in interventions), default=span.start)
        end = max(span.end, last + epilogue) if interventions else span.end
        kernel.run(until=end if until is None else min(until, end))
        if look is not None:
            look(kernel.journal, warehouse)
    finally:
        if own:
            warehouse.close()
    return kernel.journal


def _planned(scenario: Scenario, config: Config, span: Span) -> list[Intervention]:
    """What people do by hand in a window: the scenario says so, or the config's runbook."""
    actions = (*scenario.actions, *config.runbook)
    return [one for one in actions if span.start <= one.at < span.end]


def _header(scenario: Scenario, config: Config, span: Span, seed: int | None) -> dict[str, Any]:
    """What was simulated."""
    return {
        "scenario": scenario.id,
        "scenario_digest": scenario.digest,
        "config_digest": config.digest,
        "seed": scenario.seed if seed is None else seed,
        "window": span.name,
        "start": span.start,
        "end": span.end,
        "timezone": scenario.clock.timezone,
        "pipelines": pipelines(config),
    }
