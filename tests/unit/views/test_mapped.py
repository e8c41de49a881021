"""Mapped tasks in the views: an index is a row, and one state stands for all of them."""

from __future__ import annotations

from sim.model.facts import Fact
from sim.model.states import TaskState
from sim.views.gantt import gantt, task_of
from sim.views.logs import log_rows
from sim.views.replay import Replay
from sim.views.states import TaskNow, states_at, states_of_tasks
from tests.unit.session.shop import at, played, scenario, tasks, world


def parts() -> Replay:
    """`copy` returns an entry for every 40 rows read; `crunch` is expanded over them."""
    work = world()["work"]
    work["copy"]["returns"] = {"rows_per_entry": 40, "bytes": 10}
    work["crunch"] = {"duration": "5m", "sigma": 0.5}
    wiring = {**tasks(), "crunch": {"work": "crunch", "input": "/data/orders_{{ fecha }}.csv"}}
    graph = {
        "copy": {},
        "crunch": {"expand": {"part": "copy"}},
        "publish": {"upstream": ["crunch"]},
    }
    return played(shop=scenario(nights=1, work=work), tasks=graph, wiring=wiring)


def test_each_index_is_a_row_with_a_log() -> None:
    """Three parts of about a hundred rows; each takes its own time."""
    journal = parts().journal
    rows = gantt(journal, start=at("00:00"), end=at("12:00"))
    crunch = [row for row in rows if task_of(row.task) == "crunch"]
    (xcom,) = journal.rows(Fact.XCOM)

    assert [row.task for row in rows] == [
        "copy",
        *("crunch[0]", "crunch[1]", "crunch[2]"),
        "publish",
    ]
    assert len({row.bars[-1].start for row in crunch}) == len(crunch)
    assert {("sales", row.task) for row in rows} == set(
        log_rows(journal, start=at("00:00"), end=at("12:00"))
    )
    assert (30, {"key": "return_value", "length": 3}) == (xcom.value, dict(xcom.detail))


def test_one_state_stands_for_a_mapped_task() -> None:
    """Running while any index runs, success when all are; indices of an older run do not count."""
    journal = parts().journal
    running = states_of_tasks(states_at(journal, at("03:11"), since=at("00:00")), "sales")
    over = states_of_tasks(states_at(journal, at("12:00"), since=at("00:00")), "sales")
    older = TaskNow("sales", "crunch[9]", "older", TaskState.FAILED, 1, 0)
    newer = TaskNow("sales", "crunch[0]", "newer", TaskState.SUCCESS, 1, 1)

    assert running == {"copy": TaskState.SUCCESS, "crunch": TaskState.RUNNING}
    assert set(over.values()) == {TaskState.SUCCESS}
    assert states_of_tasks([older, newer], "sales") == {"crunch": TaskState.SUCCESS}
