"""The registry of sections agrees with the engine's and with what a config may hold."""

from __future__ import annotations

from typing import get_args, get_type_hints

from sim.engine.orchestrators import ORCHESTRATORS
from sim.scenario.schema import CONFIG_KEYS, ConfigFile
from sim.scenario.sections import ALERT_NAMES, COMMON_NAMES, SECTIONS, template_names


def test_every_orchestrator_of_the_engine_has_a_section() -> None:
    """What the engine can run is what a config may name, and the other way round."""
    named = get_args(get_type_hints(ConfigFile)["orchestrator"])

    assert set(ORCHESTRATORS) == set(SECTIONS) == set(named)
    assert {*ConfigFile.__struct_fields__, *SECTIONS} == set(CONFIG_KEYS)


def test_each_section_has_its_struct_and_its_checks() -> None:
    """The modules that the registry names are there."""
    for section in SECTIONS.values():
        assert section.struct.__name__ == section.struct_name
        assert callable(section.validate)


def test_template_names_of_an_unknown_orchestrator_are_those_of_all() -> None:
    """While the orchestrator is misspelt, no template is blamed for it."""
    every = template_names(None)

    assert all(template_names(name) <= every for name in SECTIONS)
    assert COMMON_NAMES <= every
    assert ALERT_NAMES
