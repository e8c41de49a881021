"""What is wrong with a `systemd:` section, beyond its keys and types, with the place in its texts.

Each answer is (path, line, column, code, message, hint) for a place inside a text, or (path, code,
message, hint); paths start below `systemd`. Codes that begin with `W-` are warnings. It finds
everything in one pass and raises nothing.
"""

from __future__ import annotations

import shlex
from difflib import get_close_matches
from functools import partial
from typing import TYPE_CHECKING

import networkx as nx

from sim.kernel.calendar import zone
from sim.orchestrators.systemd.calendar_event import CalendarEventError, parse_calendar_event
from sim.orchestrators.systemd.directives import KNOWN, SECTIONS, SPANS
from sim.orchestrators.systemd.restarts import NOT_ONESHOT, RESTARTS
from sim.orchestrators.systemd.spans import parse_timespan
from sim.orchestrators.systemd.unit_file import parse_unit_file
from sim.orchestrators.systemd.units import (
    DEPENDENCIES,
    FALSE,
    MONOTONIC,
    TRUE,
    Timer,
    command_of,
    expand,
    read_units,
    template_of,
)
from sim.platform.shell.check import Texts, check_circles, nearest, place_in
from sim.platform.shell.names import Names

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from sim.orchestrators.systemd.config import SystemdConfig
    from sim.orchestrators.systemd.unit_file import Directive, UnitFile
    from sim.orchestrators.systemd.units import Unit

    Found = tuple[object, ...]

ENDINGS = (".service", ".timer")
KINDS = ("simple", "exec", "oneshot")


def validate(
    config: SystemdConfig,
    *,
    tasks: Collection[str],
    alerts: Collection[str],
    heartbeats: Collection[str] = (),
    timezone: str,
) -> Iterator[Found]:
    """Every problem of the section."""
    if config.timezone is not None:
        try:
            zone(config.timezone)
        except ValueError as error:
            hint = "an IANA name such as Europe/Madrid"
            yield ("timezone",), "E-TIMEZONE", str(error), hint
            return
    names = Names(config.scripts, tasks)
    texts = Texts(names, alerts, heartbeats)
    for name, text in config.units.items():
        yield from _check_unit(name, text, config.units, texts)
    for name, text in config.scripts.items():
        yield from texts.check(("scripts", name), text, partial(place_in, text))
    yield from check_circles(names)
    units = read_units(config.units, timezone=config.timezone or timezone)
    if not any(isinstance(unit, Timer) for unit in units.values()):
        message = "no timer starts anything"
        yield ("units",), "W-NO-TIMER", message, "add a unit such as extract.timer"
    yield from _check_order(units)


def _check_unit(name: str, text: str, units: Mapping[str, str], texts: Texts) -> Iterator[Found]:
    path = ("units", name)
    if not name.endswith(ENDINGS):
        message = f'"{name}" is no unit that is simulated'
        yield path, "E-UNIT-NAME", message, "a unit ends in .service or .timer"
        return
    file = parse_unit_file(name, text)
    for problem in file.problems:
        yield path, problem.line, 1, "E-UNIT-SYNTAX", problem.message, problem.hint
    for one in file.directives:
        for code, message, hint in _check_directive(name, one, file):
            yield path, one.line, one.column, code, message, hint
        yield from _check_names(path, name, one, units)
        if one.key.startswith("ExecStart") and one.value:
            command = command_of(expand(one.value, name))
            place = (one.line, one.column)
            yield from texts.check(path, command.text, lambda _at, at=place: at)  # type: ignore[misc]
    yield from _check_whole(path, name, file, units)


def _check_directive(name: str, one: Directive, file: UnitFile) -> Iterator[tuple[str, str, str]]:
    """A directive by itself: it exists where it stands, and its value can be read."""
    if one.section not in SECTIONS:
        close = get_close_matches(one.section, SECTIONS, n=1)
        hint = f"did you mean [{close[0]}]?" if close else f"sections are {', '.join(SECTIONS)}"
        yield "W-SECTION-UNKNOWN", f"systemd ignores the section [{one.section}]", hint
        return
    known = KNOWN[one.section]
    if one.key not in known:
        section = next((other for other, keys in KNOWN.items() if one.key in keys), None)
        hint = f"it belongs into [{section}]" if section else nearest(one.key, known)
        message = f"systemd ignores {one.key}= in [{one.section}]"
        yield "W-DIRECTIVE-UNKNOWN", message, hint
        return
    if one.key == "Restart":
        yield from _check_restart(one, file)
    elif one.value:
        yield from _check_value(name, one)


