"""What a new release of an orchestrator moves for a section: a module of its name, if any."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sim.scenario.schema import Config
    from sim.session.compare.moves.move import Moved


def moves_of(before: Config, after: Config) -> tuple[Moved, ...]:
    """What the config itself says that means another thing in the other release."""
    name = f"sim.session.compare.moves.{before.orchestrator}"
    if find_spec(name) is None:
        return ()
    found: Iterable[Moved] = import_module(name).moves(before.settings, after.settings)
    return tuple(found)
