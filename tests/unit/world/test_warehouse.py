"""The warehouse: versions, readers, history, two writers at once, mistakes of both sides."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sim.errors import ScenarioError
from sim.world.warehouse import Dataset, SqlError, Warehouse, truth
from tests.unit.world.worlds import MONDAY, warehouse, world

DAILY: dict[str, Any] = {
    "partition": "fecha",
    "columns": {"fecha": "DATE", "region": "VARCHAR", "revenue": "DECIMAL(14,2)"},
    "key": ["fecha", "region"],
    "history": {"from": "2024-01-01"},
    "truth": "SELECT fecha, region, sum(amount) AS revenue FROM pg.sales GROUP BY ALL",
}
SUMMED = "SELECT fecha, region, sum(amount) AS revenue FROM input GROUP BY ALL"


def daily(**changes: Any) -> Warehouse:
    """A warehouse whose only table is a daily sum with a history since January."""
    return warehouse(tables={"dw.daily": DAILY | changes})


def load(house: Warehouse, sql: str = SUMMED, *, mode: str = "replace_partition") -> None:
    """Load MONDAY by one statement of the player's."""
    inputs = {"input": house.snapshot("pg.sales", MONDAY)}
    data = house.query(sql, inputs=inputs)
    plan = house.plan_write("dw.daily", data, mode, MONDAY)
    for index in range(len(plan.statements)):
        plan.execute(index)


class TestVersions:
    """What `publish` says."""

    def test_versions_count_on_from_history(self) -> None:
        """One version a night since the first: 70 before 11 March, so this night publishes 71."""
        house = daily()
        load(house)
        change = house.publish("dw.daily")

        assert change is not None
        assert (71, ["2024-03-11"]) == (change.version, list(change.partitions))

    def test_nothing_new_is_no_version(self) -> None:
        """Asked twice, or after the same rows were written again, there is no new version."""
        house = daily()
        load(house)
        published = [house.publish("dw.daily") is None for _ in range(2)]
        load(house)

        assert [False, True] == published
        assert house.publish("dw.daily") is None

    def test_only_what_changed_is_told(self) -> None:
        """A full overwrite changes its day and removes every other one."""
        house = daily()
        load(house, mode="overwrite_table")
        change = house.publish("dw.daily")

        assert change is not None
        assert ["2024-03-11"] == list(change.partitions)
        assert (28, "2024-02-12") == (len(change.removed), change.removed[0])

    def test_a_published_day_is_the_truth_of_that_day(self) -> None:
        """An honest load of all rows has the facts that the oracle has."""
        house = daily()
        load(house)
        change = house.publish("dw.daily")
        true = truth(house._world, 1, "dw.daily", [MONDAY])

        assert change is not None
        assert true == dict(change.partitions)

    def test_rows_without_a_day_are_seen_by_nobody(self) -> None:
        """A row whose partition is null is in no partition."""
        house = daily()
        load(
            house,
            "SELECT NULL::DATE AS fecha, 'x' AS region, 1 AS revenue",
            mode="overwrite_table",
        )
        change = house.publish("dw.daily")

        assert change is not None
        assert {} == change.partitions


class TestReaders:
    """What people are shown."""

    def test_a_reader_gets_the_published_sum(self) -> None:
        """The sum over the day's rows, with the version that it was read from."""
        house = daily()
        load(house, "SELECT DATE '2024-03-11' AS fecha, 'x' AS region, 12.5 AS revenue")
        house.publish("dw.daily")
        now = house.read("dw.daily", "revenue", MONDAY)

        assert (Decimal("12.50"), 71) == (now.shown, now.version)

    def test_a_day_that_is_not_there_is_no_zero(self) -> None:
        """Without rows there is no figure at all."""
        assert daily().read("dw.daily", "revenue", MONDAY).shown is None

    def test_history_is_there_before_the_first_night(self) -> None:
        """As far back as it is kept, and no further."""
        days = [MONDAY - timedelta(days=back) for back in (1, 28, 29)]
        totals = daily().day_totals("dw.daily", "revenue", days)

        assert [True, True, False] == [total is not None for total in totals]

    def test_history_of_many_rows_a_day_is_there_too(self) -> None:
        """Partitions that are too large to be kept in full are made in the table itself."""
        sales = {
            "partition": "fecha",
            "columns": {"fecha": "DATE", "order_id": "BIGINT", "amount": "DECIMAL(14,2)"},
            "history": {"from": "2024-03-01", "keep_days": 3},
            "truth": "SELECT fecha, order_id, amount FROM pg.sales",
        }
        house = warehouse(tables={"dw.sales": sales})
        expected = sum(
            house.true_rows("pg.sales", MONDAY - timedelta(days=back)) for back in (1, 2, 3)
        )

        assert expected == house.table_dataset("dw.sales").rows

    def test_a_sum_that_is_no_number_is_no_figure(self) -> None:
        """NaN cannot be compared with anything, so nobody is shown it."""
        columns = {"fecha": "DATE", "region": "VARCHAR", "revenue": "DOUBLE"}
        house = daily(columns=columns)
        load(house, "SELECT DATE '2024-03-11' AS fecha, 'x' AS region, 'nan'::DOUBLE AS revenue")
        house.publish("dw.daily")

        assert house.read("dw.daily", "revenue", MONDAY).shown is None

    def test_truth_may_join_a_table_with_rows_of_its_own(self) -> None:
        """A dimension of the author's stands beside the sources."""
        tables = {
            "dw.daily": DAILY
            | {
                "truth": "SELECT DATE '2024-03-11' AS fecha, region, 0 AS revenue FROM dw.regions",
            },
            "dw.regions": {"columns": {"region": "VARCHAR"}, "rows": [["norte"], ["sur"]]},
        }

        assert truth(world(tables=tables), 1, "dw.daily", [MONDAY])["2024-03-11"].rows == 2


