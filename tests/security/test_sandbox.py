"""A scenario from the internet is data: nothing in it reaches the machine or never ends."""

from __future__ import annotations

import pytest

from sim.errors import LimitError
from sim.world.templates import TemplateProblem, render
from sim.world.warehouse import SqlError, connection
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
    ],
)
def test_sql_cannot_leave_the_warehouse(sql: str) -> None:
    """Files, the network, settings, other schemas and anything but one SELECT are refused."""
    with pytest.raises(SqlError):
        warehouse().query(sql, inputs={})


@pytest.mark.parametrize(
    "sql", ["SELECT random() AS r", "SELECT uuid() AS u", "SELECT gen_random_uuid() AS u"]
)
def test_chance_is_refused_in_sql(sql: str) -> None:
    """A statement that would differ on the next replay says why it is refused."""
    with pytest.raises(SqlError, match="another answer on each run"):
        warehouse().query(sql, inputs={})


def test_an_endless_statement_ends_with_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A statement that never ends is interrupted and names the bound that it passed."""
    monkeypatch.setattr(connection, "SQL_SECONDS_MAX", 0.3)

    with pytest.raises(LimitError, match="ran longer than"):
        warehouse().query("SELECT count(*) AS n FROM range(100000000000) AS a", inputs={})


def test_a_recursive_statement_ends_with_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """Recursion without an end is bounded too."""
    monkeypatch.setattr(connection, "SQL_SECONDS_MAX", 0.3)
    sql = """WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t)
             SELECT count(*) AS n FROM t"""

    with pytest.raises(LimitError):
        warehouse().query(sql, inputs={})


def test_the_clock_of_sql_is_the_simulated_one() -> None:
    """now() and its relatives read virtual time, whatever the machine's clock says."""
    house = warehouse()
    house.set_now(1_710_388_800_000_000)
    sql = """SELECT (now() = TIMESTAMP '2024-03-14 04:00:00')::INT
             + (current_date = DATE '2024-03-14')::INT
             + (current_timestamp = now())::INT + (today() = current_date)::INT
             + (localtimestamp = now())::INT AS n"""

    assert house.total(house.query(sql, inputs={}), "n") == 5


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
    ],
)
def test_templates_cannot_leave_their_sandbox(text: str) -> None:
    """Objects, files, unknown names and texts that grow without bound are refused."""
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
