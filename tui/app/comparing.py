"""The config in the editor beside the scenario's other pipelines: several Gantts, one cursor.

The sides are played off the screen; the sheet that shows them reads finished journals and never
simulates. Its cursor is its own, so that the night is where it was when the sheet is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import Static

from sim.kernel.calendar import HOUR
from sim.views.data import data_at
from sim.views.gantt import gantt
from sim.views.markers import markers
from tui.app.deck import SCRUB_US, Deck
from tui.app.hunting import Hunting
from tui.draw.gantt import Chart, longest_name
from tui.draw.side_by_side import Lane, draw_side_by_side

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from sim.scenario.schema import Config, Scenario
    from sim.session.compare.played import Played
    from sim.views.data import Dashboard, TableNow
    from sim.views.gantt import GanttRow
    from tui.draw.glyphs import Pen
    from tui.words import Words

_NOTES_MAX = 6


@dataclass(frozen=True, slots=True)
class Shown:
    """One side's night, worked out once."""

    played: Played
    rows: tuple[GanttRow, ...]
    marker_instants: tuple[int, ...]


class SideBySide(Screen[None]):
    """The sheet over the app: left and right move the one cursor, escape closes it."""

    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(
        self, sides: tuple[Shown, ...], deck: Deck, *, span: tuple[int, int], words: Words, pen: Pen
    ) -> None:
        super().__init__()
        self._sides = sides
        self._span = span
        self._words = words
        self._pen = pen
        self.deck = deck
        """Where the one cursor stands."""

    def compose(self) -> ComposeResult:
        """Headline, the sides, keys."""
        yield Static(id="headline", markup=False)
        with VerticalScroll(id="sides", can_focus=False):
            yield Static(id="lanes", markup=False)
        yield Static(id="keys", markup=False)

    def on_mount(self) -> None:
        """Draw at once."""
        self._draw_sides()

    def on_resize(self) -> None:
        """Fit the charts to the terminal."""
        self._draw_sides()

    def on_key(self, event: events.Key) -> None:
        """Move the cursor, scroll or close; nothing reaches the view below."""
        event.stop()
        key = event.character or event.key
        moved = self._moved(key if event.key not in {"left", "right", "home", "end"} else event.key)
        sides = self.query_one("#sides", VerticalScroll)
        if moved is not None:
            self.deck = moved
            self._draw_sides()
        elif event.key in {"down", "j"}:
            sides.scroll_down(animate=False)
        elif event.key in {"up", "k"}:
            sides.scroll_up(animate=False)
        elif event.key in {"escape", "q", "c"}:
            self.dismiss(None)

    def _moved(self, key: str) -> Deck | None:
        deck = self.deck
        instants = sorted({at for side in self._sides for at in side.marker_instants})
        if key in {"]", "["}:
            return (deck.after(instants) if key == "]" else deck.before(instants)) or deck
        steps = {"right": SCRUB_US, "l": SCRUB_US, "left": -SCRUB_US, "h": -SCRUB_US}
        if key in steps:
            return deck.by(steps[key])
        ends = {"home": deck.start, "g": deck.start, "end": deck.end, "G": deck.end}
        return deck.to(ends[key]) if key in ends else None

    def _draw_sides(self) -> None:
        words, width = self._words, self.size.width
        clock = f"{words.formats.day(self.deck.cursor)} {words.formats.clock(self.deck.cursor)}"
        title = words.say("app.compare_title", count=len(self._sides), at=clock)
        self.query_one("#headline", Static).update(f" {title}"[:width])
        self.query_one("#lanes", Static).update(self._lanes(width))
        self.query_one("#keys", Static).update(f" {words.say('app.compare_keys')}"[:width])

    def _lanes(self, width: int) -> Text:
        start, end = self._span
        lanes = []
        for side in self._sides:
            chart = Chart(
                rows=side.rows,
                longest=longest_name(side.rows),
                start=start,
                end=end,
                cursor=self.deck.cursor,
                markers=side.marker_instants,
                timezone=self._words.timezone,
            )
            one = side.played.side
            title = one.title if one.name == one.title else f"{one.name}: {one.title}"
            lanes.append(Lane(f" {title}", chart, self._notes(side.played)))
        return Text("\n").join(draw_side_by_side(lanes, width=width, pen=self._pen))

    def _notes(self, played: Played) -> tuple[str, ...]:
        """What stands in the tables and what readers were shown last, at the cursor."""
        now = data_at(played.replay, self.deck.cursor, since=self.deck.start)
        notes = [self._table(one) for one in now.tables] + [
            self._board(one) for one in now.dashboards
        ]
        return tuple(notes[-_NOTES_MAX:]) or (self._words.say("app.compare_nothing"),)

    def _table(self, one: TableNow) -> str:
        code = {True: "right", False: "wrong", None: "some"}[one.right]
        told = self._words.say(f"app.compare_{code}", at=one.at, rows=one.rows)
        return f"{one.table} {one.partition}: {told}"

    def _board(self, one: Dashboard) -> str:
        right = one.shown is not None and not one.stale and one.shown == one.truth
        code = "read.none" if one.shown is None else "read.right" if right else "read.wrong"
        if one.stale:
            code = "read.stale"
        told = self._words.say(f"compare.{code}", shown=one.shown, true=one.truth)
        return f"{one.person}: {told}"


class Comparing(Hunting):
    """The action `compare`."""

    comparing = False

    def do_compare(self) -> None:
        """Play the sides and show them; one comparison at a time."""
        session = self.session
        if session is None or self.comparing:
            return
        config, _ = session.check()
        if config is None:
            self.tell("app.compare_errors")
            return
        self.comparing = True
        self.tell("app.compare_playing")
        job = partial(self._play_sides, session.scenario, session.text, config, session.seed)
        self.in_thread(job, self._played_sides)

    def _play_sides(
        self, scenario: Scenario, text: str, config: Config, seed: int
    ) -> tuple[Played, ...]:
        import msgspec  # noqa: PLC0415 - only for a comparison

        from sim.session.compare.played import play  # noqa: PLC0415
        from sim.session.compare.sides import beside  # noqa: PLC0415

        try:
            name = self.words.say("app.compare_yours")
            sides = beside(scenario, text, config, name=name)
            return play(msgspec.structs.replace(scenario, seed=seed), sides)
        finally:
            self.comparing = False

    def _played_sides(self, played: tuple[Played, ...]) -> None:
        session = self.session
        if session is None:
            return
        self.message = ""
        start, end = session.night_span()
        sides = tuple(
            Shown(
                one,
                gantt(one.replay.journal, start=start, end=end),
                tuple(sorted({note.at for note in markers(one.replay, start=start, end=end)})),
            )
            for one in played
        )
        first, last = _busy(sides, start, end)
        cursor = min(max(self.deck.cursor, first), last - 1)
        deck = Deck(start=start, end=end, cursor=cursor)
        self.push_screen(
            SideBySide(sides, deck, span=(first, last), words=self.words, pen=self.pen)
        )


def _busy(sides: tuple[Shown, ...], start: int, end: int) -> tuple[int, int]:
    """From an hour before anything happens on any side to two hours after."""
    bars = [bar for side in sides for row in side.rows for bar in row.bars]
    first = max(start, min((bar.start for bar in bars), default=start) - HOUR)
    last = min(end, max((bar.end for bar in bars), default=end) + 2 * HOUR)
    return first - first % HOUR, last
