"""What every orchestrator's ledger can be asked, whatever it waits for.

`sim.views.ledger.NAME.ledger(journal, settings, now=...)` makes one for the orchestrator of that
name. Invariant of all of them: the waits of a task instance follow each other without a gap or an
overlap from the due of its run to its end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from sim.views.ledger.reasons import Reason, Wait
    from sim.views.ledger.story import Story, TaskStory


class Ledger(Protocol):
    """Waits of one journal."""

    now: int
    """Where the journal ends, microseconds."""
    story: Story
    """Every run and task instance of the journal."""

    def waits(self, entity: int) -> tuple[Wait, ...]:
        """Why each instant of a task instance passed, in order."""

    def end(self, story: TaskStory) -> int:
        """When a task instance ended for good; `now` while it has not."""

    def awaited_tasks(self, story: TaskStory) -> tuple[str, ...]:
        """Names of the tasks that it has to see end before it begins."""

    def holders(self, story: TaskStory, reason: Reason, instant: int) -> list[TaskStory]:
        """Who held at an instant what it waited for, in order of its beginning."""
