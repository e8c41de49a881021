"""`orchsim verify`: the fewest troubles that break a config, searched and shrunk.

Exit code 0: nothing was found; 1: an invariant is broken; 130: Ctrl-C, with what was tried by then.
A search that was stopped goes on where it was when it is started again.
stdout has the page, a test (`--export`) or one JSON object; progress goes to a terminal's stderr.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import nullcontext
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

from sim.engine.window import span_of
from sim.errors import UsageError
from sim.scenario.faults_file import faults_text
from sim.session.searches import after, load_searches, save_searches
from sim.verify.crew import Crew
from sim.verify.export import pytest_text
from sim.verify.hunt import NIGHTS_MAX, default_window, judge_here, verify
from sim.verify.kinds.registry import KINDS
from tui.cli.diagnostics import ExitCode, say
from tui.cli.inputs import config_of, scenario_of
from tui.cli.output import write, write_json
from tui.cli.pages.verify import as_json, page
from tui.draw.finding import sentence

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.scenario.schema import Scenario
    from sim.verify.hunt import Finding, Report
    from tui.cli.commands import Call

PLANS = 300
_CREW_FROM = 200
"""Plans from which on starting further processes (a second) is worth it."""
_CREW_MAX = 8


def act(call: Call) -> int:
    """Search, shrink, tell."""
    # --seed is the search's; the nights are those of the scenario's own seed
    seed = 1 if call["seed"] is None else call["seed"]
    seeded = call["seed"] is not None
    call.options["seed"] = None
    scenario = scenario_of(call)
    config = config_of(call, scenario)
    window = _window(call, scenario)
    for kind in call["without"] or ():
        if kind not in KINDS:
            raise UsageError(call.words.say("verify.kind", kind=kind), ", ".join(KINDS))
    plans = call["plans"] or PLANS
    without = tuple(call["without"] or ())
    store = Path(call.settings.state_dir) / "verify" / f"{scenario.id}.json"
    kept = load_searches(store)
    search = " ".join((scenario.digest, config.digest, window, str(seed), *without))
    skip = kept.stopped.get(search, 0)
    size = min(os.cpu_count() or 1, _CREW_MAX)
    with_crew = size > 1 and plans >= _CREW_FROM
    crew = Crew(scenario, config, window=window, size=size) if with_crew else nullcontext()
    with _Watch(call, plans) as watch, crew as hands:
        report = verify(
            scenario,
            config,
            window=window,
            plans=plans,
            seed=seed,
            without=without,
            # who names a seed gets the same answer everywhere, whatever was found here before
            first=() if seeded else kept.broken,
            skip=skip,
            stop=watch.stop,
            progress=watch.progress,
            judge_batch=judge_here if hands is None else hands.judge,
        )
    found = report.finding
    save_searches(
        store,
        after(
            kept,
            search=search,
            broken=None if found is None else found.trial.plan,
            stopped_at=skip + report.dealt if report.stopped else None,
        ),
    )
    code = _tell(report, call, scenario)
    return ExitCode.INTERRUPTED if watch.interrupted and found is None else code


def _tell(report: Report, call: Call, scenario: Scenario) -> int:
    words = call.words.in_zone(scenario.clock.timezone)
    found = report.finding
    if found is not None and call["save"]:
        text = _file(found, report)
        Path(call["save"]).write_text(text, encoding="utf-8")
        say(words.say("verify.saved", file=call["save"]))
    if call["json"]:
        write_json(as_json(report, words))
    elif call["export"]:
        if found is None:
            say(words.say("verify.nothing_to_export"))
        else:
            what = sentence(found.trial, found.violation, words.__class__("en"))
            write(
                pytest_text(
                    scenario.id, config=call["config"], faults=_file(found, report), what=what
                )
            )
    else:
        write(page(report, call, words))
        if found is not None and call["save"]:
            write(_next(call, scenario))
    return ExitCode.MET if found is None else ExitCode.MISSED


def _file(found: Finding, report: Report) -> str:
    return faults_text(
        found.trial.troubles,
        scenario=report.scenario,
        window=report.window,
        breaks=found.violation.code,
    )


def _next(call: Call, scenario: Scenario) -> str:
    say_, file = call.words.say, call["save"]
    return (
        f"\n{say_('verify.next')}\n"
        f"  orchsim run {scenario.id} --faults {file}   {say_('verify.next_judge')}\n"
        f"  orchsim play {scenario.id} --faults {file}  {say_('verify.next_play')}\n"
    )


def _window(call: Call, scenario: Scenario) -> str:
    window = call["nights"] or default_window(scenario)
    if len(span_of(scenario, window).nights) > NIGHTS_MAX:
        message = call.words.say("verify.window", most=NIGHTS_MAX)
        raise UsageError(message, call.words.say("verify.window_hint"))
    return str(window)


class _Watch:
    """The clock of a search and its Ctrl-C: when it must end, and how fast it goes."""

    def __init__(self, call: Call, plans: int) -> None:
        self._call = call
        self._plans = plans
        self._began = monotonic()
        self._shown = False
        self._before: Any = None
        self.interrupted = False
        """Whether somebody pressed Ctrl-C: once ends the search, twice the program."""

    def __enter__(self) -> Self:
        self._before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        signal.signal(signal.SIGINT, self._before)
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

    def stop(self) -> bool:
        """Whether somebody pressed Ctrl-C, or the seconds that were given are over."""
        limit = self._call["seconds"]
        return self.interrupted or (limit is not None and monotonic() - self._began >= limit)

    @property
    def progress(self) -> Callable[[int, int], None]:
        """Says how far it is, on a terminal."""
        return self._show if sys.stderr.isatty() else (lambda _done, _all: None)

    def _interrupt(self, *_: object) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True

    def _show(self, done: int, whole: int) -> None:
        rate = round(done / max(monotonic() - self._began, 0.001))
        text = self._call.words.say("verify.progress", done=done, all=whole, rate=rate)
        sys.stderr.write(f"\r\x1b[K{text}")
        sys.stderr.flush()
        self._shown = True
