"""Predictions: questions asked before the replay; the right answer is computed, never typed in.

An answer names a figure and either one config per option (`choose: most | least`), or one config
and a range per option (`of`, `ranges`; both ends included, null is open).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.session.debrief import variant_config
from sim.session.figures import figures_over

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.scenario.schema import Prediction, Scenario


def right_option(scenario: Scenario, question: Prediction) -> str | None:
    """The id of the option that the replays prove right; None when none is."""
    answer: Mapping[str, Any] = question.answer or {}
    figure = answer.get("figure", "")
    if "variants" in answer:
        figures = {
            option: _figure(scenario, variant, figure)
            for option, variant in answer["variants"].items()
        }
        choose = min if answer.get("choose") == "least" else max
        return choose(figures, key=lambda option: figures[option]) if figures else None
    value = _figure(scenario, answer["of"], figure)
    for option, (low, high) in answer["ranges"].items():
        if (low is None or value >= low) and (high is None or value <= high):
            return str(option)
    return None


def _figure(scenario: Scenario, variant: Mapping[str, Any], figure: str) -> float:
    config = variant_config(scenario, variant)
    value: float = figures_over(scenario, config, window=variant.get("window"))[figure]
    return value
