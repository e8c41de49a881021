"""Renews tests/golden/digests.json after a change that is meant to change journals.

From the checkout: `.venv/bin/python -m tests.scenarios.renew_digests`
"""

from __future__ import annotations

import json
from pathlib import Path

from sim.engine.simulate import simulate
from sim.scenario.load import list_scenarios, load_config_file, load_scenario

GOLDEN = Path(__file__).parents[1] / "golden" / "digests.json"


def digests(name: str) -> dict[str, str]:
    """`scenario config` -> digest of the journal of its first window, as found and mended."""
    found = {}
    scenario = load_scenario(name)
    for path in (scenario.config_path, *scenario.solutions.values()):
        config = load_config_file(path, scenario=scenario)
        place = path.relative_to(scenario.folder).as_posix()
        found[f"{name} {place}"] = simulate(scenario, config).digest
    return found


def main() -> None:
    """Write the file."""
    every = {key: one for name in list_scenarios() for key, one in digests(name).items()}
    GOLDEN.write_text(json.dumps(every, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
