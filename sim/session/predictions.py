"""Predictions: questions asked before the replay; the right answer is computed, never typed in.

An answer names a figure and either one config per option (`choose: most | least`), or one config
and a range per option (`of`, `ranges`; both ends included, null is open).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

from sim.session.figures import figures_over
from sim.session.variants import known_figure, option_ranges, problem, read_variant, variant_config

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.scenario.schema import Prediction, Scenario


class Answer(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where the right answer comes from."""

    figure: str
    choose: Literal["most", "least"] = "most"
    variants: dict[str, Any] = {}
    """Option -> the variant that it stands for."""
    of: Any = None
    """The one variant whose figure lies in one of `ranges`."""
    ranges: dict[str, Any] = {}


def right_option(scenario: Scenario, question: Prediction) -> str | None:
    """The id of the option that the replays prove right; None when they prove no single one.

    Raises `ScenarioError` when the answer is not one that can be computed.
    """
    answer = _answer(scenario, question)
    if answer.variants:
        figures = {
            option: _figure(scenario, option, variant, answer.figure)
            for option, variant in answer.variants.items()
        }
        best = (min if answer.choose == "least" else max)(figures.values())
        right = [option for option, figure in figures.items() if figure == best]
    else:
        value = _figure(scenario, question.id, answer.of, answer.figure)
        ranges = option_ranges(scenario, question.id, answer.ranges)
        right = [
            option
            for option, (low, high) in ranges.items()
            if (low is None or value >= low) and (high is None or value <= high)
        ]
    return right[0] if len(right) == 1 else None


def _answer(scenario: Scenario, question: Prediction) -> Answer:
    try:
        answer = msgspec.convert(question.answer, Answer)
    except msgspec.ValidationError as error:
        raise problem(scenario, f"the question {question.id}: answer: {error}") from None
    if bool(answer.variants) == bool(answer.ranges):
        hint = "give each option a variant, or one variant `of` and a range for each option"
        raise problem(scenario, f"the question {question.id} cannot be answered", hint)
    offered = {option.id for option in question.options}
    unknown = [name for name in (*answer.variants, *answer.ranges) if name not in offered]
    if unknown:
        message = f"the question {question.id}: {', '.join(unknown)} is no option of it"
        raise problem(scenario, message)
    known_figure(scenario, answer.figure)
    return answer


def _figure(scenario: Scenario, name: str, plain: Mapping[str, Any], figure: str) -> float:
    variant = read_variant(scenario, name, plain)
    config = variant_config(scenario, variant)
    value: float = figures_over(scenario, config, window=variant.window)[figure]
    return value
