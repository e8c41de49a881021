"""The debrief: text whose answers marked (sim) are computed by replay, never typed in.

The front matter of the text names variants of a config, and the text refers to their figures:
`{{ warn.wrong_reads }}` for one figure, `{{ table band: wrong_reads, pages }}` for a sweep as a
table. The variants run over all windows of the scenario's own seed; figures are summed over them.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sim.engine.replay import replay
from sim.errors import ScenarioError
from sim.model.diagnostics import Diagnostic
from sim.objectives.evaluate import evaluate
from sim.scenario.edits import apply_sets
from sim.scenario.yaml_reader import read_yaml
from sim.session.score import figures_of
from sim.views.nights import nights_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.scenario.schema import Config, Scenario

_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_PLACE = re.compile(r"\{\{\s*(?:(table)\s+)?([\w.]+)\s*(?::\s*([\w, ]+?))?\s*\}\}")
SUMMED = (
    "wrong_reads",
    "missing_reads",
    "pages",
    "false_pages",
    "late_nights",
    "slot_hours",
    "cost",
)
"""Figures that add up over windows."""
FIGURES = (*SUMMED, "objectives_met")
"""Every figure that a placeholder may name."""


def render_debrief(
    scenario: Scenario,
    config: Config,
    lang: str,
    *,
    heading: Callable[[str], str] = str,
) -> str:
    """The debrief as Markdown with its figures filled in; `heading` words a figure's name.

    `{{ yours.cost }}` is the figure of `config`, the player's. Raises `ScenarioError` for a
    placeholder that names nothing.
    """
    text = scenario.debrief.get(lang)
    found = _FRONT.match(text)
    variants = _variants(found.group(1), scenario) if found else {}
    body = text[found.end() :] if found else text
    known: dict[str, Any] = {}

    def figures(name: str, value: Any = None) -> Mapping[str, Any]:
        key = name if value is None else f"{name}={value}"
        if key not in known:
            chosen = config if name == "yours" else variant_config(scenario, variants[name], value)
            known[key] = figures_over(scenario, chosen)
        return known[key]  # type: ignore[no-any-return]

    def fill(place: re.Match[str]) -> str:
        name, _, figure = place.group(2).partition(".")
        if name not in {*variants, "yours"}:
            raise _problem(scenario, f"the debrief names {name!r}, which is no simulation")
        if place.group(1):
            return _table(variants[name], name, _names(place.group(3)), figures, heading)
        if figure not in FIGURES:
            raise _problem(scenario, f"the debrief names {figure!r}, which is no figure")
        return _shown(figures(name)[figure])

    return _PLACE.sub(fill, body)


def figures_over(
    scenario: Scenario, config: Config, *, window: str | None = None
) -> dict[str, Any]:
    """Every figure of a config on the scenario's own seed, over one window or all of them."""
    windows = list(scenario.clock.windows) if window is None else [window]
    reruns = any(one.kind == "rerun_equals_truth" for one in scenario.objectives)
    replays = [replay(scenario, config, window=name, reruns=reruns) for name in windows]
    judged = [(one, nights_of(one)) for one in replays]
    parts = [asdict(figures_of(scenario, one, nights)) for one, nights in judged]
    total: dict[str, Any] = {name: sum(part[name] for part in parts) for name in SUMMED}
    total["objectives_met"] = sum(
        all(evaluate(objective, one, nights).met for one, nights in judged)
        for objective in scenario.objectives
        if not objective.bonus
    )
    return total


def variant_config(scenario: Scenario, variant: Mapping[str, Any], value: Any = None) -> Config:
    """The config of a variant: a file of the scenario, with settings changed."""
    path = scenario.folder / str(variant["config"])
    sets = list(variant.get("set", ()))
    if value is not None:
        sets.append(f"{variant['path']}={value}")
    text = path.read_text(encoding="utf-8")
    return apply_sets(text, sets, file=str(path), scenario=scenario)


def _variants(front: str, scenario: Scenario) -> dict[str, Mapping[str, Any]]:
    root = read_yaml(front, source=scenario.file).root
    parsed = None if root is None else root.plain()
    variants = parsed.get("simulations") if isinstance(parsed, dict) else None
    if not isinstance(variants, dict):
        raise _problem(scenario, "the debrief's front matter has no `simulations`")
    return variants


def _table(
    variant: Mapping[str, Any],
    name: str,
    columns: list[str],
    figures: Callable[[str, Any], Mapping[str, Any]],
    heading: Callable[[str], str],
) -> str:
    lines = [
        f"| {variant['path']} | {' | '.join(heading(column) for column in columns)} |",
        f"|{'---|' * (len(columns) + 1)}",
    ]
    for value in variant["values"]:
        row = figures(name, value)
        lines.append(f"| {value} | {' | '.join(_shown(row[column]) for column in columns)} |")
    return "\n".join(lines)


def _names(text: str | None) -> list[str]:
    return [name.strip() for name in (text or "").split(",") if name.strip()]


def _shown(value: float) -> str:
    return f"{value:g}" if isinstance(value, int) else f"{value:.1f}"


def _problem(scenario: Scenario, message: str) -> ScenarioError:
    return ScenarioError([Diagnostic("E-DEBRIEF", message, file=scenario.file, path="debrief")])
