"""Settings and where each came from.

A flag wins over ORCHSIM_*, that over orchsim.toml here, then comes the person's config.toml, then
the default.

A value that cannot be is a `ScenarioError` that names the file and line, or the variable.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ScenarioError
from sim.model.diagnostics import Diagnostic
from tui.cli.language import LANGUAGES, from_locale, project_file, user_file

if TYPE_CHECKING:
    from collections.abc import Mapping

_ALLOWED: dict[str, tuple[str, ...] | type] = {
    "lang": LANGUAGES,
    "color": ("auto", "always", "never"),
    "ascii": bool,
    "mouse": bool,
    "reduced_motion": bool,
    "no_input": bool,
    "state_dir": str,
}
"""Every setting with the values it can have."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for this command line."""

    lang: str
    color: str
    ascii: bool
    mouse: bool
    reduced_motion: bool
    no_input: bool
    state_dir: str
    """Folder of save files."""
    sources: Mapping[str, str]
    """From each setting to where its value came from: a flag, a variable, a file, `default`."""


def read_settings(flags: Mapping[str, Any]) -> Settings:
    """The settings that hold; `flags` are those of the command line (None: not given)."""
    problems: list[Diagnostic] = []
    layers = [
        {
            name: (value, f"--{name.replace('_', '-')}")
            for name, value in flags.items()
            if value is not None
        },
        _from_environment(problems),
        _from_file(project_file(), problems),
        _from_file(user_file(), problems),
        _defaults(),
    ]
    if problems:
        raise ScenarioError(problems)
    chosen = {name: next(layer[name] for layer in layers if name in layer) for name in _ALLOWED}
    values: dict[str, Any] = {name: value for name, (value, _) in chosen.items()}
    return Settings(**values, sources={name: source for name, (_, source) in chosen.items()})


def state_folder() -> str:
    """Where save files go (XDG Base Directory Specification 0.8)."""
    folder = os.environ.get("XDG_STATE_HOME")
    return str((Path(folder) if folder else Path.home() / ".local" / "state") / "orchsim")


_Layer = dict[str, tuple[Any, str]]


def _defaults() -> _Layer:
    locale = from_locale()
    return {
        "lang": (locale, "LANG" if locale != "en" else "default"),
        "color": ("auto", "default"),
        "ascii": (False, "default"),
        "mouse": (True, "default"),
        "reduced_motion": (os.environ.get("TEXTUAL_ANIMATIONS") == "none", "default"),
        "no_input": (False, "default"),
        "state_dir": (state_folder(), "default"),
    }


def _from_environment(problems: list[Diagnostic]) -> _Layer:
    layer: _Layer = {}
    for name, allowed in _ALLOWED.items():
        variable = f"ORCHSIM_{name.upper()}"
        text = os.environ.get(variable, "")
        if not text:
            continue
        value: Any = text
        if allowed is bool:
            value = {
                "1": True,
                "true": True,
                "yes": True,
                "0": False,
                "false": False,
                "no": False,
            }.get(text.lower())
        problem = _problem(name, value if value is not None else text, variable)
        if problem is not None:
            problems.append(problem)
        else:
            layer[name] = (value, variable)
    return layer


def _from_file(path: str, problems: list[Diagnostic]) -> _Layer:
    try:
        text = Path(path).read_bytes()
    except OSError:
        return {}
    import tomllib  # noqa: PLC0415 - only who keeps a settings file pays for it

    try:
        table = tomllib.loads(text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        problems.append(Diagnostic("E-SETTINGS-TOML", f"this is no TOML: {error}", path))
        return {}
    layer: _Layer = {}
    for name, value in table.items():
        problem = _problem(name, value, path, line=_line_of(name, text.decode()))
        if problem is not None:
            problems.append(problem)
        else:
            layer[name] = (value, path)
    return layer


def _problem(name: str, value: object, source: str, *, line: int = 1) -> Diagnostic | None:
    allowed = _ALLOWED.get(name)
    if allowed is None:
        message, hint = f'unknown setting "{name}"', f"settings are {', '.join(_ALLOWED)}"
        return Diagnostic("E-SETTING-UNKNOWN", message, source, line, hint=hint)
    if isinstance(allowed, tuple):
        good, hint = value in allowed, f"one of {', '.join(allowed)}"
    else:
        good, hint = isinstance(value, allowed), "true or false" if allowed is bool else "a text"
    if good:
        return None
    return Diagnostic("E-SETTING-VALUE", f"{name} cannot be {value!r}", source, line, hint=hint)


def _line_of(name: str, text: str) -> int:
    lines = text.splitlines()
    return next(
        (
            at
            for at, line in enumerate(lines, start=1)
            if line.split("=")[0].strip().strip('"') == name
        ),
        1,
    )
