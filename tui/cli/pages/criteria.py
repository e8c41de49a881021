"""The seven criteria of a comparison: one row each, one column a side."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tui.cli.pages.layout import heading, indented, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.session.compare.criteria import Criterion
    from sim.session.compare.played import Played
    from tui.cli.commands import Call
    from tui.words import Words


def criteria_table(
    call: Call, words: Words, sides: Sequence[Played], each: Sequence[Sequence[Criterion]]
) -> str:
    """The table; empty when nothing was asked for."""
    if not each:
        return ""
    rows = [["", *(one.side.name for one in sides)]]
    rows += [
        [words.say(f"criterion.{row[0].name}"), *(_cell(words, one) for one in row)]
        for row in zip(*each, strict=True)
    ]
    return f"{heading(call, 'criterion.title')}\n{indented(table(rows))}"


def _cell(words: Words, one: Criterion) -> str:
    if one.why_not:
        return words.say(f"criterion.not_{one.why_not}", **one.figures)
    return words.say(f"criterion.{one.name}_is", **one.figures)


def criteria_json(each: Sequence[Sequence[Criterion]]) -> dict[str, Any]:
    """By side, in their order; nothing when nothing was asked for."""
    if not each:
        return {}
    return {
        "criteria": [
            {one.name: {**one.figures, "why_not": one.why_not or None} for one in side}
            for side in each
        ]
    }
