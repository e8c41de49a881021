"""What a comparison has to know of a section: in a module of its orchestrator's name, if any.

Such a module has `copied(section, number)` and `declared(section)`; without it both are not known,
which a comparison says instead of a figure.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

if TYPE_CHECKING:
    from sim.scenario.schema import Config

Edge = tuple[str, str]
"""From a table or source to a table that is made of it."""


def copied(config: Config, number: int) -> Config | None:
    """The config with each pipeline under so many names; None: it is not known how."""
    traits = _traits(config)
    if traits is None:
        return None
    return replace(config, settings=traits.copied(config.settings, number))


def declared(config: Config) -> frozenset[Edge] | None:
    """The edges between tables that the config itself declares; None: it is not known how."""
    traits = _traits(config)
    return None if traits is None else frozenset(traits.declared(config.settings))


def _traits(config: Config) -> Any:
    name = f"sim.session.compare.traits.{config.orchestrator}"
    return None if find_spec(name) is None else import_module(name)
