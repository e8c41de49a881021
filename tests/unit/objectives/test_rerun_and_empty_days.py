"""What a rerun may do on its way, and days on which there is nothing to publish."""

from __future__ import annotations

from typing import Any

import msgspec

from sim.objectives.config import Objective
from sim.objectives.evaluate import evaluate
from sim.objectives.finding import Finding
from sim.views.nights import nights_of
from sim.views.replay import Replay
from tests.unit.session.shop import TABLE, airflow, played, scenario, tasks, world

CLOSED = "2024-03-11"


def asked(kind: str, replay: Replay, **expectation: Any) -> Finding:
    """One objective, judged on one replay."""
    objective = msgspec.convert({"id": "O", kind: expectation}, Objective)
    return evaluate(objective, replay, nights_of(replay))


def closed_day(**settings: Any) -> Replay:
    """The first night's business day had no orders at all."""
    source = world()["sources"]["shop.orders"] | {"days": {CLOSED: {"rows": 0}}}
    return played(shop=scenario(sources={"shop.orders": source}), **settings)


def test_a_partition_gone_for_a_moment_is_no_harm() -> None:
    """DELETE, then INSERT: each rerun removes its own date and brings the truth back."""
    replay = played(reruns=True, wiring=tasks(mode="delete_insert"))
    nights = nights_of(replay)
    finding = asked("rerun_equals_truth", replay, table=TABLE)

    assert (2, 2) == (len(nights.reruns), len([at for at, *_ in nights.removed if at > replay.end]))
    assert finding.met
    assert finding.evidence[0].params == {"checked": 2}


def test_a_night_that_ends_late_is_not_touched_by_a_rerun() -> None:
    """The last run starts before midnight and publishes after it: late, right, nobody's harm."""
    replay = played(
        shop=scenario(nights=5),
        reruns=True,
        section=airflow(schedule="50 23 * * *"),
        wiring=tasks(),
    )
    nights = nights_of(replay)
    rerun = {row.detail["data_date"] for row in nights.reruns}
    late = [one.data_date for one in nights.publications if one.at > replay.end]

    assert ["2024-03-15"] == [day for day in late if day not in rerun]
    assert asked("rerun_equals_truth", replay, table=TABLE).met


def test_a_day_without_rows_wants_no_partition() -> None:
    """Nothing to publish is neither late, nor a gap, nor a difference, nor a bad rerun."""
    replay = closed_day(reruns=True)
    published = {one.data_date for one in nights_of(replay).publications}

    assert CLOSED not in published
    assert replay.truth[TABLE][CLOSED].rows == 0
    for kind in ("equals_truth", "no_gap", "rerun_equals_truth"):
        assert asked(kind, replay, table=TABLE).met
    assert asked("done_by", replay, table=TABLE, at="07:00").met


def test_rows_on_a_day_without_rows_differ() -> None:
    """A load that makes up a row for a closed day is told."""
    wiring = tasks(
        sql=(
            "SELECT DATE '{{ fecha }}' AS fecha, 'north' AS region, 0 AS revenue, "
            "count(*) AS orders FROM input"
        )
    )
    finding = asked("equals_truth", closed_day(wiring=wiring), table=TABLE)

    assert CLOSED in {one.params["partition"] for one in finding.evidence}
    assert (1, 0) == (finding.evidence[0].params["rows"], finding.evidence[0].params["rows_true"])


def test_a_rerun_that_works_on_another_date_is_named() -> None:
    """Whoever runs a date again and gets its neighbour is told so, though all figures are right."""
    itself = played(reruns=True, wiring=tasks())
    other = played(reruns=True, wiring=tasks(fecha="{{ macros.ds_add(ds, -1) }}"))
    finding = asked("rerun_reads", other, table=TABLE)

    assert asked("rerun_reads", itself, table=TABLE).met
    assert not finding.met
    assert {"rerun.elsewhere"} == {one.code for one in finding.evidence}
