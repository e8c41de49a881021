"""Which updates of assets start a run of a DAG: expressions of `and` and `or`.

In a config they are lists: `[a, b]` and `[and, a, b]` ask for both, `[or, a, b]` for one of them,
and a list may stand in a list. In 2.x assets are called datasets. Source: Airflow 2.11.2,
datasets/__init__.py `DatasetAll`, `DatasetAny`; 3.3.2, sdk/definitions/asset `AssetAll`,
`AssetAny`. An expression is a value; who was updated is told to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.orchestrators.airflow.config import TimetableConfig
from sim.orchestrators.airflow.timetables_build import ScheduleError

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from sim.orchestrators.airflow.config import Schedule

_OPERATORS = ("and", "or")
_DEPTH_MAX = 20
"""Lists within lists."""


@dataclass(frozen=True, slots=True)
class AssetExpression:
    """All or any of some assets and expressions."""

    all_of: bool
    parts: tuple[str | AssetExpression, ...]

    def holds(self, updated: Container[str]) -> bool:
        """Whether the assets updated are enough."""
        found = (
            part in updated if isinstance(part, str) else part.holds(updated) for part in self.parts
        )
        return all(found) if self.all_of else any(found)

    @property
    def assets(self) -> Iterator[str]:
        """Every asset named, in order, maybe more than once."""
        for part in self.parts:
            if isinstance(part, str):
                yield part
            else:
                yield from part.assets


def assets_of(schedule: Schedule) -> AssetExpression | None:
    """The assets whose updates start runs of a DAG, if any do. Raises `ScheduleError`."""
    given = schedule.assets if isinstance(schedule, TimetableConfig) else schedule
    return parse_assets(given) if isinstance(given, list) and given else None


def parse_assets(given: object, *, depth: int = 0) -> AssetExpression:
    """What a config says. Raises `ScheduleError` for anything but names and lists of them."""
    if isinstance(given, str) and given:
        return AssetExpression(all_of=True, parts=(given,))
    if not isinstance(given, list | tuple) or depth > _DEPTH_MAX:
        message = f"{given!r} names no asset"
        raise ScheduleError(message, "a list such as [orders, customers] or [or, orders, refunds]")
    operator = given[0] if given and given[0] in _OPERATORS else None
    parts = given if operator is None else given[1:]
    if not parts:
        message = "a list of assets without any asset"
        raise ScheduleError(message, "a list such as [orders, customers]")
    return AssetExpression(
        all_of=operator != "or",
        parts=tuple(
            part if isinstance(part, str) and part else parse_assets(part, depth=depth + 1)
            for part in parts
        ),
    )
