"""A host with an anacrontab for tests, over a few days."""

from __future__ import annotations

from typing import Any

from tests.unit.cron.cron_host import Night, simulate

DAILY = "1 5 daily extract\n"


def nights(anacrontab: str, *, crontab: str = "", **changes: Any) -> Night:
    """From Sunday, March 10, 2024 on, four days unless told otherwise."""
    settings = {"start": "2024-03-10T00:00Z", "end": "2024-03-14T00:00Z", **changes}
    return simulate(crontab, anacrontab=anacrontab, **settings)


def by_hand(crontab: str, anacrontab: str, **changes: Any) -> Night:
    """Started by nothing but a line of the crontab."""
    return nights(anacrontab, crontab=crontab, anacron_start="by_hand", **changes)


def starts(night: Night, pipeline: str = "daily") -> list[str]:
    """When the runs of a pipeline were started."""
    return [at for at, name in night.starts() if name == pipeline]
