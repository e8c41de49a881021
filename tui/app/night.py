"""The night's actions: the replay deck, the selection, the panes, and drawing all of it."""

from __future__ import annotations

from rich.text import Text
from textual.containers import VerticalScroll

from tui.app.deck import SCRUB_US, SPEEDS
from tui.app.look import Look
from tui.app.panels import PANES, draw_pane
from tui.app.widgets.views import NightView
from tui.app.work import Working
from tui.draw.gantt import Chart, Scale, draw_gantt, label_width

_TICK_S = 0.1
_PADDING = 4
_FRAME_ROWS = 4
"""Headline, tabs, status and keys."""
_CHART_HEAD = 2
"""Axis and markers."""
NORMAL, WIDE = 100, 160
"""Columns from which two and three panes stand side by side."""


class Night(Working):
    """What can be done while looking at the night."""

    pane = "data"
    selected = 0

    def draw_night(self) -> None:
        """Draw the night at the cursor."""
        night = self.screen_stack[0].query_one(NightView)
        shown = self.snapshot
        if shown is None:
            empty = Text(self.words.say("app.no_replay_yet"), style="italic")
            night.show(gantt=empty, strip=Text(), panes=())
            return
        width = self.size.width
        lines = self.chart_lines(width, self._rows_max())
        lines.append(self._marker_line(width))
        names = self._panes_shown(width)
        room = width // len(names) - _PADDING
        night.show(
            gantt=Text("\n").join(lines),
            strip=self._strip(),
            panes=[self.pane_text(name, room) for name in names],
        )

    def chart_lines(self, width: int, rows_max: int) -> list[Text]:
        """The night's Gantt, at most `rows_max` of its rows."""
        return draw_gantt(self._chart(rows_max), width=width, pen=self.pen)

    def _rows_max(self) -> int:
        """Rows that fit into the upper half of the view, with axis, markers and what they say."""
        return max(1, (self.size.height - _FRAME_ROWS) // 2 - _CHART_HEAD - 1)

    def _chart(self, rows_max: int) -> Chart:
        shown = self.snapshot
        assert shown is not None
        return Chart(
            rows=shown.rows,
            longest=shown.longest,
            start=shown.first,
            end=shown.chart_end,
            cursor=self.deck.cursor,
            markers=shown.marker_instants,
            selected=self.selected,
            timezone=self.words.timezone,
            rows_max=rows_max,
        )

    def _panes_shown(self, width: int) -> tuple[str, ...]:
        """The pane that was chosen and, where there is room, the most useful ones beside it."""
        count = 3 if width >= WIDE else 2 if width >= NORMAL else 1
        beside = [name for name in ("log", "data", "people") if name != self.pane]
        return (self.pane, *beside)[:count]

    def pane_text(self, name: str, width: int) -> Text:
        """One pane at the cursor."""
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
        label = label_width(shown.longest, self.size.width)
        scale = Scale(shown.first, shown.chart_end, max(1, self.size.width - label))
        if x >= label:
            self.deck = self.deck.by(0).to(scale.instant(x - label))
        drawn = self._chart(self._rows_max()).shown
        if 0 <= y - _CHART_HEAD < len(drawn):
            self.selected = drawn[y - _CHART_HEAD]
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
