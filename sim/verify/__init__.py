"""Search the troubles of a night for the fewest that break a pipeline (docs/verify.md)."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.verify.hunt import verify
    from sim.verify.library import broken_by, search
    from sim.verify.strategies import plans

__all__ = ["broken_by", "plans", "search", "verify"]

_HOMES = {
    "broken_by": "sim.verify.library",
    "plans": "sim.verify.strategies",
    "search": "sim.verify.library",
    "verify": "sim.verify.hunt",
}


def __getattr__(name: str) -> Any:
    """Load what is asked for: the engine and Hypothesis are heavy."""
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_HOMES[name]), name)
