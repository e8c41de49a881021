"""The fault file: what happens to one window of a scenario, as a file to play, judge and keep.

`faults` are those of scenario.yaml; `actions` are what an operator does. The text that
`faults_text` writes is read back as the same troubles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import yaml

from sim.errors import ScenarioError
from sim.faults.plan import Fault
from sim.model.diagnostics import Diagnostic
from sim.model.interventions import Intervention
from sim.scenario.actions import Action, action_of, interventions_of
from sim.scenario.check_faults import check_faults
from sim.scenario.convert import convert_parts
from sim.scenario.problems import Problems
from sim.scenario.yaml_reader import read_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.scenario.schema import Scenario


class FaultsFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a fault file may hold."""

    scenario: str = ""
    """Id of the scenario that it was found in; for people."""
    window: str = ""
    """The nights that it is about, a window or `2024-03-13..2024-03-14`. Default: all of them."""
    breaks: str = ""
    """The invariant that it broke when it was found, `truth.doubled`; for people."""
    faults: list[Fault] = []
    actions: list[Action] = []
    """What an operator does."""


class Faults(msgspec.Struct, frozen=True, kw_only=True):
    """A fault file that was loaded and found free of errors."""

    window: str
    faults: tuple[Fault, ...]
    actions: tuple[Intervention, ...]

    @property
    def troubles(self) -> tuple[Fault | Intervention, ...]:
        """Faults and actions."""
        return (*self.faults, *self.actions)


def load_faults(text: str, *, file: str, scenario: Scenario) -> Faults:
    """The troubles that `text` holds; `file` is the name shown in problems.

    Raises `ScenarioError` with every problem.
    """
    reading = read_yaml(text, source=file)
    if reading.root is None:
        empty = Diagnostic("E-YAML-EMPTY", "the file is empty", file)
        raise ScenarioError(reading.problems or [empty])
    problems = Problems(reading.root, list(reading.problems))
    parts = convert_parts(reading.root, FaultsFile, (), problems)
    timezone = scenario.clock.timezone
    check_faults(parts.get("faults", []), problems, world=scenario.world, timezone=timezone)
    actions = interventions_of(parts.get("actions", []), ("actions",), problems, timezone=timezone)
    found = problems.sorted()
    if any(one.severity == "error" for one in found):
        raise ScenarioError(found)
    return Faults(
        window=parts["window"],
        faults=tuple(parts["faults"]),
        actions=actions,
    )


def faults_text(
    troubles: Sequence[Fault | Intervention], *, scenario: str, window: str, breaks: str
) -> str:
    """The fault file of some troubles."""
    content: dict[str, Any] = {"scenario": scenario, "window": window, "breaks": breaks}
    faults = [_plain(one) for one in troubles if not isinstance(one, Intervention)]
    actions = [_plain(action_of(one)) for one in troubles if isinstance(one, Intervention)]
    if faults:
        content["faults"] = faults
    if actions:
        content["actions"] = actions
    return yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)


def under(scenario: Scenario, faults: Faults) -> Scenario:
    """The scenario with these troubles in every replay, as if its author had put them there.

    The nights that the file is about are the ones shown, when they lie in the window played.
    """
    nights = faults.window.partition("..")
    played = next(iter(scenario.clock.windows.values()))
    shown = [one.isoformat() for one in played.nights if nights[0] <= one.isoformat()]
    shown = [one for one in shown if one <= (nights[2] or nights[0])]
    clock = msgspec.structs.replace(scenario.clock, shown=shown or scenario.clock.shown)
    return msgspec.structs.replace(
        scenario,
        clock=clock,
        faults=[*scenario.faults, *faults.faults],
        actions=(*scenario.actions, *faults.actions),
    )


def _plain(one: msgspec.Struct) -> dict[str, Any]:
    """A struct as YAML has it: its tag, what is required, and what is not the default."""
    told: dict[str, Any] = msgspec.to_builtins(one)
    usual = {
        field.encode_name
        for field in msgspec.structs.fields(one)
        if not field.required and getattr(one, field.name) == _default(field)
    }
    kept = {name: value for name, value in told.items() if name not in usual}
    return {"type": kept.pop("type"), **kept}


def _default(field: msgspec.structs.FieldInfo) -> Any:
    made = field.default_factory
    return field.default if made is msgspec.NODEFAULT else made()
