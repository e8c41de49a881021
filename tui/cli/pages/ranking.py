"""A ranking by somebody's own weights: the points, the measured order, and what contradicts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import to_builtins

from sim.errors import UsageError
from sim.session.compare.ranking import CRITERIA, rank
from tui.cli.pages.layout import heading, indented, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.session.compare.criteria import Criterion
    from sim.session.compare.ranking import Ranking
    from tui.cli.commands import Call
    from tui.words import Words

WEIGHT_MAX = 1000
_HINT = f"such as failure=3,backfill=2; there are {', '.join(CRITERIA)}"


def asked_weights(text: str | None) -> dict[str, float]:
    """Weights as they are written, `failure=3,backfill=2`; raises `UsageError` for what is none."""
    weights: dict[str, float] = {}
    for part in filter(None, (one.strip() for one in (text or "").split(","))):
        name, equals, value = part.partition("=")
        if name not in CRITERIA or not equals:
            message = f'"{part}" is no weight of a criterion'
            raise UsageError(message, _HINT)
        try:
            weights[name] = float(value)
        except ValueError:
            message = f'"{value}" is no number'
            raise UsageError(message, _HINT) from None
        if not 0 <= weights[name] <= WEIGHT_MAX:
            message = f"{name} weighs {value}"
            raise UsageError(message, f"a weight is from 0 to {WEIGHT_MAX}")
    return weights


def asked_order(text: str | None, sides: Sequence[str]) -> list[str]:
    """Somebody's own order of the sides; raises `UsageError` when it is not of them all, once."""
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    if names and sorted(names) != sorted(sides):
        message = f"{', '.join(names)} is no order of the sides"
        raise UsageError(message, f"name each of them once: {', '.join(sides)}")
    return names


def check_ranking(call: Call, sides: Sequence[str]) -> None:
    """Raise `UsageError` before anything is simulated for what cannot be ranked."""
    asked_weights(call["weights"])
    asked_order(call["ranking"], sides)


def ranked(call: Call, sides: Sequence[str], each: Sequence[Sequence[Criterion]]) -> Ranking | None:
    """The ranking that the command line asks for; None: it asks for none.

    Without weights each criterion weighs the same.
    """
    if call["weights"] is None and call["ranking"] is None:
        return None
    wanted = asked_order(call["ranking"], sides)
    weights = asked_weights(call["weights"]) or dict.fromkeys(CRITERIA, 1.0)
    return rank(sides, each, weights, wanted)


def ranking_table(call: Call, words: Words, found: Ranking | None) -> str:
    """Points of each side by criterion, their sums, and each contradiction in a sentence."""
    if found is None:
        return ""
    criteria = [name for name in CRITERIA if found.weights.get(name)]
    rows = [["", words.say("ranking.weight"), *found.order]]
    for name in criteria:
        won = [words.say("ranking.points", points=found.points[side][name]) for side in found.order]
        weight = words.say("ranking.points", points=found.weights[name])
        rows.append([words.say(f"criterion.{name}"), weight, *won])
    sums = [words.say("ranking.points", points=found.sums[side]) for side in found.order]
    rows.append([words.say("ranking.sum"), "", *sums])
    lines = [
        words.say(
            "ranking.contradicts",
            ahead=one.ahead,
            behind=one.behind,
            ahead_sum=one.ahead_sum,
            behind_sum=one.behind_sum,
            because=[words.say(f"criterion.{name}") for name in one.because],
        )
        for one in found.contradictions
    ]
    if call["ranking"] is not None and not lines:
        lines = [words.say("ranking.agrees")]
    told = "\n\n".join(part for part in (table(rows), "\n".join(lines)) if part)
    return f"{heading(call, 'ranking.title')}\n{indented(told)}"


def ranking_json(found: Ranking | None) -> dict[str, Any]:
    """The ranking; nothing when none was asked for."""
    return {} if found is None else {"ranking": to_builtins(found)}