def _check_value(name: str, one: Directive) -> Iterator[tuple[str, str, str]]:
    """What cannot be read of a value, whatever else stands in the file."""
    match one.key:
        case key if key in SPANS:
            try:
                parse_timespan(one.value)
            except ValueError as error:
                yield "E-SPAN", str(error), "write 5min, 1h 30min or 90"
        case "OnCalendar":
            try:
                parse_calendar_event(one.value, timezone="UTC")
            except CalendarEventError as error:
                yield "E-CALENDAR", error.message, error.hint
        case "Persistent" | "FixedRandomDelay" if one.value.lower() not in TRUE | FALSE:
            yield "E-BOOLEAN", f"{one.value!r} is neither yes nor no", "write yes or no"
        case "StartLimitBurst" if not one.value.isdigit():
            yield "E-NUMBER", f"{one.value!r} is no number", "write 5"
        case "Type" if one.value not in KINDS:
            yield "E-TYPE", f"Type={one.value} is not simulated", f"one of {', '.join(KINDS)}"
        case key if key.startswith("ExecStart"):
            try:
                shlex.split(one.value)
            except ValueError as error:
                yield "E-COMMAND", f"{name}: {error}", "close the quotes"


def _check_restart(one: Directive, file: UnitFile) -> Iterator[tuple[str, str, str]]:
    if one.value not in RESTARTS:
        hint = nearest(one.value, RESTARTS) or f"one of {', '.join(RESTARTS)}"
        yield "E-RESTART", f"Restart={one.value} is none", hint
        return
    kind = file.last("Service", "Type")
    if kind is not None and kind.value == "oneshot" and one.value in NOT_ONESHOT:
        message = f"a oneshot refuses Restart={one.value}"
        yield "E-RESTART", message, "write Restart=on-failure"


def _check_names(
    path: tuple[str, str], name: str, one: Directive, units: Mapping[str, str]
) -> Iterator[Found]:
    if one.key not in DEPENDENCIES and one.key != "Unit":
        return
    for word in one.value.split():
        other = expand(word, name)
        if other.endswith(".target") or other in units or (template_of(other) or "") in units:
            continue
        hint = nearest(other, units) or f"units are {', '.join(units)}"
        message = f"{one.key}= names {other}, which is no unit here"
        code = "W-UNIT-UNKNOWN" if one.key in {"Wants", "After", "Before"} else "E-UNIT-UNKNOWN"
        yield path, one.line, one.column, code, message, hint


def _check_whole(
    path: tuple[str, str], name: str, file: UnitFile, units: Mapping[str, str]
) -> Iterator[Found]:
    """What a unit must have, and what it may not have together."""
    if name.endswith(".timer"):
        if not file.every("Timer", "OnCalendar") and not any(
            file.every("Timer", key) for key in MONOTONIC
        ):
            message = "a timer without an On…= directive never elapses"
            yield path, "E-TIMER-EMPTY", message, "add OnCalendar=*-*-* 03:00:00"
        service = f"{name.removesuffix('.timer')}.service"
        absent = service not in units and (template_of(service) or "") not in units
        if file.last("Timer", "Unit") is None and absent:
            message = f"there is no {service} for it to start"
            yield path, "E-UNIT-UNKNOWN", message, "add it, or name another one with Unit="
        return
    commands = file.every("Service", "ExecStart")
    if not commands:
        message = "a service without ExecStart= does nothing"
        yield path, "E-SERVICE-EMPTY", message, "add ExecStart=/opt/job.sh"
    kind = file.last("Service", "Type")
    if len(commands) > 1 and (kind is None or kind.value != "oneshot"):
        second = commands[1]
        message = "only a oneshot may have several ExecStart="
        yield path, second.line, second.column, "E-SERVICE-COMMANDS", message, "add Type=oneshot"


def _check_order(units: Mapping[str, Unit]) -> Iterator[Found]:
    """Units that are ordered after each other: systemd would drop one of the jobs."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    for name, unit in units.items():
        graph.add_edges_from((other, name) for other in unit.names("After"))
        graph.add_edges_from((name, other) for other in unit.names("Before"))
    for circle in nx.simple_cycles(graph):
        message = f"{' after '.join([*circle, circle[0]])}: an ordering cycle"
        yield ("units",), "E-UNIT-CIRCLE", message, "take one After= or Before= out"
