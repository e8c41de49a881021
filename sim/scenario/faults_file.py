"""The fault file: what happens to one window of a scenario, as a file to play, judge and keep.

`faults` are those of scenario.yaml; `actions` are what an operator does. The text that
`faults_text` writes is read back as the same troubles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec
import yaml

from sim.errors import ScenarioError
from sim.faults.plan import Fault
from sim.kernel.calendar import format_instant, parse_instant
from sim.model.diagnostics import Diagnostic
from sim.model.interventions import Backfill, Clear, Intervention, Rerun
from sim.scenario.check_faults import check_faults
from sim.scenario.check_text import check_date
from sim.scenario.convert import convert_parts
from sim.scenario.problems import Problems
from sim.scenario.yaml_reader import read_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.scenario.schema import Scenario


class RerunAction(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="rerun"
):
    """Process one data date again, the way this orchestrator's operator would."""

    at: str
    """Instant, ISO."""
    data_date: str
    by: str = "operator"


class ClearAction(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="clear"
):
    """Clear tasks of the run for a data date (Airflow)."""

    at: str
    pipeline: str
    data_date: str
    tasks: tuple[str, ...] = ()
    """Task ids; none means every task."""
    downstream: bool = True
    only_failed: bool = False
    by: str = "operator"


class BackfillAction(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, tag="backfill"
):
    """Run every data date from `first` to `last`, both included (Airflow)."""

    at: str
    pipeline: str
    first: str
    last: str
    max_active_runs: int = 10
    reverse: bool = False
    reprocess: Literal["none", "failed", "completed"] = "none"
    by: str = "operator"


Action = RerunAction | ClearAction | BackfillAction
_MEANT: dict[type[Action], type[Intervention]] = {
    RerunAction: Rerun,
    ClearAction: Clear,
    BackfillAction: Backfill,
}


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
    actions = [
        _meant(action, index, problems, timezone)
        for index, action in enumerate(parts.get("actions", []))
    ]
    found = problems.sorted()
    if any(one.severity == "error" for one in found):
        raise ScenarioError(found)
    return Faults(
        window=parts["window"],
        faults=tuple(parts["faults"]),
        actions=tuple(one for one in actions if one is not None),
    )


def faults_text(
    troubles: Sequence[Fault | Intervention], *, scenario: str, window: str, breaks: str
) -> str:
    """The fault file of some troubles."""
    content: dict[str, Any] = {"scenario": scenario, "window": window, "breaks": breaks}
    faults = [_plain(one) for one in troubles if not isinstance(one, Intervention)]
    actions = [_plain(_action(one)) for one in troubles if isinstance(one, Intervention)]
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


def _meant(action: Action, index: int, problems: Problems, timezone: str) -> Intervention | None:
    """The intervention of an action; None, and a problem, when a date or instant is none."""
    path = ("actions", index)
    before = len(problems.found)
    for field in ("data_date", "first", "last"):
        text = getattr(action, field, None)
        if text is not None:
            check_date(text, (*path, field), problems)
    fields = msgspec.structs.asdict(action)
    try:
        fields["at"] = parse_instant(action.at, timezone)
    except ValueError:
        message = f'"{action.at}" is no instant'
        problems.at((*path, "at"), "E-INSTANT", message, hint="write 2024-03-14T02:30Z")
    if len(problems.found) > before:
        return None
    return _MEANT[type(action)](**fields)


def _action(one: Intervention) -> Action:
    for action, intervention in _MEANT.items():
        if isinstance(one, intervention):
            fields = {name: getattr(one, name) for name in action.__struct_fields__}
            return action(**{**fields, "at": format_instant(one.at)})
    message = f"a fault file cannot hold {type(one).__name__}"
    raise TypeError(message)


def _plain(one: msgspec.Struct) -> dict[str, Any]:
    """A struct as YAML has it: its tag, what is required, and what is not the default."""
    told: dict[str, Any] = msgspec.to_builtins(one)
    defaults = {
        field.name: field.default
        for field in msgspec.structs.fields(one)
        if field.default is not msgspec.NODEFAULT
    }
    kept = {
        name: value
        for name, value in told.items()
        if name not in defaults or getattr(one, name) != defaults[name]
    }
    return {"type": kept.pop("type"), **kept}
