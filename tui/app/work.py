"""The app's work off the screen: loading, replaying, judging, computing the debrief.

Each job runs in a thread and posts one immutable result; a result of an older attempt is dropped.
Saving happens in the session itself, before anything is shown.
"""

from __future__ import annotations

import traceback
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App

from sim.errors import OrchsimError
from tui.app.deck import Deck

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.scenario.schema import Config, Scenario
    from sim.session.game import Attempt, Session
    from sim.session.verdict import Verdict
    from tui.app.options import Options
    from tui.app.snapshot import Snapshot
    from tui.draw.glyphs import Pen
    from tui.words import Words


class Working(App[int]):
    """What is known of the game, and the jobs that change it."""

    options: Options
    words: Words
    pen: Pen
    view: str

    def set_up_game(self) -> None:
        """Nothing is known yet."""
        self.session: Session | None = None
        self.snapshot: Snapshot | None = None
        self.deck = Deck(0, 1, 0)
        self.verdict: Verdict | None = None
        self.pins: dict[str, str] = {}
        """Pinned fault file -> the code of what it breaks of the config that was judged."""
        self.judged_text = ""
        """The config's text that the verdict is about."""
        self.judging: tuple[int, int] | None = None
        """(replays done, replays in all) while a verdict is being computed."""
        self.simulating = 0
        """Number of the attempt that is being simulated, 0 for none."""
        self.replays_asked = 0
        """How many replays were asked for: only the last one's result is shown."""
        self.awaits_verdict = False
        """The player touched nothing since the replay, so the verdict may show itself."""
        self.hunting: tuple[int, int] | None = None
        """(plans tried, plans in all) while a search for troubles is under way."""
        self.hunt_ends = False
        """The player has seen enough of it."""
        self.debrief = ""
        self.debriefing = False
        self.right_options: Mapping[str, str | None] | None = None
        self.message = ""
        self.crash_report = ""

    # -- to be shown by the app ---------------------------------------------------------------

    def refresh_all(self) -> None:
        """Draw everything that is visible."""

    def go(self, view: str) -> None:
        """Show a view."""

    def tell(self, code: str, **params: Any) -> None:
        """Say something on the status line."""
        self.message = self.words.say(code, **params)
        self.refresh_all()

    def crashed(self, error: BaseException) -> None:
        """Keep a report of what broke and show a sheet; the game goes on."""

    # -- jobs ---------------------------------------------------------------------------------

    def load_game(self) -> None:
        """Read the scenario and its saved game, then simulate the first attempt."""
        self.in_thread(self._load, self._loaded)

    def _load(self) -> Session:
        from sim.scenario.load import load_scenario  # noqa: PLC0415 - after the first frame
        from sim.session.game import Session  # noqa: PLC0415 - as above
        from sim.session.progress import Store  # noqa: PLC0415 - as above

        scenario = load_scenario(self.options.scenario)
        if self.options.faults is not None:
            from sim.scenario.faults_file import load_faults, under  # noqa: PLC0415 - as above

            file = self.options.faults
            text = Path(file).read_text(encoding="utf-8")
            scenario = under(scenario, load_faults(text, file=file, scenario=scenario))
        return Session(scenario, store=Store(self.options.state_dir), seed=self.options.seed)

    def _loaded(self, session: Session) -> None:
        self.session = session
        self.words = self.words.in_zone(session.scenario.clock.timezone)
        if session.resumed:
            self.message = self.words.say("app.resumed")
        self.show_text(session.text)
        self.refresh_all()
        config, _ = session.check(session.scenario.config_text)
        if config is not None:
            self.start_replay(session.scenario.config_text, config, then="")

    def show_text(self, text: str) -> None:
        """Put a text into the editor."""

    def start_replay(self, text: str, config: Config, *, then: str) -> None:
        """Simulate an attempt; afterwards show the view `then`, and judge it when it is an edit."""
        session = self.session
        if session is None:
            return
        self.simulating = len(session.attempts) + 1
        self.replays_asked += 1
        done = partial(self._replayed, self.replays_asked, then)
        self.refresh_all()
        self.in_thread(partial(self._replay, session, text, config), done)

    @staticmethod
    def _replay(session: Session, text: str, config: Config) -> tuple[Attempt, Snapshot]:
        from tui.app.snapshot import snapshot  # noqa: PLC0415 - after the first frame

        attempt = session.replay(text, config)
        start, end = session.night_span()
        return attempt, snapshot(attempt, start=start, end=end)

    def _replayed(self, asked: int, then: str, result: tuple[Attempt, Snapshot]) -> None:
        attempt, shown = result
        if self.session is None or asked != self.replays_asked:
            return  # an older attempt that was overtaken
        self.simulating = 0
        self.session.keep(attempt)
        self.snapshot = shown
        at = self.deck.cursor if shown.start <= self.deck.cursor < shown.end else shown.first
        self.deck = Deck(shown.first, shown.chart_end, max(shown.first, at), speed=self.deck.speed)
        if then:
            self.start_judging(attempt)
            self.go(then)
            self.awaits_verdict = True
        else:
            self.refresh_all()

    def start_judging(self, attempt: Attempt) -> None:
        """Judge an attempt over all nights and seeds."""
        session = self.session
        if session is None:
            return
        self.judging = (0, 0)
        self.in_thread(partial(self._judge, session, attempt), partial(self._judged, attempt.text))

    def _judge(self, session: Session, attempt: Attempt) -> tuple[Verdict, dict[str, str]]:
        def progress(done: int, total: int) -> None:
            self.call_from_thread(self._judging_at, done, total)

        verdict = session.judge(attempt.config, progress=progress)
        return verdict, self._pins(session.scenario, attempt.config)

    def _pins(self, scenario: Scenario, config: Config) -> dict[str, str]:
        """Pinned fault file -> the code of what it breaks, empty when the config survives it."""
        folders = (scenario.folder, self.options.state_dir / scenario.id)
        if not any((folder / "regressions").is_dir() for folder in folders):
            return {}
        from sim.session.regressions import pinned, survives  # noqa: PLC0415 - for few

        found = {
            name: survives(scenario, config, faults)
            for name, faults in pinned(scenario, *folders).items()
        }
        return {name: "" if one is None else one.code for name, one in found.items()}

    def _judging_at(self, done: int, total: int) -> None:
        self.judging = (done, total)
        self.refresh_all()

    def _judged(self, text: str, result: tuple[Verdict, dict[str, str]]) -> None:
        session, (verdict, pins) = self.session, result
        if session is None or session.latest is None or session.latest.text != text:
            return  # overtaken by a newer attempt
        self.judging = None
        self.verdict, self.judged_text, self.pins = verdict, text, pins
        session.judged(verdict)
        self.debrief = ""
        if self.awaits_verdict and self.view == "night":
            self.go("verdict")
        else:
            met = sum(result.met for result in verdict.objectives)
            self.tell("app.judged", met=met, total=len(verdict.objectives))

    def start_debrief(self) -> None:
        """Compute the debrief's figures and the right answers of the predictions."""
        session = self.session
        if session is None or self.debriefing or self.debrief:
            return
        self.debriefing = True
        self.in_thread(partial(self._debrief, session, self.words.lang), self._debriefed)

    def _debrief(self, session: Session, lang: str) -> tuple[str, dict[str, str | None]]:
        from sim.session.debrief import render_debrief  # noqa: PLC0415 - only here
        from sim.session.predictions import right_option  # noqa: PLC0415 - as above

        config, _ = session.check()
        if config is None:
            # a text with errors and no attempt yet: the config that was found is always valid
            found, _ = session.check(session.scenario.config_text)
            config = found if session.latest is None else session.latest.config
        assert config is not None
        heading = partial(_heading, self.words)
        text = render_debrief(session.scenario, config, lang, heading=heading)
        if self.right_options is not None:
            return text, dict(self.right_options)
        questions = session.scenario.questions
        return text, {one.id: right_option(session.scenario, one) for one in questions}

    def _debriefed(self, result: tuple[str, dict[str, str | None]]) -> None:
        self.debriefing = False
        self.debrief, self.right_options = result
        if self.session is not None:
            self.session.debriefed()
        self.refresh_all()

    def in_thread(self, job: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Do a job off the screen and hand its result over; a failure becomes a sheet."""

        def run() -> None:
            try:
                result = job()
            except Exception as error:
                if self.options.debug and not isinstance(error, OrchsimError):
                    raise
                self.hand_over(self._failed, error)
            else:
                self.hand_over(done, result)

        self.run_worker(run, thread=True, exit_on_error=self.options.debug)

    def hand_over(self, function: Callable[[Any], None], value: Any) -> None:
        """Call a function of the app from a thread of its work."""
        if self.is_running:
            self.call_from_thread(function, value)

    def _failed(self, error: BaseException) -> None:
        self.simulating, self.judging, self.debriefing = 0, None, False
        self.hunting = None
        self.crashed(error)


def report_of(error: BaseException) -> str:
    """What a maintainer needs to know of a crash."""
    return "".join(traceback.format_exception(error))


def _heading(words: Words, figure: str) -> str:
    code = f"figure.{figure}"
    return words.say(code) if words.has(code) else figure
