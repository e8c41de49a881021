"""Sorts of values: whether a node fits a type, single values, and the words for both.

The words are a person's ("a whole number", "the text 'five'"), never a library's.
"""

from __future__ import annotations

import math
from datetime import date
from typing import TYPE_CHECKING, Any, Final, cast

from msgspec import inspect as types

from sim.scenario.problems import closest
from sim.scenario.text import Text

if TYPE_CHECKING:
    from sim.scenario.problems import Path, Problems
    from sim.scenario.yaml_nodes import Node


class Invalid:
    """Stands for a value that could not be made; its problems are reported."""


INVALID: Final = Invalid()
DATE_HINT = "dates are written 2024-03-14"
TEXT_WORDS = "text, or text by language (en: …, es: …)"
_SHOWN_MAX = 40


def fits(node: Node, kind: types.Type) -> bool:
    """Whether a node is of the right sort for a type, before its value is looked at."""
    value = node.scalar
    if isinstance(kind, types.StructType) and kind.cls is Text:
        return node.kind == "mapping" or isinstance(value, str)
    if isinstance(kind, _CONTAINERS):
        return node.kind == (
            "mapping" if isinstance(kind, types.StructType | types.DictType) else "list"
        )
    if isinstance(kind, types.AnyType):
        return True
    if node.kind != "scalar":
        return False
    if isinstance(kind, types.LiteralType | types.EnumType):
        return type(value) in {type(one) for one in _choices(kind)}
    if isinstance(kind, types.FloatType):
        return type(value) in {int, float} and math.isfinite(cast("float", value))
    exact = {types.NoneType: type(None), types.BoolType: bool, types.IntType: int}
    return type(value) is exact.get(type(kind), str)


_LISTS = types.ListType | types.VarTupleType | types.FrozenSetType | types.TupleType
_CONTAINERS = types.StructType | types.DictType | _LISTS


def _choices(kind: types.LiteralType | types.EnumType) -> list[Any]:
    return (
        list(kind.values)
        if isinstance(kind, types.LiteralType)
        else [one.value for one in kind.cls]
    )


def convert_scalar(node: Node, kind: types.Type, path: Path, problems: Problems) -> Any:
    """The value of a node for a type that is neither a struct nor a container."""
    if not fits(node, kind):
        return wrong_sort(node, kind, path, problems)
    value = node.scalar
    if isinstance(kind, types.LiteralType) and value not in kind.values:
        return _no_choice(kind, value, path, problems)
    if isinstance(kind, types.EnumType):
        enum: Any = kind.cls
        known = value in _choices(kind)
        return enum(value) if known else _no_choice(kind, value, path, problems)
    if isinstance(kind, types.DateType):
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            problems.at(path, "E-DATE", f'"{value}" is no date', hint=DATE_HINT)
            return INVALID
    if isinstance(kind, types.IntType | types.FloatType):
        return _number(node, kind, path, problems)
    return value


def _no_choice(
    kind: types.LiteralType | types.EnumType, value: Any, path: Path, problems: Problems
) -> Invalid:
    choices = [str(one) for one in _choices(kind)]
    meant = closest(str(value), choices)
    hint = f'did you mean "{meant}"?' if meant else ""
    wanted = f"is none of {', '.join(choices)}" if len(choices) > 1 else f"must be {choices[0]}"
    problems.at(path, "E-CHOICE", f'"{value}" {wanted}', hint=hint)
    return INVALID


def _number(
    node: Node, kind: types.IntType | types.FloatType, path: Path, problems: Problems
) -> Any:
    value: Any = node.scalar
    broken = [
        f"{words} {bound:g}"
        for words, bound, holds in (
            ("at least", kind.ge, kind.ge is None or value >= kind.ge),
            ("more than", kind.gt, kind.gt is None or value > kind.gt),
            ("at most", kind.le, kind.le is None or value <= kind.le),
            ("less than", kind.lt, kind.lt is None or value < kind.lt),
        )
        if not holds
    ]
    if broken:
        problems.at(path, "E-RANGE", f"{value} is out of range: it must be {broken[0]}")
        return INVALID
    return float(value) if isinstance(kind, types.FloatType) else value


def wrong_sort(node: Node, kind: types.Type, path: Path, problems: Problems) -> Invalid:
    """Report that a node is of the wrong sort: what was expected, what was found."""
    hint = ""
    wanted = _expected(kind)
    if "text" in wanted.split() and type(node.scalar) in {int, float, bool}:
        shown = str(node.scalar).lower() if isinstance(node.scalar, bool) else str(node.scalar)
        hint = f'put it in quotes: "{shown}"'
    elif isinstance(kind, types.ListType) and node.kind == "scalar" and node.scalar is not None:
        hint = f"write it as a list: [{node.scalar}]"
    problems.at(path, "E-TYPE", f"expected {wanted}, found {found_words(node)}", hint=hint)
    return INVALID


def _expected(kind: types.Type) -> str:
    if isinstance(kind, types.UnionType):
        words = dict.fromkeys(
            _expected(one) for one in kind.types if not isinstance(one, types.NoneType)
        )
        return " or ".join(words)
    if isinstance(kind, types.LiteralType | types.EnumType):
        return "one of " + ", ".join(str(one) for one in _choices(kind))
    if isinstance(kind, types.StructType) and kind.cls is Text:
        return TEXT_WORDS
    return next((words for sort, words in _EXPECTED if isinstance(kind, sort)), "text")


_EXPECTED: tuple[tuple[Any, str], ...] = (
    (types.BoolType, "true or false"),
    (types.IntType, "a whole number"),
    (types.FloatType, "a number"),
    (types.DateType, "a date such as 2024-03-14"),
    (types.StructType | types.DictType, "a mapping (key: value)"),
    (_LISTS, "a list"),
    (types.NoneType, "nothing"),
)


def found_words(node: Node) -> str:
    """What a node is, in words: `a list`, `the text 'five'`."""
    if node.kind != "scalar":
        return f"a {node.kind}"
    value = node.scalar
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        first = value.strip().split("\n")[0]
        shown = first if len(first) <= _SHOWN_MAX else first[: _SHOWN_MAX - 1] + "…"
        return f"the text '{shown}'"
    return f"the number {value}"
