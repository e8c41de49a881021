"""A comparison as the documented JSON object (docs/compare.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import format_instant
from sim.session.compare.differences import chains, rules
from sim.session.compare.readings import readings_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sim.scenario.schema import Scenario
    from sim.session.compare.chains import Chain
    from sim.session.compare.differences import Difference
    from sim.session.compare.played import Played
    from sim.session.compare.rules.rule import Rule
    from tui.words import Words

FORMAT = 1
"""Version of what `--json` prints."""
_INSTANTS = frozenset({"at", "first", "last", "until"})
"""Parameters that are instants, where they are integers."""


def as_json(
    scenario: Scenario, sides: Sequence[Played], found: Sequence[Difference], words: Words
) -> dict[str, Any]:
    """The whole comparison; `words` say the rules."""
    nights = sides[0].replay.nights
    return {
        "format": FORMAT,
        "scenario": scenario.id,
        "seed": scenario.seed,
        "nights": [nights[0].isoformat(), nights[-1].isoformat()],
        "sides": [_side(one) for one in sides],
        "differences": [_difference(sides, one, words) for one in found],
    }


def _side(one: Played) -> dict[str, Any]:
    readings = readings_of(one)
    return {
        "name": one.side.name,
        "orchestrator": one.side.config.orchestrator,
        "title": one.side.title,
        "file": one.side.file,
        "changed": one.side.changed,
        "digest": one.replay.journal.digest,
        "objectives": dict(one.objectives),
        "reads": [
            {
                "person": read.person,
                "at": format_instant(read.at),
                "partition": read.partition,
                "figure": read.figure,
                "shown": read.shown,
                "true": read.true,
                "verdict": read.word,
            }
            for night in readings.reads.values()
            for read in night.values()
        ],
        "runs": sum(len(runs) for runs in readings.runs.values()),
        "tries": readings.tries,
        "failures": one.failures,
        "seconds_by_reason": {reason.value: span / 1_000_000 for reason, span in one.waits.items()},
        "pages": one.bill.pages,
        "false_pages": one.bill.false_pages,
        "cost": one.bill.cost,
    }


def _difference(sides: Sequence[Played], one: Difference, words: Words) -> dict[str, Any]:
    each = zip(sides, one.sides, chains(sides, one), one.rests_on, rules(sides, one), strict=True)
    return {
        "kind": one.kind,
        "subject": one.subject,
        "nights": [night.isoformat() for night in one.nights],
        "data_date": one.data_date or None,
        "sides": [
            {
                "name": side.side.name,
                "shown": shown.code,
                **_params(shown.params),
                "cause": None if chain is None else _chain(chain),
                "shows": list(topics),
                "rests_on": [_rule(rule, words) for rule in cited],
            }
            for side, shown, chain, topics, cited in each
        ],
    }


def _chain(chain: Chain) -> list[dict[str, Any]]:
    return [
        {
            "time": format_instant(link.at),
            "row": link.row,
            "fact": link.code.removeprefix("chain."),
            **_params(link.params),
        }
        for link in chain.links
    ]


def _rule(rule: Rule, words: Words) -> dict[str, Any]:
    text = words.say(f"rule.{rule.code}", release=rule.release)
    return {"id": rule.id, "text": text, "source": rule.source}


def _params(params: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: format_instant(value) if name in _INSTANTS and isinstance(value, int) else value
        for name, value in params.items()
    }
