"""Ends statements that never end: one thread for the process, asleep while nothing runs.

It counts its own ticks instead of reading a clock. Whether it interrupts never changes a result: an
interrupted statement ends its whole run with `LimitError`.
"""

from __future__ import annotations

from contextlib import contextmanager
from math import ceil
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    import duckdb

_TICK_S = 0.1
_lock = Lock()
_wake = Event()
_watched: dict[object, tuple[duckdb.DuckDBPyConnection, int]] = {}
"""What runs now: its connection and the ticks that it may still take."""
_thread: list[Thread] = []


@contextmanager
def watched(connection: duckdb.DuckDBPyConnection, seconds: float) -> Iterator[None]:
    """Interrupt what `connection` runs inside once it has taken about `seconds`."""
    token = object()
    with _lock:
        # the tick that is under way may end at once
        _watched[token] = (connection, ceil(seconds / _TICK_S) + 1)
        if not _thread or not _thread[0].is_alive():
            _thread[:] = [Thread(target=_watch, name="sql-watchdog", daemon=True)]
            _thread[0].start()
    _wake.set()
    try:
        yield
    finally:
        with _lock:
            del _watched[token]


def _watch() -> None:
    pause = Event()
    while True:
        _wake.wait()
        pause.wait(_TICK_S)
        _tick()


def _tick() -> None:
    # the lock is held while interrupting: a statement that has just ended is not meant
    with _lock:
        if not _watched:
            _wake.clear()
        for token, (connection, left) in list(_watched.items()):
            _watched[token] = (connection, left - 1)
            if left <= 1:
                connection.interrupt()
