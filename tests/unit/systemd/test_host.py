"""A host with systemd: timers, units in their order, restarts, outages, the operator."""

from __future__ import annotations

import pytest

from sim.kernel.calendar import parse_instant
from sim.model.facts import Fact
from sim.model.interventions import Backfill, Clear, Pause, Rerun, Trigger
from sim.model.states import TaskState
from tests.unit.systemd.systemd_host import FAILED, NIGHTLY, oneshot, simulate, states

CHAIN = {
    "load.timer": NIGHTLY,
    "extract.service": oneshot("/opt/extract.sh"),
    "transform.service": oneshot(
        "transform", unit="Requires=extract.service\nAfter=extract.service"
    ),
    "load.service": oneshot("load", unit="Requires=transform.service\nAfter=transform.service"),
}


def test_required_units_run_in_their_order() -> None:
    """One timer starts the last of a chain: the others are pulled in, each in its turn."""
    done = simulate(CHAIN)

    assert [
        "03:00:00 extract running",
        "03:00:00 transform queued",
        "03:00:00 load queued",
        "03:10:00 extract success",
        "03:10:00 transform running",
        "03:20:00 transform success",
        "03:20:00 load running",
        "03:30:00 load success",
    ] == done.units()


def test_a_failed_requirement_fails_what_waits_for_it() -> None:
    """What is ordered after a unit that failed is not started: its job ends as `dependency`."""
    done = simulate(CHAIN, outcomes={"transform": [FAILED]})

    assert done.units()[-2:] == [
        "03:20:00 transform failed exit-code",
        "03:20:00 load failed dependency",
    ]
    assert [task for task, _ in done.workshop.begun] == ["extract", "transform"]


def test_requires_alone_orders_nothing() -> None:
    """Without After= both start at once."""
    units = {**CHAIN, "transform.service": oneshot("transform", unit="Requires=extract.service")}
    done = simulate(units)

    assert {"03:00:00 extract running", "03:00:00 transform running"} <= set(done.units())


def test_after_alone_pulls_nothing_in() -> None:
    """After= a unit that is not being started: nobody waits for it."""
    done = simulate({**CHAIN, "load.service": oneshot("load", unit="After=transform.service")})

    assert done.units() == ["03:00:00 load running", "03:10:00 load success"]


def test_wants_ignores_a_failure() -> None:
    """A wanted unit that fails lets the one behind it start."""
    wants = oneshot("load", unit="Wants=extract.service\nAfter=extract.service")
    done = simulate({**CHAIN, "load.service": wants}, outcomes={"extract": [FAILED]})

    assert done.units()[-1] == "03:20:00 load success"


def test_an_elapse_while_its_unit_runs_is_dropped() -> None:
    """Every five minutes, eight minutes of work: every other elapse is lost, nothing overlaps."""
    units = {
        "extract.timer": "[Timer]\nOnCalendar=03:00/5\nAccuracySec=1us\n",
        "extract.service": oneshot("extract"),
    }
    done = simulate(units, minutes={"extract": 8}, end="2024-03-14T03:21Z")

    assert done.elapses() == [
        "03:00:00 extract.timer 1",
        "03:05:00 extract.timer 0",
        "03:10:00 extract.timer 1",
        "03:15:00 extract.timer 0",
        "03:20:00 extract.timer 1",
    ]


@pytest.mark.parametrize(
    ("persistent", "begun"),
    [("yes", [("extract", "2024-03-14")]), ("no", [])],
)
def test_persistent_catches_up_once(persistent: str, begun: list[tuple[str, str]]) -> None:
    """Three nights with the host off at three are one run at its boot, or none."""
    units = {"extract.timer": NIGHTLY + f"Persistent={persistent}\n"}
    units["extract.service"] = oneshot("extract")
    off = ("2024-03-14T02:00Z", "2024-03-17T01:00Z")
    done = simulate(units, end="2024-03-17T02:00Z", outages=[off])

    assert len(done.workshop.begun) == len(begun)
    assert done.elapses() == ["01:00:00 extract.timer 1"] * len(begun)


def test_a_restart_is_the_same_run_going_on() -> None:
    """Restart=on-failure with RestartSec=: the second try is of the same unit run."""
    units = {
        "extract.timer": NIGHTLY,
        "extract.service": oneshot("extract", service="Restart=on-failure\nRestartSec=5min"),
    }
    done = simulate(units, outcomes={"extract": [FAILED, FAILED]}, end="2024-03-14T03:45Z")

    assert done.units()[:3] == [
        "03:00:00 extract running",
        "03:10:00 extract auto-restart",
        "03:25:00 extract auto-restart",
    ]


