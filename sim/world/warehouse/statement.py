"""Reading a player's statement before it runs: one SELECT, over tables that are there.

The statement is taken apart by the database's own parser, so nothing depends on how it is spelled.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sim.world.warehouse.errors import SqlError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

SQL_LENGTH_MAX = 50_000
"""Characters that one statement may have."""
_TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest"})
_CLOSED_FUNCTIONS = frozenset({"getvariable", "getenv", "query", "query_table", "current_setting"})
_CHECKED_MAX = 4_096
_CHECKED: set[tuple[str, frozenset[str]]] = set()
"""Statements found free of problems: the same text is asked about for each night and seed."""


def check_select(connection: duckdb.DuckDBPyConnection, sql: str, allowed: frozenset[str]) -> None:
    """Refuse all but one SELECT over `allowed` tables.

    Raises `SqlError`; its `position` is the place in the text, from 0, where one is known.
    """
    if (sql, allowed) in _CHECKED:
        return
    tree = _parsed(connection, sql)
    known = allowed | {entry["key"] for entry in _entries(tree)}
    for node in _walk(tree):
        _check_node(node, known, allowed)
    if len(_CHECKED) >= _CHECKED_MAX:
        _CHECKED.clear()
    _CHECKED.add((sql, allowed))


def _parsed(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    if len(sql) > SQL_LENGTH_MAX:
        message = f"the statement has {len(sql)} characters, at most {SQL_LENGTH_MAX} are read"
        raise SqlError(message)
    row = connection.execute("SELECT json_serialize_sql($1)", [sql]).fetchone()
    tree = json.loads(row[0]) if row else {}
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


def _check_node(node: dict[str, Any], known: frozenset[str], allowed: frozenset[str]) -> None:
    kind = node.get("type")
    position = node.get("query_location")
    if kind == "BASE_TABLE":
        name = ".".join(node["qualified_name"]["path"])
        if name not in known:
            message = f"there is no table {name} here; there are {', '.join(sorted(allowed))}"
            raise SqlError(message, position)
    elif kind == "TABLE_FUNCTION":
        name = str(node["function"].get("function_name", ""))
        if name.lower() not in _TABLE_FUNCTIONS:
            message = f"the table function {name}() is not available here"
            raise SqlError(message, position)
    elif kind == "FUNCTION" and str(node.get("function_name", "")).lower() in _CLOSED_FUNCTIONS:
        message = f"the function {node['function_name']}() is not available here"
        raise SqlError(message, position)


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
