"""Asset selections as text: which assets a job consists of.

The syntax of Dagster 1.13.29, _core/definitions/antlr_asset_selection: `key:"a"`, `a`, `*`, `+x`,
`2+x`, `x+1`, `and`, `or`, `not`, `tag:k=v`, `group:g`, `kind:k`, `owner:o`, `roots(...)`,
`sinks(...)`. What runs only observe is selected by its whole key alone. Pure: from text and a graph
to keys, in the graph's own order.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sim.orchestrators.dagster.config import Asset

_TOKEN = re.compile(
    r'\s*(?:(\d*\+\d*)|([()])|((?:[\w./*\-]+)?(?::(?:"[^"]*"|[\w./*@=:\-]+))?|"[^"]*"))'
)
_FIELDS = ("key", "tag", "group", "kind", "owner")
_FUNCTIONS = ("roots", "sinks")


class SelectionError(ValueError):
    """What is wrong with the text of a selection."""


@dataclass
class _Reader:
    """A recursive descent over the tokens of one text."""

    tokens: list[str]
    assets: Mapping[str, Asset]

    def expression(self) -> set[str]:
        left = self.conjunction()
        while self.taken("or"):
            left |= self.conjunction()
        return left

    def conjunction(self) -> set[str]:
        left = self.negation()
        while self.taken("and"):
            left &= self.negation()
        return left

    def negation(self) -> set[str]:
        if not self.taken("not"):
            return self.traversal()
        return {key for key, one in self.assets.items() if not one.observable} - self.negation()

    def traversal(self) -> set[str]:
        up = self._depth(before=True)
        chosen = self.atom()
        down = self._depth(before=False)
        found = set(chosen)
        if up is not None:
            found |= _reached(chosen, {key: upstream(one) for key, one in self.assets.items()}, up)
        if down is not None:
            found |= _reached(chosen, _downstream(self.assets), down)
        if up is not None or down is not None:
            found = {key for key in found if not self.assets[key].observable}
        return found

    def _depth(self, *, before: bool) -> int | None:
        """How many layers a plus stands for; -1: all of them; None: there is no plus."""
        if not self.tokens or "+" not in self.tokens[0]:
            return None
        left, _, right = self.tokens[0].partition("+")
        number, other = (left, right) if before else (right, left)
        if other:
            # `a+1` has its number behind; before an atom it would belong to nothing
            message = f"{self.tokens[0]!r} stands on the wrong side"
            raise SelectionError(message)
        self.tokens.pop(0)
        return int(number) if number else -1

    def atom(self) -> set[str]:
        if not self.tokens:
            message = "something is missing at the end"
            raise SelectionError(message)
        token = self.tokens.pop(0)
        if token == "(":  # noqa: S105 - a parenthesis
            inner = self.expression()
            self.close()
            return inner
        if token in _FUNCTIONS and self.taken("("):
            inner = self.expression()
            self.close()
            return self._edge(token, inner)
        if token in {")", "and", "or"}:
            message = f"{token!r} has nothing before it"
            raise SelectionError(message)
        return self._named(token)

    def _edge(self, function: str, inner: set[str]) -> set[str]:
        above = {key: upstream(one) for key, one in self.assets.items()}
        near = above if function == "roots" else _downstream(self.assets)
        return {key for key in inner if not inner & set(near[key]) - {key}}

    def _named(self, token: str) -> set[str]:
        field, colon, value = token.partition(":")
        if not colon:
            field, value = "key", token
        if field not in _FIELDS:
            message = f"{field!r} is nothing to select by"
            raise SelectionError(message)
        value = value.strip('"')
        found = {
            key
            for key, one in self.assets.items()
            if _has(key, one, field, value)
            and (not one.observable or (field, value) == ("key", key))
        }
        if field == "key" and not found and "*" not in value:
            message = f"there is no asset {value!r}"
            raise SelectionError(message)
        return found

    def close(self) -> None:
        if not self.taken(")"):
            message = "a parenthesis is not closed"
            raise SelectionError(message)

    def taken(self, word: str) -> bool:
        if self.tokens and self.tokens[0].lower() == word:
            self.tokens.pop(0)
            return True
        return False


def select(text: str, assets: Mapping[str, Asset]) -> tuple[str, ...]:
    """The keys that a text selects, in the order of the config. Raises `SelectionError`."""
    reader = _Reader(list(_tokens(text)), assets)
    found = reader.expression()
    if reader.tokens:
        message = f"{reader.tokens[0]!r} is one word too many"
        raise SelectionError(message)
    return tuple(key for key in assets if key in found)


def upstream(asset: Asset) -> tuple[str, ...]:
    """The assets that an asset reads or only comes after, each once."""
    return tuple(dict.fromkeys((*asset.ins, *asset.deps)))


def _tokens(text: str) -> Iterator[str]:
    at = 0
    text = text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.end() == at or not match.group().strip():
            message = f"{text[at:].strip()[:20]!r} cannot be read"
            raise SelectionError(message)
        yield match.group().strip()
        at = match.end()


def _has(key: str, asset: Asset, field: str, value: str) -> bool:
    match field:
        case "key":
            return fnmatchcase(key, value)
        case "tag":
            name, equals, wanted = value.partition("=")
            return name in asset.tags and (not equals or asset.tags[name] == wanted)
        case "group":
            return asset.group_name == value
        case "kind":
            return value in asset.kinds
        case _:
            return value in asset.owners


def _downstream(assets: Mapping[str, Asset]) -> dict[str, tuple[str, ...]]:
    return {
        key: tuple(below for below, other in assets.items() if key in upstream(other))
        for key in assets
    }


def _reached(chosen: set[str], near: Mapping[str, tuple[str, ...]], depth: int) -> set[str]:
    found, edge = set(chosen), set(chosen)
    while edge and depth:
        edge = {key for one in sorted(edge) for key in near.get(one, ())} - found
        found |= edge
        depth -= 1
    return found
