"""The sides of a comparison: the same world under several configs, each with a name.

A name is looked up among the scenario's `conductors`, then as the orchestrator of its own config;
`airflow2` and `airflow3` also come from one another by the key `version`. Nothing is simulated here
and no orchestrator is named: who is known, the registry says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import msgspec

from sim.engine.orchestrators import title
from sim.errors import ScenarioError, UsageError
from sim.orchestrators.registry import ORCHESTRATORS
from sim.scenario.content import shown_path
from sim.scenario.edits import apply_sets
from sim.scenario.load import load_config, load_config_file
from sim.scenario.schema import CONFIG_KEYS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sim.scenario.schema import Config, Scenario

SIDES_MAX = 12
"""Most sides of one comparison: each is simulated, and each is a column."""
_FOLDER = "conductors"
_VERSION = "version"
_NUMBERED = re.compile(r"^([a-z_]+?)(\d+)$")


@dataclass(frozen=True, slots=True)
class Side:
    """One config of a comparison."""

    name: str
    """What its column is called."""
    title: str
    """The orchestrator with its release, `Airflow 3.3.2`."""
    config: Config
    file: str
    """Where the config lies, as it is shown."""
    text: str
    """What is in that file."""
    changed: str = ""
    """What was put into it, `airflow.version=2`; empty: it is as it lies there."""


def sides_of(
    scenario: Scenario, *, names: Sequence[str] = (), files: Sequence[Path] = ()
) -> tuple[Side, ...]:
    """The sides asked for, files first. Raises `UsageError`, `ScenarioError` for a bad config."""
    found = [_of_file(scenario, path) for path in files]
    found += [side_of(scenario, name) for name in names]
    if not found:
        found = [side_of(scenario, name) for name in known_names(scenario)]
    if len(found) < 2:  # noqa: PLR2004 - one side has nothing to be compared with
        message = "a comparison needs at least two sides"
        known = known_names(scenario)
        hint = "name two config files"
        if len(known) > 1:
            hint = f"--with {','.join(known)}, or {hint}"
        raise UsageError(message, hint)
    if len(found) > SIDES_MAX:
        message = f"{len(found)} sides, at most {SIDES_MAX}"
        raise UsageError(message)
    return _told_apart(found)


def known_names(scenario: Scenario) -> tuple[str, ...]:
    """The names that a scenario has a pipeline for, in the order of the registry."""
    files = conductors(scenario)
    own = _own(scenario)
    names = []
    for entry in ORCHESTRATORS.values():
        numbers = versions(entry.struct)
        if numbers and (entry.name == own or any(_base(name) == entry.name for name in files)):
            names += [f"{entry.name}{number}" for number in numbers]
        elif entry.name == own or entry.name in files:
            names.append(entry.name)
    names += [name for name in files if _base(name) not in ORCHESTRATORS]
    return tuple(names)


def beside(scenario: Scenario, text: str, config: Config, *, name: str) -> tuple[Side, ...]:
    """A config under `name`, then everything else that the scenario has a pipeline for.

    What the scenario's own config is stands there too when the given one is another.
    """
    mine = Side(name, title(config), config, "", text)
    others = []
    for known in known_names(scenario):
        try:
            side = side_of(scenario, known)
        except ScenarioError:
            continue  # a version that does not know what is in the config is no side
        if side.config.digest != config.digest:
            others.append(side)
    return (mine, *others)[:SIDES_MAX]


def conductors(scenario: Scenario) -> dict[str, Path]:
    """The scenario's pipeline under other orchestrators: its files `conductors/NAME.yaml`."""
    folder = scenario.folder / _FOLDER
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))} if folder.is_dir() else {}


