"""The debrief: text whose answers marked (sim) are computed by replay, never typed in.

The front matter of the text names variants of a config, and the text refers to their figures:
`{{ warn.wrong_reads }}` for one figure, `{{ table band: wrong_reads, pages }}` for a sweep as a
table; other words in braces (`{{ ds }}` in an example) stay as they are. The variants run on the
scenario's own seed, over the window that they name or all of them; figures are summed over windows.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from sim.errors import ScenarioError
from sim.scenario.yaml_reader import read_yaml
from sim.session.figures import figures_over
from sim.session.variants import known_figure, problem, read_variant, variant_config

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.scenario.schema import Config, Scenario
    from sim.session.variants import Variant

_WORKERS = 4
_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_PLACE = re.compile(
    r"\{\{\s*(?:(?P<name>\w+)\.(?P<figure>\w+)"
    r"|table\s+(?P<sweep>\w+)\s*:(?P<columns>[\w, ]+))\s*\}\}"
)


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
        if name == "yours":
            return figures_over(scenario, config)
        chosen = variant_config(scenario, variants[name], value=value)
        return figures_over(scenario, chosen, window=variants[name].window)

    def fill(place: re.Match[str]) -> str:
        name = place["name"] or place["sweep"]
        if name not in {*variants, "yours"}:
            hint = f"one of {', '.join((*variants, 'yours'))}"
            raise problem(scenario, f"the debrief names {name!r}, which is no simulation", hint)
        if place["name"]:
            return _shown(figures(name)[known_figure(scenario, place["figure"])])
        if name == "yours" or not variants[name].values:
            raise problem(scenario, f"the debrief makes a table of {name}, which is no sweep")
        columns = [known_figure(scenario, one.strip()) for one in place["columns"].split(",")]
        return _table(variants[name], name, columns, figures, heading)

    wanted = [
        (name, value) for name, variant in variants.items() for value in variant.values or (None,)
    ]
    # replays are pure and spend their time in the database, which lets other threads run
    with ThreadPoolExecutor(_WORKERS) as pool:
        list(pool.map(lambda one: figures(*one), wanted))
    return _PLACE.sub(fill, body)


def _variants(front: str, scenario: Scenario) -> dict[str, Variant]:
    reading = read_yaml(front, source=f"{scenario.file}: debrief")
    if reading.problems:
        raise ScenarioError(reading.problems)
    parsed = None if reading.root is None else reading.root.plain()
    variants = parsed.get("simulations") if isinstance(parsed, dict) else None
    if not isinstance(variants, dict):
        raise problem(scenario, "the debrief's front matter has no `simulations`")
    return {str(name): read_variant(scenario, name, one) for name, one in variants.items()}


def _table(
    variant: Variant,
    name: str,
    columns: list[str],
    figures: Callable[[str, Any], Mapping[str, Any]],
    heading: Callable[[str], str],
) -> str:
    lines = [
        f"| {variant.path} | {' | '.join(heading(column) for column in columns)} |",
        f"|{'---|' * (len(columns) + 1)}",
    ]
    for value in variant.values:
        row = figures(name, value)
        lines.append(f"| {value} | {' | '.join(_shown(row[column]) for column in columns)} |")
    return "\n".join(lines)


def _shown(value: float) -> str:
    return f"{value:g}" if isinstance(value, int) else f"{value:.1f}"
