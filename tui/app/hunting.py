"""The app's search for troubles that break the config, off the screen, and the sheet about it.

One search at a time: the key that starts it also ends it. What it found is about the text in the
editor when it began. Pinning it keeps a fault file beside the saved game: every verdict from then
on, here and by `orchsim run`, is about it too.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rich.text import Text

from tui.app.editing import Editing
from tui.app.modals import Modal

if TYPE_CHECKING:
    from sim.scenario.schema import Config, Scenario
    from sim.verify.hunt import Finding, Report
    from tui.words import Words

PLANS = 300
"""Plans that the app tries: seconds, and what `orchsim verify` tries by default."""


class Hunting(Editing):
    """The action `verify`."""

    def do_verify(self) -> None:
        """Search, or end the search that is under way."""
        session = self.session
        if session is None:
            return
        if self.hunting is not None:
            self.hunt_ends = True
            return
        config, _ = session.check()
        if config is None:
            self.tell("app.hunt_errors")
            return
        self.hunting, self.hunt_ends = (0, PLANS), False
        self.refresh_all()
        self.in_thread(partial(self._hunt, session.scenario, config), self._hunted)

    def _hunt(self, scenario: Scenario, config: Config) -> Report:
        from sim.verify.hunt import verify  # noqa: PLC0415 - only for a search

        return verify(
            scenario,
            config,
            plans=PLANS,
            stop=lambda: self.hunt_ends,
            progress=lambda done, plans: self.hand_over(self._hunting_at, (done, plans)),
        )

    def _hunting_at(self, progress: tuple[int, int]) -> None:
        if self.hunting is not None:
            self.hunting = progress
            self.refresh_all()

    def _hunted(self, report: Report) -> None:
        self.hunting = None
        found = report.finding
        if found is None:
            self.tell(
                "app.hunt_stopped" if report.stopped else "app.hunt_holds", plans=report.plans
            )
            return
        self.refresh_all()
        text = finding_text(found, self.words)
        self.push_screen(Modal(text, keys={"p": "pin"}), partial(self._answered, report))

    def _answered(self, report: Report, answer: str | None) -> None:
        found, session = report.finding, self.session
        if answer is None or found is None or session is None:
            return
        from sim.scenario.faults_file import faults_text  # noqa: PLC0415 - only here

        folder = self.options.state_dir / session.scenario.id / "regressions"
        folder.mkdir(parents=True, exist_ok=True)
        code = found.violation.code
        path = folder / f"{code}.yaml"
        content = faults_text(
            found.trial.troubles, scenario=report.scenario, window=report.window, breaks=code
        )
        path.write_text(content, encoding="utf-8")
        self.tell("app.hunt_pinned", path=_fitted(str(path), self.size.width // 2))


def finding_text(found: Finding, words: Words) -> Text:
    """The sheet: one sentence, the truth beside what stands there, the facts around it, keys."""
    from tui.draw.finding import (  # noqa: PLC0415 - only for a finding
        around,
        difference,
        sentence,
        title_of,
        told,
    )

    text = Text(f"{title_of(found, words)}\n", style="bold dark_orange")
    text.append(f"{sentence(found.trial, found.violation, words)}\n", style="default not bold")
    text.append(f"{told(found.violation, words)}\n", style="default not bold italic")
    text.append(f"{words.say('app.hunt_keys')}\n", style="default bold")
    rows, more = difference(found)
    if rows:
        params = found.violation.params
        title = words.say("verify.diff", table=params["table"], partition=params["partition"])
        text.append(f"\n{title}\n", style="default bold")
        text.append(_table(rows), style="default not bold")
    if more:
        text.append(words.say("verdict.more", count=more) + "\n", style="default not bold")
    facts = around(found, words)
    if facts:
        text.append(f"\n{words.say('verify.around')}\n", style="default bold")
        text.append(_table(facts), style="default not bold")
    return text


def _fitted(path: str, room: int) -> str:
    """As much of a path's end as there is room for."""
    return path if len(path) <= room else f"…{path[-room:]}"


def _table(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "".join(f"  {line}\n" for line in lines)
