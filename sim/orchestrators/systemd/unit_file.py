"""A unit file's text: sections and directives with their places, as systemd reads them.

Source: systemd 252, systemd.syntax(7). What a directive means is `units`'s matter. Invariant:
nothing raises; what cannot be read is a problem with its line.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Directive:
    """One `Key=value`."""

    section: str
    key: str
    value: str
    line: int
    """From 1."""
    column: int
    """Where the value stands, from 1."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that is none of what may stand there."""

    line: int
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class UnitFile:
    """One file."""

    name: str
    directives: tuple[Directive, ...]
    problems: tuple[Unreadable, ...]

    def every(self, section: str, key: str) -> list[Directive]:
        """All values of a directive that can be given several times; an empty one starts anew."""
        found: list[Directive] = []
        for one in self.directives:
            if (one.section, one.key) == (section, key):
                found = [*found, one] if one.value else []
        return found

    def last(self, section: str, key: str) -> Directive | None:
        """The value that counts of a directive that has one; None: it has its default."""
        found = self.every(section, key)
        return found[-1] if found else None


def parse_unit_file(name: str, text: str) -> UnitFile:
    """Read a file; a line that ends in a backslash goes on in the next."""
    directives: list[Directive] = []
    problems: list[Unreadable] = []
    section, held, start = "", "", 0
    for number, raw in enumerate(text.splitlines(), start=1):
        line = raw.strip()
        if not held and (not line or line[0] in "#;"):
            continue
        if held and line[:1] in {"#", ";"}:
            continue
        start = start if held else number
        held = f"{held} {line}".strip()
        if held.endswith("\\"):
            held = held[:-1].rstrip()
            continue
        whole, held = held, ""
        if whole.startswith("[") and whole.endswith("]"):
            section = whole[1:-1]
            continue
        key, equals, value = whole.partition("=")
        if not equals or not section:
            message = f'"{whole}" is no directive' if not equals else f'"{key}" is in no section'
            problems.append(Unreadable(start, message, "write Key=value below a [Section]"))
            continue
        column = raw.find("=") + 2 if start == number else 1
        directives.append(Directive(section, key.strip(), value.strip(), start, column))
    return UnitFile(name, tuple(directives), tuple(problems))
