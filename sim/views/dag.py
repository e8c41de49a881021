"""The shape of the pipelines: tasks and edges, as the config declared them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sim.kernel.journal import Journal


@dataclass(frozen=True, slots=True)
class Shape:
    """One pipeline as a graph."""

    pipeline: str
    tasks: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    """(upstream, downstream). Cron knows none between its lines."""


def shapes(journal: Journal) -> tuple[Shape, ...]:
    """Every pipeline of the config, in its order."""
    return tuple(
        Shape(name, tuple(shape["tasks"]), tuple((a, b) for a, b in shape["edges"]))
        for name, shape in journal.header.get("pipelines", {}).items()
    )
