"""Single values of a config given on the command line: `--set checks.volume.min_ratio=0.4`.

The value is read by the same YAML rules as the file, and a problem with it names the flag. The text
of the file is never rewritten: its document is read, changed and checked.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.errors import ScenarioError
from sim.model.diagnostics import Diagnostic
from sim.scenario.load import check_node
from sim.scenario.problems import child_of, did_you_mean, path_text
from sim.scenario.yaml_nodes import Entry, Node
from sim.scenario.yaml_reader import read_yaml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.scenario.problems import Path
    from sim.scenario.schema import Config, Scenario


def apply_sets(
    text: str, sets: Sequence[str], *, scenario: Scenario, file: str = "config.yaml"
) -> Config:
    """The config that `text` holds with every `PATH=VALUE` of `sets` put in, in order.

    A path names keys and list positions joined by dots; a part that itself holds dots may be put in
    double quotes. Keys on the way that are not there are made. Raises `ScenarioError` with every
    problem of the text and of the flags.
    """
    reading = read_yaml(text, source=file)
    found = list(reading.problems)
    if reading.root is not None:
        for flag in sets:
            found.extend(_put(reading.root, flag))
    config, every = check_node(reading.root, found, scenario=scenario, file=file)
    if config is None:
        raise ScenarioError(every)
    return config


def split_path(root: Node, text: str) -> Path:
    """A path as text, split into keys and indices.

    Keys that hold dots are found without quotes when the document has them (`dw.daily_metrics`).
    """
    parts: list[str | int] = []
    node: Node | None = root
    rest = text
    while rest:
        part, rest = _first_part(node, rest)
        child = None
        if node is not None and node.items is not None and part.isdigit():
            parts.append(int(part))
            child = child_of(node, int(part))
        else:
            parts.append(part)
            child = None if node is None else child_of(node, part)
        node = child
    return tuple(parts)


def _first_part(node: Node | None, text: str) -> tuple[str, str]:
    if text.startswith('"') and (end := text.find('"', 1)) > 0:
        return text[1:end], text[end + 1 :].removeprefix(".")
    known = sorted(node.names() if node is not None else (), key=len, reverse=True)
    for key in known:
        if text == key or text.startswith(key + "."):
            return key, text[len(key) + 1 :]
    part, _, rest = text.partition(".")
    return part, rest


def _put(root: Node, flag: str) -> list[Diagnostic]:
    """Put one flag's value into the document; what is wrong with the flag."""
    source = f"--set {flag}"
    name, equals, value = flag.partition("=")
    if not equals or not name.strip():
        return [
            Diagnostic(
                "E-SET",
                "a value is set as PATH=VALUE",
                source,
                hint="--set checks.volume.min_ratio=0.4",
            )
        ]
    reading = read_yaml(value, source=source)
    if reading.problems:
        return reading.problems
    path = split_path(root, name.strip())
    node = reading.root or Node("scalar", source, 1, 1)
    _say_where(node, source, column=len("--set ") + len(name) + 2)
    return _insert(root, path, node, source)


def _say_where(node: Node, source: str, *, column: int) -> None:
    """Give a value read from a flag its place in the flag."""
    node.source, node.column = source, node.column + column - 1
    for _, child in node.children():
        _say_where(child, source, column=column)


def _insert(root: Node, path: Path, value: Node, source: str) -> list[Diagnostic]:
    node = root
    for depth, part in enumerate(path[:-1]):
        child = child_of(node, part)
        if child is None or (child.kind == "scalar" and child.scalar is None):
            child = Node("mapping", source, 1, value.column, entries={})
        else:
            # an alias shares its node with what it names: only this place may change
            child = _copied(child)
        if problem := _attach(node, part, child, path[: depth + 1], source):
            return [problem]
        node = child
    problem = _attach(node, path[-1], value, path, source)
    return [] if problem is None else [problem]


def _copied(node: Node) -> Node:
    entries = None if node.entries is None else dict(node.entries)
    return replace(node, entries=entries, items=None if node.items is None else list(node.items))


def _attach(node: Node, part: str | int, value: Node, path: Path, source: str) -> Diagnostic | None:
    where = path_text(path)
    if node.items is not None and isinstance(part, int) and part <= len(node.items):
        node.items[part : part + 1] = [value]
        return None
    if node.entries is not None and isinstance(part, str):
        old = node.entries.get(part)
        # the key stays where it was, only its value comes from the flag
        place = (value.line, value.column) if old is None else (old.line, old.column)
        node.entries[part] = Entry(part, *place, value)
        return None
    if node.items is not None:
        message = (
            f"{path_text(path[:-1])} is a list of {len(node.items)}, {part} is no position in it"
        )
        return Diagnostic("E-SET-PATH", message, source, path=where, hint="positions count from 0")
    message = f"{path_text(path[:-1])} is a single value and holds no {part}"
    return Diagnostic("E-SET-PATH", message, source, path=where, hint=did_you_mean(str(part), ()))
