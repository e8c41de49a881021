"""One night of a config as text: tasks, log, data, alerts and people, what moved, the DAG.

Every figure is a projection of a journal (`sim.views`); nothing is worked out here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.engine.replay import replay
from sim.errors import UsageError
from sim.kernel.calendar import DAY, HOUR
from sim.views.alerts import people
from sim.views.dag import shapes
from sim.views.data import data_at
from sim.views.diff import diff as moved_between
from sim.views.gantt import gantt as bars_of
from sim.views.gantt import task_of
from sim.views.logs import task_log
from sim.views.markers import markers
from sim.views.states import states_at, states_of_tasks
from tui.cli.inputs import config_from, config_of, instant_of, night_of, read_text
from tui.cli.pages.drawing import printed
from tui.cli.pages.layout import heading, indented, table
from tui.draw.dag import draw_dag
from tui.draw.gantt import Chart, draw_gantt, longest_name
from tui.draw.glyphs import Pen

if TYPE_CHECKING:
    from datetime import date

    from sim.scenario.schema import Config, Scenario
    from sim.views.diff import Moved
    from sim.views.note import Note
    from sim.views.replay import Replay
    from tui.cli.commands import Call
    from tui.words import Words


@dataclass(frozen=True, slots=True)
class Night:
    """One night of a replay, up to an instant."""

    replay: Replay
    night: date
    start: int
    end: int
    """Excluded: the end of the night's day, or what `--at` or `--until` asks for."""
    words: Words
    """In the scenario's time zone."""


def night_at(call: Call, scenario: Scenario, config: Config) -> Night:
    """The night that the command line asks for, simulated."""
    night = night_of(call, scenario)
    done = replay(scenario, config)
    start = done.at(night, 0)
    named = call["at"] or call["until"]
    # What happens at the instant asked for belongs to it, hence one microsecond more.
    end = instant_of(named, night, done.timezone) + 1 if named else start + DAY
    return Night(done, night, start, end, call.words.in_zone(done.timezone))


def gantt(call: Call, scenario: Scenario) -> str:
    """The night as it went: a chart, each task's states in order, and what happened."""
    seen = night_at(call, scenario, config_of(call, scenario))
    parts = [title(call, seen), chart(call, seen), tasks(call, seen), happenings(call, seen)]
    return "\n\n".join(part for part in parts if part)


def so_far(call: Call, scenario: Scenario) -> str:
    """`run --until`: tasks, happenings and data up to an instant, in one page."""
    seen = night_at(call, scenario, config_of(call, scenario))
    parts = [title(call, seen), tasks(call, seen), happenings(call, seen), standing(call, seen)]
    return "\n\n".join(parts)


def log(call: Call, scenario: Scenario) -> str:
    """The log of one task, or of every task in turn when none is named."""
    seen = night_at(call, scenario, config_of(call, scenario))
    rows = bars_of(seen.replay.journal, start=seen.start, end=seen.end)
    known = list(dict.fromkeys(name for row in rows for name in (row.task, task_of(row.task))))
    wanted = call["name"]
    if wanted is not None and wanted not in known:
        hint = seen.words.say("show.tasks_are", tasks=", ".join(known) or "-")
        raise UsageError(seen.words.say("usage.no_task", task=wanted), hint)
    parts = [title(call, seen)]
    parts += [
        _log_of(call, seen, row.pipeline, row.task)
        for row in rows
        if wanted in {None, row.task, task_of(row.task)}
    ]
    return "\n\n".join(parts)


def data(call: Call, scenario: Scenario) -> str:
    """What each step handed on, what the tables hold, what readers saw; the truth beside."""
    seen = night_at(call, scenario, config_of(call, scenario))
    return f"{title(call, seen)}\n\n{standing(call, seen)}"


