"""systemd timers and services as an orchestrator: what the registry asks of the package.

What is behind these names is imported when they are first used, so that reading a config's structs
costs nothing more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sim.orchestrators.systemd.orchestrator import build, capacity, sensors, shape, title

__all__ = ["build", "capacity", "sensors", "shape", "title"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from sim.orchestrators.systemd import orchestrator  # noqa: PLC0415 - see above

    return getattr(orchestrator, name)
