"""Pinned regressions: fault files that once broke a config, in a folder `regressions`.

A scenario has its own, beside its scenario.yaml, which every solution must survive; a player's lie
beside the config. `orchsim run` judges a config under both, `orchsim check` every solution under
the scenario's own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.scenario.content import shown_path
from sim.scenario.faults_file import load_faults
from sim.verify.hunt import default_window
from sim.verify.invariants.registry import first_violation
from sim.verify.trial import Rig

if TYPE_CHECKING:
    from pathlib import Path

    from sim.scenario.faults_file import Faults
    from sim.scenario.schema import Config, Scenario
    from sim.verify.violation import Violation

FOLDER = "regressions"


def pinned(scenario: Scenario, *folders: Path) -> dict[str, Faults]:
    """Name -> fault file, of the folders `regressions` in some folders; the first of a name wins.

    Raises `ScenarioError` for a file that has an error.
    """
    found: dict[str, Faults] = {}
    for folder in folders:
        for path in sorted((folder / FOLDER).glob("*.yaml")):
            if path.stem not in found:
                text = path.read_text(encoding="utf-8")
                file = shown_path(path)
                found[path.stem] = load_faults(text, file=file, scenario=scenario)
    return found


def survives(scenario: Scenario, config: Config, faults: Faults) -> Violation | None:
    """The gravest violation of a config under a fault file; None: it survives."""
    with Rig(scenario, config, window=faults.window or default_window(scenario)) as rig:
        trial = rig.trial_of(faults.troubles)
        return None if trial is None else first_violation(trial)
