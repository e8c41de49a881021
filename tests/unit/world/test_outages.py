"""How a system answers at an instant."""

from __future__ import annotations

from typing import Any

from sim.kernel.calendar import HOUR, MINUTE, parse_instant
from sim.world.config import Outage
from sim.world.outages import Outages, Probe
from sim.world.resolved import resolve_outage

START = parse_instant("2024-03-14T02:30Z")
END = parse_instant("2024-03-14T03:50Z")


def outages(*changes: dict[str, Any]) -> Outages:
    """One outage per mapping of changes to an empty replica from 02:30 to 03:50."""
    usual = {"start": "2024-03-14T02:30Z", "to": "2024-03-14T03:50Z", "mode": "empty"}
    made = [Outage(**{"system": "pg.replica", **usual, **change}) for change in changes]
    return Outages([resolve_outage(one, "UTC") for one in made])


def test_a_span_holds_its_start_and_not_its_end() -> None:
    """Half open: at the very end the system is well again."""
    one = outages({})
    modes = [one.mode_at("pg.replica", at).mode for at in (START - 1, START, END - 1, END)]

    assert ["ok", "empty", "empty", "ok"] == modes


def test_other_systems_are_well() -> None:
    """An outage hits its own system only."""
    assert outages({}).mode_at("erp", START).mode == "ok"


def test_the_outage_that_opened_last_counts() -> None:
    """Of two that overlap, a client meets the newer; the older again once that is over."""
    both = outages({}, {"mode": "refuse", "start": "2024-03-14T03:00Z", "to": "2024-03-14T03:10Z"})
    modes = [both.mode_at("pg.replica", START + at).mode for at in (0, 30 * MINUTE, HOUR)]

    assert ["empty", "refuse", "empty"] == modes


def test_only_a_slow_system_has_a_factor() -> None:
    """`factor` is 1 in every other mode, whatever was written."""
    factors = [
        outages({"mode": mode, "factor": 3.0}).mode_at("pg.replica", START).factor
        for mode in ("slow", "empty", "refuse")
    ]

    assert [3.0, 1.0, 1.0] == factors


def test_a_probe_sees_how_far_behind_a_replica_is() -> None:
    """While a replica lags, the lag is the time since it opened, and rows are what it has."""
    at = START + 20 * MINUTE
    probes = [
        outages(change).probe("pg.replica", at, true_rows=1000)
        for change in (
            {},
            {"mode": "partial", "rows": 312},
            {"mode": "partial", "rows": 5000},
            {"mode": "slow", "factor": 2.0},
            {"mode": "refuse"},
        )
    ]

    lag = 20 * MINUTE
    assert [
        Probe(lag, 0),
        Probe(lag, 312),
        Probe(lag, 1000),
        Probe(0, 1000),
        Probe(lag, 0),
    ] == probes


def test_edges_are_told_in_order_within_the_span() -> None:
    """One that is open at the start opens then; one that ends later is not closed."""
    both = outages({}, {"start": "2024-03-14T01:00Z", "to": "2024-03-14T02:40Z"})
    edges = [(edge.at, edge.opens) for edge in both.edges(START - HOUR, END)]

    assert [
        (START - HOUR, True),
        (START, True),
        (START + 10 * MINUTE, False),
    ] == edges


def test_an_outage_touches_the_spans_that_it_overlaps() -> None:
    """Its end does not touch; both ends of the span asked about do."""
    one = outages({})
    spans = [(START - HOUR, START), (END - 1, END), (END, END + HOUR), (START - 2, START - 1)]

    assert [True, True, False, False] == [one.touched("pg.replica", *span) for span in spans]
