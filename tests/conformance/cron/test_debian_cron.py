"""Starts of crontab lines against the real Debian daemon, and against its recorded model."""

from __future__ import annotations

import gzip
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from sim.kernel.calendar import MINUTE, format_instant, to_micros
from sim.kernel.cron_expression import CronSyntaxError, parse_cron
from sim.orchestrators.cron.firing import firings

HERE = Path(__file__).parent
RECORDED_MAX = 400
"""The recorder of the comparison wrote at most so many minutes of a case."""


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of one recorded file."""
    found: list[dict[str, Any]] = json.loads(gzip.decompress((HERE / name).read_bytes()))["cases"]
    return found


def instant(text: str) -> int:
    """The instant of a recorded time, whose offset has no colon."""
    return to_micros(datetime.fromisoformat(text))


def starts(cron: str, timezone: str, start: int, end: int) -> list[int]:
    """Instants at which a crontab with this one line starts it."""
    schedule = parse_cron(cron, dialect="vixie")
    return [one.at for one in firings([schedule], timezone=timezone, start=start, end=end)]


def test_the_real_daemon_started_the_same_minutes() -> None:
    """All 88 lines watched over four clock changes, repeated starts included."""
    differing = []
    for case in cases("debian_cron_real.json.gz"):
        ours = starts(case["cron"], case["tz"], instant(case["from"]), instant(case["to"]))
        seen = case["starts"]
        if isinstance(seen, dict):
            expected: object = (seen["count"], instant(seen["first"]), instant(seen["last"]))
            actual: object = (len(ours), ours[0], ours[-1])
        else:
            expected, actual = [instant(text) for text in seen], ours
        if expected != actual:
            differing.append((case["run"], case["cron"]))

    assert [] == differing
    assert len(cases("debian_cron_real.json.gz")) == 88


def debian_minutes(case: dict[str, Any]) -> list[str] | str:
    """Starts in a case's span as the comparison writes them, or that the line is refused."""
    try:
        found = starts(case["cron"], case["tz"], instant(case["start"]), instant(case["end"]))
    except CronSyntaxError:
        return "error"
    return [f"{format_instant(at - at % MINUTE)[:16]}Z" for at in found[:RECORDED_MAX]]


def test_debian_column_of_the_comparison() -> None:
    """All 226 comparisons of expressions, zones and clock changes, refusals included."""
    differing = [
        (case["cron"], case["tz"], case["start"])
        for case in cases("cron_compare.json.gz")
        if debian_minutes(case) != case["sequences"][case["by"]["debian"]]
    ]

    assert [] == differing
    assert len(cases("cron_compare.json.gz")) == 226