class TestWriters:
    """What writes refuse, and how they meet."""

    def test_two_writers_of_one_day_cannot_both_win(self) -> None:
        """The second to change rows of an open transaction is refused and rolls back."""
        house = daily()
        load(house)
        data = house.query(SUMMED, inputs={"input": house.snapshot("pg.sales", MONDAY)})
        first, second = (
            house.plan_write("dw.daily", data, "delete_insert_transaction", MONDAY)
            for _ in range(2)
        )
        for index in range(3):
            first.execute(index)
        second.execute(0)
        with pytest.raises(SqlError, match=r"(?i)conflict"):
            second.execute(1)
        second.abandon()
        first.execute(3)

        assert house.publish("dw.daily") is not None
        assert house.table_dataset("dw.daily").rows == 28 * 2 + 2

    def test_a_value_that_does_not_fit_rolls_the_statement_back(self) -> None:
        """Replacing a day by rows of the wrong kind leaves the day as it was."""
        house = daily()
        load(house)
        with pytest.raises(SqlError, match=r"(?i)convert"):
            load(house, "SELECT fecha, region, 'much' AS revenue FROM input")

        assert house.table_dataset("dw.daily").rows == 28 * 2 + 2

    def test_a_missing_column_is_told_before_anything_is_written(self) -> None:
        """The rows must have every column of the table."""
        with pytest.raises(SqlError, match="revenue"):
            load(daily(), "SELECT fecha, region FROM input")

    def test_merge_needs_a_key(self) -> None:
        """Without one nothing tells rows apart."""
        with pytest.raises(SqlError, match="needs a key"):
            load(daily(key=[]), mode="merge")

    def test_datasets_that_nobody_holds_are_dropped(self) -> None:
        """A year of nights does not fill the memory: what is let go goes with the next query."""
        house = daily()
        inputs = {"input": house.snapshot("pg.sales", MONDAY)}
        held = house.query("SELECT * FROM input", inputs=inputs)
        for _ in range(3):
            house.query("SELECT * FROM input", inputs={"input": held})
        count = "SELECT count(*) FROM duckdb_tables() WHERE schema_name = '_orchsim'"
        row = house._connection.execute(count).fetchone()

        assert row == (2,)
        assert house.total(held.head(5), "order_id") > 0


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"columns": {**DAILY["columns"], "fecha": "VARCHAR"}}, "world.tables.dw.daily.columns.f"),
        ({"columns": {**DAILY["columns"], "x": "NONSENSE"}}, "world.tables.dw.daily.columns"),
        ({"truth": "SELECT nothing FROM pg.sales"}, "world.tables.dw.daily.truth"),
        ({"truth": "SELECT * FROM dw.other"}, "world.tables.dw.daily.truth"),
        ({"rows": [["2024-03-11", "x", "much"]]}, "world.tables.dw.daily.rows"),
    ],
)
def test_a_mistake_of_the_author_names_its_place(changes: dict[str, Any], place: str) -> None:
    """What only the database can see is still a problem of the scenario, with a path."""
    with pytest.raises(ScenarioError) as caught:
        daily(**changes)

    assert caught.value.diagnostics[0].path.startswith(place)


def test_a_reader_of_a_text_column_is_a_mistake() -> None:
    """A figure is summed, so it must be a number."""
    vp = {"VP": {"reads": {"table": "dw.daily", "figure": "region", "at": "09:00"}}}
    with pytest.raises(ScenarioError, match="no number"):
        warehouse(tables={"dw.daily": DAILY}, people=vp)


def test_a_database_that_was_given_back_is_empty() -> None:
    """The next simulation finds nothing of the last, not even in the schema without a name."""
    first = warehouse(tables={"daily": DAILY, "dw.daily": DAILY})
    first.close()
    second = warehouse(tables={"daily": DAILY, "dw.daily": DAILY})

    assert second.table_dataset("daily").rows == 28 * 2


def test_spelling_of_the_players_sql_is_free() -> None:
    """Upper case, a comment, a semicolon and words after it, an alias: all is one SELECT."""
    house = daily()
    inputs = {"input": house.snapshot("pg.sales", MONDAY)}
    spelled = [
        "SELECT region -- the; only column\nFROM INPUT AS v JOIN DW.Daily USING (region) ; -- end",
        ";FROM input /* ; */;;",
        "WITH x AS (FROM input) SELECT ';' AS \"a;b\", 'ñ;' AS n FROM x",
    ]

    assert all(house.query(sql, inputs=inputs).rows > 0 for sql in spelled)


def test_rows_do_not_depend_on_the_process() -> None:
    """Two processes with two hash seeds make the same rows."""
    code = (
        "from tests.unit.world.worlds import *; from sim.world.warehouse import truth;"
        "print(truth(world(), 7, 'dw.ventas', [MONDAY])['2024-03-11'])"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        for seed in ("1", "2")
    ]

    assert said[0].stdout == said[1].stdout
    assert ["", ""] == [one.stderr for one in said]


def test_the_rows_of_a_seed_are_these() -> None:
    """A golden digest: rows of a seed never change from one version of this program to the next."""
    facts = truth(world(), 7, "dw.ventas", [date(2024, 3, 29)])["2024-03-29"]

    digest = "40413baa6fc0dcbc31b195c10598b8b2"
    assert (40, "1686.64", digest) == (facts.rows, facts.sums["amount"], facts.digest)


def test_a_dataset_is_never_longer_than_it_is() -> None:
    """Asking for more rows than there are changes nothing."""
    data = Dataset("t", 3)

    assert data is data.head(3)
