"""Proving a scenario: its own `expect`, by running it.

The config that the player finds misses and meets exactly what is listed; every solution meets every
objective; every trap misses at least what is named for it; every solution survives the pinned
regressions; the same pipeline under other orchestrators (`conductors`) can be simulated; two
replays have equal bytes; hints give no fix away before the third; each prediction has one right
answer; the debrief's simulations run
and its text renders.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.engine.simulate import simulate
from sim.errors import ScenarioError
from sim.scenario.load import load_config
from sim.session.compare.sides import conductors, side_of
from sim.session.debrief import render_debrief
from sim.session.predictions import right_option
from sim.session.regressions import FOLDER, pinned, survives
from sim.session.verdict import judge

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sim.scenario.schema import Scenario
    from sim.session.verdict import Verdict

HINT_WITH_FIX = 3
"""The first hint that may show a piece of a fix."""


@dataclass(frozen=True, slots=True)
class Proof:
    """One thing that was proved, or not."""

    subject: str
    """What was run: `config.yaml`, `solutions/x.yaml`, `regressions/x.yaml`, `conductors/x.yaml`,
    `determinism`, `hints`, `predictions`, `debrief`."""
    holds: bool
    missed: tuple[str, ...] = ()
    """Objectives that it misses."""
    expected: tuple[str, ...] = ()
    """Objectives that it should miss (for a trap: at least these)."""
    message: str = ""
    """What is wrong, in English, when more is to be said; empty otherwise."""


def check_scenario(
    scenario: Scenario, *, told: Callable[[Proof], None] = lambda _proof: None
) -> list[Proof]:
    """Prove a scenario; `told` hears of each proof as it is done.

    Raises `ScenarioError` when the config that the player finds has an error: nothing can be proved
    then. An error in any other file is a proof that does not hold.
    """
    proofs: list[Proof] = []

    def add(proof: Proof) -> None:
        proofs.append(proof)
        told(proof)

    add(_config(scenario))
    for name, path in scenario.solutions.items():
        add(_solution(scenario, name, path))
    for name, path in scenario.traps.items():
        add(_trap(scenario, name, path))
    for proof in regression_proofs(scenario):
        add(proof)
    for name, path in conductors(scenario).items():
        add(_conductor(scenario, name, path))
    add(_determinism(scenario))
    add(_hints(scenario))
    if scenario.questions:
        add(_predictions(scenario))
    add(_debrief(scenario))
    return proofs


def _judged(scenario: Scenario, path: Path) -> Verdict:
    config = load_config(path.read_text(encoding="utf-8"), file=str(path), scenario=scenario)
    return judge(scenario, config)


def _config(scenario: Scenario) -> Proof:
    verdict = _judged(scenario, scenario.config_path)
    expected = scenario.expect.config
    wrong = [name for name in expected.fails if name not in verdict.missed]
    wrong += [name for name in expected.passes if name in verdict.missed]
    listed = {*expected.fails, *expected.passes}
    unlisted = [result.id for result in verdict.objectives if result.id not in listed]
    message = f"expect.config says nothing about {', '.join(unlisted)}" if unlisted else ""
    return Proof(
        "config.yaml", not wrong and not unlisted, verdict.missed, tuple(expected.fails), message
    )


def _solution(scenario: Scenario, name: str, path: Path) -> Proof:
    try:
        verdict = _judged(scenario, path)
    except ScenarioError as error:
        return Proof(f"solutions/{name}.yaml", holds=False, message=str(error))
    missed = tuple(one.id for one in verdict.objectives if not one.met and not one.bonus)
    return Proof(f"solutions/{name}.yaml", not missed, verdict.missed)


def _trap(scenario: Scenario, name: str, path: Path) -> Proof:
    expected = tuple(scenario.expect.traps.get(name, ()))
    try:
        verdict = _judged(scenario, path)
    except ScenarioError as error:
        return Proof(f"traps/{name}.yaml", False, (), expected, str(error))  # noqa: FBT003
    holds = bool(expected) and all(one in verdict.missed for one in expected)
    return Proof(f"traps/{name}.yaml", holds, verdict.missed, expected)


def _conductor(scenario: Scenario, name: str, path: Path) -> Proof:
    """It is a config, and it is of the orchestrator that its name says."""
    subject = f"conductors/{name}.yaml"
    try:
        side = side_of(scenario, name)
        simulate(scenario, side.config)
    except ScenarioError as error:
        return Proof(subject, holds=False, message=str(error))
    right = name.startswith(side.config.orchestrator)
    message = "" if right else f"{path.name} is a config of {side.config.orchestrator}"
    return Proof(subject, holds=right, message=message)


def regression_proofs(scenario: Scenario) -> list[Proof]:
    """Each pinned fault file of the scenario: every solution survives it."""
    proofs = []
    for name, faults in pinned(scenario, scenario.folder).items():
        broken = []
        for solution, path in scenario.solutions.items():
            config = load_config(
                path.read_text(encoding="utf-8"), file=str(path), scenario=scenario
            )
            violation = survives(scenario, config, faults)
            if violation is not None:
                broken.append(f"solutions/{solution}.yaml: {violation.code}")
        proofs.append(Proof(f"{FOLDER}/{name}.yaml", holds=not broken, message="\n".join(broken)))
    return proofs


def _determinism(scenario: Scenario) -> Proof:
    config = load_config(scenario.config_text, file=str(scenario.config_path), scenario=scenario)
    first, second = (simulate(scenario, config).to_bytes() for _ in range(2))
    message = "" if first == second else "two simulations of the same inputs differ"
    return Proof("determinism", first == second, message=message)


def _hints(scenario: Scenario) -> Proof:
    early = [
        f"hint {number} shows a code block in {language}"
        for number, hint in enumerate(scenario.hints, start=1)
        if number < HINT_WITH_FIX
        for language, text in hint.by_language.items()
        if "```" in text
    ]
    return Proof("hints", not early, message="; ".join(early))


def _predictions(scenario: Scenario) -> Proof:
    try:
        open_ones = [one.id for one in scenario.questions if right_option(scenario, one) is None]
    except ScenarioError as error:
        return Proof("predictions", holds=False, message=str(error))
    message = f"no single option is right: {', '.join(open_ones)}" if open_ones else ""
    return Proof("predictions", not open_ones, message=message)


def _debrief(scenario: Scenario) -> Proof:
    config = load_config(scenario.config_text, file=str(scenario.config_path), scenario=scenario)
    try:
        for language in scenario.debrief.languages or ("en",):
            render_debrief(scenario, config, language)
    except ScenarioError as error:
        return Proof("debrief", holds=False, message=str(error))
    return Proof("debrief", holds=True)
