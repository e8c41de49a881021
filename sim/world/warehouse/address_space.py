"""A bound on the memory that functions of the database take outside of its own accounts.

`repeat('x', 2000000000)` allocates where neither the database's memory limit nor an interrupt
reaches. So the process may only grow by so much while statements run, and an allocation beyond
that fails. Linux only: elsewhere such a statement is bounded by what the machine gives.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_PAGES = Path("/proc/self/statm")
_lock = Lock()
_inside = 0
_before: tuple[int, int] | None = None


@contextmanager
def bounded_growth(megabytes: int) -> Iterator[None]:
    """Let the process grow by at most `megabytes` inside; several threads share the first bound."""
    _enter(megabytes)
    try:
        yield
    finally:
        _leave()


if sys.platform == "linux":
    import resource

    def _enter(megabytes: int) -> None:
        global _before, _inside  # noqa: PLW0603 - the limit is the whole process's
        with _lock:
            _inside += 1
            used = _addresses_used() if _inside == 1 else 0
            if not used:
                return
            soft, hard = resource.getrlimit(resource.RLIMIT_AS)
            bound = used + megabytes * 1_048_576
            if hard != resource.RLIM_INFINITY:
                bound = min(bound, hard)
            if soft == resource.RLIM_INFINITY or bound < soft:
                _before = (soft, hard)
                resource.setrlimit(resource.RLIMIT_AS, (bound, hard))

    def _leave() -> None:
        global _before, _inside  # noqa: PLW0603 - as above
        with _lock:
            _inside -= 1
            if _inside == 0 and _before is not None:
                resource.setrlimit(resource.RLIMIT_AS, _before)
                _before = None

    def _addresses_used() -> int:
        """Bytes of address space that this process has; 0 where that cannot be asked."""
        try:
            return int(_PAGES.read_bytes().split()[0]) * resource.getpagesize()
        except (OSError, ValueError):
            return 0

else:

    def _enter(megabytes: int) -> None:
        """No limit of this kind here."""

    def _leave() -> None:
        """No limit of this kind here."""
