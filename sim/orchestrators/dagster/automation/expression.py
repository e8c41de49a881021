"""Conditions as people write them: `AutomationCondition.eager() & ~AutomationCondition.missing()`.

The text is read with Python's own parser and never executed: names, calls with plain arguments,
`&`, `|` and `~`, and nothing else. Everything that is wrong is told at once, each with its place in
the text. Source of the words: Dagster 1.13.29 (`vocabulary`). Invariant: what is read without a
problem can be evaluated.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sim.orchestrators.dagster.automation.arguments import ArgumentReader, words
from sim.orchestrators.dagster.automation.conditions import (
    And,
    Condition,
    NewlyTrue,
    Not,
    Since,
    both,
    either,
    labelled,
    since_last_handled,
)
from sim.orchestrators.dagster.automation.identity import size_of
from sim.orchestrators.dagster.automation.rewriting import (
    RewritingError,
    Selective,
    allowing,
    ignoring,
    replaced,
    without,
)
from sim.orchestrators.dagster.automation.source_text import (
    SYNTAX,
    SourceText,
    is_dagster,
    nearest,
)
from sim.orchestrators.dagster.automation.vocabulary import (
    ABOUT_CHECKS,
    CONSTRUCTORS,
    METHODS,
    NOT_MODELLED,
    OF_CHECKS_ONLY,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.dagster.automation.source_text import Problem
    from sim.orchestrators.dagster.config import Asset

CONDITION = "AutomationCondition"
NAME = "E-AUTOMATION-NAME"
ARGUMENT = "E-AUTOMATION-ARGUMENT"
DEPTH_MAX = 50
"""How deep conditions may stand inside of each other."""
SIZE_MAX = 1_000
"""Nodes of a condition."""
_KEYWORDS = {ast.And: ("and", "&"), ast.Or: ("or", "|"), ast.Not: ("not", "~")}
Scope = Literal["asset", "check"]
"""What a condition is asked about."""


class Parsed(NamedTuple):
    """What a text says."""

    condition: Condition | None
    """None: there is a problem that is an error."""
    problems: tuple[Problem, ...] = ()


def parse_expression(text: str, assets: Mapping[str, Asset]) -> Parsed:
    """Read a condition. `assets`: those that it may name or select."""
    reader = _Reader(text, assets)
    tree = reader.source.tree()
    condition = None if tree is None else reader.condition(tree)
    if condition is not None and size_of(condition) > SIZE_MAX and not reader.too_large:
        reader.refuse_size(tree)
    problems = tuple(sorted(set(reader.source.problems)))
    wrong = any(not problem.code.startswith("W-") for problem in problems)
    return Parsed(None if wrong else condition, problems)


class _Reader:
    """Reads one text."""

    def __init__(self, text: str, assets: Mapping[str, Asset]) -> None:
        self.source = SourceText(text)
        self.too_large = False
        self._arguments = ArgumentReader(self.source, assets, self)
        self._scope: Scope = "asset"
        self._depth = 0

    def condition(self, node: ast.AST, scope: Scope | None = None) -> Condition | None:
        """A condition; None when something in it is wrong."""
        before = self._scope
        self._scope = scope or before
        self._depth += 1
        try:
            if self._depth > DEPTH_MAX:
                place = self.source.place(node)
                self.source.add(place, SYNTAX, f"conditions stand more than {DEPTH_MAX} deep")
                return None
            return self._read(node)
        finally:
            self._scope = before
            self._depth -= 1

    def _read(self, node: ast.AST) -> Condition | None:
        match node:
            case ast.BinOp(op=ast.BitAnd() | ast.BitOr() as op):
                return self._joined(node, type(op))
            case ast.UnaryOp(op=ast.Invert(), operand=operand):
                one = self.condition(operand)
                return None if one is None else Not(one)
            case ast.Call(func=ast.Attribute() as function):
                if is_dagster(function.value, CONDITION):
                    return self._constructed(node, function)
                return self._method(node, function)
            case ast.Attribute(attr=name) if is_dagster(node.value, CONDITION):
                self._unknown(node, name, CONSTRUCTORS)
            case ast.BoolOp(op=op) | ast.UnaryOp(op=ast.Not() as op):
                word, sign = _KEYWORDS[type(op)]
                message = f"Python's {word} does not make a condition of conditions"
                self.source.add(self.source.place(node), SYNTAX, message, f"write {sign}")
                for each in node.values if isinstance(node, ast.BoolOp) else [node.operand]:
                    self.condition(each)
            case _:
                message = f"a condition is needed here, and this is {words(node)}"
                hint = f"such as {CONDITION}.eager()"
                self.source.add(self.source.place(node), SYNTAX, message, hint)
        return None

    def _joined(self, node: ast.AST, sign: type[ast.operator]) -> Condition | None:
        """`a & b & c`, which Python nests to the left."""
        right: list[ast.AST] = []
        while isinstance(node, ast.BinOp) and isinstance(node.op, sign):
            right.append(node.right)
            node = node.left
        found = [self.condition(each) for each in (node, *reversed(right))]
        joined = found[0]
        for each in found[1:]:
            if joined is None or each is None:
                joined = None
                continue
            joined = both(joined, each) if sign is ast.BitAnd else either(joined, each)
        return joined

    def _constructed(self, node: ast.Call, function: ast.Attribute) -> Condition | None:
        name, place = function.attr, self.source.name_place(function)
        known = CONSTRUCTORS.get(name)
        if known is None:
            self._unknown(function, name, CONSTRUCTORS)
            return None
        scope = self._scope
        if scope == "asset" and name in OF_CHECKS_ONLY:
            message = f"{name} is about a check, and this is asked about an asset"
            hint = f"{CONDITION}.any_checks_match({CONDITION}.{name}())"
            self.source.add(place, ARGUMENT, message, hint)
            return None
        if scope == "check" and name not in ABOUT_CHECKS:
            message = f"{name} cannot be asked about a check"
            self.source.add(place, ARGUMENT, message, "check_passed, missing, in_progress, …")
            return None
        values = self._arguments.bound(node, name, known.arguments, keyword_only=known.keyword_only)
        return None if values is None else known.build(*values)

    def _method(self, node: ast.Call, function: ast.Attribute) -> Condition | None:
        condition = self.condition(function.value)
        name = function.attr
        if condition is None and not isinstance(
            getattr(function.value, "func", None), ast.Attribute
        ):
            return None
        if name not in METHODS:
            self._unknown(function, name, METHODS)
            return None
        values = self._arguments.bound(node, name, METHODS[name])
        if condition is None or values is None:
            return None
        return self._made(condition, name, values, node, function)

    def _made(
        self,
        condition: Condition,
        name: str,
        values: list[Any],
        node: ast.Call,
        function: ast.Attribute,
    ) -> Condition | None:
        """What a method makes of a condition."""
        match name:
            case "since":
                return Since(condition, values[0])
            case "newly_true":
                return NewlyTrue(condition)
            case "since_last_handled":
                return since_last_handled(condition)
            case "with_label":
                return labelled(condition, values[0])
            case "replace":
                return self._replaced(condition, values[0], values[1], node)
        place = self.source.name_place(function)
        if name == "without":
            if not isinstance(condition, And):
                self.source.add(place, NAME, "without takes an operand from an & only")
                return None
            try:
                return without(condition, values[0])
            except RewritingError as error:
                self.source.add(self.source.place(node.args[0]), ARGUMENT, str(error))
                return None
        if not isinstance(condition, Selective):
            message = f"this kind of condition has no {name}: it asks nothing about other assets"
            self.source.add(place, NAME, message)
            return None
        chosen = allowing if name == "allow" else ignoring
        return chosen(condition, values[0])

    def _replaced(
        self, condition: Condition, old: Condition | str, new: Condition, node: ast.Call
    ) -> Condition | None:
        made = replaced(condition, old, new)
        if made == condition and new != old:
            place = self.source.place(node.args[0] if node.args else node)
            message = "there is nothing here to replace: nothing has that name or label"
            self.source.add(place, "W-AUTOMATION-REPLACE", message, 'such as "newly_missing"')
        if size_of(made) > SIZE_MAX:
            self.refuse_size(node)
            return None
        return made

    def refuse_size(self, node: ast.AST | None) -> None:
        """A condition that would be too large."""
        assert node is not None
        self.too_large = True
        message = f"a condition of more than {SIZE_MAX} parts"
        self.source.add(self.source.place(node), SYNTAX, message)

    def _unknown(self, function: ast.Attribute, name: str, known: Mapping[str, object]) -> None:
        """A name that is not there, or is not called."""
        place = self.source.name_place(function)
        if name in NOT_MODELLED:
            self.source.add(place, NAME, f"{name} cannot be used: {NOT_MODELLED[name]}")
        elif name in known:
            self.source.add(place, NAME, f"{name} is not called", f"write {name}(…)")
        else:
            whose = CONDITION if known is CONSTRUCTORS else "a condition"
            self.source.add(place, NAME, f"{whose} has no {name}", nearest(name, known))
