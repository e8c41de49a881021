"""Watching a file: what it holds is handed on once for each save, whole.

A file is polled by its stamp (mtime and size), so that it works on every file system. Editors
write in place, by rename, or truncate first: a stamp must hold still for a moment before the file
is read, and a text with errors gets a second look before it counts, since it may be half written.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

POLL_S = 0.05
"""How often the file is looked at, seconds."""
SETTLE_S = 0.02
"""How long a stamp must hold still before the file is read, seconds."""
SECOND_LOOK_S = 0.25
"""How long a text with errors is left alone before it counts, seconds."""


class Reader(Protocol):
    """Who is told of each save."""

    def read(self, text: str) -> bool:
        """Take a text; False when it has errors. Nothing is told to anybody yet."""

    def settle(self) -> None:
        """The last text taken stands: say what came of it."""

    def gone(self) -> None:
        """The file is not there."""


def watch(
    path: Path,
    reader: Reader,
    *,
    sleep: Callable[[float], None] = time.sleep,
    rounds: int | None = None,
) -> None:
    """Hand each save of `path` to `reader`, for ever or for so many looks at the file."""
    seen: _Stamp | None = None
    known: str | None = None
    missing = False
    while rounds is None or rounds > 0:
        rounds = None if rounds is None else rounds - 1
        stamp = _stamp(path)
        if stamp is None and not missing:
            reader.gone()
        missing = stamp is None
        if stamp is not None and stamp != seen:
            text = _settled(path, stamp, sleep)
            if text is None:
                continue
            if text != known:
                if not reader.read(text) and _changes(path, stamp, sleep):
                    continue
                reader.settle()
            seen, known = stamp, text
        sleep(POLL_S)


_Stamp = tuple[int, int]


def _stamp(path: Path) -> _Stamp | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_mtime_ns, status.st_size)


def _settled(path: Path, stamp: _Stamp, sleep: Callable[[float], None]) -> str | None:
    """The text once its stamp held still, None when it changed meanwhile."""
    sleep(SETTLE_S)
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return None
    return text if _stamp(path) == stamp else None


def _changes(path: Path, stamp: _Stamp, sleep: Callable[[float], None]) -> bool:
    """Whether the file is written again while it is left alone for a moment."""
    sleep(SECOND_LOOK_S)
    return _stamp(path) != stamp