def standing(call: Call, seen: Night) -> str:
    """Data as it stands at the end of what is seen."""
    now = data_at(seen.replay, seen.end - 1, since=seen.start)
    say, formats = seen.words.say, seen.words.formats
    handed = [
        [
            formats.clock(one.at),
            one.task,
            say(f"what.{one.what}"),
            one.name,
            formats.number(one.rows),
            ""
            if one.rows_true is None
            else f"({say('show.truth')} {formats.number(one.rows_true)})",
        ]
        for one in now.handed_on
    ]
    tables = [
        [
            formats.clock(one.at),
            f"{one.table} {one.partition} v{one.version}",
            formats.figures(one.sums),
            f"({say('show.truth')}: {formats.figures(one.sums_true)})"
            if one.right is False
            else "",
        ]
        for one in now.tables
    ]
    boards = [
        [
            formats.clock(one.at),
            one.person,
            f"{one.figure} {one.partition}",
            formats.number(one.shown) + (f" [{say('show.stale')}]" if one.stale else ""),
            f"({say('show.truth')} {formats.number(one.truth)})",
        ]
        for one in now.dashboards
    ]
    parts = []
    for code, rows in (("handed_on", handed), ("tables", tables), ("dashboard", boards)):
        shown = table(rows) if rows else say("show.no_data")
        parts.append(f"{heading(call, f'show.{code}')}\n{indented(shown)}")
    return "\n\n".join(parts)


def alerts(call: Call, scenario: Scenario) -> str:
    """Which alerts went where, and who knew what when."""
    seen = night_at(call, scenario, config_of(call, scenario))
    told = people(seen.replay.journal, start=seen.start, end=seen.end)
    say, formats = seen.words.say, seen.words.formats
    incidents = [
        [
            f"#{one.number}",
            formats.clock(one.opened_at),
            one.alert,
            say(f"channel.{one.channel}"),
            one.person,
            one.data_date,
            say("show.messages", count=one.messages),
            say("show.acknowledged", at=one.acknowledged_at),
        ]
        for one in told.incidents
    ]
    parts = [title(call, seen)]
    shown = table(incidents) if incidents else say("show.no_alerts")
    parts.append(f"{heading(call, 'show.alerts')}\n{indented(shown)}")
    lines = table([_note(one, seen.words) for one in told.told])
    known = [say("show.knew", person=one.person, at=one.at, how=one.how) for one in told.awareness]
    body = "\n".join([*([lines] if lines else []), *known]) or say("show.no_markers")
    parts.append(f"{heading(call, 'show.people')}\n{indented(body)}")
    return "\n\n".join(parts)


def dag(call: Call, scenario: Scenario) -> str:
    """Every pipeline as a graph, each task with its state."""
    seen = night_at(call, scenario, config_of(call, scenario))
    journal, pen = seen.replay.journal, Pen(unicode=call.terminal.unicode)
    now = states_at(journal, seen.end - 1, since=seen.start)
    parts = [title(call, seen)]
    for shape in shapes(journal):
        states = states_of_tasks(now, shape.pipeline)
        lines = draw_dag(shape.tasks, shape.edges, states, width=call.terminal.width - 2, pen=pen)
        name = call.terminal.paint(shape.pipeline, "bold")
        parts.append(f"{name}\n{indented(printed(lines, call.terminal))}")
    return "\n\n".join(parts)


def diff(call: Call, scenario: Scenario) -> str:
    """What moved in the night from the scenario's config (or `--against`) to `--config`."""
    against = call["against"]
    if against is None and call["config"] is None and not call["set"]:
        hint = f"orchsim show {scenario.id} diff --config FILE [--against FILE]"
        raise UsageError(call.words.say("usage.against"), hint)
    if against is None:
        before = config_from(scenario.config_text, str(scenario.config_path), scenario)
    else:
        before = config_from(read_text(against), against, scenario)
    first = night_at(call, scenario, before)
    second = night_at(call, scenario, config_of(call, scenario))
    moved = moved_between(first.replay, second.replay, start=first.start, end=first.end)
    say = second.words.say
    if not moved:
        return f"{title(call, second)}\n\n{say('show.no_difference')}"
    arrow = "→" if call.terminal.unicode else "->"
    rows = [
        [
            say(f"moved.{one.what}"),
            one.name,
            _side(one, one.before, second),
            arrow,
            _side(one, one.after, second),
        ]
        for one in moved
    ]
    return f"{title(call, second)}\n\n{table(rows)}"


