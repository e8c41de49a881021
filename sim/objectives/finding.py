"""What judging one objective on one replay gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sim.views.replay import Replay


@dataclass(frozen=True, slots=True)
class Evidence:
    """One fact for or against an objective: a code with its parameters, worded elsewhere."""

    code: str
    window: str
    seed: int
    night: date | None = None
    time: int | None = None
    """Instant, microseconds."""
    row: int | None = None
    """Index of the journal row."""
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """Whether an objective is met on one replay, and by what one can tell."""

    met: bool
    evidence: tuple[Evidence, ...]


def about(
    replay: Replay,
    code: str,
    *,
    night: date | None = None,
    time: int | None = None,
    row: int | None = None,
    **params: Any,
) -> Evidence:
    """Evidence from this replay."""
    return Evidence(code, replay.window, replay.seed, night, time, row, params)


def against(replay: Replay, evidence: list[Evidence], *, checked: int) -> Finding:
    """Met when nothing speaks against it; then the evidence says how much was looked at."""
    if evidence:
        return Finding(met=False, evidence=tuple(evidence))
    return Finding(met=True, evidence=(about(replay, "held", checked=checked),))
