"""Gantt, states and shapes: the journal's task states as bars and as a table of an instant."""

from __future__ import annotations

from sim.model.states import FINISHED, TaskState
from sim.views.dag import Shape, shapes
from sim.views.gantt import Bar, GanttRow, gantt, task_instance_names
from sim.views.replay import Replay
from sim.views.states import states_at
from tests.unit.session.shop import airflow, at, outage, played, scenario, tasks


def retried() -> Replay:
    """A night on which `copy` is refused at 03:00 and succeeds on its second try.

    Airflow retries in the first loop after the delay is over: at 03:05:01.
    """
    shop = scenario(outages=[outage("2024-03-12T02:30Z", "2024-03-12T03:04Z", "refuse")])
    tasks = {"copy": {"retries": 1, "retry_delay": "5m"}, "publish": {"upstream": ["copy"]}}
    return played(shop=shop, tasks=tasks)


def words(row: GanttRow) -> list[tuple[str, int, int, int]]:
    """(state, try, start, end) of what lasted or is an end, in minutes after 03:00."""
    three = at("03:00")
    return [
        (bar.state.word, bar.try_number, (bar.start - three) // 60_000_000, _end(bar, three))
        for bar in row.bars
        if bar.end > bar.start or bar.state in FINISHED
    ]


def _end(bar: Bar, three: int) -> int:
    return (bar.end - three) // 60_000_000


def test_the_tries_of_a_task_are_bars() -> None:
    """What lasts has a length; an end, and a state left at once, are bars of none."""
    copy, publish = gantt(retried().journal, start=at("00:00"), end=at("12:00"))

    assert [(copy.pipeline, copy.task), (publish.pipeline, publish.task)] == [
        ("sales", "copy"),
        ("sales", "publish"),
    ]
    assert words(copy) == [
        ("up_for_retry", 1, 0, 5),
        ("running", 2, 5, 15),
        ("success", 2, 15, 15),
    ]
    assert words(publish) == [("running", 1, 15, 17), ("success", 1, 17, 17)]
    assert [bar.reason for bar in copy.bars if bar.reason] == ["source_refuse"]
    assert [bar.state.word for bar in publish.bars] == ["scheduled", "queued", "running", "success"]


def test_a_bar_that_crosses_the_spans_edge_keeps_its_start() -> None:
    """Cut at the right edge, whole at the left one; what has ended before is not there."""
    journal = retried().journal
    (copy,) = gantt(journal, start=at("03:10"), end=at("03:12"))
    (publish,) = gantt(journal, start=at("03:16"), end=at("03:30"))

    assert words(copy) == [("running", 2, 5, 12)]
    assert words(publish) == [("running", 1, 15, 17), ("success", 1, 17, 17)]


def test_a_span_in_which_nothing_happens_has_no_rows() -> None:
    """Tasks that did nothing are left out."""
    assert gantt(retried().journal, start=at("12:00"), end=at("13:00")) == ()


def test_a_bar_names_the_row_that_it_began_with() -> None:
    """Every bar leads back to the journal."""
    journal = retried().journal
    rows = list(journal.rows())
    bars = [bar for row in gantt(journal, start=at("00:00"), end=at("12:00")) for bar in row.bars]

    assert all(rows[bar.row].time == bar.start for bar in bars)
    assert {task_instance_names(journal, bar.task_instance)[0] for bar in bars} == {"sales"}


def test_states_are_those_of_the_instant() -> None:
    """Where each task stands, since when, on which try; later facts are not known yet."""
    journal = retried().journal
    before, middle, late = (
        {
            one.task: (one.state, one.try_number, one.since)
            for one in states_at(journal, at(time), since=at("00:00"))
        }
        for time in ("02:00", "03:04", "23:00")
    )

    assert before == {}
    assert middle == {"copy": (TaskState.UP_FOR_RETRY, 1, at("03:00"))}
    assert late == {
        "copy": (TaskState.SUCCESS, 2, at("03:15:01")),
        "publish": (TaskState.SUCCESS, 1, at("03:17:01")),
    }


def test_shapes_are_those_of_the_config() -> None:
    """Airflow's edges as declared; cron knows none between its lines."""
    section = {"crontab": "0 3 * * * copy\n0 4 * * * publish"}
    cron = shapes(played(orchestrator="cron", section=section).journal)
    edges = (("copy", "publish"),)

    assert shapes(played().journal) == (Shape("sales", ("copy", "publish"), edges),)
    assert [(one.tasks, one.edges) for one in cron] == [
        (("copy",), ()),
        (("publish",), ()),
    ]


def test_tasks_of_one_pipeline_stand_together() -> None:
    """Two DAGs at once: the second one's task, which began before, does not come in between."""
    section = airflow()
    section["dags"]["other"] = {**section["dags"]["sales"], "tasks": {"idle": {}}}
    night = played(section=section, wiring={**tasks(), "idle": {"work": "copy"}})
    rows = gantt(night.journal, start=at("00:00"), end=at("12:00"))

    assert [row.label for row in rows] == ["copy", "publish", "idle"]


def test_a_task_that_several_pipelines_have_is_labelled_with_its_own() -> None:
    """Two DAGs of the same tasks would show the same names twice."""
    section = airflow()
    section["dags"]["other"] = {**section["dags"]["sales"], "tasks": {"copy": {}}}
    rows = gantt(played(section=section).journal, start=at("00:00"), end=at("12:00"))

    assert [(row.task, row.label) for row in rows] == [
        ("copy", "sales.copy"),
        ("publish", "publish"),
        ("copy", "other.copy"),
    ]
