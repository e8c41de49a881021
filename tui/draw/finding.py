"""What a search for troubles found, as words and cells: for a page, a sheet, a file's comment.

Pure: a finding and words in, text out.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec

from sim.kernel.calendar import MINUTE, parse_instant, parse_span
from sim.model.facts import Fact
from sim.model.interventions import Backfill, Clear, Rerun
from sim.model.states import TaskState

if TYPE_CHECKING:
    from sim.kernel.journal import Row
    from sim.verify.hunt import Finding
    from sim.verify.plan import Trouble
    from sim.verify.trial import Trial
    from sim.verify.violation import Violation
    from tui.words import Words

_AROUND_MAX = 16
_DIFF_MAX = 12


def title_of(found: Finding, words: Words) -> str:
    """By how many troubles it was broken."""
    count = len(found.trial.troubles)
    return words.say("verify.broken" if count else "verify.broken_at_once", count=count)


def told(one: Violation, words: Words) -> str:
    """When it could not be averted any more, and when somebody could first see it."""
    code = f"verify.seen_{one.seen_by}" if one.seen is not None else "verify.unseen"
    return words.say(code, inevitable=one.inevitable, seen=one.seen)


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


def _is_end(fields: dict[str, Any], trial: Trial) -> bool:
    counts = [len(one.statements) for one in trial.points.writing if one.task == fields["task"]]
    return bool(fields["before_statement"] > max(counts, default=0))


def difference(found: Finding) -> tuple[list[list[str]], int]:
    """The rows of the truth that do not stand there (-), and the rows there that are not (+).

    As cells, at most twelve; the second: how many more there are.
    """
    params = found.violation.params
    name, day = params.get("table"), params.get("partition")
    true = found.trial.replay.truth.get(name or "", {}).get(day or "")
    if name is None or true is None or true.content is None:
        return [], 0
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
    cells = [
        [sign, *(str(cell) for cell in row), f"x{count}" if count > 1 else ""]
        for sign, count, row in rows[:_DIFF_MAX]
    ]
    return cells, max(len(rows) - _DIFF_MAX, 0)


def around(found: Finding, words: Words) -> list[list[str]]:
    """What the journal has of that date from just before the first trouble on."""
    trial, one = found.trial, found.violation
    strikes = [row.time for row in trial.journal.rows(Fact.FAULT, Fact.INTERVENTION)]
    first = min([one.inevitable, *strikes])
    rows = []
    for row in trial.journal.rows(since=first - MINUTE, until=(one.seen or one.at) + 1):
        told = _row(row, trial, one.params.get("partition"), words)
        if told is not None:
            rows.append([words.formats.clock(row.time), *told])
    if len(rows) > _AROUND_MAX:
        half = _AROUND_MAX // 2
        rows = [*rows[:half], ["", "…", ""], *rows[-half:]]
    return rows


def _row(row: Row, trial: Trial, day: str | None, words: Words) -> list[str] | None:
    """Who and what, for the facts that tell the story; None for the others."""
    journal, detail = trial.journal, row.detail
    name = journal.name(row.entity) if row.entity >= 0 else ""
    own = day is None or trial.data_dates.get(row.entity) == day
    match row.fact:
        case Fact.TASK_STATE if own:
            state = TaskState(row.value % 256).word
            return [name, words.say("verify.fact.state", state=state, number=row.value // 256)]
        case Fact.STATEMENT if own:
            return [name, f"{detail['op']} {detail['table']} ({row.value})"]
        case Fact.FAULT:
            return [name, words.say("verify.fact.fault", fault=detail["fault"])]
        case Fact.INTERVENTION:
            return [name, words.say("verify.fact.action", action=detail["action"])]
        case Fact.PUBLISHED if day in detail["partitions"]:
            return [name, f"v{row.value}: {day} {detail['partitions'][day]['rows']}"]
        case Fact.PUBLISHED if day in detail["removed"]:
            return [name, f"v{row.value}: {day} 0"]
        case Fact.READ if detail["partition"] == day:
            return [name, f"{detail['figure']} {detail['shown']}"]
        case Fact.OUTAGE:
            return [
                name,
                words.say("verify.fact.outage", mode=detail["mode"] if row.value else "ok"),
            ]
        case Fact.PROCESS if own:
            return [name, words.say("verify.fact.process", end=detail.get("end") or "silent")]
        case _:
            return None
