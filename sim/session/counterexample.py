"""The search behind `idempotent` and `survives`: a fixed number of plans, a fixed seed.

Bad sources are left out: what a config makes of them is what other objectives ask. The plans are
tried on two nights, so that the cost of a verdict does not grow with its windows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from sim.model.interventions import Intervention
from sim.objectives.finding import Evidence, Finding
from sim.verify.hunt import verify
from sim.verify.kinds.registry import KINDS

if TYPE_CHECKING:
    from sim.objectives.config import Objective
    from sim.scenario.schema import Config, Scenario
    from sim.verify.plan import Trouble

_FAMILIES = {"idempotent": ("truth", "lost", "keys"), "survives": ("lost", "liveness")}
"""By kind of objective: what must hold."""
_NIGHTS = 2
_SOURCES = tuple(name for name in KINDS if name.startswith("source_"))


def searched(scenario: Scenario, config: Config, objective: Objective) -> Finding | None:
    """The smallest plan that breaks a config, as evidence; None: not asked for, or not found."""
    asked = objective.idempotent or objective.survives
    if asked is None or not asked.plans:
        return None
    nights = next(iter(scenario.clock.windows.values())).nights[:_NIGHTS]
    window = "..".join(night.isoformat() for night in (nights[0], nights[-1]))
    report = verify(
        scenario,
        config,
        window=window,
        plans=asked.plans,
        seed=scenario.seed,
        families=_FAMILIES[objective.kind],
        without=_SOURCES,
    )
    found = report.finding
    if found is None or found.violation.params.get("table", asked.table) != asked.table:
        return None
    one, made = found.violation, found.trial.troubles
    params = {
        "sums": {},
        "sums_true": {},
        **one.params,
        "plan": report.plans,
        "troubles": len(made),
        "fault": _word(made[0]) if made else "none",
    }
    night = found.trial.replay.night_of(one.params["partition"])
    code = "search.broken" if "rows" in one.params else "search.unended"
    evidence = Evidence(code, window, scenario.seed, night, one.at, None, params)
    return Finding(met=False, evidence=(evidence,))


def _word(one: Trouble) -> str:
    """What a trouble is called, as in fault files."""
    if isinstance(one, Intervention):
        return type(one).__name__.lower()
    word: str = msgspec.to_builtins(one)["type"]
    return word
