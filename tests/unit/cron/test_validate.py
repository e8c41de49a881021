"""Problems of a cron section, with their places."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from sim.orchestrators.cron.config import CronConfig
from sim.orchestrators.cron.validate import validate


def found(crontab: str, scripts: Mapping[str, str] | None = None, **settings: str) -> list[object]:
    """Every problem: path, line and column when there are any, and code."""
    config = CronConfig(crontab=crontab, scripts=dict(scripts or {}), **settings)
    problems = validate(
        config, tasks=["extract", "load"], alerts=["page"], heartbeats=["alive"], timezone="UTC"
    )
    return [one[:-2] for one in problems]


def test_a_good_section_has_no_problems() -> None:
    """Wrappers, scripts, alerts, redirections and dates are all understood."""
    script = "exec 9>/l\nflock -n 9 || exit\nset -e\n"
    script += 'extract "$1" || { notify page; sleep 5m; extract "$1"; }\nload.sh >> l 2>&1\n'

    assert [] == found("MAILTO=x\n0 3 * * * flock -n /l nightly.sh\n", {"nightly.sh": script})


@pytest.mark.parametrize(
    ("crontab", "problem"),
    [
        ("0 24 * * * load\n", (("crontab",), 1, 3, "E-CRON")),
        ("\n0 4 * *\n", (("crontab",), 2, 1, "E-CRONTAB-FIELDS")),
        ("0 3 * * * load", (("crontab",), 1, 15, "E-CRONTAB-NEWLINE")),
        ("0 3 * * * load && (extract\n", (("crontab",), 1, 19, "E-SHELL")),
        ("0 3 * * * echo \\%\\% | load\n", (("crontab",), 1, 21, "E-SHELL")),
        ("0 3 * * * flock -n /l ectract.sh\n", (("crontab",), 1, 23, "W-COMMAND-UNKNOWN")),
        ("0 3 * * * load; notify pge\n", (("crontab",), 1, 17, "E-ALERT-UNKNOWN")),
        ("0 3 * * * load && heartbeat alve\n", (("crontab",), 1, 19, "E-HEARTBEAT-UNKNOWN")),
        ("0 3 * * * load && heartbeat $x\n", (("crontab",), 1, 19, "E-HEARTBEAT")),
        ("0 3 * * * notify $x\n", (("crontab",), 1, 11, "E-NOTIFY")),
        ("0 3 * * * flock -n /l\n", (("crontab",), 1, 11, "E-COMMAND-USAGE")),
        ("0 3 * * * timeout 5x load\n", (("crontab",), 1, 11, "E-COMMAND-USAGE")),
        ("  0 0 30 2 * load\n", (("crontab",), 1, 3, "W-CRON-NEVER")),
        ("CRON_TZ=UTC\n0 3 * * * load\n", (("crontab",), 1, 1, "W-CRON-ZONE")),
        ("# nothing\n", (("crontab",), "W-CRONTAB-EMPTY")),
    ],
)
def test_a_mistake_in_the_crontab(crontab: str, problem: tuple[object, ...]) -> None:
    """One mistake is one problem, at its line and column of the crontab's text."""
    assert [problem] == found(crontab)


@pytest.mark.parametrize(
    ("anacrontab", "problem"),
    [
        ("1 5 a laod.sh\n", (("anacrontab",), 1, 7, "W-COMMAND-UNKNOWN")),
        ("1 5 a load \\\n  && (extract\n", (("anacrontab",), 2, 6, "E-SHELL")),
        ("A=1\n1 5 a load; notify pge\n", (("anacrontab",), 2, 13, "E-ALERT-UNKNOWN")),
        ("1 5 a/b load\n1 5 c load\n", (("anacrontab",), 1, 5, "W-ANACRONTAB-LINE")),
        ("@hourly 5 a load\n", (("anacrontab",), 1, 1, "E-ANACRONTAB-PERIOD")),
        ("# nothing\n", (("anacrontab",), "W-ANACRONTAB-EMPTY")),
    ],
)
def test_a_mistake_in_the_anacrontab(anacrontab: str, problem: tuple[object, ...]) -> None:
    """Lines and columns count from its own beginning; then an empty crontab is no mistake."""
    assert [problem] == found("", anacrontab=anacrontab)


@pytest.mark.parametrize(
    ("crontab", "scripts", "problems"),
    [
        ("0 3 * * * load\n", {}, [(("anacron_start",), "W-ANACRON-NO-START")]),
        ("0 3 * * * /usr/sbin/anacron -s\n", {}, []),
        ("0 3 * * * flock -n /l a.sh\n", {"a.sh": "load; anacron -n\n"}, []),
    ],
)
def test_an_anacron_that_nothing_starts(
    crontab: str, scripts: dict[str, str], problems: list[object]
) -> None:
    """By hand means that a line of the crontab calls it, or a script."""
    settings = {"anacrontab": "1 5 a load\n", "anacron_start": "by_hand"}

    assert problems == found(crontab, scripts, **settings)


def test_anacron_is_no_command_without_an_anacrontab() -> None:
    """The host has not got it."""
    assert [(("crontab",), 1, 11, "W-COMMAND-UNKNOWN")] == found("0 3 * * * anacron -s\n")


def test_a_mistake_in_a_script_has_its_own_place() -> None:
    """Lines and columns of scripts count from their own beginning."""
    scripts = {"a.sh": "load\n  if x; then\n", "b.sh": "true\n  laod.sh\n"}

    assert [
        (("scripts", "a.sh"), 2, 3, "E-SHELL"),
        (("scripts", "b.sh"), 2, 3, "W-COMMAND-UNKNOWN"),
    ] == found("0 3 * * * a.sh\n", scripts)


def test_scripts_in_a_circle() -> None:
    """Both ends of the circle are told; the script that merely leads into it is not."""
    scripts = {"a.sh": "b.sh\n", "b.sh": "load && a.sh\n", "c.sh": "a.sh\n"}

    assert [
        (("scripts", "a.sh"), 1, 1, "E-SCRIPT-CIRCLE"),
        (("scripts", "b.sh"), 1, 1, "E-SCRIPT-CIRCLE"),
    ] == found("0 3 * * * c.sh\n", scripts)


def test_settings_that_lead_nowhere() -> None:
    """Zone, span and alert are looked up."""
    settings = {"timezone": "Mars/Base", "start_delay": "soon", "mail_to_alert": "pge"}

    assert [
        (("timezone",), "E-TIMEZONE"),
        (("start_delay",), "E-SPAN"),
        (("mail_to_alert",), "E-ALERT-UNKNOWN"),
    ] == found("0 3 * * * load\n", **settings)


def test_a_near_miss_is_suggested() -> None:
    """The hint names what was probably meant."""
    config = CronConfig(crontab="0 3 * * * notify pag; ectract\n")
    problems = list(validate(config, tasks=["extract"], alerts=["page"], timezone="UTC"))

    assert ["did you mean page?", "did you mean extract?"] == [problem[-1] for problem in problems]