def side_of(scenario: Scenario, name: str) -> Side:
    """The side that a name stands for. Raises `UsageError` when there is none."""
    files = conductors(scenario)
    if name in files:
        return _of_path(scenario, name, files[name])
    if name in ORCHESTRATORS and name == _own(scenario):
        return _of_path(scenario, name, scenario.config_path)
    numbered = _NUMBERED.match(name)
    if numbered is not None and numbered[1] in ORCHESTRATORS:
        base, number = numbered[1], int(numbered[2])
        if number in versions(ORCHESTRATORS[base].struct):
            path = _path_of_base(scenario, base, files)
            if path is not None:
                return _versioned(scenario, name, path, base, number)
    message = f'the scenario has no pipeline under the name "{name}"'
    known = ", ".join(known_names(scenario))
    raise UsageError(message, f"there is {known}; others are files {_FOLDER}/NAME.yaml of it")


def with_version(scenario: Scenario, text: str, file: str, number: int) -> Config:
    """A config as another version of its orchestrator.

    Raises `ScenarioError` when the version does not know what is in it.
    """
    flag = f"{loaded(scenario, text, file).orchestrator}.{_VERSION}={number}"
    return apply_sets(text, [flag], scenario=_unlocked(scenario), file=file)


def loaded(scenario: Scenario, text: str, file: str) -> Config:
    """A config to compare, whatever the scenario lets a player change. Raises `ScenarioError`."""
    return load_config(text, file=file, scenario=_unlocked(scenario))


def has_releases(scenario: Scenario, text: str, file: str) -> bool:
    """Whether a config is of an orchestrator with several releases."""
    config = loaded(scenario, text, file)
    return len(versions(ORCHESTRATORS[config.orchestrator].struct)) > 1


def _unlocked(scenario: Scenario) -> Scenario:
    """The scenario with nothing kept from being changed: a comparison is no fix of a player."""
    return msgspec.structs.replace(scenario, editable=list(CONFIG_KEYS))


def versions(struct: type[msgspec.Struct]) -> tuple[int, ...]:
    """The releases that a section can choose from, oldest first; none where there is one only."""
    fields = {field.name: field.type for field in msgspec.structs.fields(struct)}
    found = (one for one in get_args(fields.get(_VERSION)) if isinstance(one, int))
    return tuple(sorted(found))


def _versioned(scenario: Scenario, name: str, path: Path, base: str, number: int) -> Side:
    plain = _of_path(scenario, name, path)
    if getattr(plain.config.settings, _VERSION) == number:
        return plain
    flag = f"{base}.{_VERSION}={number}"
    config = apply_sets(plain.text, [flag], scenario=_unlocked(scenario), file=plain.file)
    return Side(name, title(config), config, plain.file, plain.text, flag)


def _path_of_base(scenario: Scenario, base: str, files: dict[str, Path]) -> Path | None:
    """The file of an orchestrator in whichever version."""
    for name, path in files.items():
        if _base(name) == base:
            return path
    return scenario.config_path if _own(scenario) == base else None


def _of_path(scenario: Scenario, name: str, path: Path) -> Side:
    config = load_config_file(path, scenario=_unlocked(scenario))
    text = path.read_text(encoding="utf-8-sig")
    return Side(name, title(config), config, shown_path(path), text)


def _of_file(scenario: Scenario, path: Path) -> Side:
    return _of_path(scenario, path.stem, path)


def _told_apart(sides: list[Side]) -> tuple[Side, ...]:
    """Sides of one name get a number."""
    seen: dict[str, int] = {}
    told = []
    for side in sides:
        number = seen[side.name] = seen.get(side.name, 0) + 1
        name = side.name if number == 1 else f"{side.name}-{number}"
        told.append(Side(name, side.title, side.config, side.file, side.text, side.changed))
    return tuple(told)


def _base(name: str) -> str:
    numbered = _NUMBERED.match(name)
    return numbered[1] if numbered is not None and numbered[1] in ORCHESTRATORS else name


def _own(scenario: Scenario) -> str:
    return load_config(
        scenario.config_text, file=shown_path(scenario.config_path), scenario=scenario
    ).orchestrator
