"""Lists to expand over: what tasks return, lists in the DAG file, and zip, concat and map of these.

Only lengths matter here. `zip` is as long as the shortest of its lists, with a `fillvalue` as the
longest; `concat` as all of them together; `map` as its list. Source: Airflow 2.11.2
models/xcom_arg.py, 3.3.2 task SDK definitions/xcom_arg.py `MapXComArg`, `ZipXComArg`,
`ConcatXComArg`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from sim.orchestrators.airflow.config import MappedOver

COMBINED = ("zip", "concat", "map")
"""The ways in which lists are combined; each is the key of a mapping."""


class MapList(msgspec.Struct, frozen=True):
    """One list, or a combination of several."""

    op: Literal["task", "literal", "zip", "longest", "concat"]
    number: int = 0
    """Of the task whose list it is; of a list in the DAG file its length."""
    of: tuple[MapList, ...] = ()

    def length(self, entries: Callable[[int], int | None]) -> int | None:
        """How long it is; `entries` tells that of a task's list, None while it is not there."""
        if self.op == "task":
            return entries(self.number)
        if self.op == "literal":
            return self.number
        lengths = [one.length(entries) for one in self.of]
        known = [length for length in lengths if length is not None]
        if len(known) < len(lengths):
            return None
        if self.op == "concat":
            return sum(known)
        return min(known) if self.op == "zip" else max(known)


def tasks_of(over: MappedOver) -> Iterator[str]:
    """The tasks whose returned lists are in it, in order."""
    if isinstance(over, str):
        yield over
    elif isinstance(over, dict):
        for one in parts(over):
            yield from tasks_of(one)


def parts(over: Mapping[str, Any]) -> list[Any]:
    """What a combination combines."""
    given: Any = next((over[name] for name in COMBINED if name in over), [])
    return [given] if "map" in over else list(given) if isinstance(given, list) else [given]


def read_list(over: MappedOver, numbers: Mapping[str, int]) -> MapList:
    """The list as written, with tasks by their numbers."""
    if isinstance(over, str):
        return MapList("task", numbers[over])
    if not isinstance(over, dict):
        return MapList("literal", over if isinstance(over, int) else len(over))
    of = tuple(read_list(one, numbers) for one in parts(over))
    if "map" in over:
        return of[0]
    if "concat" in over:
        return MapList("concat", 0, of)
    return MapList("longest" if "fillvalue" in over else "zip", 0, of)


def mistakes(over: object) -> Iterator[str]:
    """What is wrong with the form of a list, in words."""
    if not isinstance(over, dict):
        if isinstance(over, int) and over < 0:
            yield "a list shorter than empty"
        elif not isinstance(over, str | int | list):
            yield "neither a task, a list nor a length"
        return
    named = [name for name in COMBINED if name in over]
    others = set(over) - {*COMBINED, "fillvalue"}
    if len(named) != 1 or others or ("fillvalue" in over and "zip" not in over):
        yield "a combination of lists is one of zip (perhaps with a fillvalue), concat and map"
        return
    if named[0] != "map" and (not isinstance(over[named[0]], list) or not over[named[0]]):
        yield f"{named[0]} takes a list of lists"
        return
    for one in parts(over):
        yield from mistakes(one)
