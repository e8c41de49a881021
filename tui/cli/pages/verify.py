"""The page of a search: one sentence, what stands there beside the truth, the facts around it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from sim.kernel.calendar import format_instant
from sim.model.interventions import Intervention
from tui.cli.pages.layout import heading, indented, table
from tui.draw.finding import around, difference, sentence, title_of, told

if TYPE_CHECKING:
    from sim.verify.hunt import Finding, Report
    from sim.verify.plan import Trouble
    from tui.cli.commands import Call
    from tui.words import Words

FORMAT = 1
"""Version of what `--json` prints."""


def page(report: Report, call: Call, words: Words) -> str:
    """The whole page."""
    parts = []
    if report.finding is None:
        code = "verify.stopped" if report.stopped else "verify.holds"
        parts.append(call.terminal.paint(words.say(code, plans=report.plans), "good"))
    else:
        parts += _found(report.finding, call, words)
    parts += [_searched(report, words), _coverage(report, call, words)]
    return "\n\n".join(part for part in parts if part) + "\n"


def as_json(report: Report, words: Words) -> dict[str, Any]:
    """The documented object (docs/verify.md)."""
    found = report.finding
    return {
        "format": FORMAT,
        "scenario": report.scenario,
        "nights": report.window,
        "seed": report.seed,
        "plans": report.plans,
        "stopped": report.stopped,
        "holds": found is None,
        "finding": None if found is None else _finding_json(found, words),
        "coverage": {
            "points": {
                name: {"tried": tried, "there": there}
                for name, (tried, there) in report.coverage.summary().items()
            },
            "absent": report.coverage.absent,
            "pairs": {
                "tried": len(report.coverage.pairs),
                "there": report.coverage.pairs_possible,
            },
            "changes": sorted(f"{task} {change}" for task, change in report.coverage.changes),
        },
    }


def _finding_json(found: Finding, words: Words) -> dict[str, Any]:
    one = found.violation
    return {
        "code": one.code,
        "sentence": sentence(found.trial, one, words),
        "troubles": [_plain(trouble) for trouble in found.trial.troubles],
        "params": dict(one.params),
        "at": format_instant(one.at),
        "inevitable": format_instant(one.inevitable),
        "seen": None if one.seen is None else format_instant(one.seen),
        "seen_by": one.seen_by,
        "found_after": found.found_after,
        "trials": found.trials,
    }


def _plain(one: Trouble) -> dict[str, Any]:
    if isinstance(one, Intervention):
        told: dict[str, Any] = msgspec.to_builtins(one)
        return {"type": type(one).__name__.lower(), **told, "at": format_instant(one.at)}
    plain: dict[str, Any] = msgspec.to_builtins(one)
    return plain


def _found(found: Finding, call: Call, words: Words) -> list[str]:
    one, trial = found.violation, found.trial
    title = call.terminal.paint(title_of(found, words), "bad")
    text = f"{title}\n{indented(sentence(trial, one, words))}\n{indented(told(one, words))}"
    return [text, _diff(found, call, words), _around(found, call, words)]


def _diff(found: Finding, call: Call, words: Words) -> str:
    rows, more = difference(found)
    if not rows:
        return ""
    params = found.violation.params
    title = words.say("verify.diff", table=params["table"], partition=params["partition"])
    lines = [call.terminal.paint(title, "bold"), indented(table(rows))]
    return "\n".join(lines + ([indented(words.say("verdict.more", count=more))] if more else []))


def _around(found: Finding, call: Call, words: Words) -> str:
    rows = around(found, words)
    return f"{heading(call, 'verify.around')}\n{indented(table(rows))}" if rows else ""


def _searched(report: Report, words: Words) -> str:
    found = report.finding
    told: dict[str, Any] = {"seed": report.seed, "window": report.window}
    if found is None:
        return words.say("verify.searched_all", **told)
    return words.say("verify.searched", found=found.found_after, trials=found.trials, **told)


def _coverage(report: Report, call: Call, words: Words) -> str:
    coverage = report.coverage
    rows = [
        [name, words.say("verify.points", tried=tried, there=there)]
        for name, (tried, there) in coverage.summary().items()
    ]
    rows += [[name, words.say("verify.absent", why=why)] for name, why in coverage.absent.items()]
    lines = [
        table(rows),
        words.say("verify.pairs", tried=len(coverage.pairs), there=coverage.pairs_possible),
        words.say("verify.changes", count=len(coverage.changes)),
    ]
    return f"{heading(call, 'verify.coverage')}\n{indented(chr(10).join(lines))}"
