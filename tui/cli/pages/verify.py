"""The page of a search: one sentence, what stands there beside the truth, the facts around it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from sim.kernel.calendar import MINUTE, format_instant, parse_instant, parse_span
from sim.model.facts import Fact
from sim.model.interventions import Backfill, Clear, Intervention, Rerun
from sim.model.states import TaskState
from tui.cli.pages.layout import heading, indented, table

if TYPE_CHECKING:
    from sim.kernel.journal import Row
    from sim.verify.hunt import Finding, Report
    from sim.verify.plan import Trouble
    from sim.verify.trial import Trial
    from tui.cli.commands import Call
    from tui.words import Words

FORMAT = 1
"""Version of what `--json` prints."""
_AROUND_MAX = 16
_DIFF_MAX = 12


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


def sentence(trial: Trial, violation: Any, words: Words) -> str:
    """What happens and what comes of it, in one sentence."""
    broken = words.say(f"broken.{violation.code}", **violation.params)
    said = [trouble_said(one, trial, words) for one in trial.troubles]
    return (
        words.say("verify.sentence", troubles="; ".join(said), violation=broken) if said else broken
    )


def trouble_said(one: Trouble, trial: Trial, words: Words) -> str:
    """One trouble in words."""
    if isinstance(one, Rerun):
        return words.say("say.rerun", data_date=one.data_date, at=one.at)
    if isinstance(one, Clear):
        tasks = ", ".join(one.tasks) or one.pipeline
        return words.say("say.clear", task=tasks, data_date=one.data_date, at=one.at)
    if isinstance(one, Backfill):
        told = {"first": one.first, "last": one.last, "reprocess": one.reprocess}
        return words.say("say.backfill", at=one.at, **told)
    fields: dict[str, Any] = msgspec.to_builtins(one)
    code = f"say.{fields.pop('type')}"
    for name in ("after", "lasts"):
        if fields.get(name) is not None:
            fields[name] = parse_span(fields[name])
    for name, at in (("start", "start"), ("end", "end"), ("start", "at"), ("end", "restart")):
        if fields.get(at) is not None:
            fields[name] = parse_instant(fields[at], trial.replay.timezone)
    if code == "say.attempt_crash" and _is_end(fields, trial):
        code += "_end"
    return words.say(code, **fields)


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


def _is_end(fields: dict[str, Any], trial: Trial) -> bool:
    counts = [len(one.statements) for one in trial.points.writing if one.task == fields["task"]]
    return bool(fields["before_statement"] > max(counts, default=0))


def _found(found: Finding, call: Call, words: Words) -> list[str]:
    one, trial = found.violation, found.trial
    code = "verify.broken" if trial.troubles else "verify.broken_at_once"
    title = call.terminal.paint(words.say(code, count=len(trial.troubles)), "bad")
    seen = f"verify.seen_{one.seen_by}" if one.seen is not None else "verify.unseen"
    told = words.say(seen, inevitable=one.inevitable, seen=one.seen)
    text = f"{title}\n{indented(sentence(trial, one, words))}\n{indented(told)}"
    return [text, _diff(found, call, words), _around(found, call, words)]


def _diff(found: Finding, call: Call, words: Words) -> str:
    """The rows of the truth that do not stand there, and the rows there that are not the truth."""
    params = found.violation.params
    name, day = params.get("table"), params.get("partition")
    true = found.trial.replay.truth.get(name or "", {}).get(day or "")
    if name is None or true is None or true.content is None:
        return ""
    wanted = Counter(true.content)
    there: Counter[tuple[str | None, ...]] = Counter()
    for row in found.trial.journal.rows(Fact.PUBLISHED, until=found.violation.at + 1):
        if found.trial.journal.name(row.entity) == name:
            if day in row.detail["partitions"]:
                there = Counter(map(tuple, row.detail["partitions"][day]["content"] or ()))
            elif day in row.detail["removed"]:
                there = Counter()
    rows = [("-", count, row) for row, count in sorted((wanted - there).items(), key=str)]
    rows += [("+", count, row) for row, count in sorted((there - wanted).items(), key=str)]
    if not rows:
        return ""
    lines = [
        [sign, *(str(cell) for cell in row), f"x{count}" if count > 1 else ""]
        for sign, count, row in rows[:_DIFF_MAX]
    ]
    more = [words.say("verdict.more", count=len(rows) - _DIFF_MAX)] if len(rows) > _DIFF_MAX else []
    title = call.terminal.paint(words.say("verify.diff", table=name, partition=day), "bold")
    return "\n".join([title, indented(table(lines)), *(indented(one) for one in more)])


def _around(found: Finding, call: Call, words: Words) -> str:
    """What the journal has of that date from just before the first trouble on."""
    trial, one = found.trial, found.violation
    strikes = [row.time for row in trial.journal.rows(Fact.FAULT, Fact.INTERVENTION)]
    first = min([one.inevitable, *strikes])
    rows = []
    for row in trial.journal.rows(since=first - MINUTE, until=(one.seen or one.at) + 1):
        told = _row(row, trial, one.params.get("partition"))
        if told is not None:
            rows.append([words.formats.clock(row.time), *told])
    if len(rows) > _AROUND_MAX:
        half = _AROUND_MAX // 2
        rows = [*rows[:half], ["…", "", ""], *rows[-half:]]
    return f"{heading(call, 'verify.around')}\n{indented(table(rows))}" if rows else ""


def _row(row: Row, trial: Trial, day: str | None) -> list[str] | None:
    """Who and what, for the facts that tell the story; None for the others."""
    journal, detail = trial.journal, row.detail
    name = journal.name(row.entity) if row.entity >= 0 else ""
    own = day is None or trial.data_dates.get(row.entity) == day
    match row.fact:
        case Fact.TASK_STATE if own:
            return [name, f"{TaskState(row.value % 256).word} (try {row.value // 256})"]
        case Fact.STATEMENT if own:
            return [name, f"{detail['op']} {detail['table']} ({row.value})"]
        case Fact.FAULT:
            return [name, str(detail["fault"])]
        case Fact.INTERVENTION:
            return [name, str(detail["action"])]
        case Fact.PUBLISHED if day in detail["partitions"]:
            return [name, f"v{row.value}: {day} {detail['partitions'][day]['rows']}"]
        case Fact.PUBLISHED if day in detail["removed"]:
            return [name, f"v{row.value}: {day} 0"]
        case Fact.READ if detail["partition"] == day:
            return [name, f"{detail['figure']} {detail['shown']}"]
        case Fact.OUTAGE:
            return [name, str(detail["mode"]) if row.value else "ok"]
        case Fact.PROCESS if own:
            return [name, str(detail.get("end") or "silent")]
        case _:
            return None


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
