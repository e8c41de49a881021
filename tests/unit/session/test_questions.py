"""Questions to a night: what is known at an instant, under each orchestrator, and nothing more."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.errors import LimitError
from sim.faults.plan import WorkerLost
from sim.session.questions import ask, tables
from sim.world.warehouse import SqlError
from sim.world.warehouse import questions as warehouse_questions
from tests.unit.session.shop import at, config, scenario

CRON = {"crontab": "0 3 * * * copy\n30 3 * * * publish\n"}


def rows(sql: str, when: str = "23:59", *, shop: Any = None, **settings: Any) -> list[Any]:
    """What a SELECT gives in the shop."""
    return list(ask(shop or scenario(), config(**settings), sql, at=at(when)).rows)


def test_the_warehouse_is_as_it_stood() -> None:
    """A minute before the commit the day is missing, at its instant it is there."""
    sql = "SELECT count(*) FROM dw.daily WHERE fecha = DATE '2024-03-11'"
    published = "SELECT published_at FROM published ORDER BY 1 DESC LIMIT 1"

    assert [("2024-03-12 03:12:00+00",)] == rows(published)
    assert [(0,)] == rows(sql, "03:11:59")
    assert [(2,)] == rows(sql, "03:12:00")


def test_now_is_the_instant() -> None:
    """`now()` and its relatives are the instant asked about, with a time zone as in PostgreSQL."""
    sql = "SELECT now(), current_date, now() AT TIME ZONE 'Europe/Madrid', typeof(now())"

    assert [
        (
            "2024-03-12 03:05:00+00",
            "2024-03-12",
            "2024-03-12 04:05:00",
            "TIMESTAMP WITH TIME ZONE",
        )
    ] == rows(sql, "03:05")


def test_tables_of_both_kinds_join() -> None:
    """What a run published beside how long its tasks took, in one statement."""
    sql = """
        SELECT p.table_name, p.version, ti.task_id, ti.duration, sum(d.orders) AS orders
        FROM published p
        JOIN metadata.task_instance ti USING (dag_id, run_id, task_id)
        JOIN dw.daily d ON d.fecha = p.partition
        GROUP BY ALL
    """
    ((table, version, task, duration, orders),) = rows(sql)

    assert ("dw.daily", 71, "publish", 120.0) == (table, version, task, duration)
    assert 95 <= orders <= 105


def test_a_name_of_the_world_wins() -> None:
    """A table of the warehouse keeps its name; the metadata is found in its own schema."""
    shop = scenario()
    world = msgspec.structs.replace(
        shop.world,
        tables={
            **shop.world.tables,
            "dag": msgspec.structs.replace(shop.world.tables["dw.regions"]),
            "metadata.job": msgspec.structs.replace(shop.world.tables["dw.regions"]),
        },
    )
    clashing = msgspec.structs.replace(shop, world=world)

    assert [("north",), ("south",)] == rows("SELECT * FROM dag ORDER BY 1", shop=clashing)
    assert [("sales",)] == rows("SELECT dag_id FROM metadata_.dag", shop=clashing)


def test_cron_has_books_in_its_own_words() -> None:
    """A host with cron has no metadata database: starts of lines and commands, nothing more."""
    sql = "SELECT job, started_by, duration, state, exit_code FROM job_run ORDER BY start_date"

    assert [
        ("copy", "cron", 600.0, "success", 0),
        ("publish", "cron", 120.0, "success", 0),
    ] == rows(sql, orchestrator="cron", section=CRON)
    anacron = {"crontab": "", "anacrontab": "1 5 nightly copy && publish\n"}
    assert [("nightly", "anacron", 720.0, "success", 0)] == rows(
        sql, orchestrator="cron", section=anacron
    )
    with pytest.raises(SqlError, match="no table task_instance here"):
        rows("SELECT * FROM task_instance", orchestrator="cron", section=CRON)


def test_a_lost_worker_is_found_by_its_heartbeat() -> None:
    """Four minutes after it vanished it runs without heartbeats; later a scheduler gives it up."""
    lost = WorkerLost(task="copy", data_date="2024-03-11", after="62s")
    shop = msgspec.structs.replace(scenario(), faults=[lost])
    sql = """
        SELECT ti.task_id, ti.state, j.latest_heartbeat
        FROM task_instance ti JOIN job j ON ti.job_id = j.id
        WHERE ti.state = 'running' AND j.latest_heartbeat < now() - INTERVAL '3 minutes'
    """

    assert [("copy", "running", "2024-03-12 03:01:00+00")] == rows(sql, "03:05", shop=shop)
    assert [] == rows(sql, "03:20", shop=shop)


def test_every_table_can_be_read() -> None:
    """Each table that is listed answers, with the columns listed."""
    for version in (2, 3):
        section = {"version": version, **_dags()}
        shop, made = scenario(), config(section=section)
        for one in tables(shop, made):
            answer = ask(shop, made, f"SELECT * FROM {one.name}", at=at("03:30"))  # noqa: S608 - our own names
            names = [name for name, _ in one.columns]

            assert names == list(answer.columns)
            assert one.told or not answer.rows


@pytest.mark.parametrize(
    ("sql", "message", "position"),
    [
        ("SELECT staet FROM dag_run", 'column "staet" not found', 7),
        ("SELECT 1,\n  dag_idd\nFROM dag_run", 'column "dag_idd" not found', 12),
        ("SELECT * FROM tsk_instance", "is it task_instance", 14),
        ("SELECT 1 +, 2", "syntax error", 10),
        ("SELECT 'año' +, 2", "syntax error", 14),
        ("SELECT 'año', nada FROM dag_run", 'column "nada" not found', 14),
        ("SELECT 'año' FROM nada", "no table nada", 18),
        ("DESCRIBE dag_run", "only SELECT is allowed", None),
        ("DROP TABLE dw.daily", "only SELECT is allowed", None),
        ("SELECT 1; SELECT 2", "found 2 statements", None),
        ("SELECT * FROM read_csv('/etc/passwd')", "read_csv() is not available", 14),
        ("SELECT * FROM '/etc/passwd'", "no table /etc/passwd", 14),
        ("SELECT * FROM duckdb_settings()", "duckdb_settings() is not available", 14),
        ("SELECT getenv('HOME')", "getenv() is not available", 7),
        ("SELECT random()", "another answer on each run", None),
        ("ATTACH 'x.db'", "only SELECT is allowed", None),
        ("COPY dw.daily TO 'x'", "only SELECT is allowed", None),
        ("INSTALL httpfs", "only SELECT is allowed", None),
        ("", "found 0 statements", None),
    ],
)
def test_what_is_refused(sql: str, message: str, position: int | None) -> None:
    """Nothing but one SELECT over these tables; the message says what is wrong and where."""
    with pytest.raises(SqlError) as caught:
        rows(sql)

    assert message in caught.value.message
    assert position == caught.value.position


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows, like time and memory, have a bound that is named."""
    monkeypatch.setattr(warehouse_questions, "ROWS_MAX", 5)

    assert 5 == len(rows("SELECT * FROM range(5)"))
    with pytest.raises(LimitError, match="more than 5 rows"):
        rows("SELECT * FROM range(6)")


def test_a_question_changes_no_later_one() -> None:
    """`now()` in the SQL of tasks has no time zone before and after a question."""
    kind = "SELECT typeof(now())::VARCHAR AS region, DATE '{{ fecha }}' AS fecha, 1 AS revenue, "
    sql = kind + "1 AS orders FROM input LIMIT 1"
    wiring = {
        "copy": {"work": "copy", "output": "/data/x"},
        "publish": {
            "work": "publish",
            "input": "/data/x",
            "sql": sql,
            "table": "dw.daily",
            "write_mode": "replace_partition",
        },
    }
    told = [
        rows("SELECT region FROM dw.daily WHERE fecha = DATE '2024-03-11'", wiring=wiring)
        for _ in range(3)
    ]

    assert [[("TIMESTAMP",)]] * 3 == told


def _dags() -> dict[str, Any]:
    settings = {"schedule": "0 3 * * *", "start_date": "2024-01-01", "catchup": False}
    return {
        "dags": {
            "sales": {**settings, "tasks": {"copy": {}, "publish": {"upstream": ["copy"]}}},
        }
    }