def test_onfailure_comes_once_restarts_are_exhausted() -> None:
    """Two starts within the interval are all; only then the page goes out."""
    units = {
        "extract.timer": NIGHTLY,
        "extract.service": oneshot(
            "extract",
            unit="OnFailure=page@%n.service\nStartLimitBurst=2\nStartLimitIntervalSec=1h",
            service="Restart=on-failure\nRestartSec=1min",
        ),
        "page@.service": oneshot("notify page"),
    }
    done = simulate(units, outcomes={"extract": [FAILED]})

    assert done.announcer.sent == [("03:22", "page", "extract")]
    assert "03:22:00 extract failed start-limit-hit" in done.units()


def test_a_service_that_is_no_oneshot_times_out_by_itself_only() -> None:
    """RuntimeMaxSec= ends a simple service; a oneshot ignores it."""
    limit = "RuntimeMaxSec=2min"
    units = {
        "extract.timer": NIGHTLY,
        "extract.service": f"[Service]\nExecStart=extract\n{limit}\n",
        "load.timer": NIGHTLY,
        "load.service": oneshot("load", service=limit),
    }
    done = simulate(units)

    assert "03:02:00 extract failed timeout" in done.units()
    assert "03:10:00 load success" in done.units()


def test_a_repeated_hour_elapses_once_and_a_skipped_one_not_at_all() -> None:
    """02:30 in Madrid: not on the night of the jump, once on the night with two of it."""
    units = {"extract.timer": NIGHTLY.replace("03:00", "02:30"), "extract.service": oneshot("load")}
    spring = simulate(
        units, timezone="Europe/Madrid", start="2024-03-30T22:00Z", end="2024-03-31T22:00Z"
    )
    autumn = simulate(
        units, timezone="Europe/Madrid", start="2024-10-26T22:00Z", end="2024-10-27T23:00Z"
    )

    assert [] == spring.elapses()
    assert len(autumn.elapses()) == 1


def test_a_year_of_one_timer_costs_a_few_events_a_day() -> None:
    """Nothing is stepped between elapses."""
    units = {"extract.timer": NIGHTLY, "extract.service": oneshot("extract")}
    done = simulate(units, end="2025-03-14T00:00Z")

    assert len(done.workshop.begun) == 365
    assert done.workshop.kernel.events < 365 * 8


def test_a_host_that_goes_off_takes_its_units_with_it() -> None:
    """A process that runs dies, what waits never starts, and nothing is left behind."""
    done = simulate(CHAIN, outages=[("2024-03-14T03:05Z", "2024-03-14T05:00Z")])

    assert states(done) == [TaskState.FAILED]
    assert all("failed" in line for line in done.units() if line.startswith("03:05"))
    assert len(done.units()) == 6


def test_the_operator() -> None:
    """Systemctl start, a date by hand, every date of a month; what systemd has not is refused."""
    at = parse_instant("2024-03-14T10:00Z")
    quiet = {name: text for name, text in CHAIN.items() if name != "load.timer"}
    timer = {"load.timer": NIGHTLY.replace("03:00", "2030-01-01")}
    started = simulate({**quiet, **timer}, interventions=[Trigger(at=at, pipeline="extract")])
    again = simulate({**quiet, **timer}, interventions=[Rerun(at=at, data_date="2024-03-01")])
    month = simulate(
        {"load.timer": timer["load.timer"], "load.service": oneshot("load")},
        interventions=[Backfill(at=at, pipeline="load", first="2024-03-01", last="2024-03-03")],
    )
    refused = simulate(
        {**quiet, **timer}, interventions=[Clear(at=at, pipeline="load", data_date="2024-03-01")]
    )

    assert [("extract", "2024-03-13")] == started.workshop.begun
    assert {"2024-03-01"} == {day for _, day in again.workshop.begun}
    assert ["2024-03-01", "2024-03-02", "2024-03-03"] == [day for _, day in month.workshop.begun]
    assert "refused" in next(iter(refused.journal.rows(Fact.INTERVENTION))).detail


def test_a_timer_that_was_stopped_elapses_no_more_until_it_is_started() -> None:
    """Pausing a pipeline stops its timers."""
    stop = Pause(at=parse_instant("2024-03-14T01:00Z"), pipeline="load", paused=True)
    go = Pause(at=parse_instant("2024-03-15T01:00Z"), pipeline="load", paused=False)
    done = simulate(CHAIN, end="2024-03-16T00:00Z", interventions=[stop, go])

    assert done.elapses() == ["03:00:00 load.timer 1"]
    assert len(done.workshop.begun) == 3
