"""cron's section in a comparison: its lines more often, and no edges, for it declares none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from sim.orchestrators.cron.config import CronConfig

_NO_JOB = re.compile(r"\s*(#|$|[A-Za-z_]\w*\s*=)")
"""Comments, empty lines and settings of the environment (crontab(5))."""


def copied(section: CronConfig, number: int) -> CronConfig:
    """Each job's line so many times."""
    lines = []
    for line in section.crontab.splitlines():
        lines += [line] * (1 if _NO_JOB.match(line) else number)
    return replace(section, crontab="\n".join(lines) + "\n")


def declared(section: CronConfig) -> tuple[tuple[str, str], ...]:
    """None: a crontab says when, and of no table."""
    del section
    return ()
