"""A config without one of its limits: what a counterfactual changes, and nothing else.

What can be lifted for each reason to wait, a module of the orchestrator's name says.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from msgspec.structs import replace

if TYPE_CHECKING:
    from sim.scenario.schema import Config
    from sim.views.ledger.reasons import Wait
    from sim.views.ledger.story import TaskStory


def without(config: Config, wait: Wait, story: TaskStory) -> Config | None:
    """The config without what a task instance waited for; None: no config could do that."""
    changes = import_module(f"sim.session.without.{config.orchestrator}").CHANGES
    change = None if wait.word == "gone" else changes.get(wait.reason)
    if change is None:
        return None
    return replace(config, settings=change(config.settings, wait, story))
