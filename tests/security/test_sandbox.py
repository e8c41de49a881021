"""A scenario from the internet is data: nothing in it reaches the machine or never ends."""

from __future__ import annotations

import sys

import pytest

from sim.errors import LimitError
from sim.world.templates import TemplateProblem, render
from sim.world.warehouse import SqlError, connection
from sim.world.warehouse.statement import CLOSED_FUNCTIONS
from tests.unit.world.worlds import MONDAY, warehouse


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT content FROM read_blob('/etc/passwd')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM '/etc/passwd'",
        "FROM '/etc/passwd'",
        "COPY dw.regions TO '/var/orchsim-escape.csv'",
        "ATTACH '/var/orchsim-escape.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SELECT getenv('HOME')",
        "SET enable_external_access = true",
        "PRAGMA database_list",
        "SELECT 1; SELECT 2",
        "DELETE FROM dw.regions",
        "SELECT * FROM information_schema.tables",
        "SELECT * FROM _orchsim.d1",
        "FROM (SHOW TABLES)",
        "FROM (SUMMARIZE dw.regions)",
        'WITH "information_schema.tables" AS (SELECT 1) SELECT * FROM information_schema.tables',
        "WITH duckdb_settings AS (SELECT 1) FROM (SELECT 1) AS a, main.duckdb_settings",
        "SELECT (WITH duckdb_settings AS (SELECT 1) SELECT 1) FROM duckdb_settings",
        "FROM query('SELECT 1')",
        "SELECT pg_sleep(60)",
        "SELECT current_setting('memory_limit')",
        "SELECT version()",
        "",
    ],
)
def test_sql_cannot_leave_the_warehouse(sql: str) -> None:
    """Files, the network, settings, other schemas and anything but one SELECT are refused."""
    with pytest.raises(SqlError):
        warehouse().query(sql, inputs={})


@pytest.mark.parametrize("depth", [2_000, 20_000])
def test_sql_that_is_nested_too_deeply_is_refused(depth: int) -> None:
    """Parentheses and subqueries without end, and texts without end, are told apart from SQL."""
    for sql in (
        f"SELECT {'(' * depth}1{')' * depth}",
        f"FROM {'(FROM ' * depth}dw.regions{')' * depth}",
        f"SELECT '{'x' * 25 * depth}'",
    ):
        with pytest.raises(SqlError):
            warehouse().query(sql, inputs={})


@pytest.mark.parametrize(
    "sql", ["SELECT random() AS r", "SELECT uuid() AS u", "SELECT gen_random_uuid() AS u"]
)
def test_chance_is_refused_in_sql(sql: str) -> None:
    """A statement that would differ on the next replay says why it is refused."""
    with pytest.raises(SqlError, match="another answer on each run"):
        warehouse().query(sql, inputs={})


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) AS n FROM range(100000000000) AS a",
        "WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t",
    ],
)
def test_an_endless_statement_ends_with_its_limit(
    sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement that never ends is interrupted and names the bound that it passed."""
    monkeypatch.setattr(connection, "SQL_SECONDS_MAX", 0.3)
    with pytest.raises(LimitError, match="ran longer than") as caught:
        warehouse().query(sql, inputs={})

    assert caught.value.limit == "sql_seconds"


def test_a_statement_after_an_interrupted_one_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupt hits the statement that it is meant for and no later one."""
    house = warehouse()
    with monkeypatch.context() as patch:
        patch.setattr(connection, "SQL_SECONDS_MAX", 0.1)
        with pytest.raises(LimitError):
            house.query("SELECT count(*) AS n FROM range(100000000000) AS a", inputs={})
    rows = house.query("FROM range(5000000) AS a(n)", inputs={}).rows

    assert rows == 5_000_000


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT list(n) AS l FROM range(1000000000) AS r(n)",
        "SELECT string_agg(repeat('x', 1000)) AS s FROM range(10000000)",
    ],
)
def test_a_statement_that_fills_the_memory_ends_with_its_limit(sql: str) -> None:
    """Memory is bounded, and the message says by how much."""
    with pytest.raises(LimitError, match="more than 512 MB") as caught:
        warehouse().query(sql, inputs={})

    assert caught.value.limit == "sql_memory_mb"


# only Linux bounds by how much a process may grow
if sys.platform == "linux":

    @pytest.mark.parametrize(
        "sql",
        [
            "SELECT repeat('x', 2000000000) AS s",
            "SELECT range(1000000000) AS l",
            "SELECT list_transform(range(10000), lambda x: range(10000)) AS l",
            "SELECT printf('%2000000000d', 1) AS s",
        ],
    )
    def test_one_value_cannot_fill_the_memory(sql: str) -> None:
        """What a function allocates is bounded too, though the database does not count it."""
        with pytest.raises(LimitError, match="more than 512 MB"):
            warehouse().query(sql, inputs={})


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM range(100) USING SAMPLE 3",
        "SELECT * FROM dw.regions TABLESAMPLE 10%",
        "SELECT reservoir_quantile(n, 0.5) AS q FROM range(100) AS r(n)",
        "SELECT system.main.now() AS t",
        "SELECT pg_catalog.current_date() AS t",
        "SELECT age(TIMESTAMP '2024-01-01') AS a",
        "SELECT nextval('s') AS n",
        "SELECT txid_current() AS n",
    ],
)
def test_what_differs_on_each_run_is_refused(sql: str) -> None:
    """Samples, counters and ways around the simulated clock."""
    with pytest.raises(SqlError):
        warehouse().query(sql, inputs={})


