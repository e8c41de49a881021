"""Waits of one task instance while they are put together."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from sim.views.ledger.reasons import BY_SCHEDULER, Reason, Wait

if TYPE_CHECKING:
    from sim.views.ledger.story import RunStory, Story


class Pieces:
    """Stretches in order of time; equal neighbours are one.

    A wait that only a scheduler can end is a wait for it while there is none, or while it does not
    look at this DAG. `slow_after`: what of a wait for a loop is longer is due to a slow database.
    `unattended`: what was started goes on without the daemon, which ends none of these waits.
    """

    __slots__ = ("_dag_id", "_entity", "_slow_after", "_story", "_unattended", "waits")

    def __init__(
        self,
        entity: int,
        run: RunStory,
        story: Story,
        *,
        slow_after: int | None = None,
        unattended: bool = False,
    ) -> None:
        self._entity = entity
        self._dag_id = run.dag_id
        self._story = story
        self._slow_after = slow_after
        self._unattended = unattended
        self.waits: list[Wait] = []

    def add(
        self, start: int, end: int, reason: Reason, blocker: str = "", *, entity: int = -1
    ) -> None:
        """From `start` to `end`; nothing when that is no time at all."""
        if end <= start:
            return
        if self._unattended or reason not in BY_SCHEDULER:
            self._append(start, end, reason, blocker, entity=entity)
            return
        edges = {start, end}
        story, dag_id = self._story, self._dag_id
        edges.update(at for at, _, _ in story.database.pieces(start, end))
        edges.update(at for at, _, _ in story.down.pieces(start, end))
        for layer in (story.broken.get(dag_id), story.paused.get(dag_id)):
            if layer is not None:
                edges.update(at for at, _, _ in layer.pieces(start, end))
        for at, to in pairwise(sorted(edges)):
            absent = self._absent(at)
            if absent is not None:
                self._append(at, to, *absent)
            else:
                self._present(at, to, reason, blocker, entity=entity)

    def _absent(self, instant: int) -> tuple[Reason, str] | None:
        """Why no scheduler looks at this DAG at an instant; None: one does."""
        story, dag_id = self._story, self._dag_id
        if not story.database.at(instant):
            return Reason.DATABASE, "metadata"
        down = story.down.at(instant)
        if down:
            return Reason.SCHEDULER_DOWN, down
        if dag_id in story.broken and story.broken[dag_id].at(instant):
            return Reason.PARSE, dag_id
        if dag_id in story.paused and story.paused[dag_id].at(instant):
            return Reason.PAUSED, dag_id
        return None

    def _present(self, start: int, end: int, reason: Reason, blocker: str, *, entity: int) -> None:
        loop = self._slow_after
        if reason is Reason.SCHEDULER_LOOP and loop is not None and end - start > loop:
            self._append(start, start + loop, reason, blocker, entity=entity)
            self._append(start + loop, end, Reason.DATABASE, "metadata")
        else:
            self._append(start, end, reason, blocker, entity=entity)

    def _append(
        self, start: int, end: int, reason: Reason, blocker: str, *, entity: int = -1
    ) -> None:
        if self.waits:
            last = self.waits[-1]
            same = (last.reason, last.blocker, last.entity) == (reason, blocker, entity)
            if same and last.end == start:
                start = last.start
                self.waits.pop()
        self.waits.append(Wait(self._entity, start, end, reason, blocker, entity))
