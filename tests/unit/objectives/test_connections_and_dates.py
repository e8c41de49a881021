"""A source left with room, and objectives about some nights or about dates before the window."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.engine.replay import replay
from sim.objectives.config import Objective
from sim.objectives.evaluate import evaluate
from sim.objectives.finding import Finding
from sim.views.nights import nights_of
from sim.views.replay import Replay
from sim.world.config import World
from tests.unit.session.shop import TABLE, airflow, config, played, scenario, tasks, world

BOUND = {"db": {"connections": 10, "held_by_others": 5, "wait": "2m", "slower_per_reader": "1m"}}

DOUBLED = (
    "SELECT fecha, region, sum(amount) * 2 AS revenue, count(*) AS orders "
    "FROM shop.orders GROUP BY fecha, region"
)


def asked(kind: str, replay: Replay, **expectation: Any) -> Finding:
    """One objective, judged on one replay."""
    objective = msgspec.convert({"id": "O", kind: expectation}, Objective)
    return evaluate(objective, replay, nights_of(replay))


def crowd(connections: int) -> Replay:
    """A night in which two tasks read the shop at once, with so many connections each."""
    section = world(systems=BOUND)
    section["work"]["copy"] = {**section["work"]["copy"], "connections": connections}
    shop = msgspec.structs.replace(
        scenario(nights=1), world=msgspec.convert(section, World), digest=f"bound {connections}"
    )
    twice = airflow(tasks={"copy": {}, "again": {}})
    wiring = {**tasks(), "again": {"work": "copy", "output": "/data/again.csv"}}
    return replay(shop, config(section=twice, wiring=wiring))


@pytest.mark.parametrize(
    ("connections", "most", "met"), [(2, 9, True), (2, 8, False), (3, 8, True)]
)
def test_connections(connections: int, most: int, met: bool) -> None:  # noqa: FBT001 - a parameter
    """Five of others and two readers of two; of two readers of three only one gets in."""
    found = asked("connections", crowd(connections), system="db", max=most)

    assert found.met is met
    assert {one.code for one in found.evidence} == {"held" if met else "connections.many"}


@pytest.mark.parametrize(("most", "met"), [(2, True), (1, False)])
def test_source_reads(most: int, met: bool) -> None:  # noqa: FBT001 - a parameter
    """Two tasks read the shop once each for the one data date."""
    found = asked("source_reads", crowd(1), source="shop.orders", max=most)

    assert found.met is met
    assert [{"checked": 1} if met else 2] == [
        dict(one.params) if met else one.params["count"] for one in found.evidence
    ]


def test_source_reads_of_some_nights() -> None:
    """A night that is not asked about may read as it likes."""
    found = asked("source_reads", crowd(1), source="shop.orders", max=1, nights=["2024-03-20"])

    assert found.met


def test_who_gets_no_connection_is_lost_without_a_retry() -> None:
    """The second reader waits two minutes in vain."""
    found = asked("lost_tasks", crowd(3), max=0)

    assert [one.params["state"] for one in found.evidence] == ["failed"]


def test_each_reader_makes_the_next_one_slower() -> None:
    """Ten minutes for the first, eleven for the second."""
    met = [
        asked("ended_by", crowd(2), tasks=["copy", "again"], at=at).met for at in ("03:10", "03:11")
    ]

    assert met == [False, True]


def test_only_the_nights_that_are_named() -> None:
    """Published at 03:12: late for 03:05 on both nights, looked at on one."""
    found = asked(
        "done_by", played(shop=scenario(nights=2)), table=TABLE, at="03:05", nights=["2024-03-13"]
    )

    assert [str(one.night) for one in found.evidence] == ["2024-03-13"]


@pytest.mark.parametrize("kind", ["equals_truth", "no_gap"])
def test_dates_before_the_window_count_from_since(kind: str) -> None:
    """Nobody published them: each is wrong, and each is a gap."""
    objectives = [{"id": "O1", kind: {"table": TABLE, "since": "2024-03-08"}}]
    tables = world()["tables"]
    del tables[TABLE]["history"]
    made = played(shop=scenario(nights=1, objectives=objectives, tables=tables))
    found = asked(kind, made, table=TABLE, since="2024-03-08")
    days = [one.params["partition"] for one in found.evidence]

    assert days == ["2024-03-08", "2024-03-09", "2024-03-10"]
    assert asked(kind, made, table=TABLE).met


@pytest.mark.parametrize(
    ("published", "wrong"),
    [
        (None, []),
        (DOUBLED, ["2024-03-08", "2024-03-09", "2024-03-10"]),
    ],
)
def test_what_stood_there_before_the_window_is_known(
    published: str | None, wrong: list[str]
) -> None:
    """A date that nobody touches is what its history says: the truth, or what was published."""
    objectives = [{"id": "O1", "equals_truth": {"table": TABLE, "since": "2024-03-08"}}]
    tables = world()["tables"]
    tables[TABLE]["history"] |= {"published": published}
    made = played(shop=scenario(nights=1, objectives=objectives, tables=tables))
    found = asked("equals_truth", made, table=TABLE, since="2024-03-08")

    differs = [one.params for one in found.evidence if one.code == "table.differs"]
    assert [params["partition"] for params in differs] == wrong
    assert all(params["rows"] == params["rows_true"] for params in differs)
