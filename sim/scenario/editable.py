"""Which parts of a config the player may change.

Two documents are compared by content, so that a comment or another layout never counts as a change.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sim.scenario.problems import path_text
from sim.scenario.schema import CONFIG_KEYS
from sim.scenario.yaml_reader import read_yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sim.scenario.problems import Path, Problems
    from sim.scenario.schema import Scenario
    from sim.scenario.yaml_nodes import Node


def check_editable(root: Node, problems: Problems, *, scenario: Scenario) -> None:
    """Report each place in which `root` differs from the scenario's config but may not."""
    if set(CONFIG_KEYS) <= set(scenario.editable):
        return
    original = _original(scenario.config_text)
    if original is None:
        return
    for path in _changes(original, root, ()):
        if not covers(scenario.editable, path):
            hint = f"what may be changed is {', '.join(scenario.editable)}"
            message = f"{path_text(path)} cannot be changed in this scenario"
            problems.at_key(path, "E-NOT-EDITABLE", message, hint=hint)


def covers(allowed: Sequence[str], path: Path) -> bool:
    """Whether one of the `editable` parts holds `path`."""
    return any(path[: len(one)] == one for one in (tuple(part.split(".")) for part in allowed))


@lru_cache(maxsize=8)
def _original(text: str) -> Node | None:
    return read_yaml(text, source="").root


def _changes(before: Node, after: Node, path: Path) -> Iterator[Path]:
    """The paths at which two documents differ, as deep as both are mappings."""
    if before.entries is None or after.entries is None:
        if before.plain() != after.plain():
            yield path
        return
    for key in dict.fromkeys([*before.entries, *after.entries]):
        old, new = before.get(key), after.get(key)
        if old is None or new is None:
            yield (*path, key)
        else:
            yield from _changes(old, new, (*path, key))
