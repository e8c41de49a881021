"""`date` as scripts use it."""

from __future__ import annotations

import pytest

from sim.kernel.calendar import parse_instant
from sim.platform.shell.date_command import DateError, run_date

NOW = parse_instant("2024-03-01T00:30:15Z")


@pytest.mark.parametrize(
    ("arguments", "printed"),
    [
        (["+%F"], "2024-03-01"),
        (["-d", "yesterday", "+%F"], "2024-02-29"),
        (["-d", "tomorrow", "+%Y%m%d"], "20240302"),
        (["-d", "2 days ago", "+%F"], "2024-02-28"),
        (["-d", "-1 day", "+%F %T"], "2024-02-29 00:30:15"),
        (["-d", "+1 week", "-I"], "2024-03-08"),
        (["-d", "2024-03-10 -1 day", "+%F"], "2024-03-09"),
        (["--date=1 hour ago", "+%F %H"], "2024-02-29 23"),
        (["-dtoday", "+%j %u %% %s"], "061 5 % 1709253015"),
        ([], "Fri Mar 01 00:30:15 UTC 2024"),
    ],
)
def test_what_date_prints(arguments: list[str], printed: str) -> None:
    """Relative days, ISO dates and formats, at half past midnight after a leap day."""
    assert printed == run_date(arguments, now=NOW, timezone="UTC")


def test_the_hosts_zone_decides_the_day() -> None:
    """Half past midnight in UTC is the day before in New York, except with -u."""
    printed = [
        run_date(extra, now=NOW, timezone="America/New_York") for extra in (["+%F"], ["-u", "+%F"])
    ]

    assert printed == ["2024-02-29", "2024-03-01"]


@pytest.mark.parametrize("arguments", [["-d", "someday"], ["--frobnicate"], ["-d", "2024-02-30"]])
def test_what_date_does_not_understand(arguments: list[str]) -> None:
    """It says so instead of printing something."""
    with pytest.raises(DateError, match="date: "):
        run_date(arguments, now=NOW, timezone="UTC")