def test_every_changing_function_of_the_database_is_closed() -> None:
    """A function that the database itself calls changing is closed, or ours to answer."""
    database = connection.connect()
    changing = database.execute(
        """SELECT DISTINCT function_name FROM duckdb_functions()
           WHERE function_type IN ('scalar', 'aggregate') AND function_name <> 'error'
           AND (has_side_effects OR stability IN ('VOLATILE', 'CONSISTENT_WITHIN_QUERY'))"""
    ).fetchall()
    ours = database.execute(
        """SELECT DISTINCT function_name FROM duckdb_functions()
           WHERE function_type = 'macro' AND schema_name = 'main' AND NOT internal"""
    ).fetchall()
    left = {name for (name,) in changing} - {name for (name,) in ours} - CLOSED_FUNCTIONS

    assert set() == left


def test_the_clock_of_sql_is_the_simulated_one() -> None:
    """now() and its relatives read virtual time, whatever the machine's clock says."""
    house = warehouse()
    house.set_now(1_710_388_800_000_000)
    same = [
        "now() = TIMESTAMP '2024-03-14 04:00:00'",
        "NOW()::TIMESTAMPTZ = TIMESTAMPTZ '2024-03-14 04:00:00+00'",
        "current_timestamp = now()",
        "localtimestamp = now()",
        "get_current_timestamp() = now()",
        "transaction_timestamp() = now()",
        "current_date = DATE '2024-03-14'",
        "today() = current_date",
        "current_time = TIME '04:00:00'",
        "localtime = current_time",
        "ago(INTERVAL 1 DAY) = TIMESTAMP '2024-03-13 04:00:00'",
        "age(current_date, DATE '2024-03-13') = INTERVAL 1 DAY",
    ]
    told = [house.total(house.query(f"SELECT ({one})::INT AS n", inputs={}), "n") for one in same]

    assert [1] * len(same) == told


def test_the_clock_of_sql_moves_with_the_simulation() -> None:
    """The next statement reads the next instant."""
    house = warehouse()
    days = []
    for instant in (0, 86_400_000_000):
        house.set_now(instant)
        days.append(house.total(house.query("SELECT day(today()) AS n", inputs={}), "n"))

    assert [1, 2] == days


def test_text_of_the_player_never_becomes_a_statement() -> None:
    """A partition that is no date is refused before it could stand in a statement of ours."""
    columns = {"fecha": "DATE", "order_id": "BIGINT", "amount": "DECIMAL(14,2)"}
    house = warehouse(tables={"dw.t": {"partition": "fecha", "columns": columns}})
    sql = "SELECT '2024-01-01''; DROP TABLE dw.t; --' AS fecha, 1 AS order_id, 1 AS amount"
    data = house.query(sql, inputs={})
    with pytest.raises(SqlError):
        house.plan_write("dw.t", data, "append", MONDAY)

    assert house.table_dataset("dw.t").rows == 0


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__ }}",
        "{{ macros.ds_add.__globals__ }}",
        "{% include '/etc/passwd' %}",
        "{% import 'os' as os %}",
        "{{ 'x' * 1000000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ range(1000000000) }}",
        "{{ open('/etc/passwd') }}",
        "{{ fehca }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '{:>1000000000}'.format(1) }}",
        "{{ 'x'.ljust(1000000000) }}",
        "{{ (1).to_bytes(1000000000) }}",
        "{% set a = fecha ~ fecha %}{{ a }}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% for a in fecha %}{% for b in fecha %}x{% endfor %}{% endfor %}",
        "{{ fecha.upper }}",
        "{{ fecha|attr('__class__') }}",
    ],
)
def test_templates_cannot_leave_their_sandbox(text: str) -> None:
    """Objects, files, unknown names and texts that grow without bound are refused."""
    with pytest.raises(TemplateProblem):
        render(text, {"fecha": "2024-03-13"})


@pytest.mark.parametrize("times", [100, 5_000])
def test_a_template_that_never_ends_is_refused(times: int) -> None:
    """Filters that grow a value, parentheses and texts without end are bounded."""
    for text in (
        "{{ fecha" + "|replace('2', '22')" * times + " }}",
        "{{ " + "(" * times + "1" + ")" * times + " }}",
        "{{ " + "-" * times + "1 }}",
        "{{ fecha }}" * 20 * times,
    ):
        with pytest.raises(TemplateProblem):
            render(text, {"fecha": "2024-03-13"})


def test_a_template_of_a_practitioner_is_rendered() -> None:
    """Names, filters and ds_add work as in Airflow."""
    assert render("{{ macros.ds_add(fecha, -1) }}", {"fecha": "2024-03-13"}) == "2024-03-12"


def test_an_ordinary_statement_still_works() -> None:
    """The lock-in lets a SELECT over the input and the tables through."""
    house = warehouse()
    data = house.snapshot("pg.sales", MONDAY)
    sql = """WITH x AS (SELECT region, sum(amount) AS n FROM input GROUP BY region)
             SELECT n FROM x JOIN dw.regions USING (region)"""

    assert house.query(sql, inputs={"input": data}).rows == 2
