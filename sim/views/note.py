"""A thing to tell a person: a code with parameters. Wording it is somebody else's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Note:
    """What happened, when, and about what."""

    at: int
    """Instant, microseconds."""
    code: str
    row: int
    """Index of the journal row."""
    params: Mapping[str, Any] = field(default_factory=dict)
    """What the wording needs; `docs/words.md` lists them by code."""
