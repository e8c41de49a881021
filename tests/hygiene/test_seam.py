"""An orchestrator is one folder, one entry, and a module of its name where others have one."""

from __future__ import annotations

import ast
from importlib import import_module
from typing import TYPE_CHECKING, get_args

import pytest

from sim.orchestrators.registry import (
    ALERT_NAMES,
    COMMON_NAMES,
    ORCHESTRATORS,
    Ability,
    Name,
    template_names,
)
from sim.scenario.schema import CONFIG_KEYS, ConfigFile
from tests.hygiene.tree import ROOT, python_files, syntax

if TYPE_CHECKING:
    from pathlib import Path

ROOMS = ("sim/orchestrators", "sim/views/ledger", "sim/views/metadata", "sim/session/without")
"""Where an orchestrator has something of its own."""
JUDGES = "sim/conform/"
"""Recordings are of a real system, and name it."""


def test_the_registry_names_what_a_config_may_name() -> None:
    """Entries, the type of the key and the keys of a config are one set."""
    assert list(ORCHESTRATORS) == list(get_args(Name))
    assert {*ConfigFile.__struct_fields__, *ORCHESTRATORS} == set(CONFIG_KEYS)
    assert {word for one in ORCHESTRATORS.values() for word in one.abilities} == set(
        get_args(Ability)
    )


@pytest.mark.parametrize("name", ORCHESTRATORS)
def test_each_has_what_the_others_ask_of_it(name: str) -> None:
    """Its package, struct and checks; its ledger, its tables, and what can be lifted."""
    entry = ORCHESTRATORS[name]

    assert {"build", "capacity", "sensors", "shape", "title"} == set(entry.package.__all__)
    assert entry.struct_name == entry.struct.__name__
    assert callable(entry.validate)
    assert callable(import_module(f"sim.views.ledger.{name}").ledger)
    assert callable(import_module(f"sim.views.metadata.{name}").books)
    assert isinstance(import_module(f"sim.session.without.{name}").CHANGES, dict)


def test_nobody_else_asks_which_orchestrator_it_is() -> None:
    """No comparison with a name outside of the rooms: abilities are asked for instead."""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files("sim", "tui")
        if not path.relative_to(ROOT).as_posix().startswith((*ROOMS, JUDGES))
        for node in _compared(path)
        if isinstance(node, ast.Constant) and node.value in ORCHESTRATORS
    ]

    assert [] == found


def _compared(path: Path) -> list[ast.expr]:
    """Every operand of a comparison, every key of a mapping, in a module."""
    compared: list[ast.expr] = []
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Compare):
            compared += [node.left, *node.comparators]
        elif isinstance(node, ast.Dict):
            compared += [key for key in node.keys if key is not None]
    return compared


def test_template_names_of_an_unknown_orchestrator_are_those_of_all() -> None:
    """While the orchestrator is misspelt, no template is blamed for it."""
    every = template_names(None)

    assert all(template_names(name) <= every for name in ORCHESTRATORS)
    assert COMMON_NAMES <= every
    assert ALERT_NAMES
