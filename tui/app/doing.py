"""What each action of the table does: `do_<id>`."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui.app.actions import VIEWS
from tui.app.deck import SCRUB_US, SPEEDS
from tui.app.modals import Modal
from tui.app.panels import PANES, Look, draw_pane
from tui.app.texts import (
    help_text,
    predictions_text,
    problems_text,
    question_text,
    verdict_text,
)
from tui.app.widgets.editor import Editor
from tui.app.widgets.views import ConfigView, NightView
from tui.app.work import Working, report_of
from tui.draw.gantt import Chart, Scale, draw_gantt, label_width
from tui.draw.markdown import draw_markdown

if TYPE_CHECKING:
    from textual.widgets import TextArea

    from sim.model.diagnostics import Diagnostic

_TICK_S = 0.1
_WIDE = 160


class Doing(Working):
    """The actions."""

    pane = "data"
    selected = 0
    diagnostics: tuple[Diagnostic, ...] = ()
    _checked_text: str | None = None

    # -- the night ----------------------------------------------------------------------------

    def draw_night(self) -> None:
        """Draw the night at the cursor."""
        night = self.screen_stack[0].query_one(NightView)
        shown = self.snapshot
        if shown is None:
            empty = Text(self.words.say("app.no_replay_yet"), style="italic")
            night.show(gantt=empty, strip=Text(), detail=Text(), third=Text())
            return
        width = self.size.width
        chart = Chart(
            rows=shown.rows,
            start=shown.first,
            end=shown.chart_end,
            cursor=self.deck.cursor,
            markers=shown.marker_instants,
            selected=self.selected,
            timezone=self.words.timezone,
        )
        lines = draw_gantt(chart, width=width, pen=self.pen)
        lines.append(self._marker_line(width))
        third = self._pane_text("log", width // 2 - 4) if width >= _WIDE else Text()
        night.show(
            gantt=Text("\n").join(lines),
            strip=self._strip(),
            detail=self._pane_text(self.pane, (width // 2 if width >= _WIDE else width) - 4),
            third=third,
        )

    def _pane_text(self, name: str, width: int) -> Text:
        assert self.snapshot is not None
        session = self.session
        before = None
        if session is not None and len(session.attempts) > 1:
            before = session.attempts[-2].replay
        look = Look(self.words, self.pen, width)
        return draw_pane(
            name,
            self.snapshot,
            cursor=self.deck.cursor,
            selected=self.selected,
            before=before,
            look=look,
        )

    def _marker_line(self, width: int) -> Text:
        """What the last marker at or before the cursor says."""
        assert self.snapshot is not None
        last = [note for note in self.snapshot.markers if note.at <= self.deck.cursor]
        if not last:
            return Text()
        notes = [note for note in last if note.at == last[-1].at]
        told = "; ".join(self.words.say(note.code, **note.params) for note in notes)
        line = f"{self.pen.pick('▾', 'v')} {self.words.formats.clock(last[-1].at)} {told}"
        text = Text(line, style="bold")
        text.truncate(width, overflow="ellipsis" if self.pen.unicode else "crop")
        return text

    def _strip(self) -> Text:
        text = Text()
        for pane in PANES:
            name = f" {self.words.say(f'pane.{pane}')} "
            text.append(name, style="bold reverse" if pane == self.pane else "dim")
        return text

    def tick(self) -> None:
        """Playing moves the cursor."""
        if self.deck.playing:
            self.deck = self.deck.tick(_TICK_S)
            self.refresh_all()

    def clicked(self, x: int, y: int) -> None:
        """A click on the chart: the cursor goes to its column, the selection to its row."""
        shown = self.snapshot
        if shown is None:
            return
        label = label_width(shown.rows, self.size.width)
        scale = Scale(shown.first, shown.chart_end, max(1, self.size.width - label))
        if x >= label:
            self.deck = self.deck.by(0).to(scale.instant(x - label))
        row = y - 2
        if 0 <= row < len(shown.rows):
            self.selected = row
        self.refresh_all()

    def do_forward(self) -> None:
        """From the briefing to the night."""
        self.go("night")

    def do_play(self) -> None:
        """Play or pause."""
        self.deck = self.deck.toggled()
        self.refresh_all()

    def do_marker_next(self) -> None:
        """To the next incident marker."""
        self._jump(after=True, markers=True)

    def do_marker_before(self) -> None:
        """To the incident marker before."""
        self._jump(after=False, markers=True)

    def do_event_next(self) -> None:
        """To the next event."""
        self._jump(after=True, markers=False)

    def do_event_before(self) -> None:
        """To the event before."""
        self._jump(after=False, markers=False)

    def _jump(self, *, after: bool, markers: bool) -> None:
        if self.snapshot is None:
            self.tell("app.no_replay_yet")
            return
        instants = self.snapshot.marker_instants if markers else self.snapshot.events
        there = self.deck.after(instants) if after else self.deck.before(instants)
        if there is None:
            self.tell("app.no_marker" if markers else "app.no_event")
            return
        self.deck = there
        self.refresh_all()

    def do_scrub_right(self) -> None:
        """Five minutes on."""
        self.deck = self.deck.by(SCRUB_US)
        self.refresh_all()

    def do_scrub_left(self) -> None:
        """Five minutes back."""
        self.deck = self.deck.by(-SCRUB_US)
        self.refresh_all()

    def do_faster(self) -> None:
        """Play faster."""
        self._speed(1)

    def do_slower(self) -> None:
        """Play slower."""
        self._speed(-1)

    def _speed(self, steps: int) -> None:
        self.deck = self.deck.faster(steps)
        sign = self.pen.pick("▶", ">")
        self.tell("app.speed", sign=sign, minutes=SPEEDS[self.deck.speed] // 60)

    def do_start(self) -> None:
        """To the start of the night."""
        self.deck = self.deck.by(0).to(self.deck.start)
        self.refresh_all()

    def do_end(self) -> None:
        """To the end of the night."""
        self.deck = self.deck.by(0).to(self.deck.end)
        self.refresh_all()

    def do_pane_next(self) -> None:
        """The next detail pane."""
        self._turn(1)

    def do_pane_before(self) -> None:
        """The detail pane before."""
        self._turn(-1)

    def _turn(self, steps: int) -> None:
        self.pane = PANES[(PANES.index(self.pane) + steps) % len(PANES)]
        self.refresh_all()

    def do_diff(self) -> None:
        """The difference from the attempt before."""
        self.pane = "diff"
        self.refresh_all()

    def do_wrap(self) -> None:
        """Scroll the detail pane by a page."""
        detail = self.screen_stack[0].query_one("#detail", VerticalScroll)
        detail.scroll_page_down(animate=False)

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

    # -- the config ---------------------------------------------------------------------------

    def show_text(self, text: str) -> None:
        """Put a text into the editor."""
        editor = self.screen_stack[0].query_one(Editor)
        if editor.text != text:
            editor.load_text(text)
        self.check_text()

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Each change is saved at once and checked."""
        if self.session is not None:
            self.session.edit(event.text_area.text, burst=True)
            self.check_text()
            self.draw_config()

    def check_text(self) -> None:
        """Check the text of the editor."""
        if self.session is None or self._checked_text == self.session.text:
            return
        self._checked_text = self.session.text
        self.diagnostics = tuple(self.session.check()[1])

    def draw_config(self) -> None:
        """Show what is wrong with the text."""
        base = self.screen_stack[0]
        editing = isinstance(base.focused, Editor)
        text = problems_text(self.diagnostics, self.words, self.pen, editing=editing)
        base.query_one(ConfigView).show_problems(text)

    def do_edit(self) -> None:
        """Give the keys to the editor."""
        editor = self.screen_stack[0].query_one(Editor)
        self.screen_stack[0].set_focus(editor)
        self.refresh_all()

    def do_editor(self) -> None:
        """Edit in the player's own editor."""
        if self.session is None:
            return
        command = os.environ.get("VISUAL") or os.environ.get("EDITOR") or ""
        if not command:
            self.tell("app.no_editor")
            return
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "config.yaml"
            path.write_text(self.session.text, encoding="utf-8")
            try:
                with self.suspend():
                    subprocess.run([*shlex.split(command), str(path)], check=False)  # noqa: S603 - the player's own editor
            except (OSError, ValueError) as error:
                self.tell("app.editor_failed", editor=command, reason=str(error))
                return
            text = path.read_text(encoding="utf-8", errors="replace")
        self.session.edit(text)
        self.show_text(text)
        self.refresh(layout=True)
        self.refresh_all()

    def do_undo(self) -> None:
        """Take back the last edit."""
        if self.session is not None:
            done = self.session.undo()
            self.show_text(self.session.text)
            self.tell("app.undone" if done else "app.nothing_to_undo")

    def do_redo(self) -> None:
        """Do again what was taken back."""
        if self.session is not None:
            done = self.session.redo()
            self.show_text(self.session.text)
            self.tell("app.redone" if done else "app.nothing_to_redo")

    def do_reset(self) -> None:
        """Back to the config as it was found."""
        if self.session is not None:
            self.session.reset()
            self.show_text(self.session.text)
            self.tell("app.reset_done")

    def do_replay(self) -> None:
        """Replay the night under the text of the editor, then judge it."""
        session = self.session
        if session is None:
            self.tell("app.loading")
            return
        config, found = session.check()
        self.diagnostics, self._checked_text = tuple(found), session.text
        if config is None:
            errors = sum(one.severity == "error" for one in found)
            self.go("config")
            self.tell("app.invalid_replay", count=errors)
            return
        first = len(session.attempts) <= 1 and not session.saved.predictions
        if first and session.scenario.questions and session.text != session.scenario.config_text:
            self._ask(0, then=lambda: self.start_replay(session.text, config, then="night"))
        else:
            self.start_replay(session.text, config, then="night")

    # -- verdict, hints, debrief --------------------------------------------------------------

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
            page.update(verdict_text(self.verdict, scenario, self.words, self.pen, stale=stale))

    def do_hint(self) -> None:
        """Take the next hint."""
        if self.session is None:
            return
        if self.session.take_hint() is None:
            self.tell("app.no_more_hints")
        self.go("hints")

    def do_predictions(self) -> None:
        """Ask the questions again."""
        if self.session is None or not self.session.scenario.questions:
            self.tell("app.predictions_none")
            return
        self._ask(0, then=self.refresh_all)

    def _ask(self, number: int, then: object) -> None:
        session = self.session
        assert session is not None
        if number >= len(session.scenario.questions):
            then()  # type: ignore[operator]
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
        text = Text(self.words.say("app.crash_title") + "\n\n", style="bold")
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
        if session.latest is None:
            return Text(f" {self.words.say('app.status_none', seed=session.seed)}")
        told = self.words.say("app.objectives_unknown")
        if self.verdict is not None and self.judged_text == session.latest.text:
            met = sum(result.met for result in self.verdict.objectives)
            told = self.words.say("app.objectives", met=met, total=len(self.verdict.objectives))
        params = {"attempt": session.latest.number, "seed": session.seed, "objectives": told}
        return Text(f" {self.words.say('app.status', **params)}")
