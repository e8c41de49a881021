"""`orchsim explain`: why a night or one of its task instances took so long.

stdout has the page, or one JSON object; a task or run that is not there is said on stderr with what
there is, and the exit code is 2.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import DAY, SECOND, format_instant
from sim.session.explain import Explanation, is_over
from tui.cli.diagnostics import ExitCode
from tui.cli.inputs import asked_instant, config_of, instant_of, night_of, scenario_of
from tui.cli.output import write, write_json
from tui.cli.pages.layout import heading, indented, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.session.explain import WhatIf
    from sim.views.ledger.circles import Circle
    from sim.views.ledger.reasons import Wait
    from sim.views.ledger.story import TaskStory
    from tui.cli.commands import Call
    from tui.words import Words

FORMAT = 1
"""Version of what `--json` prints."""
MOST_HOLDERS = 3


def act(call: Call) -> int:
    """Print why."""
    scenario = scenario_of(call)
    config = config_of(call, scenario)
    at = asked_instant(call, scenario)
    night = night_of(call, scenario)
    since = instant_of("00:00", night, scenario.clock.timezone)
    if call["at"] and "-" in call["at"]:
        since = max(since, at - DAY)
    told = Explanation(scenario, config, since=since, at=at)
    words = call.words.in_zone(scenario.clock.timezone)
    story = told.find(call["task"]) if call["task"] else told.last()
    path = () if story is None else told.path(story)
    what_if = None if story is None else told.what_if(story, path)
    if call["json"]:
        write_json(_as_json(told, story, path, what_if))
        return ExitCode.MET
    page = Page(call, words, told)
    parts = page.of_task(story) if call["task"] else page.of_night()
    if story is not None:
        if not call["task"] or path != told.ledger.waits(story.entity):
            parts.append(page.path(story, path))
        if what_if is not None:
            parts.append(page.what_if(story, what_if))
    parts += [page.circle(circle) for circle in told.circles()]
    write("\n\n".join(part for part in parts if part) + "\n")
    return ExitCode.MET


class Page:
    """The explanation as text."""

    def __init__(self, call: Call, words: Words, told: Explanation) -> None:
        self._call = call
        self._words = words
        self._told = told

    def of_night(self) -> list[str]:
        """Sums by reason."""
        say, told = self._words.say, self._told
        title = say("explain.night", night=told.since, at=told.at)
        parts = [self._call.terminal.paint(title, "bold")]
        shares = told.shares()
        if not shares:
            return [*parts, say("explain.nothing")]
        whole = sum(share.span for share in shares) or 1
        columns = ("reason", "time", "share", "instances")
        rows = [[say(f"explain.column_{name}") for name in columns]]
        rows += [
            [
                share.reason.value,
                self._words.formats.span(share.span),
                self._words.formats.percent(share.span / whole),
                self._words.formats.number(share.instances),
            ]
            for share in shares
        ]
        return [*parts, f"{heading(self._call, 'explain.sums')}\n{indented(table(rows))}"]

    def path(self, story: TaskStory, waits: Sequence[Wait]) -> str:
        """The chain that determined when a task instance ended."""
        title = self._words.say("explain.path", task=story.name, run=story.run.run_id)
        return f"{self._call.terminal.paint(title, 'bold')}\n{self._waits(waits, named=True)}"

    def of_task(self, story: TaskStory | None) -> list[str]:
        """Its own waits, from its due to its end."""
        if story is None:
            return []
        title = self._words.say(
            "explain.task",
            task=f"{story.run.dag_id}.{story.name}",
            run=story.run.run_id,
            due=story.run.due,
            over=is_over(story),
            end=self._told.ledger.end(story),
        )
        own = self._waits(self._told.ledger.waits(story.entity), named=False)
        return [f"{self._call.terminal.paint(title, 'bold')}\n{own}"]

    def _waits(self, waits: Sequence[Wait], *, named: bool) -> str:
        """One line for each wait: from, to, how long, whose, why and who held it."""
        formats = self._words.formats
        rows = []
        for wait in waits:
            whose = [self._name(wait.task_instance)] if named else []
            span = formats.span(wait.span) if wait.span >= SECOND else "< 1 s"
            row = [formats.clock(wait.start), formats.clock(wait.end), span]
            rows.append([*row, *whose, self._reason(wait) + self._held(wait)])
        return indented(table(rows))

    def what_if(self, story: TaskStory, found: WhatIf) -> str:
        """What would have been without the longest block."""
        code = "explain.what_if"
        if found.after is None:
            code += "_never"
        elif found.before is None:
            code += "_at_all"
        elif found.after == found.before:
            code += "_same"
        sentence = self._words.say(
            code,
            task=self._name(found.wait.task_instance),
            reason=self._reason(found.wait),
            subject=story.name,
            before=found.before,
            after=found.after,
            at=self._told.at,
        )
        return f"{sentence} {self._words.say('explain.replayed')}"

    def circle(self, circle: Circle) -> str:
        """Edge by edge."""
        title = heading(self._call, "explain.deadlock" if circle.closed else "explain.starvation")
        lines = [
            self._words.say(
                "explain.edge",
                waiting=self._full_name(edge.waiting),
                holder=self._full_name(edge.holder),
                reason=self._words.say(f"wait.{edge.reason}", blocker=edge.blocker),
            )
            for edge in circle.edges
        ]
        return f"{title}\n{indented(chr(10).join(lines))}"

    def _name(self, entity: int) -> str:
        return self._told.ledger.story.tasks[entity].name

    def _full_name(self, entity: int) -> str:
        story = self._told.ledger.story.tasks[entity]
        return f"{story.run.dag_id}.{story.name} ({story.run.run_id})"

    def _reason(self, wait: Wait) -> str:
        return self._words.say(f"wait.{wait.word}", blocker=wait.blocker)

    def _held(self, wait: Wait) -> str:
        holders = [f"{story.run.dag_id}.{story.name}" for story in self._told.holders(wait)]
        if not holders:
            return ""
        shown = list(dict.fromkeys(holders))
        more = len(shown) - MOST_HOLDERS
        said = self._words.say(
            "explain.held_by", holders=shown[:MOST_HOLDERS], more=more if more > 0 else None
        )
        return f" ({said})"


# -- JSON -----------------------------------------------------------------------------------


def _as_json(
    told: Explanation, story: TaskStory | None, path: Sequence[Wait], what_if: WhatIf | None
) -> dict[str, Any]:
    own = () if story is None else told.ledger.waits(story.entity)
    return {
        "format": FORMAT,
        "since": format_instant(told.since),
        "at": format_instant(told.at),
        "sums": [
            {
                "reason": share.reason.value,
                "seconds": share.span / 1_000_000,
                "task_instances": share.instances,
            }
            for share in told.shares()
        ],
        "task_instance": None if story is None else _named(story),
        "waits": [_wait(told, wait) for wait in own],
        "critical_path": [_wait(told, wait) for wait in path],
        "what_if": None if what_if is None else _what_if(told, what_if),
        "circles": [
            {
                "deadlock": circle.closed,
                "edges": [
                    {
                        "waiting": _named(told.ledger.story.tasks[edge.waiting]),
                        "reason": edge.reason.value,
                        "blocker": edge.blocker,
                        "holder": _named(told.ledger.story.tasks[edge.holder]),
                    }
                    for edge in circle.edges
                ],
            }
            for circle in told.circles()
        ],
    }


def _named(story: TaskStory) -> dict[str, Any]:
    return {
        "dag_id": story.run.dag_id,
        "run_id": story.run.run_id,
        "task_id": story.task_id,
        "map_index": story.map_index,
    }


def _wait(told: Explanation, wait: Wait) -> dict[str, Any]:
    return {
        **_named(told.ledger.story.tasks[wait.task_instance]),
        "start": format_instant(wait.start),
        "end": format_instant(wait.end),
        "seconds": wait.span / 1_000_000,
        "reason": wait.reason.value,
        "blocker": wait.blocker,
        "held_by": [_named(story) for story in told.holders(wait)],
    }


def _what_if(told: Explanation, found: WhatIf) -> dict[str, Any]:
    return {
        "without": _wait(told, found.wait),
        "started": None if found.before is None else format_instant(found.before),
        "would_have_started": None if found.after is None else format_instant(found.after),
    }
