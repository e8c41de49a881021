"""Loading: the one door from files to a `Scenario` and a `Config`.

All problems of a file are gathered in one pass; a file with an error is never half loaded. This and
`content`, `new` are the only modules of `sim.scenario` that touch the disk.
"""

from __future__ import annotations

from hashlib import sha256
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ScenarioError
from sim.model.diagnostics import Diagnostic
from sim.scenario.check_config import check_document
from sim.scenario.check_scenario import check_scenario_parts
from sim.scenario.content import (
    CONFIG_FILE,
    SCENARIO_FILE,
    content_root,
    find_scenario,
    list_scenarios,
    shown_path,
)
from sim.scenario.convert import convert_parts
from sim.scenario.problems import Problems
from sim.scenario.schema import Config, Scenario, ScenarioFile
from sim.scenario.texts import read_questions, read_texts
from sim.scenario.yaml_reader import read_yaml

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.scenario.yaml_nodes import Node

__all__ = [
    "check_config",
    "content_root",
    "list_scenarios",
    "load_config",
    "load_config_file",
    "load_scenario",
]


def load_scenario(ref: str | Path, *, statements: bool = True) -> Scenario:
    """The scenario that `ref` names: a shipped id, a folder, or a path to a scenario.yaml.

    Without `statements` its SQL is not parsed, which spares loading the warehouse (0.2 s): for
    those who list scenarios and do not run them.

    Raises `UsageError` when there is none and `ScenarioError` with every problem of its files.
    """
    folder = find_scenario(ref)
    file = shown_path(folder / SCENARIO_FILE)
    root, problems = _read(_bytes(folder / SCENARIO_FILE, file), file)
    parts = convert_parts(root, ScenarioFile, (), problems)
    solutions, traps = _configs(folder / "solutions"), _configs(folder / "traps")
    actions = check_scenario_parts(
        parts, problems, folder=folder, traps=traps, statements=statements
    )
    texts = read_texts(parts, problems, folder=folder)
    questions = read_questions(parts, problems, folder=folder)
    found = problems.sorted()
    _refuse(found)
    return Scenario(
        **{**parts, **texts},
        folder=folder,
        file=file,
        questions=questions,
        solutions=solutions,
        traps=traps,
        digest=_digest(_simulated(root.plain())),
        actions=actions,
        warnings=tuple(found),
    )


def load_config(text: str, *, file: str, scenario: Scenario) -> Config:
    """The config that `text` holds; `file` is the name shown in problems.

    Raises `ScenarioError` with every problem.
    """
    config, found = check_config(text, file=file, scenario=scenario)
    _refuse(found)
    assert config is not None
    return config


def load_config_file(path: str | Path, *, scenario: Scenario) -> Config:
    """The config in a file. Raises `ScenarioError` with every problem, that it is not there too."""
    file = shown_path(Path(path))
    try:
        text = _bytes(Path(path), file).decode("utf-8-sig")
    except UnicodeError:
        problem = Diagnostic(
            "E-YAML-ENCODING", "the text is not UTF-8", file, hint="save it as UTF-8"
        )
        raise ScenarioError([problem]) from None
    return load_config(text, file=file, scenario=scenario)


def check_config(
    text: str, *, scenario: Scenario, file: str = CONFIG_FILE
) -> tuple[Config | None, list[Diagnostic]]:
    """The config, None when it has an error, and every problem in the order of the file.

    For an editor that checks at every pause: it never raises for what `text` holds.
    """
    reading = read_yaml(text, source=file)
    return check_node(reading.root, reading.problems, scenario=scenario, file=file)


def check_node(
    root: Node | None, found: list[Diagnostic], *, scenario: Scenario, file: str
) -> tuple[Config | None, list[Diagnostic]]:
    """`check_config` for a document that is read already, with the problems met in reading it."""
    if root is None:
        return None, found or [_empty(file)]
    problems = Problems(root, list(found))
    made = check_document(root, problems, scenario=scenario)
    every = problems.sorted()
    if made is None or any(one.severity == "error" for one in every):
        return None, every
    return Config(**made, digest=_digest(root.plain())), every


def _bytes(path: Path, file: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or "it cannot be read"
        raise ScenarioError(
            [Diagnostic("E-FILE", f"{file} cannot be read: {reason}", file)]
        ) from None


def _read(content: bytes, file: str) -> tuple[Node, Problems]:
    reading = read_yaml(content, source=file)
    if reading.root is None:
        raise ScenarioError(reading.problems or [_empty(file)])
    return reading.root, Problems(reading.root, list(reading.problems))


def _empty(file: str) -> Diagnostic:
    return Diagnostic("E-YAML-EMPTY", "the file is empty", file)


def _refuse(found: list[Diagnostic]) -> None:
    if any(one.severity == "error" for one in found):
        raise ScenarioError(found)


def _configs(folder: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))} if folder.is_dir() else {}


def _simulated(scenario: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of a scenario.yaml that a simulation depends on."""
    parts = {key: scenario.get(key) for key in ("id", "format", "clock", "world")}
    happens = {key: scenario[key] for key in ("faults", "by_hand") if scenario.get(key)}
    return {**parts, **happens}


def _digest(content: Mapping[str, Any] | list[Any]) -> str:
    return sha256(dumps(content, ensure_ascii=False).encode()).hexdigest()
