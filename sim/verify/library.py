"""For tests of a team's own pipelines: search a scenario, or judge it under a fault file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.faults_file import load_faults
from sim.scenario.load import load_config, load_config_file, load_scenario
from sim.verify.hunt import default_window, verify
from sim.verify.invariants.registry import first_violation
from sim.verify.trial import Rig

if TYPE_CHECKING:
    from pathlib import Path

    from sim.scenario.schema import Config, Scenario
    from sim.verify.hunt import Report
    from sim.verify.violation import Violation


def search(
    scenario: str | Path,
    *,
    config: str | Path | None = None,
    nights: str | None = None,
    plans: int = 300,
    seed: int = 1,
    without: tuple[str, ...] = (),
) -> Report:
    """Search a scenario by its name or path; `report.finding` is None when nothing was found.

    `config` is a file; by default the scenario's own config.
    """
    loaded = load_scenario(scenario)
    return verify(
        loaded,
        config_of(loaded, config),
        window=nights,
        plans=plans,
        seed=seed,
        without=without,
    )


def broken_by(
    scenario: str | Path, faults: str, *, config: str | Path | None = None
) -> Violation | None:
    """The gravest violation under the troubles of a fault file's text; None: it survives them."""
    loaded = load_scenario(scenario)
    troubles = load_faults(faults, file="faults", scenario=loaded)
    window = troubles.window or default_window(loaded)
    with Rig(loaded, config_of(loaded, config), window=window) as rig:
        trial = rig.trial_of(troubles.troubles)
        return None if trial is None else first_violation(trial)


def config_of(scenario: Scenario, config: str | Path | None) -> Config:
    """The config in a file, or the scenario's own."""
    if config is not None:
        return load_config_file(config, scenario=scenario)
    return load_config(scenario.config_text, file=str(scenario.config_path), scenario=scenario)
