"""The door to DuckDB: an in-memory database under virtual time, locked in.

No file, no network, no extension, bounded memory, one thread (order and sums never depend on how
many cores there are). `now()` and its relatives read the simulated clock, in UTC; chance is
refused, since a second run would differ. A statement is bounded in wall time and in memory, which
only ever ends a run with `LimitError` and never changes a result.
"""

from __future__ import annotations

import atexit
import re
from typing import TYPE_CHECKING, Any

from sim.errors import LimitError
from sim.world.warehouse.address_space import bounded_growth
from sim.world.warehouse.errors import SqlError
from sim.world.warehouse.watchdog import watched

if TYPE_CHECKING:
    from collections.abc import Callable

    import duckdb

MEMORY_MAX_MB = 512
"""Memory that the database of one simulation may use, megabytes."""
GROWTH_MAX_MB = 2 * MEMORY_MAX_MB
"""By how much the process may grow while statements run, megabytes."""
SQL_SECONDS_MAX = 5
"""Wall time that one statement may take, seconds."""

_CLOCK = {
    "now": "_now()",
    "get_current_timestamp": "_now()",
    "transaction_timestamp": "_now()",
    "current_timestamp": "_now()",
    "localtimestamp": "_now()",
    "current_localtimestamp": "_now()",
    "current_date": "_now()::DATE",
    "today": "_now()::DATE",
    "current_time": "_now()::TIME",
    "get_current_time": "_now()::TIME",
    "localtime": "_now()::TIME",
    "current_localtime": "_now()::TIME",
}
# ago() is a macro of the database over one of the others
_CLOCK_WORDS = re.compile("|".join((*_CLOCK, "ago")), re.IGNORECASE)
_CHANCE = ("random", "uuid", "gen_random_uuid", "uuidv4", "uuidv7")


_IDLE_MAX = 2
_idle: list[duckdb.DuckDBPyConnection] = []
"""Databases that were given back empty: opening one costs more than a small simulation."""


@atexit.register
def close_idle() -> None:
    """Close the databases that nobody uses; the binding complains of those left at the end."""
    while _idle:
        _idle.pop().close()


def connect() -> duckdb.DuckDBPyConnection:
    """A locked-in database with nothing in it."""
    try:
        return _idle.pop()
    except IndexError:
        return _fresh()


def give_back(connection: duckdb.DuckDBPyConnection) -> None:
    """Empty a database and keep it for the next one who asks; close it when that fails."""
    import duckdb  # noqa: PLC0415 - as below

    try:
        rows = connection.execute(
            "SELECT schema_name FROM duckdb_schemas() WHERE NOT internal AND schema_name <> 'main'"
        ).fetchall()
        for (schema,) in rows:
            quoted = str(schema).replace('"', '""')
            connection.execute(f'DROP SCHEMA "{quoted}" CASCADE')
        tables = connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        for (table,) in tables:
            quoted = str(table).replace('"', '""')
            connection.execute(f'DROP TABLE main."{quoted}"')
        connection.execute("CREATE SCHEMA _orchsim")
    except duckdb.Error:
        connection.close()
        return
    if len(_idle) < _IDLE_MAX:
        _idle.append(connection)
    else:
        connection.close()


def _fresh() -> duckdb.DuckDBPyConnection:
    import duckdb  # noqa: PLC0415 - 0.2 s that listing scenarios does without

    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": 1,
            "memory_limit": f"{MEMORY_MAX_MB}MB",
            "enable_external_access": False,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "temp_directory": "",
            "python_enable_replacements": False,
        },
    )
    # a cast to TIMESTAMPTZ would otherwise read the time zone of the machine
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute("SET VARIABLE orchsim_now = 0")
    connection.execute("CREATE MACRO _now() AS make_timestamp(getvariable('orchsim_now'))")
    for name, meaning in _CLOCK.items():
        connection.execute(f'CREATE MACRO "{name}"() AS {meaning}')
    for name in _CHANCE:
        why = f"{name}() gives another answer on each run; derive values from the data instead"
        connection.execute(f"CREATE MACRO \"{name}\"() AS error('{why}')")
    connection.execute("CREATE SCHEMA _orchsim")
    connection.execute("SET lock_configuration = true")
    return connection


def reads_clock(sql: str) -> bool:
    """Whether a statement may ask for the time: whether any such name stands in it."""
    return _CLOCK_WORDS.search(sql) is not None


def set_clock(connection: duckdb.DuckDBPyConnection, instant: int) -> None:
    """What `now()` is from here on: an instant, microseconds since the epoch."""
    connection.execute(f"SET VARIABLE orchsim_now = {int(instant)}::BIGINT")


def bounded(connection: duckdb.DuckDBPyConnection, run: Callable[[], Any]) -> Any:
    """What `run` gives, within the bounds of one statement.

    Raises `SqlError` for what the database refuses, `LimitError` (`sql_seconds`, `sql_memory_mb`)
    for what is too much.
    """
    import duckdb  # noqa: PLC0415 - as above

    try:
        with watched(connection, SQL_SECONDS_MAX), bounded_growth(GROWTH_MAX_MB):
            return run()
    except duckdb.InterruptException:
        name = "sql_seconds"
        message = f"an SQL statement ran longer than {SQL_SECONDS_MAX} s; does it ever end?"
        raise LimitError(name, SQL_SECONDS_MAX, message) from None
    except (duckdb.OutOfMemoryException, MemoryError):
        name = "sql_memory_mb"
        message = f"an SQL statement needs more than {MEMORY_MAX_MB} MB of memory"
        raise LimitError(name, MEMORY_MAX_MB, message) from None
    except duckdb.Error as error:
        raise SqlError(_first_line(error)) from None


def _first_line(error: Exception) -> str:
    """The database's own words, without its error class and its drawing of the statement."""
    text = str(error).strip()
    head = text.split("\n\n")[0].split("\nLINE ")[0]
    return " ".join(head.partition(": ")[2].split() or head.split())
