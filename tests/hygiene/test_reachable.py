"""Every module is reachable from where a person or a program enters: none is dead."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.hygiene.tree import imports, module_name, python_files, syntax

ENTRIES = ("tui.cli.main", "sim.engine.simulate", "sim.verify", "sim.verify.fixture")
"""The command, the function that a program calls, and what a test of somebody else's imports."""


def test_every_module_is_reachable() -> None:
    """Each module of `sim` and `tui` is imported, or named by a registry, on the way from an entry.

    A registry names a module as text (`"sim.orchestrators.cron"`) or as the last word of one in its
    own package, and is followed like an import.
    """
    modules = {module_name(path): path for path in python_files("sim", "tui")}
    reached: set[str] = set()
    waiting = [entry for entry in ENTRIES if entry in modules]
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        package = name.rpartition(".")[0]
        waiting += [package] if package in modules else []
        waiting += [other for other in sorted(_names(modules[name])) if other in modules]
    unreached = sorted(name for name in set(modules) - reached if not _is_empty(modules[name]))

    assert [] == unreached


def _names(path: Path) -> set[str]:
    """The modules that a module imports, and the ones that its texts name."""
    found = {name for name, _ in imports(path)}
    for node in ast.walk(syntax(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value.partition(":")[0])
        elif isinstance(node, ast.JoinedStr):
            found |= _family(node)
    return found


def _family(text: ast.JoinedStr) -> set[str]:
    """What a computed name such as `f"tui.words.{language}.log"` can stand for."""
    first = text.values[0]
    if not (isinstance(first, ast.Constant) and str(first.value).startswith(("sim.", "tui."))):
        return set()
    prefix = str(first.value)
    return {
        name
        for path in python_files("sim", "tui")
        if (name := module_name(path)).startswith(prefix)
    }


def _is_empty(path: Path) -> bool:
    return path.name == "__init__.py" and not syntax(path).body
