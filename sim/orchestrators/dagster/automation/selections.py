"""`AssetSelection`s in the text of a condition, as the keys that they select.

`AssetSelection.assets("a", "b")`, `.groups(...)` and so on, joined by `|`, `&` and `-`, with
`upstream`, `downstream`, `roots` and `sinks`; `from_string` takes the syntax of `selection`.
Source: Dagster 1.13.29, _core/definitions/asset_selection.py. An asset that does not exist selects
nothing, as there, and is told.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from sim.orchestrators.dagster.automation.source_text import is_dagster, nearest
from sim.orchestrators.dagster.selection import SelectionError, select

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.orchestrators.dagster.automation.source_text import SourceText
    from sim.orchestrators.dagster.config import Asset

SELECTION = "E-SELECTION"
DEPTH_MAX = 50
"""How deep selections may stand inside of each other."""
_STATIC = (
    "all",
    "assets",
    "from_string",
    "groups",
    "keys",
    "kind",
    "owner",
    "tag",
    "tag_string",
)
_METHODS = ("downstream", "roots", "sinks", "upstream")


class SelectionReader:
    """Reads selections."""

    def __init__(self, source: SourceText, assets: Mapping[str, Asset]) -> None:
        self._source = source
        self._assets = assets
        self._depth = 0

    def selected(self, node: ast.expr) -> frozenset[str] | None:
        """The keys that are selected; None when something is wrong."""
        self._depth += 1
        try:
            if self._depth > DEPTH_MAX:
                message = f"selections stand more than {DEPTH_MAX} deep"
                self._source.add(self._source.place(node), SELECTION, message)
                return None
            return self._selected(node)
        finally:
            self._depth -= 1

    def _selected(self, node: ast.expr) -> frozenset[str] | None:
        match node:
            case ast.BinOp(left=left, op=ast.BitOr() | ast.BitAnd() | ast.Sub() as sign):
                first, second = self.selected(left), self.selected(node.right)
                if first is None or second is None:
                    return None
                if isinstance(sign, ast.BitOr):
                    return first | second
                return first & second if isinstance(sign, ast.BitAnd) else first - second
            case ast.Call(func=ast.Attribute(value=value) as function):
                if is_dagster(value, "AssetSelection"):
                    return self._static(node, function)
                return self._method(node, function)
        message = "a selection of assets is needed here"
        hint = 'AssetSelection.assets("a"), or AssetSelection.from_string("group:sales")'
        self._source.add(self._source.place(node), SELECTION, message, hint)
        return None

    def key(self, node: ast.expr) -> str | None:
        """The key of an asset: a text, or `AssetKey(...)`; None when it is neither."""
        match node:
            case ast.Constant(value=str() as text):
                return text
            case ast.Call(func=function, args=[part], keywords=[]) if is_dagster(
                function, "AssetKey"
            ):
                match part:
                    case ast.Constant(value=str() as text):
                        return text
                    case ast.List(elts=[_, *_] as parts) if all(
                        isinstance(one, ast.Constant) and isinstance(one.value, str)
                        for one in parts
                    ):
                        return "/".join(str(getattr(one, "value", "")) for one in parts)
        message = "the key of an asset is needed here"
        self._source.add(self._source.place(node), "E-AUTOMATION-ARGUMENT", message, '"a"')
        return None

    def _static(self, node: ast.Call, function: ast.Attribute) -> frozenset[str] | None:
        name = function.attr
        if name not in _STATIC:
            self._unknown(function, "AssetSelection", _STATIC)
            return None
        if name == "all":
            return self._asked("*", node) if self._counted(node, name, 0, 0) else None
        if name in {"assets", "keys"}:
            return self._keys(node)
        texts = self._texts(node)
        if texts is None:
            return None
        least, most = {"tag": (2, 2), "groups": (0, len(texts))}.get(name, (1, 1))
        if not self._counted(node, name, least, most):
            return None
        if name == "from_string":
            return self._asked(texts[0], node)
        field = {"groups": "group", "tag_string": "tag"}.get(name, name)
        wanted = ["=".join(texts)] if name == "tag" else texts
        found: frozenset[str] = frozenset()
        for number, text in enumerate(wanted):
            chosen = self._asked(f'{field}:"{text}"', node)
            if chosen is None:
                return None
            if not chosen:
                place = self._source.place(node.args[number])
                message = f"no asset has {field} {text!r}"
                self._source.add(place, "W-SELECTION-EMPTY", message)
            found |= chosen
        return found

    def _keys(self, node: ast.Call) -> frozenset[str] | None:
        keys = [(one, self.key(one)) for one in node.args]
        if not self._counted(node, "assets", 0, len(keys)):
            return None
        for one, key in keys:
            if key is not None and key not in self._assets:
                message, hint = f'there is no asset "{key}"', nearest(key, self._assets)
                self._source.add(self._source.place(one), "W-SELECTION-EMPTY", message, hint)
        if any(key is None for _, key in keys):
            return None
        return frozenset(key for _, key in keys if key is not None and key in self._assets)

    def _method(self, node: ast.Call, function: ast.Attribute) -> frozenset[str] | None:
        chosen = self.selected(function.value)
        name = function.attr
        if name not in _METHODS:
            self._unknown(function, "a selection", _METHODS)
            return None
        options = self._options(node, name)
        if chosen is None or options is None:
            return None
        depth, whole = options
        found = self._moved(chosen, name, depth, node)
        return found if whole or found is None else found - chosen

    def _options(self, node: ast.Call, name: str) -> tuple[int | None, bool] | None:
        """How deep, and whether with the selection itself; None when something is wrong."""
        depth: int | None = None
        whole = True
        walks = name in {"upstream", "downstream"}
        for one in [*node.args, *node.keywords]:
            argument = one.arg if isinstance(one, ast.keyword) else None
            given = one.value if isinstance(one, ast.keyword) else None
            value = given.value if isinstance(given, ast.Constant) else ...
            if walks and argument == "include_self" and isinstance(value, bool):
                whole = value
            elif walks and argument == "depth" and (value is None or type(value) is int):
                depth = value if isinstance(value, int) else None
            else:
                message = f"{name} takes no such argument"
                hint = "depth=…, include_self=…" if walks else ""
                place = self._source.place(one)
                self._source.add(place, "E-AUTOMATION-ARGUMENT", message, hint)
                return None
        return depth, whole

    def _moved(
        self, chosen: frozenset[str], name: str, depth: int | None, node: ast.Call
    ) -> frozenset[str] | None:
        if not chosen:
            return chosen
        keys = [f'key:"{key}"' for key in self._assets if key in chosen]
        steps = "" if depth is None else str(max(depth, 0))
        match name:
            case "upstream":
                keys = [f"{steps}+{key}" for key in keys]
            case "downstream":
                keys = [f"{key}+{steps}" for key in keys]
            case _:
                return self._asked(f"{name}({' or '.join(keys)})", node)
        return self._asked(" or ".join(keys), node)

    def _asked(self, text: str, node: ast.Call) -> frozenset[str] | None:
        try:
            return frozenset(select(text, self._assets))
        except SelectionError as error:
            place = self._source.place(node.args[0] if node.args else node)
            self._source.add(place, SELECTION, str(error), 'such as key:"a"+ or group:sales')
            return None

    def _texts(self, node: ast.Call) -> list[str] | None:
        found = []
        for one in node.args:
            if not isinstance(one, ast.Constant) or not isinstance(one.value, str):
                message = "a text is needed here"
                self._source.add(self._source.place(one), "E-AUTOMATION-ARGUMENT", message)
                return None
            found.append(one.value)
        return found

    def _counted(self, node: ast.Call, name: str, least: int, most: int) -> bool:
        if not node.keywords and least <= len(node.args) <= most:
            return True
        many = f"{least}" if least == most else f"{least} to {most}"
        message = f"{name} takes {many} plain arguments"
        self._source.add(self._source.place(node), "E-AUTOMATION-ARGUMENT", message)
        return False

    def _unknown(self, function: ast.Attribute, whose: str, known: tuple[str, ...]) -> None:
        place, name = self._source.name_place(function), function.attr
        hint = nearest(name, known) or f"there is {', '.join(known)}"
        self._source.add(place, "E-AUTOMATION-NAME", f"{whose} has no {name} here", hint)
