"""systemd's section in a comparison: its units under more names, and no edges."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from sim.orchestrators.systemd.config import SystemdConfig


def copied(section: SystemdConfig, number: int) -> SystemdConfig:
    """Each unit so many times, those that it names with it; templates are shared."""
    own = [name for name in section.units if "@" not in name]
    named = re.compile(rf"(?<![\w@.-])({'|'.join(map(re.escape, own)) or '(?!)'})(?![\w.-])")
    units = dict(section.units)
    for at in range(2, number + 1):
        for name in own:
            text = named.sub(lambda found: _renamed(found[1], at), section.units[name])  # noqa: B023 - used at once
            units[_renamed(name, at)] = text
    return replace(section, units=units)


def _renamed(name: str, at: int) -> str:
    """`load.service` becomes `load__2.service`."""
    stem, dot, kind = name.rpartition(".")
    return f"{stem}__{at}{dot}{kind}"


def declared(section: SystemdConfig) -> tuple[tuple[str, str], ...]:
    """None: a unit says what it starts after, and of no table."""
    del section
    return ()
