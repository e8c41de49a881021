"""The arguments of calls in the text of a condition: which there are, and what each has to be.

Plain values only. Everything wrong with a call is told at once. See `expression`.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Protocol

from sim.kernel.calendar import DAY, HOUR, MILLISECOND, MINUTE, SECOND, zone
from sim.kernel.cron_expression import CronSyntaxError
from sim.orchestrators.dagster.automation.selections import SelectionReader
from sim.orchestrators.dagster.automation.source_text import nearest
from sim.orchestrators.dagster.automation.vocabulary import REQUIRED, Argument, Kind
from sim.orchestrators.dagster.cron_ticks import parsed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.orchestrators.dagster.automation.conditions import Condition
    from sim.orchestrators.dagster.automation.source_text import SourceText
    from sim.orchestrators.dagster.config import Asset

ARGUMENT = "E-AUTOMATION-ARGUMENT"
WRONG: Any = object()
"""An argument that is not what it has to be."""
_SPANS = {
    "weeks": 7 * DAY,
    "days": DAY,
    "hours": HOUR,
    "minutes": MINUTE,
    "seconds": SECOND,
    "milliseconds": MILLISECOND,
    "microseconds": 1,
}
_WORDS: tuple[tuple[Any, str], ...] = (
    (ast.Name, "a name"),
    (ast.Attribute, "a name"),
    (ast.Constant, "a plain value"),
    (ast.Call, "a call of something else"),
    (ast.Lambda, "a function"),
    (ast.Compare, "a comparison"),
    (ast.List | ast.Tuple | ast.Set, "a list"),
    (ast.Dict, "a dict"),
    (ast.JoinedStr, "an f-string"),
    (ast.Starred, "a list of arguments"),
)


class Conditions(Protocol):
    """Who reads conditions, which are arguments too."""

    def condition(self, node: ast.AST, scope: Any = None) -> Condition | None:
        """A condition; None when something in it is wrong."""


class ArgumentReader:
    """Reads the arguments of calls."""

    def __init__(
        self, source: SourceText, assets: Mapping[str, Asset], conditions: Conditions
    ) -> None:
        self._source = source
        self._assets = assets
        self._conditions = conditions
        self._selections = SelectionReader(source, assets)

    def bound(
        self,
        node: ast.Call,
        name: str,
        arguments: Sequence[Argument],
        *,
        keyword_only: bool = False,
    ) -> list[Any] | None:
        """The values of a call's arguments in order; None when something is wrong with them."""
        given, right = self._given(node, name, arguments, keyword_only=keyword_only)
        values = []
        for argument in arguments:
            if argument.name not in given:
                if argument.default is REQUIRED:
                    message = f"{name} needs its argument {argument.name}"
                    self._source.add(self._source.place(node), ARGUMENT, message)
                    right = False
                values.append(argument.default)
                continue
            values.append(self._value(given[argument.name], argument))
        return values if right and all(value is not WRONG for value in values) else None

    def _given(
        self, node: ast.Call, name: str, arguments: Sequence[Argument], *, keyword_only: bool
    ) -> tuple[dict[str, ast.expr], bool]:
        """What is given, by the name of the argument, and whether all of it has a place."""
        names = [argument.name for argument in arguments]
        given: dict[str, ast.expr] = {}
        right = True
        for number, value in enumerate(node.args):
            if keyword_only or number >= len(names) or isinstance(value, ast.Starred):
                message = f"{name} takes no such argument"
                hint = f"write {names[0]}=…" if keyword_only else ""
                self._source.add(self._source.place(value), ARGUMENT, message, hint)
                right = False
            else:
                given[names[number]] = value
        for keyword in node.keywords:
            if keyword.arg not in names or keyword.arg in given:
                twice = keyword.arg in given
                message = (
                    f"{keyword.arg} is given twice"
                    if twice
                    else f"{name} takes no argument {keyword.arg or '**'}"
                )
                hint = "" if twice else nearest(keyword.arg or "", names)
                self._source.add(self._source.place(keyword), ARGUMENT, message, hint)
                right = False
            else:
                given[keyword.arg] = keyword.value
        return given, right

    def _value(self, node: ast.expr, argument: Argument) -> Any:
        kind = argument.kind
        if kind in {"condition", "check_condition"}:
            scope = "check" if kind == "check_condition" else None
            found = self._conditions.condition(node, scope)
            return WRONG if found is None else found
        if kind == "old":
            if isinstance(node, ast.Constant):
                return self._plain(node, argument, str)
            found = self._conditions.condition(node)
            return WRONG if found is None else found
        if kind == "selection":
            chosen = self._selections.selected(node)
            return WRONG if chosen is None else chosen
        return self._simple(node, argument)

    def _simple(self, node: ast.expr, argument: Argument) -> Any:
        """An argument that is neither a condition nor a selection."""
        match argument.kind:
            case "asset":
                return self._asset(node)
            case "span":
                return self._span(node, argument)
            case "cron" | "timezone":
                return self._checked(node, argument)
            case "names" | "tags":
                return self._names(node, argument)
            case "truth":
                return self._plain(node, argument, bool)
            case _:
                return self._plain(node, argument, str, none=True)

    def _plain(self, node: ast.expr, argument: Argument, kind: type, *, none: bool = False) -> Any:
        if isinstance(node, ast.Constant):
            if type(node.value) is kind or (none and node.value is None):
                return node.value
            return self._wrong(node, argument, repr(node.value))
        return self._wrong(node, argument, words(node))

    def _wrong(self, node: ast.expr, argument: Argument, found: str) -> Any:
        message = f"{argument.name} has to be {_NEEDED[argument.kind]}, and this is {found}"
        self._source.add(self._source.place(node), ARGUMENT, message)
        return WRONG

    def _checked(self, node: ast.expr, argument: Argument) -> Any:
        """A cron string or a zone that exists."""
        text = self._plain(node, argument, str)
        if text is WRONG:
            return WRONG
        place = self._source.place(node)
        try:
            if argument.kind == "timezone":
                zone(text)
            elif not parsed(text).possible:
                message = f'"{text}" never comes'
                self._source.add(place, "W-CRON-NEVER", message, "look at day and month")
        except CronSyntaxError as error:
            self._source.add(place, "E-CRON", error.message, error.hint)
            return WRONG
        except ValueError as error:
            hint = "an IANA name such as Europe/Madrid"
            self._source.add(place, "E-TIMEZONE", str(error), hint)
            return WRONG
        return text

    def _asset(self, node: ast.expr) -> Any:
        key = self._selections.key(node)
        if key is None:
            return WRONG
        if key not in self._assets:
            message, hint = f'asset "{key}" is not defined', nearest(key, self._assets)
            self._source.add(self._source.place(node), "E-ASSET-UNKNOWN", message, hint)
            return WRONG
        return key

    def _span(self, node: ast.expr, argument: Argument) -> Any:
        """A `timedelta` in microseconds; None as in Python."""
        if isinstance(node, ast.Constant) and node.value is None:
            return None
        if not isinstance(node, ast.Call) or not _is_timedelta(node.func):
            return self._wrong(node, argument, words(node))
        total = 0
        positional = zip(("days", "seconds", "microseconds"), node.args, strict=False)
        given = [*positional, *((one.arg or "", one.value) for one in node.keywords)]
        if len(node.args) > len(_POSITIONAL):
            return self._wrong(node, argument, "one of too many arguments")
        for name, value in given:
            unit = _SPANS.get(name)
            number = value.value if isinstance(value, ast.Constant) else None
            if unit is None or isinstance(number, bool) or not isinstance(number, int | float):
                return self._wrong(value, argument, words(value))
            total += round(number * unit)
        if not 0 < total <= _SPAN_MAX:
            return self._wrong(node, argument, "none or too long")
        return total

    def _names(self, node: ast.expr, argument: Argument) -> Any:
        """A set of texts, or a dict from texts to texts."""
        tags = argument.kind == "tags"
        match node:
            case ast.Constant(value=None):
                return None
            case ast.Dict(keys=keys, values=values) if tags:
                parts: list[ast.expr | None] = [*keys, *values]
            case ast.Set(elts=elements) | ast.List(elts=elements) if not tags:
                parts = list(elements)
            case _:
                return self._wrong(node, argument, words(node))
        found = []
        for part in parts:
            if not isinstance(part, ast.Constant) or not isinstance(part.value, str):
                return self._wrong(part or node, argument, words(part or node))
            found.append(part.value)
        if not tags:
            return frozenset(found)
        half = len(found) // 2
        return dict(zip(found[:half], found[half:], strict=True))


_POSITIONAL = ("days", "seconds", "microseconds")
_SPAN_MAX = 100 * 366 * DAY
_NEEDED: Mapping[Kind, str] = {
    "condition": "a condition",
    "check_condition": "a condition",
    "cron": "the text of a cron schedule",
    "timezone": "the name of a zone",
    "span": "a timedelta such as timedelta(days=2)",
    "truth": "True or False",
    "asset": "the key of an asset",
    "selection": "an AssetSelection",
    "label": "a text",
    "old": "a condition, or a name or label",
    "names": 'a set of tags such as {"team"}',
    "tags": 'a dict of tags such as {"team": "sales"}',
}


def words(node: ast.AST) -> str:
    """What a node is, for people."""
    if isinstance(node, ast.Constant):
        return repr(node.value)[:40]
    return next((text for kind, text in _WORDS if isinstance(node, kind)), "something else")


def _is_timedelta(node: ast.expr) -> bool:
    match node:
        case ast.Name(id="timedelta"):
            return True
        case ast.Attribute(value=ast.Name(id="datetime" | "dt"), attr="timedelta"):
            return True
    return False
