"""The preview of a runbook as headings, sentences and cells: for a page and for a sheet.

Pure: a preview and words in, text out. Long lists are cut, and say by how much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sim.model.interventions import (
    Backfill,
    Clear,
    Mark,
    Pause,
    Rerun,
    SetPool,
    Trigger,
)

if TYPE_CHECKING:
    from sim.model.interventions import Intervention
    from sim.session.preview import PlannedAction, PlannedRun, Preview
    from tui.words import Words

RUNS_MAX = 12
"""Runs that are listed one by one."""
_FEW = 6


class Section(NamedTuple):
    """One part of the page."""

    title: str
    lines: tuple[str, ...]
    cells: tuple[tuple[str, ...], ...] = ()
    """A table, header first; none: there is nothing to list."""


def sections(one: Preview, words: Words) -> list[Section]:
    """Every part that has something to say, in order."""
    parts = [_action(action, one, words) for action in one.actions]
    if one.outside:
        said = tuple(action_said(action, words) for action in one.outside)
        parts.append(Section(words.say("preview.outside"), said))
    if not one.actions:
        parts.insert(0, Section(words.say("preview.nothing"), ()))
        return parts
    effects = (_others(one, words), _cost(one, words), *_judged(one, words))
    return [*parts, *_written(one, words), *effects]


def action_said(action: Intervention, words: Words) -> str:
    """One action in words, with its instant."""
    when = {"at": action.at}
    match action:
        case Rerun():
            return words.say("preview.rerun", **when, data_date=action.data_date)
        case Clear():
            tasks = ", ".join(action.tasks) or None
            told = {"pipeline": action.pipeline, "data_date": action.data_date, "tasks": tasks}
            return words.say("preview.clear", **when, **told)
        case Trigger():
            return words.say("preview.trigger", **when, pipeline=action.pipeline)
        case Backfill():
            return words.say(
                "preview.backfill",
                **when,
                pipeline=action.pipeline,
                first=action.first,
                last=action.last,
                reverse=action.reverse,
                reprocess=action.reprocess,
            )
        case SetPool():
            return words.say("preview.set_pool", **when, pool=action.pool, slots=action.slots)
        case Pause():
            when |= {"paused": action.paused}
            if action.data_date is None:
                return words.say("preview.pause", **when, pipeline=action.pipeline)
            told = {"pipeline": action.pipeline, "data_date": action.data_date}
            return words.say("preview.pause_run", **when, **told)
        case Mark():
            told = {"pipeline": action.pipeline, "data_date": action.data_date}
            return words.say("preview.mark", **when, **told, state=action.state)


def _action(planned: PlannedAction, one: Preview, words: Words) -> Section:
    title = action_said(planned.action, words)
    if planned.refused is not None:
        return Section(title, (words.say("preview.refused", reason=planned.refused),))
    lines = []
    if planned.runs:
        created = sum(run.created for run in planned.runs)
        again = len(planned.runs) - created
        told = {"runs": len(planned.runs), "created": created, "again": again}
        lines.append(words.say("preview.runs", **told, at_once=planned.at_once))
        code = "preview.ends" if planned.ends is not None else "preview.ends_not"
        lines.append(words.say(code, at=planned.ends, end=one.end))
    elif isinstance(planned.action, Backfill | Rerun | Clear | Trigger):
        lines.append(words.say("preview.no_runs"))
    if planned.left_alone:
        dates = [date[:10] for date in planned.left_alone]
        reasons = sorted(set(planned.left_alone.values()))
        lines.append(
            words.say(
                "preview.left_alone",
                count=len(dates),
                first=dates[0],
                last=dates[-1],
                reasons=reasons,
            )
        )
    return Section(title, tuple(lines), _runs(planned.runs, words))


def _runs(runs: tuple[PlannedRun, ...], words: Words) -> tuple[tuple[str, ...], ...]:
    if not runs:
        return ()
    columns = ("number", "run", "fate", "start", "end", "state")
    cells = [tuple(words.say(f"preview.column_{name}") for name in columns)]
    listed = list(enumerate(runs, 1))
    if len(runs) > RUNS_MAX:
        listed = [*listed[:_FEW], *listed[-_FEW:]]
    for place, (number, run) in enumerate(listed):
        if place == _FEW and len(runs) > RUNS_MAX:
            more = words.say("preview.more", count=len(runs) - RUNS_MAX)
            cells.append(("", more, "", "", "", ""))
        fate = words.say("preview.created" if run.created else "preview.again")
        start, end = _moment(run.started, words), _moment(run.ended, words)
        cells.append((str(number), run.run_id, fate, start, end, run.state.word))
    return tuple(cells)


def _moment(at: int | None, words: Words) -> str:
    formats = words.formats
    return "-" if at is None else f"{formats.day(at)} {formats.clock(at)}"


def _written(one: Preview, words: Words) -> list[Section]:
    if not one.rewritten:
        return []
    known = [part for part in one.rewritten if part.right is not None]
    wrong = [part.data_date for part in known if not part.right]
    lines = [
        words.say(
            "preview.rewritten",
            count=len(one.rewritten),
            first=one.rewritten[0].data_date,
            last=max(part.data_date for part in one.rewritten),
        )
    ]
    often = sum(part.versions + part.gone > 1 for part in one.rewritten)
    if often:
        gone = sum(part.gone > 0 for part in one.rewritten)
        lines.append(words.say("preview.often", count=often, gone=gone))
    if wrong:
        told = {"count": len(wrong), "first": wrong[0], "last": wrong[-1]}
        lines.append(words.say("preview.wrong", **told))
    elif known:
        lines.append(words.say("preview.right", count=len(known)))
    return [Section(words.say("preview.writes"), tuple(lines))]


def _others(one: Preview, words: Words) -> Section:
    """What becomes of the runs that nobody asked for by hand."""
    title = words.say("preview.others")
    lines = [
        words.say(
            "preview.moved" if None not in {run.before, run.after} else "preview.moved_out",
            run=run.run_id,
            pipeline=run.pipeline,
            before=run.before,
            after=run.after,
        )
        for run in one.moved[:_FEW]
    ]
    if len(one.moved) > _FEW:
        lines.append(words.say("preview.more", count=len(one.moved) - _FEW))
    if not one.moved:
        lines.append(words.say("preview.unmoved"))
    lines += [
        words.say(
            "preview.longer",
            span=more.span,
            reason=words.say(f"wait.{more.reason}", blocker=more.blocker or None),
        )
        for more in one.longer[:_FEW]
    ]
    return Section(title, tuple(lines))


def _cost(one: Preview, words: Words) -> Section:
    without, within = one.cost
    columns = ("what", "without", "with")
    header = tuple(words.say(f"preview.column_{name}") for name in columns)
    rows = [
        (words.say(f"preview.{name}"), *(words.formats.number(value) for value in pair))
        for name, pair in (
            ("slot_hours", (without.slot_hours, within.slot_hours)),
            ("pages", (without.pages, within.pages)),
            ("cost", (without.cost, within.cost)),
        )
    ]
    return Section(words.say("preview.bill"), (), (header, *rows))


def _judged(one: Preview, words: Words) -> list[Section]:
    changed = [(name, now) for name, before, now in one.objectives if before != now]
    if not one.objectives:
        return []
    lines = [
        words.say("preview.now_met" if now else "preview.now_missed", id=name)
        for name, now in changed
    ]
    return [
        Section(words.say("preview.objectives"), tuple(lines) or (words.say("preview.as_before"),))
    ]
