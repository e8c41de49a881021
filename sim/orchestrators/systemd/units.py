"""Units as values: what the directives of services and timers mean, with systemd's defaults.

Source: systemd 252, systemd.unit(5), systemd.service(5), systemd.timer(5). What cannot be read
falls back to its default here; `validate` has said so before anything runs.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.kernel.calendar import MILLISECOND, MINUTE, SECOND
from sim.orchestrators.systemd.calendar_event import CalendarEventError, parse_calendar_event
from sim.orchestrators.systemd.spans import parse_timespan
from sim.orchestrators.systemd.unit_file import UnitFile, parse_unit_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.systemd.calendar_event import CalendarEvent

TRUE = frozenset({"yes", "true", "on", "1"})
FALSE = frozenset({"no", "false", "off", "0"})
DEPENDENCIES = (
    *("Requires", "Wants", "Requisite", "BindsTo"),
    *("After", "Before", "OnFailure", "OnSuccess"),
)
"""Directives of [Unit] that name other units."""
MONOTONIC = ("OnActiveSec", "OnBootSec", "OnStartupSec", "OnUnitActiveSec", "OnUnitInactiveSec")


@dataclass(frozen=True, slots=True)
class Command:
    """One command line of a service."""

    text: str
    """For the shell: every word quoted, since systemd starts programs and no shell."""
    ignores_failure: bool = False
    """It began with `-`."""


@dataclass(frozen=True, slots=True)
class Unit:
    """What every unit has."""

    name: str
    dependencies: Mapping[str, tuple[str, ...]]
    """Directive -> units that it names."""

    def names(self, *directives: str) -> tuple[str, ...]:
        """The units that some directives name, each once."""
        found = [name for one in directives for name in self.dependencies.get(one, ())]
        return tuple(dict.fromkeys(found))


@dataclass(frozen=True, slots=True)
class Service(Unit):
    """A .service."""

    kind: str
    """`simple`, `exec` or `oneshot`: when its start is over."""
    before_main: tuple[Command, ...]
    main: tuple[Command, ...]
    after_main: tuple[Command, ...]
    environment: Mapping[str, str]
    timeout_start_us: int | None
    """None: infinity, the default of a oneshot."""
    runtime_max_us: int | None
    """None: infinity; ignored for a oneshot."""
    restart: str
    restart_us: int
    start_limit_burst: int
    start_limit_interval_us: int | None

    @property
    def oneshot(self) -> bool:
        """Whether it is activating while it runs, and its start over when it has ended."""
        return self.kind == "oneshot"


@dataclass(frozen=True, slots=True)
class Timer(Unit):
    """A .timer."""

    unit: str
    """What it starts."""
    calendar: tuple[CalendarEvent, ...]
    monotonic: tuple[tuple[str, int], ...]
    """(directive, microseconds)."""
    accuracy_us: int
    randomized_delay_us: int
    fixed_random_delay: bool
    persistent: bool


def read_units(texts: Mapping[str, str], *, timezone: str) -> dict[str, Unit]:
    """Every unit of a config; templates (`page@.service`) are made when somebody names them."""
    files = {name: parse_unit_file(name, text) for name, text in texts.items()}
    units: dict[str, Unit] = {}
    ahead = [name for name in files if "@." not in name]
    while ahead:
        name = ahead.pop(0)
        file = files.get(name) or files.get(template_of(name) or "")
        if name in units or file is None:
            continue
        unit = _unit(name, file, timezone)
        units[name] = unit
        ahead += unit.names(*DEPENDENCIES)
        if isinstance(unit, Timer):
            ahead.append(unit.unit)
    return units


def template_of(name: str) -> str | None:
    """`page@.service` for `page@x.service`; None for a unit that is no instance."""
    stem, at, rest = name.partition("@")
    return f"{stem}@.{rest.rpartition('.')[2]}" if at else None


def _unit(name: str, file: UnitFile, timezone: str) -> Unit:
    dependencies = {
        key: tuple(
            expand(word, name)
            for directive in file.every("Unit", key)
            for word in directive.value.split()
        )
        for key in DEPENDENCIES
    }
    if name.endswith(".timer"):
        return _timer(name, file, dependencies, timezone)
    return _service(name, file, dependencies)


def _service(name: str, file: UnitFile, dependencies: Mapping[str, tuple[str, ...]]) -> Service:
    kind = text_of(file, "Service", "Type", "simple")
    oneshot = kind == "oneshot"
    main = _commands(name, file, "ExecStart")
    interval = span_of(file, "Unit", "StartLimitIntervalSec", 10 * SECOND)
    return Service(
        name,
        dependencies,
        kind=kind,
        before_main=_commands(name, file, "ExecStartPre"),
        main=main if oneshot else main[-1:],
        after_main=_commands(name, file, "ExecStartPost"),
        environment=_environment(name, file),
        timeout_start_us=span_of(
            file, "Service", "TimeoutStartSec", None if oneshot else 90 * SECOND
        ),
        runtime_max_us=None if oneshot else span_of(file, "Service", "RuntimeMaxSec", None),
        restart=text_of(file, "Service", "Restart", "no"),
        restart_us=span_of(file, "Service", "RestartSec", 100 * MILLISECOND) or 0,
        start_limit_burst=int(text_of(file, "Unit", "StartLimitBurst", "5")),
        start_limit_interval_us=interval,
    )


def _timer(
    name: str, file: UnitFile, dependencies: Mapping[str, tuple[str, ...]], timezone: str
) -> Timer:
    events = []
    for directive in file.every("Timer", "OnCalendar"):
        try:
            events.append(parse_calendar_event(directive.value, timezone=timezone))
        except CalendarEventError:
            continue
    monotonic = [
        (key, span)
        for key in MONOTONIC
        for directive in file.every("Timer", key)
        if (span := _span(directive.value, None)) is not None
    ]
    return Timer(
        name,
        dependencies,
        unit=expand(text_of(file, "Timer", "Unit", f"{name.rpartition('.')[0]}.service"), name),
        calendar=tuple(events),
        monotonic=tuple(monotonic),
        accuracy_us=span_of(file, "Timer", "AccuracySec", MINUTE) or 0,
        randomized_delay_us=span_of(file, "Timer", "RandomizedDelaySec", 0) or 0,
        fixed_random_delay=text_of(file, "Timer", "FixedRandomDelay", "no").lower() in TRUE,
        persistent=text_of(file, "Timer", "Persistent", "no").lower() in TRUE,
    )


def text_of(file: UnitFile, section: str, key: str, default: str) -> str:
    """The value of a directive, or its default."""
    found = file.last(section, key)
    return default if found is None else found.value


def span_of(file: UnitFile, section: str, key: str, default: int | None) -> int | None:
    """The span of a directive in microseconds, or its default; None: infinity."""
    found = file.last(section, key)
    return default if found is None else _span(found.value, default)


def _span(text: str, default: int | None) -> int | None:
    try:
        return parse_timespan(text)
    except ValueError:
        return default


def expand(text: str, name: str) -> str:
    """A text with its specifiers: %n the unit, %N without its ending, %i and %I its instance."""
    stem = name.rpartition(".")[0]
    prefix, _, instance = stem.partition("@")
    told = {"n": name, "N": stem, "p": prefix, "i": instance, "I": instance, "%": "%"}
    pieces = text.split("%")
    made = pieces[0]
    at = 1
    while at < len(pieces):
        piece = pieces[at]
        if piece:
            made += told.get(piece[0], f"%{piece[0]}") + piece[1:]
        elif at + 1 < len(pieces):
            at += 1
            made += "%" + pieces[at]
        at += 1
    return made


def _commands(name: str, file: UnitFile, key: str) -> tuple[Command, ...]:
    return tuple(
        command_of(expand(directive.value, name)) for directive in file.every("Service", key)
    )


def command_of(text: str) -> Command:
    """A command line; what cannot be split is run as it stands, and fails."""
    bare = text.lstrip("-@:+!")
    prefix = text[: len(text) - len(bare)]
    try:
        words = shlex.split(bare)
    except ValueError:
        words = [bare]
    return Command(" ".join(shlex.quote(word) for word in words), "-" in prefix)


def _environment(name: str, file: UnitFile) -> dict[str, str]:
    found: dict[str, str] = {}
    for directive in file.every("Service", "Environment"):
        try:
            words = shlex.split(expand(directive.value, name))
        except ValueError:
            continue
        found |= {key: value for key, equals, value in (w.partition("=") for w in words) if equals}
    return found
