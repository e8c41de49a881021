"""Variants: the configs that a scenario's debrief and predictions replay, as their texts name them.

What an author wrote wrong in such a text ends as a `ScenarioError` that says what would be right,
like any other mistake in a scenario. No file outside of the scenario's folder is ever read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sim.engine.window import window_around
from sim.errors import ScenarioError
from sim.model.diagnostics import Diagnostic
from sim.scenario.edits import apply_sets
from sim.session.figures import FIGURES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.scenario.schema import Config, Scenario

VALUES_MAX = 50
"""Most values of one sweep: each is replayed."""


class Variant(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A config file of the scenario with settings changed; with `path` and `values`, a sweep."""

    config: str
    """Path of the file, from the scenario's folder."""
    set: list[str] = []
    """Settings changed, `checks.volume.on_failure=warn`."""
    path: str | None = None
    """The setting that a sweep goes through."""
    values: list[bool | int | float | str] = []
    """Its values, in the order of the table."""
    window: str | None = None
    """The window replayed, or one night of it by its date; all windows when not given."""


def read_variant(scenario: Scenario, name: str, plain: Any) -> Variant:
    """The variant that a text describes. Raises `ScenarioError`."""
    try:
        variant = msgspec.convert(plain, Variant)
    except msgspec.ValidationError as error:
        raise problem(scenario, f"the simulation {name}: {error}", VARIANT_HINT) from None
    if bool(variant.values) != (variant.path is not None):
        raise problem(scenario, f"the simulation {name}: a sweep has both path and values")
    if len(variant.values) > VALUES_MAX:
        message = f"the simulation {name}: {len(variant.values)} values, at most {VALUES_MAX}"
        raise problem(scenario, message)
    known = variant.window is None or variant.window in scenario.clock.windows
    if not known and window_around(scenario, str(variant.window)) is None:
        hint = f"its windows are {', '.join(scenario.clock.windows)}, or name one of their nights"
        raise problem(scenario, f"the simulation {name}: no window {variant.window!r}", hint)
    return variant


VARIANT_HINT = "write {config: solutions/x.yaml, set: [path=value], path: …, values: […]}"


def variant_config(
    scenario: Scenario, variant: Variant, *, value: bool | float | str | None = None
) -> Config:
    """The config of a variant, of one value of its sweep when given. Raises `ScenarioError`."""
    path = scenario.folder / variant.config
    if not path.resolve().is_relative_to(scenario.folder.resolve()):
        raise problem(scenario, f"{variant.config} lies outside of the scenario's folder")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        message = f"there is no file {variant.config} in the scenario's folder that can be read"
        raise problem(scenario, message) from None
    sets = list(variant.set)
    if value is not None:
        sets.append(f"{variant.path}={_yaml(value)}")
    return apply_sets(text, sets, file=str(path), scenario=scenario)


def known_figure(scenario: Scenario, name: str) -> str:
    """`name`, which is a figure. Raises `ScenarioError` when it is none."""
    if name not in FIGURES:
        raise problem(scenario, f"{name!r} is no figure", f"one of {', '.join(FIGURES)}")
    return name


def problem(scenario: Scenario, message: str, hint: str = "") -> ScenarioError:
    """What is wrong with a text of the scenario that names simulations."""
    return ScenarioError([Diagnostic("E-SIMULATION", message, file=scenario.file, hint=hint)])


def option_ranges(
    scenario: Scenario, question: str, plain: Any
) -> Mapping[str, tuple[float | None, float | None]]:
    """Option -> the range of the figure, both ends included, None: open. Raises `ScenarioError`."""
    try:
        return msgspec.convert(plain, dict[str, tuple[float | None, float | None]])
    except msgspec.ValidationError as error:
        hint = "write ranges: {option: [low, high]}, null for an open end"
        raise problem(scenario, f"the question {question}: ranges: {error}", hint) from None


def _yaml(value: bool | float | str) -> str:  # noqa: FBT001 - a value of any scalar type
    return str(value).lower() if isinstance(value, bool) else str(value)
