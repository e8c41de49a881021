"""Heartbeats: pinged in time they are silent, otherwise they send one alert until the next ping."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.engine.simulate import simulate
from sim.faults.plan import HostOff
from sim.kernel.calendar import DAY, HOUR, parse_instant
from sim.model.facts import Entity, Fact
from sim.platform.config import Heartbeat, TaskWiring
from sim.platform.heartbeats import Heartbeats, expectation_of
from tests.unit.platform.stage import DAY_ONE, Stage, clock, copy_and_publish, stage
from tests.unit.session.shop import at, config, scenario

ALERTS = {"ring": {"channel": "pager", "to": "on_call"}}


def watched(*pings: str, days: float = 2, tasks: Any = None, **heartbeat: Any) -> Stage:
    """A stage from the first midnight on, with one heartbeat pinged at these times."""
    wiring = tasks or copy_and_publish()
    shop = stage(alerts=ALERTS, tasks=wiring)
    heartbeats = Heartbeats(
        shop.kernel,
        shop.alerts,
        {"nightly": msgspec.convert({"alert": "ring", **heartbeat}, Heartbeat)},
        tasks=msgspec.convert(wiring, dict[str, TaskWiring]),
        timezone="UTC",
    )
    shop.site.ping = heartbeats.ping
    heartbeats.start()
    for time in pings:
        shop.kernel.at(at(time), lambda: heartbeats.ping("nightly", -1))
    return shop.run(days=days) if tasks is None else shop


def test_what_is_pinged_in_time_is_silent() -> None:
    """A ping in the very last instant of the grace is in time."""
    shop = watched("02:00", "04:00", "06:00", period="1h", grace="1h", days=8 / 24)

    assert [] == shop.facts(Fact.ALERT)


@pytest.mark.parametrize(
    ("heartbeat", "expected"),
    [
        ({"schedule": "0 3 * * *", "grace": "30m"}, ("03:30:00", "03:00:00")),
        ({"schedule": "0 3 * * *", "timezone": "Europe/Madrid"}, ("03:00:00", "02:00:00")),
        ({"period": "4h", "grace": "10m"}, ("04:10:00", "04:00:00")),
        ({}, ("01:00:00", "00:00:00")),
    ],
)
def test_the_first_ping_missing_is_told_after_the_grace(
    heartbeat: dict[str, Any], expected: tuple[str, str]
) -> None:
    """The default is a day and an hour, as of a check that was made and left as it is."""
    [missed] = watched(**heartbeat).facts(Fact.HEARTBEAT)

    assert expected == (clock(missed.time), clock(missed.detail["expected"]))
    assert missed.value == 0


def test_silence_is_told_once_until_the_next_ping() -> None:
    """Down for hours is one page; up again closes its incident, and the next silence pages anew."""
    shop = watched("08:00", period="1h", grace="0s", days=0.5)

    assert [("01:00:00", 0), ("08:00:00", 1), ("09:00:00", 0)] == shop.told(Fact.HEARTBEAT)
    assert [("01:00:00", 1, "sent"), ("09:00:00", 2, "sent")] == shop.told(Fact.ALERT, "status")


def test_the_alert_is_about_the_day_before() -> None:
    """A person who gets it can run that date again."""
    shop = watched(schedule="0 3 * * *", grace="1h", days=1)

    assert [("04:00:00", 1, "nightly nightly 2024-03-11", "2024-03-11")] == shop.told(
        Fact.ALERT, "key", "data_date"
    )


def test_a_task_pings_when_it_ended_well() -> None:
    """The wiring's heartbeat is pinged at the end; a try that fails pings nothing."""
    tasks = copy_and_publish(heartbeat="nightly")
    shop = watched(tasks=tasks, schedule="0 3 * * *")
    shop.begin("publish", "02:00")  # there is no file yet
    shop.begin("copy", "02:30")
    shop.begin("publish", "02:50")
    shop.run()

    assert ["FAILED", "SUCCESS", "SUCCESS"] == [one for _, one, _ in shop.results()]
    assert [(shop.results()[-1][0], 1)] == shop.told(Fact.HEARTBEAT)[:1]


def test_nobody_pings_what_is_not_there() -> None:
    """The name of no heartbeat changes nothing."""
    shop = stage(alerts=ALERTS)

    assert not shop.site.ping("nightly", -1)
    assert [] == shop.facts(Fact.HEARTBEAT)


def test_the_repeated_hour_is_expected_once() -> None:
    """A ping in the first 02:30 of an autumn night expects the next one a day later."""
    expects = expectation_of(
        Heartbeat(alert="ring", schedule="30 2 * * *"), timezone="Europe/Madrid"
    )
    first = parse_instant("2024-10-27T00:30Z")

    assert first + DAY + HOUR == expects.after(first)
    assert first == expects.after(first - 1)


def test_a_schedule_without_days_expects_nothing() -> None:
    """The 30th of February never comes."""
    expects = expectation_of(Heartbeat(alert="ring", schedule="0 3 30 2 *"), timezone="UTC")

    assert expects.after(0) is None


LINE = "0 3 * * * copy && publish && heartbeat nightly\n"
UNITS = {
    "nightly.timer": "[Timer]\nOnCalendar=03:00\nAccuracySec=1us\n",
    "nightly.service": "[Service]\nType=oneshot\nExecStart=copy\nExecStart=publish\n"
    "ExecStart=/usr/local/bin/heartbeat nightly\n",
}


@pytest.mark.parametrize(
    ("orchestrator", "section"), [("cron", {"crontab": LINE}), ("systemd", {"units": UNITS})]
)
def test_a_host_that_is_off_tells_nobody_but_its_heartbeat_does(
    orchestrator: str, section: dict[str, Any]
) -> None:
    """The script pings in the first night; in the second the machine is off, and a page is sent."""
    made = config(orchestrator=orchestrator, section=section, alerts=ALERTS)
    watch = Heartbeat(alert="ring", schedule="0 3 * * *", grace="1h")
    journal = simulate(
        scenario(),
        msgspec.structs.replace(made, heartbeats={"nightly": watch}),
        seed=7,
        faults=[HostOff(start="2024-03-13T02:00Z", end="2024-03-13T06:00Z")],
        interventions=(),
    )
    told = [(clock(row.time), row.value) for row in journal.rows(Fact.HEARTBEAT)]
    sent = [row.detail["data_date"] for row in journal.rows(Fact.ALERT)]

    assert ["2024-03-12"] == sent
    assert [1, 0] == [value for _, value in told]
    assert told[1][0] == "04:00:00"


def test_a_page_about_a_host_that_went_off_is_no_false_one() -> None:
    """Something really was wrong in that night, from then on."""
    shop = stage(alerts=ALERTS)
    host = shop.kernel.journal.entity(Entity.HOST, "etl-01")
    shop.kernel.at(at("02:00"), lambda: shop.kernel.fact(Fact.HOST, host, 0))
    before = shop.site.in_trouble(DAY_ONE, at("01:00"))
    shop.run()

    assert not before
    assert shop.site.in_trouble(DAY_ONE, at("03:00"))
