"""Reading a player's statement before it runs: one SELECT, over tables that are there.

The statement is taken apart by the database's own parser, so nothing depends on how it is spelled.
What is refused is what leaves the warehouse and what would answer differently on a second run.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from sim.world.warehouse.errors import SqlError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

SQL_LENGTH_MAX = 50_000
"""Characters that one statement may have."""
TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})
"""Functions that may stand after FROM."""
CLOSED_FUNCTIONS = frozenset(
    {
        # other doors into the database, its settings and the machine
        *("getenv", "query", "query_table", "current_setting", "getvariable", "write_log"),
        *("current_schema", "current_schemas", "in_search_path", "current_database", "version"),
        *("current_catalog", "current_query", "stats", "vector_type", "sleep_ms", "pg_sleep"),
        # another answer on each run
        *("current_connection_id", "current_query_id", "current_transaction_id", "txid_current"),
        *("currval", "nextval", "setval", "setseed", "reservoir_quantile"),
    }
)
"""Functions that a player's statement may not call. `random()` and its like say so themselves."""
_LISTED_MAX = 20
"""How many tables a message names; of more it names the nearest."""
_SYSTEM_VIEWS = ("duckdb_", "pg_", "pragma_", "sqlite_")
_CHECKED_MAX = 4_096
_checked: dict[tuple[str, frozenset[str]], str] = {}
"""Statements found free of problems: the same text is asked about for each night and seed."""


def check_select(connection: duckdb.DuckDBPyConnection, sql: str, allowed: frozenset[str]) -> str:
    """The statement in `sql`, without what ends it; refuses all but one SELECT over `allowed`.

    Raises `SqlError`; its `position` is the place in the text, from 0, where one is known.
    """
    body = _checked.get((sql, allowed))
    if body is not None:
        return body
    try:
        _check_tree(_parsed(connection, sql), allowed)
    except SqlError as error:
        raise SqlError(error.message, _characters(sql, error.position)) from None
    body = _body(sql)
    if len(_checked) >= _CHECKED_MAX:
        _checked.clear()
    _checked[sql, allowed] = body
    return body


def _check_tree(tree: Any, allowed: frozenset[str]) -> None:
    entries = [str(entry["key"]).casefold() for entry in _entries(tree)]
    for entry in entries:
        if entry.startswith(_SYSTEM_VIEWS):
            message = f"an entry of WITH cannot be called {entry} here"
            raise SqlError(message)
    known = frozenset((entry,) for entry in entries) | {_path(name) for name in allowed}
    for node in _walk(tree):
        _check_node(node, known, allowed)


def _characters(sql: str, position: int | None) -> int | None:
    """A place that the parser counts in bytes, in characters; it has a number for no place, too."""
    text = sql.encode()
    if position is None or position > len(text):
        return None
    return len(text[:position].decode(errors="ignore"))


def tables_named(connection: duckdb.DuckDBPyConnection, sql: str) -> tuple[str, ...]:
    """The tables that a checked statement names, in small letters, entries of WITH among them."""
    found = (
        ".".join(node["qualified_name"]["path"]).casefold()
        for node in _walk(_parsed(connection, sql))
        if node.get("type") == "BASE_TABLE"
    )
    return tuple(sorted(set(found)))


def _parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    if len(sql) > SQL_LENGTH_MAX:
        message = f"the statement has {len(sql)} characters, at most {SQL_LENGTH_MAX} are read"
        raise SqlError(message)
    row = connection.execute("SELECT json_serialize_sql($1)", [sql]).fetchone()
    try:
        tree = json.loads(row[0]) if row else {}
    except RecursionError:
        message = "the statement is nested too deeply"
        raise SqlError(message) from None
    if tree.get("error"):
        position = int(tree["position"]) if tree.get("position", "").isdigit() else None
        message = tree.get("error_message", "this is no SQL")
        if tree.get("error_type") == "not implemented":
            message = "only SELECT is allowed here"
        raise SqlError(message, position)
    count = len(tree["statements"])
    if count != 1:
        message = f"one SELECT is expected here, found {count} statements"
        raise SqlError(message)
    return tree


def _body(sql: str) -> str:
    """The one statement in `sql`, without the semicolons and what follows them."""
    import duckdb  # noqa: PLC0415 - 0.2 s that listing scenarios does without

    text = sql.encode()
    ends = [at for at, _ in duckdb.tokenize(sql) if text[at : at + 1] == b";"]
    begun = [at for at, _ in duckdb.tokenize(sql) if text[at : at + 1] != b";"]
    end = min((at for at in ends if at > begun[0]), default=len(text))
    return text[begun[0] : end].decode().strip()


def _check_node(
    node: dict[str, Any], known: frozenset[tuple[str, ...]], allowed: frozenset[str]
) -> None:
    kind = node.get("type")
    position = node.get("query_location")
    if node.get("sample"):
        message = "a sample gives another answer on each run; use ORDER BY and LIMIT instead"
        raise SqlError(message, position)
    if kind == "BASE_TABLE":
        path = node["qualified_name"]["path"]
        if tuple(part.casefold() for part in path) not in known:
            raise SqlError(_no_table(".".join(path), sorted(allowed)), position)
    elif kind == "SHOW_REF":
        message = "only SELECT is allowed here"
        raise SqlError(message, position)
    elif kind == "TABLE_FUNCTION":
        _check_function(node["function"], TABLE_FUNCTIONS, position)
    elif kind == "FUNCTION" and not node.get("is_operator"):
        _check_function(node, None, position)


def _no_table(name: str, tables: list[str]) -> str:
    if len(tables) <= _LISTED_MAX:
        return f"there is no table {name} here; there are {', '.join(tables) or 'none'}"
    near = get_close_matches(name.casefold(), tables, n=3, cutoff=0.6)
    return f"there is no table {name} here" + (f"; is it {' or '.join(near)}?" if near else "")


def _check_function(
    node: dict[str, Any], open_functions: frozenset[str] | None, position: int | None
) -> None:
    name = str(node.get("function_name", "")).casefold()
    if node.get("schema") or node.get("catalog"):
        # a qualified name would reach the function beneath one that reads the simulated clock
        message = f"write {name}(…) without anything before its name"
        raise SqlError(message, position)
    if open_functions is not None and name not in open_functions:
        message = f"the table function {name}() is not available here"
        raise SqlError(message, position)
    if name in CLOSED_FUNCTIONS:
        message = f"the function {name}() is not available here"
        raise SqlError(message, position)
    if name == "age" and len(node.get("arguments", ())) == 1:
        message = "age() of one argument reads the machine's clock; write age(current_date, …)"
        raise SqlError(message, position)


def _path(name: str) -> tuple[str, ...]:
    return tuple(part.casefold() for part in name.split("."))


def _entries(tree: Any) -> Iterator[dict[str, Any]]:
    """The entries of every WITH in the statement."""
    for node in _walk(tree):
        if "map" in node and isinstance(node["map"], list):
            yield from (
                entry for entry in node["map"] if isinstance(entry, dict) and "key" in entry
            )


def _walk(tree: Any) -> Iterator[dict[str, Any]]:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            yield node
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
