"""`orchsim doctor`: what orchsim sees, for a person who wonders and for a bug report."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from sim.scenario.content import content_root, list_scenarios
from tui.cli.diagnostics import ExitCode
from tui.cli.grammar import PROGRAM
from tui.cli.language import project_file, user_file
from tui.cli.output import write, write_json

if TYPE_CHECKING:
    from tui.cli.commands import Call

FORMAT = 1
"""Version of what `--json` prints."""
_PACKAGES = (
    PROGRAM,
    "simpy",
    "duckdb",
    "msgspec",
    "PyYAML",
    "click",
    "jinja2",
    "textual",
    "rich",
    "networkx",
    "hypothesis",
)
_VARIABLES = ("TERM", "COLORTERM", "LANG", "LC_ALL", "NO_COLOR", "FORCE_COLOR", "EDITOR", "VISUAL")


def act(call: Call) -> int:
    """Print versions, terminal, settings with their sources, and paths.

    The exit code is 0 unless a package is missing.
    """
    report = _report(call)
    if call["json"]:
        write_json({"format": FORMAT, **report})
    else:
        write(_as_text(report, call))
    missing = [name for name, number in report["versions"].items() if number is None]
    return ExitCode.USAGE if missing else ExitCode.MET


def _report(call: Call) -> dict[str, dict[str, Any]]:
    settings = call.settings
    size = shutil.get_terminal_size()
    return {
        "versions": {
            "python": platform.python_version(),
            "system": platform.system(),
            **_versions(),
        },
        "terminal": {
            "stdin": sys.stdin.isatty(),
            "stdout": call.terminal.tty,
            "stderr": sys.stderr.isatty(),
            "size": f"{size.columns}x{size.lines}" if call.terminal.tty else None,
            "colour": call.terminal.colour,
            "unicode": call.terminal.unicode,
            **{name: os.environ.get(name) for name in _VARIABLES},
        },
        "settings": {
            name: {"value": getattr(settings, name), "source": source}
            for name, source in settings.sources.items()
        },
        "paths": {
            "project settings": project_file(),
            "user settings": user_file(),
            "save files": settings.state_dir,
            "scenarios": str(content_root()),
        },
    }


def _versions() -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = None
    return found


def _as_text(report: dict[str, dict[str, Any]], call: Call) -> str:
    say, paint = call.words.say, call.terminal.paint
    lines: list[str] = []
    for section, entries in report.items():
        lines.append(paint(say(f"doctor.{section}"), "bold"))
        for name, value in entries.items():
            shown = _shown(value["value"] if section == "settings" else value, call)
            if section == "versions" and value is None:
                shown = paint(say("doctor.missing"), "bad")
            if section == "settings":
                shown += paint(f"  {say('doctor.from', source=value['source'])}", "dim")
            if section == "paths" and name == "scenarios":
                shown = say("doctor.scenarios", count=len(list_scenarios()), path=value)
            lines.append(f"  {name:<18}{shown}")
    return "\n".join(lines) + "\n"


def _shown(value: object, call: Call) -> str:
    if isinstance(value, bool):
        return call.words.say("yes" if value else "no")
    return "-" if value is None else str(value)
