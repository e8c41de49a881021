"""A dataset: rows that one job hands to the next, as something that can stand after FROM."""

# ruff: noqa: S608 - names and dates are the scenario's own, and quoted; never a player's text

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True)
class Dataset:
    """Rows with an order. Immutable: what it names never changes."""

    relation: str
    """What stands after FROM: a subquery or a qualified table, never text of the player's."""
    rows: int
    lease: object = field(default=None, compare=False, repr=False)
    """What keeps the rows: they may be dropped when the last dataset that holds it is gone."""

    def head(self, rows: int) -> Dataset:
        """The first `rows` rows."""
        if rows >= self.rows:
            return self
        return replace(self, relation=f"(SELECT * FROM {self.relation} LIMIT {rows})", rows=rows)


class Lease:
    """Held by the datasets over one relation; when the last is gone, the relation is let go."""

    __slots__ = ("_let_go", "_relation")

    def __init__(self, relation: str, let_go: list[str]) -> None:
        self._relation = relation
        self._let_go = let_go

    def __del__(self) -> None:
        self._let_go.append(self._relation)
