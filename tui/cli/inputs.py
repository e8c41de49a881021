"""What verbs work on: the scenario and the config that a command line names.

A config comes from `--config` (a file, or `-` for stdin), else from the scenario, and `--set`
changes single values of it. Problems leave as `ScenarioError`; warnings go to stderr.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from sim.errors import UsageError
from sim.kernel.calendar import DAY, at_time_of_day, parse_instant, parse_time_of_day
from sim.scenario.content import shown_path
from sim.scenario.load import load_config, load_scenario
from tui.cli.diagnostics import report_problems, talk_terminal

if TYPE_CHECKING:
    from sim.scenario.schema import Config, Scenario, Window
    from tui.cli.commands import Call

STDIN = "<stdin>"
"""What problems call the text that was read from stdin."""


def scenario_of(call: Call) -> Scenario:
    """The scenario named on the command line, with `--seed` and `--faults` put in."""
    scenario = load_scenario(call["scenario"])
    if scenario.warnings:
        report_problems(scenario.warnings, talk_terminal(plain=call.plain))
    if call["faults"] is not None:
        from sim.scenario.faults_file import load_faults, under  # noqa: PLC0415

        text = read_text(call["faults"])
        scenario = under(scenario, load_faults(text, file=call["faults"], scenario=scenario))
    seed = call["seed"]
    return scenario if seed is None else msgspec.structs.replace(scenario, seed=seed)


def config_of(call: Call, scenario: Scenario) -> Config:
    """The config that the command line asks for."""
    text, file = config_text(call, scenario)
    return config_from(text, file, scenario, sets=call["set"] or ())


def config_from(text: str, file: str, scenario: Scenario, *, sets: tuple[str, ...] = ()) -> Config:
    """The config that `text` holds, with the values of `sets` put in."""
    if not sets:
        return load_config(text, file=file, scenario=scenario)
    from sim.scenario.edits import apply_sets  # noqa: PLC0415 - only with --set

    return apply_sets(text, sets, scenario=scenario, file=file)


def config_text(call: Call, scenario: Scenario) -> tuple[str, str]:
    """The text of the config, and what to call it in problems."""
    named = call["config"]
    if named is None:
        return scenario.config_text, shown_path(scenario.config_path)
    if named == "-":
        if STDIN not in call.texts:
            call.texts[STDIN] = sys.stdin.read()
        return call.texts[STDIN], STDIN
    return read_text(named), named


def read_text(path: str) -> str:
    """A text file. Raises `UsageError` when it cannot be read."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror or error}"
        raise UsageError(message) from None
    except UnicodeDecodeError:
        message = f"{path} is not UTF-8"
        raise UsageError(message, "save it as UTF-8") from None


def night_of(call: Call, scenario: Scenario) -> date:
    """The night named by `--night`, else the first one shown. Raises `UsageError`."""
    named = call["night"] or scenario.clock.shown[0]
    window = window_of(scenario)
    try:
        night = date.fromisoformat(named)
    except ValueError:
        message = f'"{named}" is no date'
        raise UsageError(message, "dates are written 2024-03-14") from None
    if night not in window.nights:
        message = f"the night {night} is not simulated"
        raise UsageError(message, f"nights go from {window.start} to {window.to}")
    return night


def window_of(scenario: Scenario, name: str | None = None) -> Window:
    """A window of the scenario by name; the first one, which is played, by default."""
    return scenario.clock.windows[name or next(iter(scenario.clock.windows))]


def instant_of(text: str, night: date, timezone: str) -> int:
    """The instant of a time of day (`06:00`) of a night. Raises `UsageError`."""
    try:
        return at_time_of_day(night, parse_time_of_day(text), timezone)
    except ValueError as error:
        raise UsageError(str(error)) from None


def asked_instant(call: Call, scenario: Scenario) -> int:
    """The instant of `--at`; the end of the night's day by default. Raises `UsageError`."""
    timezone = scenario.clock.timezone
    named = call["at"]
    night = night_of(call, scenario)
    if named is None or "-" not in named:
        return instant_of(named or "00:00", night, timezone) + (0 if named else DAY)
    try:
        at = parse_instant(named, timezone)
    except ValueError as error:
        message = f'"{named}": {error}'
        raise UsageError(message, call.words.say("usage.instant")) from None
    window = window_of(scenario)
    first, last = window.nights[0], window.nights[-1]
    if not instant_of("00:00", first, timezone) <= at <= instant_of("00:00", last, timezone) + DAY:
        message = call.words.say("usage.not_simulated", at=named)
        hint = call.words.say("usage.simulated", start=window.start, to=window.to)
        raise UsageError(message, hint)
    return at
