"""The game without a screen: edit, replay, compare, be judged, take hints.

A `Session` is a value holder with verbs; every verb that changes what a player would miss saves at
once. It simulates where it is asked to and never starts threads: a screen may call `replay` and
`judge` from a worker, since they only read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

import msgspec

from sim.engine.replay import replay
from sim.engine.window import span_of
from sim.kernel.calendar import start_of_day
from sim.scenario.load import check_config
from sim.session.progress import Saved
from sim.session.verdict import judge
from sim.views.diff import diff

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.model.diagnostics import Diagnostic
    from sim.scenario.schema import Config, Scenario
    from sim.session.progress import Store
    from sim.session.verdict import Verdict
    from sim.views.diff import Moved
    from sim.views.replay import Replay

UNDO_MAX = 50
"""How many earlier texts are kept."""
PLAYED_MAX = 100
"""How many texts that were replayed are kept, the latest ones."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One replay of the shown window under one config."""

    number: int
    """From 1; attempt 1 is the config as the player found it."""
    text: str
    config: Config
    replay: Replay


class Session:
    """One player's game of one scenario."""

    def __init__(
        self, scenario: Scenario, *, store: Store | None = None, seed: int | None = None
    ) -> None:
        self.scenario = scenario
        self.seed = scenario.seed if seed is None else seed
        self._store = store
        kept = None if store is None else store.load(scenario.id)
        self.saved = kept or Saved(scenario=scenario.id, text=scenario.config_text)
        """What is kept between games."""
        self.resumed = kept is not None
        """Whether an earlier game is being continued."""
        self._in_burst = False
        self.attempts: list[Attempt] = []
        """Attempts of this sitting, in order."""

    # -- the text ---------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """The config as it stands in the editor."""
        return self.saved.text

    def edit(self, text: str, *, burst: bool = False) -> None:
        """The editor holds `text` now; with `burst`, it goes on with the edit before.

        Each call is saved, so that a kill loses nothing; a burst of keystrokes is one step of undo.
        """
        if text == self.text:
            return
        undo = self.saved.undo
        if not (burst and self._in_burst):
            undo = (*undo, self.text)[-UNDO_MAX:]
        self._in_burst = burst
        self._keep(text=text, undo=undo, redo=())

    def rest(self) -> None:
        """The player stopped typing: the next edit is a step of undo of its own."""
        self._in_burst = False

    def undo(self) -> bool:
        """Go back one text; False when there is none."""
        self._in_burst = False
        if not self.saved.undo:
            return False
        *undo, text = self.saved.undo
        self._keep(text=text, undo=tuple(undo), redo=(*self.saved.redo, self.text))
        return True

    def redo(self) -> bool:
        """Go forward one text; False when there is none."""
        if not self.saved.redo:
            return False
        *redo, text = self.saved.redo
        self._keep(text=text, undo=(*self.saved.undo, self.text), redo=tuple(redo))
        return True

    def reset(self) -> None:
        """Back to the config as it was found; can be undone."""
        self.edit(self.scenario.config_text)

    def check(self, text: str | None = None) -> tuple[Config | None, list[Diagnostic]]:
        """The config that a text holds, None when it has errors, and every problem."""
        return check_config(
            self.text if text is None else text, file="config.yaml", scenario=self.scenario
        )

    # -- playing ----------------------------------------------------------------------------

    @property
    def night(self) -> date:
        """The night that is shown."""
        return date.fromisoformat(self.scenario.clock.shown[0])

    def night_span(self, night: date | None = None) -> tuple[int, int]:
        """Start and end (excluded) of a night's day, microseconds."""
        timezone = self.scenario.clock.timezone
        day = self.night if night is None else night
        return start_of_day(day, timezone), start_of_day(day + timedelta(days=1), timezone)

    def replay(self, text: str, config: Config) -> Attempt:
        """Simulate the shown window under a config: an attempt that is not counted yet."""
        shown = span_of(self.scenario).name
        done = replay(self.scenario, config, seed=self.seed, window=shown)
        return Attempt(len(self.attempts) + 1, text, config, done)

    def keep(self, attempt: Attempt) -> None:
        """Count an attempt: it is the latest one now."""
        self._in_burst = False
        self.attempts.append(attempt)
        if attempt.text not in self.saved.played:
            self._keep(played=(*self.saved.played, attempt.text)[-PLAYED_MAX:])

    @property
    def latest(self) -> Attempt | None:
        """The attempt on screen: the last good one."""
        return self.attempts[-1] if self.attempts else None

    def moved(self) -> tuple[Moved, ...] | None:
        """What moved between the last two attempts in the shown night; None for the first one."""
        if len(self.attempts) < 2:  # noqa: PLR2004 - two attempts to compare
            return None
        start, end = self.night_span()
        return diff(self.attempts[-2].replay, self.attempts[-1].replay, start=start, end=end)

    def judge(
        self, config: Config, *, progress: Callable[[int, int], None] = lambda _done, _all: None
    ) -> Verdict:
        """The verdict on a config, over every window and seed."""
        return judge(self.scenario, config, progress=progress)

    def judged(self, verdict: Verdict) -> None:
        """Keep what a verdict means for the game."""
        if verdict.met and not self.saved.solved:
            self._keep(solved=True)

    # -- learning ---------------------------------------------------------------------------

    def take_hint(self) -> int | None:
        """Take the next hint: its number, from 1; None when all are taken."""
        if self.saved.hints >= len(self.scenario.hints):
            return None
        self._keep(hints=self.saved.hints + 1)
        return self.saved.hints

    def predict(self, question: str, option: str) -> None:
        """Keep the answer to a question asked before the replay."""
        self._keep(predictions={**self.saved.predictions, question: option})

    def debriefed(self) -> None:
        """The debrief was reached."""
        if not self.saved.debriefed:
            self._keep(debriefed=True)

    def _keep(self, **changes: object) -> None:
        self.saved = msgspec.structs.replace(self.saved, **changes)
        if self._store is not None:
            self._store.save(self.saved)
