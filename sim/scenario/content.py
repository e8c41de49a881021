"""Where the shipped scenarios lie, and how a person's word for a scenario becomes a folder."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from sim.errors import UsageError
from sim.scenario.problems import did_you_mean

SCENARIO_FILE = "scenario.yaml"
CONFIG_FILE = "config.yaml"
TEMPLATE = "_template"
"""Folder from which `orchsim new` copies; names with a leading underscore are never listed."""


@lru_cache(maxsize=1)
def content_root() -> Path:
    """The folder of the shipped scenarios.

    In an installed wheel it is the data folder `sim/_content/scenarios`, in a checkout `scenarios`
    beside the package. Raises `UsageError` when neither is there.
    """
    package = Path(str(files("sim")))
    for folder in (package / "_content" / "scenarios", package.parent / "scenarios"):
        if folder.is_dir():
            return folder
    message = "the shipped scenarios are not installed"
    raise UsageError(message, "install orchsim again, or run it from a checkout")


def list_scenarios() -> tuple[str, ...]:
    """The ids of the shipped scenarios, sorted."""
    folders = [path for path in content_root().iterdir() if (path / SCENARIO_FILE).is_file()]
    return tuple(sorted(path.name for path in folders if not path.name.startswith(("_", "."))))


def find_scenario(ref: str | Path) -> Path:
    """The folder of a scenario: a shipped id, a folder, or a path to a scenario.yaml.

    A name without a slash is a shipped id first. Raises `UsageError` when there is nothing.
    """
    word = str(ref)
    path = Path(ref)
    if os.sep not in word and word not in {"", ".", ".."}:
        shipped = content_root() / word
        if not word.startswith("_") and (shipped / SCENARIO_FILE).is_file():
            return shipped
    if path.is_file() and path.name == SCENARIO_FILE:
        return path.parent
    if path.is_dir() and (path / SCENARIO_FILE).is_file():
        return path
    if path.exists():
        message = f"{word} is no scenario: it holds no {SCENARIO_FILE}"
        raise UsageError(message, "name a folder with a scenario.yaml, or see `orchsim list`")
    message = f'there is no scenario "{word}"'
    raise UsageError(message, did_you_mean(word, list_scenarios()))


def shown_path(path: Path) -> str:
    """A path as it is shown: below the current folder relative to it, elsewhere in full."""
    try:
        return str(path.resolve().relative_to(Path.cwd()))
    except (ValueError, OSError):
        return str(path)
