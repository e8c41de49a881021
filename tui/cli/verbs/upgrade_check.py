"""`orchsim upgrade-check`: what moves for a config from one release to the next.

stdout has the page, or one JSON object. Exit code 0: nothing moves by itself; 1: something does.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import format_instant
from sim.scenario.content import shown_path
from sim.session.compare.sides import conductors, has_releases
from sim.session.compare.upgrade import upgrade_of
from tui.cli.diagnostics import ExitCode
from tui.cli.inputs import config_text, scenario_of
from tui.cli.output import write, write_json
from tui.cli.pages.layout import heading, indented

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.scenario.schema import Scenario
    from sim.session.compare.rules.rule import Rule
    from sim.session.compare.upgrade import ByHand, Move, SeenRun, Upgrade
    from tui.cli.commands import Call
    from tui.words import Words

FORMAT = 1
"""Version of what `--json` prints."""
_RUNS_MAX = 3


def act(call: Call) -> int:
    """Print what moves."""
    scenario = scenario_of(call)
    text, file = _text(call, scenario)
    found = upgrade_of(scenario, text, file, window=call["nights"])
    words = call.words.in_zone(scenario.clock.timezone)
    if call["json"]:
        write_json(_as_json(found, file, words))
    else:
        write(Page(call, words, found, file).whole())
    return ExitCode.MISSED if found.moves_by_itself else ExitCode.MET


def _text(call: Call, scenario: Scenario) -> tuple[str, str]:
    """The config asked for; else the first with releases: the scenario's own, its conductors."""
    if call["config"] is not None:
        return config_text(call, scenario)
    for path in (scenario.config_path, *conductors(scenario).values()):
        text, file = path.read_text(encoding="utf-8-sig"), shown_path(path)
        if has_releases(scenario, text, file):
            return text, file
    return config_text(call, scenario)


class Page:
    """What moves, as text."""

    def __init__(self, call: Call, words: Words, found: Upgrade, file: str) -> None:
        self._call = call
        self._words = words
        self._found = found
        self._file = file

    def whole(self) -> str:
        """Every part."""
        say, found = self._words.say, self._found
        title = say("upgrade.title", file=self._file, before=found.before, after=found.after)
        parts = [self._call.terminal.paint(title, "bold")]
        if found.refused:
            lines = [f"{one.code} {one.line}:{one.column} {one.message}" for one in found.refused]
            told = indented("\n".join(lines))
            parts.append(f"{heading(self._call, 'upgrade.refused')}\n{told}")
        parts += [self._move(one) for one in found.moves]
        if found.differences:
            parts.append(say("upgrade.differences", count=len(found.differences)))
        elif not found.refused and not found.moves:
            parts.append(say("upgrade.nothing"))
        if found.by_hand:
            parts.append(heading(self._call, "upgrade.by_hand"))
            parts += [self._by_hand(one) for one in found.by_hand]
        return "\n\n".join(parts) + "\n"

    def _move(self, one: Move) -> str:
        moved, say = one.moved, self._words.say
        title = say(f"upgrade.{moved.topic}", pipeline=moved.pipeline)
        lines = [*self._rules((moved.before, moved.after))]
        if one.instance is None:
            lines.append(say("upgrade.no_instance"))
        else:
            pair = (
                (self._found.before, one.instance.before),
                (self._found.after, one.instance.after),
            )
            lines += [f"{release}: {self._run(run)}" for release, run in pair]
        return f"{self._call.terminal.paint(title, 'bold')}\n{indented(chr(10).join(lines))}"

    def _by_hand(self, one: ByHand) -> str:
        title = self._words.say(f"upgrade.{one.action}", pipeline=one.pipeline)
        lines = [*self._rules(one.rules)]
        for release, runs in ((self._found.before, one.before), (self._found.after, one.after)):
            lines += [f"{release}: {self._run(run)}" for run in runs[:_RUNS_MAX] or (None,)]
        return f"{self._call.terminal.paint(title, 'bold')}\n{indented(chr(10).join(lines))}"

    def _rules(self, rules: Sequence[Rule]) -> list[str]:
        paint, say = self._call.terminal.paint, self._words.say
        return [
            f"{paint(rule.id, 'path')}: {say(f'rule.{rule.code}', release=rule.release)}\n"
            f"  [{rule.source}]"
            for rule in rules
        ]

    def _run(self, run: SeenRun | None) -> str:
        if run is None:
            return self._words.say("upgrade.no_run")
        formats = self._words.formats

        def instant(at: int | None) -> str | None:
            return None if at is None else f"{formats.day(at)} {formats.clock(at)}"

        return self._words.say(
            "upgrade.run",
            run=run.run_id,
            created=instant(run.created),
            logical_date=instant(run.logical_date),
            start=None if run.interval is None else instant(run.interval[0]),
            end=None if run.interval is None else instant(run.interval[1]),
            data_dates=list(run.data_dates) or None,
            failed=run.failed or None,
        )


# -- JSON -----------------------------------------------------------------------------------


def _as_json(found: Upgrade, file: str, words: Words) -> dict[str, Any]:
    def rule(one: Rule) -> dict[str, Any]:
        text = words.say(f"rule.{one.code}", release=one.release)
        return {"id": one.id, "text": text, "source": one.source}

    return {
        "format": FORMAT,
        "file": file,
        "before": found.before,
        "after": found.after,
        "moves_by_itself": found.moves_by_itself,
        "refused": [
            {"code": one.code, "line": one.line, "column": one.column, "message": one.message}
            for one in found.refused
        ],
        "moves": [
            {
                "topic": one.moved.topic,
                "pipeline": one.moved.pipeline,
                "rules": [rule(one.moved.before), rule(one.moved.after)],
                "before": None if one.instance is None else _run(one.instance.before),
                "after": None if one.instance is None else _run(one.instance.after),
            }
            for one in found.moves
        ],
        "by_hand": [
            {
                "action": one.action,
                "pipeline": one.pipeline,
                "rules": [rule(cited) for cited in one.rules],
                "before": [_run(run) for run in one.before],
                "after": [_run(run) for run in one.after],
            }
            for one in found.by_hand
        ],
        "differences": len(found.differences),
    }


def _run(run: SeenRun | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "run_id": run.run_id,
        "created": format_instant(run.created),
        "logical_date": None if run.logical_date is None else format_instant(run.logical_date),
        "data_interval": None if run.interval is None else list(map(format_instant, run.interval)),
        "data_dates": list(run.data_dates),
        "failed": run.failed,
    }
