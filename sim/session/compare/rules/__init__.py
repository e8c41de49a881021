"""The rules of each orchestrator: `rules(section, pipelines)` of a module of its name, if any."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from sim.scenario.schema import Config
    from sim.session.compare.rules.rule import Rule, Topic


def rules_of(config: Config, pipelines: Collection[str] = ()) -> Mapping[Topic, Rule]:
    """The rule of each topic under a config; empty where the orchestrator has none written down.

    `pipelines`: those that it is about, where they have settings of their own; none means all.
    """
    name = f"sim.session.compare.rules.{config.orchestrator}"
    if find_spec(name) is None:
        return {}
    found: Mapping[Topic, Rule] = import_module(name).rules(config.settings, pipelines)
    return found


def cited(
    config: Config, topics: Iterable[Topic], pipelines: Collection[str] = ()
) -> tuple[Rule, ...]:
    """The rules of some topics, each once, in the order of the topics."""
    known = rules_of(config, pipelines)
    found = [known[topic] for topic in topics if topic in known]
    return tuple({rule.id: rule for rule in found}.values())
