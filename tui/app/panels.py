"""The night's detail panes as styled text: DAG, log, data, people, difference.

Pure: a snapshot, a cursor and words in, text out. Money and times are formatted by the words.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from rich.text import Text

from sim.orchestrators.registry import ORCHESTRATORS
from sim.views.alerts import people
from sim.views.data import data_at
from sim.views.diff import diff
from sim.views.logs import lines_of
from sim.views.states import states_at, states_of_tasks
from tui.app.why import why_pane
from tui.draw.dag import draw_dag

if TYPE_CHECKING:
    from sim.views.replay import Replay
    from tui.app.look import Look
    from tui.app.snapshot import Snapshot

PANES = ("dag", "log", "why", "data", "people", "diff")
"""The detail panes in the order of the strip."""
_LEVELS = {"info": "", "warning": "dark_orange", "error": "bold dark_orange"}


def draw_pane(
    name: str,
    snapshot: Snapshot,
    *,
    cursor: int,
    selected: int,
    before: Replay | None,
    look: Look,
) -> Text:
    """One pane at the cursor's instant."""
    if name == "dag":
        return _dag(snapshot, cursor, look)
    if name == "log":
        return _log(snapshot, cursor, selected, look)
    if name == "why":
        return why_pane(snapshot, cursor, selected, look)
    if name == "data":
        return _data(snapshot, cursor, look)
    if name == "people":
        return _people(snapshot, cursor, look)
    return _diff(snapshot, before, look)


def _dag(snapshot: Snapshot, cursor: int, look: Look) -> Text:
    now = states_at(snapshot.attempt.replay.journal, cursor, since=snapshot.start)
    lines = []
    for shape in snapshot.shapes:
        states = states_of_tasks(now, shape.pipeline)
        lines.append(Text(shape.pipeline, style="bold underline"))
        lines += draw_dag(shape.tasks, shape.edges, states, width=look.width, pen=look.pen)
        for one in now:
            if one.pipeline == shape.pipeline:
                since = look.words.formats.clock(one.since)
                text = look.words.say(
                    "app.state_since", state=one.state.word, since=since, try_number=one.try_number
                )
                lines.append(Text(f"  {one.task}: {text}", style="dim"))
    conductor = ORCHESTRATORS[snapshot.attempt.config.orchestrator]
    if "dependencies" not in conductor.abilities:
        lines += [Text(), Text(look.words.say("app.cron_no_edges"), style="italic")]
    return Text("\n").join(lines)


def _log(snapshot: Snapshot, cursor: int, selected: int, look: Look) -> Text:
    if not snapshot.rows:
        return Text(look.words.say("app.log_empty"))
    row = snapshot.rows[max(0, min(selected, len(snapshot.rows) - 1))]
    journal = snapshot.attempt.replay.journal
    apart = f"{row.pipeline} {look.pen.pick('▸', '>')} {row.task}"
    title = row.task if row.task == row.pipeline else apart
    lines = [Text(title, style="bold underline")]
    rows = snapshot.log_rows.get((row.pipeline, row.task), [])
    times = journal.column("time")
    told = bisect_right(rows, cursor, key=times.__getitem__)
    found = lines_of(journal, rows[:told])
    for line in found:
        text = Text(f"{look.words.formats.clock(line.note.at)}  ", style="dim")
        text.append(look.words.say(line.note.code, **line.note.params), style=_LEVELS[line.level])
        lines.append(text)
    if not found:
        lines.append(Text(look.words.say("app.log_nothing_yet"), style="italic"))
    return Text("\n").join(lines)


