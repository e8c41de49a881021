"""What the other actions do: verdict, hints, predictions, debrief, help, leaving, crashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.app.actions import VIEWS
from tui.app.comparing import Comparing
from tui.app.modals import Modal
from tui.app.previewing import Previewing
from tui.app.texts import help_text, predictions_text, question_text, verdict_text
from tui.app.work import report_of
from tui.draw.markdown import draw_markdown

if TYPE_CHECKING:
    from collections.abc import Callable


class Doing(Comparing, Previewing):
    """Every action of the table: `do_<id>`."""

    def draw_verdict(self) -> None:
        """The verdict, or how far it is."""
        page = self.screen_stack[0].query_one("#verdict").query_one(Static)
        if self.judging is not None:
            done, total = self.judging
            page.update(Text(self.words.say("app.judging", done=done, total=total or "…")))
        elif self.verdict is None or self.session is None:
            page.update(Text(self.words.say("app.verdict_empty"), style="italic"))
        else:
            stale = self.judged_text != self.session.text
            scenario = self.session.scenario
            text = verdict_text(self.verdict, scenario, self.words, self.pen, stale=stale)
            for name, code in self.pins.items():
                word = "run.broken_by" if code else "run.survives"
                told = self.words.say(word, name=f"regressions/{name}.yaml", code=code)
                text.append(f"\n{told}", style="bold dark_orange" if code else "bold bright_cyan")
            page.update(text)

    def do_hint(self) -> None:
        """Take the next hint."""
        if self.session is None:
            return
        taken = self.session.take_hint()
        self.go("hints")
        if taken is None:
            self.tell("app.no_more_hints")

    def do_predictions(self) -> None:
        """Ask the questions again."""
        if self.session is None or not self.session.scenario.questions:
            self.tell("app.predictions_none")
            return
        self.ask(self.refresh_all)

    def ask(self, then: Callable[[], None]) -> None:
        """Ask the questions of the scenario, then go on."""
        self._ask(0, then)

    def _ask(self, number: int, then: Callable[[], None]) -> None:
        session = self.session
        assert session is not None
        if number >= len(session.scenario.questions):
            then()
            return
        text, keys = question_text(session, number, self.words)
        question = session.scenario.questions[number].id

        def answered(option: str | None) -> None:
            if option is not None:
                session.predict(question, option)
            self._ask(number + 1, then)

        self.push_screen(Modal(text, keys=keys), answered)

    def entered(self, view: str) -> None:
        """A view is shown now."""
        self.message = ""
        if view == "debrief" and self.session is not None:
            if self.session.saved.solved or self.debrief:
                self.start_debrief()
            self.draw_debrief()

    def draw_debrief(self) -> None:
        """The debrief, or why it is not there yet."""
        page = self.screen_stack[0].query_one("#debrief").query_one(Static)
        session = self.session
        if session is None:
            return
        if self.debrief:
            text = Text()
            if session.scenario.questions and self.right_options is not None:
                text.append_text(predictions_text(session, self.right_options, self.words))
                text.append("\n")
            text.append_text(draw_markdown(self.debrief))
            page.update(text)
        elif self.debriefing:
            page.update(Text(self.words.say("app.debrief_loading"), style="italic"))
        else:
            page.update(Text(self.words.say("app.debrief_locked"), style="italic"))

    def do_read_debrief(self) -> None:
        """Read the debrief before everything is solved."""
        self.start_debrief()
        self.draw_debrief()

    def do_down(self) -> None:
        """The task below in the night, a line on elsewhere."""
        if self.view == "night" and self.snapshot is not None:
            self.selected = min(self.selected + 1, len(self.snapshot.rows) - 1)
            self.refresh_all()
        elif (page := self._page()) is not None:
            page.scroll_relative(y=3, animate=False)

    def do_up(self) -> None:
        """The task above in the night, a line back elsewhere."""
        if self.view == "night":
            self.selected = max(0, self.selected - 1)
            self.refresh_all()
        elif (page := self._page()) is not None:
            page.scroll_relative(y=-3, animate=False)

    def _page(self) -> VerticalScroll | None:
        if self.view in {"config", "night"}:
            return None
        return self.screen_stack[0].query_one(f"#{self.view}", VerticalScroll)

    # -- everywhere ---------------------------------------------------------------------------

    def do_language(self) -> None:
        """The other language."""
        self.words = type(self.words)(
            "es" if self.words.lang == "en" else "en", timezone=self.words.timezone
        )
        if self.debrief:
            self.debrief = ""
            if self.view == "debrief":
                self.start_debrief()
        self.refresh_all()
        self.draw_debrief()

    def do_help(self) -> None:
        """All keys."""
        self.push_screen(Modal(help_text(self.words, unicode=self.pen.unicode)))

    def do_back(self) -> None:
        """One view back, towards the briefing."""
        at = VIEWS.index(self.view)
        self.go(VIEWS[max(0, at - 1)])

    def do_quit(self) -> None:
        """Leave; everything is saved already."""
        self.exit(0)

    def crashed(self, error: BaseException) -> None:
        """Keep a report and show a sheet."""
        self.crash_report = report_of(error)
        title = "app.not_saved" if isinstance(error, OSError) else "app.crash_title"
        text = Text(self.words.say(title) + "\n\n", style="bold")
        text.append(f"{type(error).__name__}: {error}\n\n", style="dark_orange")
        text.append(self.words.say("app.crash_help"))
        self.push_screen(Modal(text, keys={"y": "copy"}), self._after_crash)

    def _after_crash(self, answer: str | None) -> None:
        if answer == "copy":
            self.do_copy_report()

    def do_copy_report(self) -> None:
        """The last crash's report, to the clipboard and to a file."""
        if not self.crash_report:
            self.tell("app.no_crash")
            return
        self.options.state_dir.mkdir(parents=True, exist_ok=True)
        path = self.options.state_dir / "crash-report.txt"
        path.write_text(self.crash_report, encoding="utf-8")
        self.copy_to_clipboard(self.crash_report)
        self.tell("app.copied", path=path)

    # -- lines of the frame -------------------------------------------------------------------

    def title_text(self) -> str:
        """The headline's left half."""
        if self.session is None:
            return self.words.say("app.loading")
        return self.session.scenario.title.get(self.words.lang)

    def clock_text(self) -> str:
        """The headline's right half: the night and the cursor's time."""
        if self.session is None or self.snapshot is None:
            return ""
        sign = self.pen.pick("▶", ">") if self.deck.playing else self.pen.pick("‖", "=")
        day = self.words.formats.day(self.session.night)
        return f"{day} {self.words.formats.clock(self.deck.cursor)} {sign}"

    def status_text(self) -> Text:
        """Attempt, seed, objectives; or what there is to say."""
        if self.message:
            return Text(f" {self.message}", style="bold")
        session = self.session
        if session is None:
            return Text(f" {self.words.say('app.loading')}")
        if self.simulating:
            return Text(f" {self.words.say('app.simulating', attempt=self.simulating)}")
        if self.hunting is not None:
            done, plans = self.hunting
            return Text(f" {self.words.say('app.hunting', done=done, plans=plans)}")
        if session.latest is None:
            return Text(f" {self.words.say('app.status_none', seed=session.seed)}")
        told = self.words.say("app.objectives_unknown")
        if self.verdict is not None and self.judged_text == session.latest.text:
            met = sum(result.met for result in self.verdict.objectives)
            told = self.words.say("app.objectives", met=met, total=len(self.verdict.objectives))
        params = {"attempt": session.latest.number, "seed": session.seed, "objectives": told}
        return Text(f" {self.words.say('app.status', **params)}")
