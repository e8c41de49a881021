"""Problems of a systemd section, with their places."""

from __future__ import annotations

import pytest

from sim.orchestrators.systemd.config import SystemdConfig
from sim.orchestrators.systemd.validate import validate
from tests.unit.systemd.systemd_host import NIGHTLY, oneshot

GOOD = {"extract.timer": NIGHTLY, "extract.service": oneshot("extract")}


def found(units: dict[str, str]) -> list[object]:
    """Every problem: path, line and column when there are any, and code."""
    config = SystemdConfig(units=units)
    problems = validate(
        config, tasks=["extract", "load"], alerts=["page"], heartbeats=["alive"], timezone="UTC"
    )
    return [one[:-2] for one in problems]


def test_a_good_section_has_no_problems() -> None:
    """Timers, templates, requirements and prefixes of commands are all understood."""
    units = {
        **GOOD,
        "load.service": oneshot("-/opt/load", unit="Requires=extract.service"),
        "page@.service": oneshot("notify page"),
        "other.timer": "[Timer]\nOnUnitInactiveSec=1h 30min\nUnit=load.service\n",
    }
    units["extract.service"] = oneshot("extract", unit="OnFailure=page@%n.service")

    assert [] == found(units)


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("extract.timer", "[Timer]\nOnCalendar=25:00\n", (2, 12, "E-CALENDAR")),
        ("extract.timer", NIGHTLY + "Persistent\n", (4, 1, "E-UNIT-SYNTAX")),
        ("extract.timer", NIGHTLY + "Persistent=maybe\n", (4, 12, "E-BOOLEAN")),
        ("extract.timer", NIGHTLY + "RandomizedDelaySec=5 minuts\n", (4, 20, "E-SPAN")),
        ("extract.timer", NIGHTLY + "Persistant=true\n", (4, 12, "W-DIRECTIVE-UNKNOWN")),
        ("extract.timer", NIGHTLY + "[Servce]\nX=1\n", (5, 3, "W-SECTION-UNKNOWN")),
        ("extract.timer", NIGHTLY + "Unit=extrct.service\n", (4, 6, "E-UNIT-UNKNOWN")),
        ("extract.service", "[Service]\nType=dbus\nExecStart=load\n", (2, 6, "E-TYPE")),
        (
            "extract.service",
            oneshot("extract", service="Restart=always"),
            (6, 9, "E-RESTART"),
        ),
        ("extract.service", oneshot("heartbeat alve"), (5, 11, "E-HEARTBEAT-UNKNOWN")),
        ("extract.service", oneshot("ectract"), (5, 11, "W-COMMAND-UNKNOWN")),
        ("extract.service", oneshot("notify pge"), (5, 11, "E-ALERT-UNKNOWN")),
        ("extract.service", oneshot("page"), (5, 11, "W-COMMAND-UNKNOWN")),
        (
            "extract.service",
            "[Service]\nExecStart=extract\nExecStart=load\n",
            (3, 11, "E-SERVICE-COMMANDS"),
        ),
    ],
)
def test_a_mistake_in_a_unit(name: str, text: str, problem: tuple[object, ...]) -> None:
    """One mistake is one problem, at its line and column of the unit's text."""
    assert [(("units", name), *problem)] == found({**GOOD, name: text})


def test_what_a_unit_must_have() -> None:
    """A timer without a time, a service without a command, and a timer without its service."""
    assert [
        (("units", "extract.timer"), "E-TIMER-EMPTY"),
        (("units", "extract.service"), "E-SERVICE-EMPTY"),
    ] == found({"extract.timer": "[Timer]\n", "extract.service": "[Service]\nType=oneshot\n"})
    assert [(("units", "a.timer"), "E-UNIT-UNKNOWN")] == found({"a.timer": NIGHTLY})


def test_units_that_wait_for_each_other() -> None:
    """An ordering cycle is named with its units."""
    units = {
        "extract.timer": NIGHTLY,
        "extract.service": oneshot("extract", unit="After=load.service"),
        "load.service": oneshot("load", unit="After=extract.service"),
    }

    assert [(("units",), "E-UNIT-CIRCLE")] == found(units)
