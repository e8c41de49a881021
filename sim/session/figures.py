"""The figures of a config: replayed once and kept, since equal inputs give equal figures."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sim.engine.replay import asked_of_replays, replay
from sim.model.facts import Fact
from sim.objectives.evaluate import evaluate
from sim.session.score import figures_of
from sim.views.nights import nights_of

if TYPE_CHECKING:
    from sim.scenario.schema import Config, Scenario
    from sim.views.replay import Replay

SUMMED = (
    "wrong_reads",
    "missing_reads",
    "pages",
    "false_pages",
    "late_nights",
    "lost_tasks",
    "slot_hours",
    "cost",
)
"""Figures that add up over windows."""
LONGEST = ("slot_wait_minutes",)
"""Figures of which the worst window's counts."""
FIGURES = (*SUMMED, *LONGEST, "objectives_met", "partitions_failed")
"""Every figure that a text may name."""

_KEPT_MAX = 256
_kept: dict[tuple[str, ...], dict[str, Any]] = {}


def figures_over(
    scenario: Scenario, config: Config, *, window: str | None = None
) -> dict[str, Any]:
    """Every figure of a config on the scenario's own seed, over one window or all of them."""
    judged_by = (str(scenario.seed), repr(scenario.objectives))
    key = (scenario.digest, *judged_by, config.digest, window or "")
    if key not in _kept:
        if len(_kept) >= _KEPT_MAX:
            _kept.clear()
        _kept[key] = _replayed(scenario, config, window)
    return dict(_kept[key])


def _replayed(scenario: Scenario, config: Config, window: str | None) -> dict[str, Any]:
    windows = list(scenario.clock.windows) if window is None else [window]
    asked = asked_of_replays(scenario)
    replays = [replay(scenario, config, window=name, **asked) for name in windows]
    judged = [(one, nights_of(one)) for one in replays]
    parts = [asdict(figures_of(scenario, one, nights)) for one, nights in judged]
    total: dict[str, Any] = {name: sum(part[name] for part in parts) for name in SUMMED}
    total |= {name: max(part[name] for part in parts) for name in LONGEST}
    total["objectives_met"] = sum(
        all(evaluate(objective, one, nights).met for one, nights in judged)
        for objective in scenario.objectives
        if not objective.bonus
    )
    total["partitions_failed"] = sum(_failed_of_first_backfill(one) for one in replays)
    return total


def _failed_of_first_backfill(one: Replay) -> int:
    """Partitions that are failed, or downstream of those, when the first backfill is over.

    Of an asset backfill of Dagster, whose iterations count them; of anything else none.
    """
    ticks = [row for row in one.journal.rows(Fact.TICK) if row.detail["kind"] == "BACKFILL"]
    last = [row for row in ticks if row.entity == ticks[0].entity][-1:]
    return sum(row.detail.get("failed") or 0 for row in last)
