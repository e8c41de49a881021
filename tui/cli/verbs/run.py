"""`orchsim run`: judge a config, or print its night up to a time, or judge it on each save."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.errors import ScenarioError, UsageError
from sim.session.verdict import judge, to_json
from tui.cli.diagnostics import ExitCode, report_problems, say, talk_terminal
from tui.cli.inputs import STDIN, config_from, config_of, scenario_of
from tui.cli.output import write, write_json
from tui.cli.verdict_text import evidence_text, objective_lines, render_verdict
from tui.cli.watch import watch

if TYPE_CHECKING:
    from sim.model.diagnostics import Diagnostic
    from sim.scenario.schema import Config, Scenario
    from sim.session.verdict import Evidence, Verdict
    from tui.cli.commands import Call


def act(call: Call) -> int:
    """Print a verdict (exit code 0 or 1), or with `--until` the night so far."""
    scenario = scenario_of(call)
    if call["watch"]:
        return _watch(call, scenario)
    if call["until"] is not None:
        from tui.cli.pages.night import so_far  # noqa: PLC0415 - a verdict does without

        write(so_far(call, scenario) + "\n")
        return ExitCode.MET
    config = config_of(call, scenario)
    verdict = judge(scenario, config)
    broken = _regressions(call, scenario, config)
    if call["json"]:
        told = _json(verdict, call, scenario)
        if broken:
            told["regressions"] = {name: code or None for name, code in broken.items()}
        write_json(told)
    else:
        write(_whole(verdict, call, scenario, config))
        for name, code in broken.items():
            word = "run.broken_by" if code else "run.survives"
            write(call.words.say(word, name=f"regressions/{name}.yaml", code=code) + "\n")
    return ExitCode.MISSED if any(broken.values()) else _code(verdict)


def _regressions(call: Call, scenario: Scenario, config: Config) -> dict[str, str]:
    """Pinned fault file -> the code of what it breaks, empty when the config survives it.

    Those of the scenario, those that the player pinned in the app, and those beside `--config`.
    """
    named = call["config"]
    folders = [scenario.folder, Path(call.settings.state_dir) / scenario.id]
    if named not in {None, "-"}:
        folders.insert(0, Path(named).parent)
    if not any((folder / "regressions").is_dir() for folder in folders):
        return {}
    # the verifier is loaded only for those who have pinned something
    from sim.session.regressions import pinned, survives  # noqa: PLC0415

    violations = {
        name: survives(scenario, config, faults)
        for name, faults in pinned(scenario, *folders).items()
    }
    return {name: "" if one is None else one.code for name, one in violations.items()}


def config_flags(call: Call) -> str:
    """This command line's flags that choose config and seed, to paste behind another verb."""
    flags = [] if call["config"] in {None, "-"} else ["--config", call["config"]]
    for value in call["set"] or ():
        flags += ["--set", value]
    if call["seed"] is not None:
        flags += ["--seed", str(call["seed"])]
    return f" {shlex.join(flags)}" if flags else ""


def _whole(verdict: Verdict, call: Call, scenario: Scenario, config: Config) -> str:
    return render_verdict(
        verdict,
        scenario=scenario,
        config=config,
        words=call.words,
        terminal=call.terminal,
        config_flags=config_flags(call),
    )


def _json(verdict: Verdict, call: Call, scenario: Scenario) -> dict[str, Any]:
    def worded(evidence: Evidence) -> str:
        return evidence_text(evidence, scenario=scenario, words=call.words)

    return to_json(verdict, call.settings.lang, say=worded)


def _code(verdict: Verdict) -> int:
    return ExitCode.MET if verdict.met else ExitCode.MISSED


def _watch(call: Call, scenario: Scenario) -> int:
    file = call["config"]
    if file in {None, "-", STDIN}:
        message = call.words.say("usage.watch_stdin" if file else "usage.watch_config")
        raise UsageError(message, f"orchsim run {scenario.id} --config FILE --watch")
    say(call.words.say("watch.start", file=file))
    watch(Path(file), _Rejudge(call, scenario, file))
    return ExitCode.MET


class _Rejudge:
    """Judges each save; the first verdict is printed whole, then only what changed."""

    def __init__(self, call: Call, scenario: Scenario, file: str) -> None:
        self._call = call
        self._scenario = scenario
        self._file = file
        self._shown: Verdict | None = None
        self._text = ""
        self._config: Config | None = None
        self._problems: tuple[Diagnostic, ...] = ()

    def read(self, text: str) -> bool:
        """Parse a text; False when it has errors."""
        self._text = text
        try:
            self._config = config_from(
                text, self._file, self._scenario, sets=self._call["set"] or ()
            )
        except ScenarioError as error:
            self._problems = error.diagnostics
            return False
        self._problems = ()
        return True

    def settle(self) -> None:
        """Print the problems, the first verdict, or what changed since the last one."""
        call = self._call
        if self._problems or self._config is None:
            report_problems(
                self._problems, talk_terminal(plain=call.plain), texts={self._file: self._text}
            )
            say(call.words.say("watch.problems", count=len(self._problems)))
            return
        verdict = judge(self._scenario, self._config)
        if call["json"]:
            write_json(_json(verdict, call, self._scenario))
        elif self._shown is None:
            write(_whole(verdict, call, self._scenario, self._config))
        else:
            write(self._changes(self._shown, verdict))
        self._shown = verdict

    def gone(self) -> None:
        """Say that the file is not there; it may come back."""
        say(self._call.words.say("watch.gone", file=self._file))

    def _changes(self, before: Verdict, after: Verdict) -> str:
        call, words = self._call, self._call.words
        was = {result.id: result.met for result in before.objectives}
        changed = [result for result in after.objectives if was.get(result.id) is not result.met]
        met = sum(result.met for result in after.objectives)
        counts = {"met": met, "total": len(after.objectives)}
        if not changed:
            return words.say("watch.unchanged", **counts) + "\n"
        lines: list[str] = []
        for result in changed:
            lines += objective_lines(
                result, scenario=self._scenario, words=words, terminal=call.terminal
            )
        return "\n".join([*lines, words.say("watch.changed", **counts)]) + "\n"
