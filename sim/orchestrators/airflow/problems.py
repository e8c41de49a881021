"""How a problem of an `airflow:` section is told: where, of which kind, what is wrong and right.

Data only: how it is shown, and where in the file it is, is not known here.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Collection

Path = tuple[str | int, ...]


class Problem(NamedTuple):
    """One thing that is wrong."""

    path: Path
    """Where, from the section down: `("dags", "ventas", "tasks", "load", "pool")`."""
    code: str
    """Stable name of the kind of problem."""
    message: str
    """What is wrong, one sentence without a full stop."""
    hint: str = ""
    """What would be right."""


def nearest(word: str, known: Collection[str]) -> str:
    """A hint: the known name that is most like a word, else what there is."""
    close = get_close_matches(word, known, n=1, cutoff=0.6)
    if close:
        return f'did you mean "{close[0]}"?'
    names = sorted(known)
    return f"there is {', '.join(names[:12])}" if names else ""
