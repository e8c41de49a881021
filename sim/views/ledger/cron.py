"""The ledger of cron: a command line starts when it is due, and its scripts one after the other.

Cron itself makes nobody wait. A script waits for those before it in its line, and for what the
shell does between them (`sleep`, a lock); a script that is tried again, for the shell to do so.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sim.model.states import FINISHED, TaskState
from sim.views.ledger.pieces import Pieces
from sim.views.ledger.reasons import Reason
from sim.views.ledger.story import Story

if TYPE_CHECKING:
    from sim.kernel.journal import Journal
    from sim.views.ledger.reasons import Wait
    from sim.views.ledger.story import TaskStory


def ledger(journal: Journal, settings: Any, *, now: int) -> CronLedger:
    """The ledger of a journal that ends at `now`; the crontab itself adds nothing to it."""
    del settings
    return CronLedger(journal, now=now)


class CronLedger:
    """Waits of one journal, which ends at `now`."""

    def __init__(self, journal: Journal, *, now: int) -> None:
        self.now = now
        self.story = Story(journal)

    def end(self, story: TaskStory) -> int:
        """When the last try of a task ended; `now` while it has not."""
        if not story.changes:
            # no task: what an alert is about that was sent before any had begun
            return story.run.due
        last = story.changes[-1]
        return last.at if last.state in FINISHED else self.now

    def waits(self, entity: int) -> tuple[Wait, ...]:
        """Why each instant of a task passed, in order."""
        story = self.story.tasks[entity]
        pieces = Pieces(entity, story.run, self.story, unattended=True)
        at, state, tried = story.run.due, TaskState.NONE, False
        end = self.end(story)
        for to, following in [*((one.at, one.state) for one in story.changes), (end, None)]:
            if state is TaskState.RUNNING:
                pieces.add(at, to, Reason.RUNNING)
                tried = True
            elif following is not None:
                self._idle(pieces, story, at, to, tried=tried)
            at = max(at, to)
            state = following or state
        return tuple(pieces.waits)

    def _idle(self, pieces: Pieces, story: TaskStory, start: int, end: int, *, tried: bool) -> None:
        """Other scripts of the line ran, or the shell did something else."""
        edges = {start, end}
        others = [
            (began, ended, one)
            for tis in story.run.tasks.values()
            for one in tis
            if one is not story
            for began, ended in _stretches(one, self.now)
            if began < end and ended > start
        ]
        for began, ended, _ in others:
            edges |= {max(began, start), min(ended, end)}
        for at, to in pairwise(sorted(edges)):
            other = next((one for began, ended, one in others if began <= at < ended), None)
            if other is not None:
                pieces.add(at, to, Reason.UPSTREAM, other.name, entity=other.entity)
            else:
                pieces.add(at, to, Reason.RETRY_DELAY if tried else Reason.SCHEDULE, "shell")

    def awaited_tasks(self, story: TaskStory) -> tuple[str, ...]:
        """Cron has no sensors."""
        del story
        return ()

    def holders(self, story: TaskStory, reason: Reason, instant: int) -> list[TaskStory]:
        """Nobody holds what others wait for."""
        del story, reason, instant
        return []


def _stretches(story: TaskStory, now: int) -> list[tuple[int, int]]:
    """When a task ran."""
    ends = [*(one.at for one in story.changes[1:]), now]
    return [
        (one.at, end)
        for one, end in zip(story.changes, ends, strict=True)
        if one.state is TaskState.RUNNING
    ]
