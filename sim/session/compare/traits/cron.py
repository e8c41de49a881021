"""cron's section in a comparison: its lines more often, and no edges, for it declares none.

A copy of a job of anacron gets a name of its own, for two of one name would share a timestamp.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from sim.orchestrators.cron.config import CronConfig

_NO_JOB = re.compile(r"\s*(#|$|[A-Za-z_]\w*\s*=)")
"""Comments, empty lines and settings of the environment (crontab(5))."""


_LINE = re.compile(r"(?:[^\n]*\\\n)*[^\n]+\n?|\n")
"""A line with those that continue it."""
_ANACRON_JOB = re.compile(r"([ \t]*\S+[ \t]+[0-9]+[ \t]+)([^ \t/]+)([ \t].*)", re.DOTALL)


def copied(section: CronConfig, number: int) -> CronConfig:
    """Each job's line so many times."""
    lines = []
    for line in section.crontab.splitlines():
        lines += [line] * (1 if _NO_JOB.match(line) else number)
    crontab = "\n".join(lines) + "\n"
    if section.anacrontab is None:
        return replace(section, crontab=crontab)
    return replace(section, crontab=crontab, anacrontab=_anacrontab(section.anacrontab, number))


def _anacrontab(text: str, number: int) -> str:
    copies = []
    for line in _LINE.findall(text if text.endswith("\n") else text + "\n"):
        job = None if _NO_JOB.match(line) else _ANACRON_JOB.fullmatch(line)
        copies.append(line)
        if job is not None:
            before, name, after = job.groups()
            copies += [f"{before}{name}__{at}{after}" for at in range(2, number + 1)]
    return "".join(copies)


def declared(section: CronConfig) -> tuple[tuple[str, str], ...]:
    """None: a crontab says when, and of no table."""
    del section
    return ()
