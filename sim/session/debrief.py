"""The debrief: text whose answers marked (sim) are computed by replay, never typed in.

The front matter of the text names variants of a config, and the text refers to their figures:
`{{ warn.wrong_reads }}` for one figure, `{{ table band: wrong_reads, pages }}` for a sweep as a
table. The variants run over all windows of the scenario's own seed; figures are summed over them.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from sim.errors import ScenarioError
from sim.model.diagnostics import Diagnostic
from sim.scenario.edits import apply_sets
from sim.scenario.yaml_reader import read_yaml
from sim.session.figures import FIGURES, figures_over

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.scenario.schema import Config, Scenario

_WORKERS = 4
_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_PLACE = re.compile(r"\{\{\s*(?:(table)\s+)?([\w.]+)\s*(?::\s*([\w, ]+?))?\s*\}\}")


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

    def figures(name: str, value: Any = None) -> Mapping[str, Any]:
        chosen = config if name == "yours" else variant_config(scenario, variants[name], value)
        return figures_over(scenario, chosen)

    def fill(place: re.Match[str]) -> str:
        name, _, figure = place.group(2).partition(".")
        if name not in {*variants, "yours"}:
            raise _problem(scenario, f"the debrief names {name!r}, which is no simulation")
        if place.group(1):
            return _table(variants[name], name, _names(place.group(3)), figures, heading)
        if figure not in FIGURES:
            raise _problem(scenario, f"the debrief names {figure!r}, which is no figure")
        return _shown(figures(name)[figure])

    wanted = [
        (name, value)
        for name, variant in variants.items()
        for value in variant.get("values", (None,))
    ]
    # replays are pure and spend their time in the database, which lets other threads run
    with ThreadPoolExecutor(_WORKERS) as pool:
        list(pool.map(lambda one: figures(*one), wanted))
    return _PLACE.sub(fill, body)


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