def title(call: Call, seen: Night) -> str:
    """Which night it is, and up to when."""
    data_date = seen.replay.data_date(seen.night)
    text = seen.words.say("show.night", night=seen.night, date=seen.night, data_date=data_date)
    if call["at"] or call["until"]:
        text += f", {seen.words.say('show.until', at=seen.end - 1)}"
    return call.terminal.paint(text, "bold")


def chart(call: Call, seen: Night) -> str:
    """The tasks as bars, from the hour in which the night begins to move; empty for a still one."""
    rows = bars_of(seen.replay.journal, start=seen.start, end=seen.end)
    notes = markers(seen.replay, start=seen.start, end=seen.end)
    instants = [bar.start for row in rows for bar in row.bars] + [note.at for note in notes]
    if not rows:
        return ""
    first, last = min(instants) // HOUR * HOUR, -(-(max(instants) + 1) // HOUR) * HOUR
    pen = Pen(unicode=call.terminal.unicode)
    drawn = Chart(
        rows=rows,
        longest=longest_name(rows),
        start=first,
        end=last,
        cursor=min(seen.end, last),
        markers=[note.at for note in notes],
        timezone=seen.replay.timezone,
    )
    return printed(draw_gantt(drawn, width=call.terminal.width, pen=pen), call.terminal)


def tasks(call: Call, seen: Night) -> str:
    """Each task's states in order of time."""
    formats = seen.words.formats
    rows = []
    for row in bars_of(seen.replay.journal, start=seen.start, end=seen.end):
        for at, bar in enumerate(row.bars):
            name = row.label if at == 0 else ""
            lasted = formats.span(bar.end - bar.start) if bar.end > bar.start else ""
            state = call.terminal.paint(bar.state.word, _style(bar.state.word))
            native = f" ({bar.native})" if bar.native else ""
            number = f"#{bar.try_number}"
            rows.append([name, formats.clock(bar.start), state + native, number, lasted])
    return table(rows) if rows else seen.words.say("show.no_bars")


def happenings(call: Call, seen: Night) -> str:
    """The markers of the night."""
    found = markers(seen.replay, start=seen.start, end=seen.end)
    shown = table([_note(note, seen.words) for note in found])
    body = shown or seen.words.say("show.no_markers")
    return f"{heading(call, 'show.happened')}\n{indented(body)}"


def _log_of(call: Call, seen: Night, pipeline: str, task: str) -> str:
    lines = task_log(seen.replay.journal, pipeline, task, start=seen.start, end=seen.end)
    style = {"info": "dim", "warning": "bad", "error": "error"}
    paint = call.terminal.paint
    rows = [
        [
            seen.words.formats.clock(line.note.at),
            paint(line.level.upper(), style[line.level]),
            seen.words.say(line.note.code, **line.note.params),
        ]
        for line in lines
    ]
    name = task if pipeline == task else f"{pipeline}.{task}"
    return f"{paint(name, 'bold')}\n{indented(table(rows))}"


def _note(note: Note, words: Words) -> list[str]:
    return [words.formats.clock(note.at), words.say(note.code, **note.params)]


def _side(moved: Moved, text: str | None, seen: Night) -> str:
    """One side of what moved: an instant at its end is shown as a time of day."""
    if text is None:
        return "-"
    formats = seen.words.formats
    if moved.what in {"task", "published"}:
        *rest, at = text.split(" ")
        return f"{' '.join(rest)} {formats.clock(int(at))}"
    return formats.number(text) if text else "-"


def _style(state: str) -> str:
    good = {"success": "good", "failed": "bad", "up_for_retry": "bad", "upstream_failed": "bad"}
    return good.get(state, "dim")
