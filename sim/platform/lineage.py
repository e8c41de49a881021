"""Which tasks a table comes from: by what tasks say that they read and leave behind.

Read from the wiring alone, so it holds under every orchestrator. A file or a staging dataset is
known by the text of its template, a table by its name in another task's SQL.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.platform.config import TaskWiring


def tasks_behind(tasks: Mapping[str, TaskWiring]) -> dict[str, frozenset[str]]:
    """From a table to every task whose work can reach it, those that write it included."""
    sources = {
        name: [other for other, task in tasks.items() if _reads(reader, task)]
        for name, reader in tasks.items()
    }
    tables = dict.fromkeys(task.table for task in tasks.values() if task.table is not None)
    return {
        table: _behind([name for name, task in tasks.items() if task.table == table], sources)
        for table in tables
    }


def _behind(writers: list[str], sources: Mapping[str, list[str]]) -> frozenset[str]:
    found, open_ends = set(writers), list(writers)
    while open_ends:
        new = [name for name in sources[open_ends.pop()] if name not in found]
        found.update(new)
        open_ends += new
    return frozenset(found)


def _reads(reader: TaskWiring, task: TaskWiring) -> bool:
    if task.output is not None and task.output == reader.input:
        return True
    return task.table is not None and _names(reader.sql, task.table)


def _names(sql: str | None, table: str) -> bool:
    return sql is not None and re.search(rf"(?<![\w.]){re.escape(table)}\b", sql) is not None