def _data(snapshot: Snapshot, cursor: int, look: Look) -> Text:
    say, clock = look.words.say, look.words.formats.clock
    now = data_at(snapshot.attempt.replay, cursor, since=snapshot.start)
    lines = [Text(say("app.handed_on"), style="bold underline")]
    for one in now.handed_on:
        params = {"task": one.task, "name": one.name, "rows": one.rows, "truth": one.rows_true}
        text = Text(f"{clock(one.at)}  ", style="dim")
        text.append(say(f"app.{one.what}", **params, data_date=one.data_date))
        if one.rows_true is not None and one.rows != one.rows_true:
            text.append("  " + say("app.truth_rows", rows=one.rows_true), style="bold dark_orange")
        lines.append(text)
    if not now.handed_on:
        lines.append(Text(say("app.nothing_handed_on"), style="italic"))
    lines += [Text(), Text(say("app.published"), style="bold underline")]
    for table in now.tables:
        for name, total in table.sums.items():
            true = table.sums_true.get(name)
            right = true is None or total == true
            sign = look.pen.yes if right else look.pen.no
            text = Text(f"{sign} ", style="" if right else "bold dark_orange")
            text.append(
                say(
                    "app.figure",
                    table=table.table,
                    partition=table.partition,
                    figure=name,
                    shown=total,
                    truth=true,
                    version=table.version,
                ),
                style="" if right else "bold dark_orange",
            )
            lines.append(text)
    if not now.tables:
        lines.append(Text(say("app.nothing_published"), style="italic"))
    lines += [Text(), Text(say("app.dashboards"), style="bold underline")]
    for board in now.dashboards:
        right = board.truth in {None, board.shown} and not board.stale
        sign = look.pen.yes if right else look.pen.no
        code = (
            "app.board_stale" if board.stale else "app.board" if board.shown else "app.board_none"
        )
        text = Text(f"{clock(board.at)}  ", style="dim")
        text.append(
            f"{sign} "
            + say(
                code,
                person=board.person,
                figure=board.figure,
                partition=board.partition,
                shown=board.shown,
                truth=board.truth,
            ),
            style="" if right else "bold dark_orange",
        )
        lines.append(text)
    if not now.dashboards:
        lines.append(Text(say("app.no_dashboard"), style="italic"))
    return Text("\n").join(lines)


def _people(snapshot: Snapshot, cursor: int, look: Look) -> Text:
    say, clock = look.words.say, look.words.formats.clock
    now = people(snapshot.attempt.replay.journal, start=snapshot.start, end=cursor + 1)
    lines = [Text(say("app.alerts"), style="bold underline")]
    lines += [Text(f"{clock(note.at)}  {say(note.code, **note.params)}") for note in now.told]
    if not now.told:
        lines.append(Text(say("app.nobody_told"), style="italic"))
    lines += [Text(), Text(say("app.who_knew"), style="bold underline")]
    lines += [
        Text(f"{clock(one.at)}  {say('app.knows_' + one.how, person=one.person)}")
        for one in now.awareness
    ]
    if not now.awareness:
        lines.append(Text(say("app.nobody_knows"), style="italic"))
    return Text("\n").join(lines)


def _diff(snapshot: Snapshot, before: Replay | None, look: Look) -> Text:
    say = look.words.say
    if before is None:
        return Text(say("app.diff_first"), style="italic")
    moved = diff(before, snapshot.attempt.replay, start=snapshot.start, end=snapshot.end)
    lines = [Text(say("app.diff_title"), style="bold underline")]
    for one in moved:
        lines.append(Text(f"{say('app.moved_' + one.what)} {one.name}", style="bold"))
        lines.append(Text(f"  - {_told(one.what, one.before, look)}", style="dim"))
        lines.append(Text(f"  + {_told(one.what, one.after, look)}"))
    if not moved:
        lines.append(Text(say("app.diff_none"), style="italic"))
    return Text("\n").join(lines)


def _told(what: str, value: str | None, look: Look) -> str:
    if value is None:
        return look.words.say("app.not_there")
    if what in {"task", "published"}:
        text, _, instant = value.rpartition(" ")
        return f"{text}  {look.words.formats.clock(int(instant))}"
    return value or look.words.say("app.no_figure")
