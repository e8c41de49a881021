"""Pokes: a sensor's question is answered as the system is, and reads no data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from sim.kernel.calendar import parse_span
from sim.model.facts import Fact
from sim.model.work import Running
from sim.platform.sensing import SensingWorkshop
from sim.world.outages import Outages
from tests.unit.platform.stage import DAY_ONE, Stage, stage
from tests.unit.session.shop import at, outage


@dataclass(frozen=True)
class Ready:
    """A sensor's condition."""

    system: str = "db"
    max_lag: str = "5m"
    min_rows: int = 1


def poked(
    mode: str | None, time: str, *, kill: bool = False, day: str = DAY_ONE, **condition: Any
) -> Stage:
    """A stage on which the sensor `copy` asked once, during an outage from 02:30 to 04:00."""
    spans = [outage("2024-03-12T02:30Z", "2024-03-12T04:00Z", mode, rows=40)] if mode else []
    shop = stage(outages=spans)
    workshop = SensingWorkshop(
        shop.kernel,
        Outages(shop.site._world.outages),
        shop.site._world.sources,
        {("sales", "copy"): Ready(**condition)},
        shop.workshop,
    )
    running: list[Running] = []

    def ask(task: str) -> None:
        attempt = shop.attempt(task, day=day)
        running.append(workshop.begin(attempt, lambda outcome: shop._ended(task, outcome)))

    shop.kernel.at(at(time), ask, "copy")
    if kill:
        shop.kernel.at(at(time), lambda: running[0].kill("timeout"))
    shop.kernel.at(at("12:00"), ask, "publish")
    return shop.run()


def test_a_poke_takes_a_second_and_reads_nothing() -> None:
    """The answer is the world's at its end; tasks that are no sensors go on to the workshop."""
    shop = poked(None, "03:00")

    assert shop.results() == [("03:00:01", "SUCCESS", ""), ("12:00:00", "FAILED", "missing_input")]
    assert shop.told(Fact.PROBE, "system", "lag", "rows") == [
        ("03:00:01", 1, "db", 0, shop.true_orders())
    ]
    assert shop.facts(Fact.SOURCE_READ) == []


def test_a_system_that_is_down_is_not_ready() -> None:
    """Half an hour behind, and without rows."""
    shop = poked("empty", "03:00")
    (probe,) = shop.facts(Fact.PROBE)

    assert shop.results()[0] == ("03:00:01", "NOT_READY", "not_ready")
    assert (probe.detail["lag"], probe.detail["rows"]) == (parse_span("30m1s"), 0)


@pytest.mark.parametrize(("mode", "end"), [("refuse", "03:00:01"), ("timeout", "03:05:00")])
def test_a_poke_that_is_not_let_in_raises(mode: str, end: str) -> None:
    """That is no answer: at once when refused, after the client's five minutes when ignored."""
    shop = poked(mode, "03:00")

    assert shop.results()[0] == (end, "FAILED", f"source_{mode}")


@pytest.mark.parametrize(
    ("time", "min_rows", "ready"),
    [("02:32", 1, True), ("02:32", 41, False), ("02:36", 1, False)],
)
def test_both_lag_and_rows_must_do(time: str, min_rows: int, *, ready: bool) -> None:
    """A replica two minutes behind with 40 rows does, unless more is asked or it is six minutes."""
    shop = poked("partial", time, min_rows=min_rows)

    assert shop.facts(Fact.PROBE)[0].value == ready


def test_a_slow_system_is_ready() -> None:
    """It has everything; only reading takes longer."""
    assert poked("slow", "03:00").results()[0][1] == "SUCCESS"


def test_a_killed_poke_answers_nothing() -> None:
    """Killed within its second, it leaves no fact."""
    shop = poked(None, "03:00", kill=True)

    assert shop.facts(Fact.PROBE) == []
    assert [result[0] for result in shop.results()] == ["12:00:00"]


def test_a_day_that_is_not_over_has_what_has_come_so_far() -> None:
    """Asked at 03:00 for the very day that has begun, there is a sixteenth of it."""
    early = poked(None, "03:00", day="2024-03-12", min_rows=50)
    over = poked(None, "03:00", min_rows=50)

    assert early.results()[0][1] == "NOT_READY"
    assert early.told(Fact.PROBE, "rows")[0][-1] == 6
    assert over.results()[0][1] == "SUCCESS"
