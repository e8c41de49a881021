"""The ledger of systemd: a unit waits for its timer's second, and for those it is ordered after.

Inside one activation commands follow each other as under cron; between restarts a task waits for
`RestartSec=`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sim.model.facts import Fact
from sim.model.states import RunState
from sim.views.ledger.cron import CronLedger
from sim.views.ledger.reasons import Reason

if TYPE_CHECKING:
    from sim.kernel.journal import Journal
    from sim.views.ledger.pieces import Pieces
    from sim.views.ledger.story import TaskStory


def ledger(journal: Journal, settings: Any, *, now: int) -> SystemdLedger:
    """The ledger of a journal that ends at `now`; unit files themselves add nothing to it."""
    del settings
    return SystemdLedger(journal, now=now)


@dataclass(frozen=True, slots=True)
class _Span:
    """A time in which systemd itself kept a run waiting."""

    start: int
    end: int
    reason: Reason
    units: str = ""
    """The units that it waited for."""


class SystemdLedger(CronLedger):
    """Waits of one journal, which ends at `now`."""

    def __init__(self, journal: Journal, *, now: int) -> None:
        super().__init__(journal, now=now)
        self._spans: dict[int, list[_Span]] = {}
        for row in journal.rows(Fact.RUN_STATE, Fact.NATIVE_STATE):
            spans = self._spans.setdefault(row.entity, [])
            if spans and spans[-1].end > row.time:
                # whatever comes next ends the wait
                spans[-1] = replace(spans[-1], end=row.time)
            if row.fact is Fact.NATIVE_STATE:
                until = min(row.detail["until"], now)
                spans.append(_Span(row.time, until, Reason.RETRY_DELAY))
            elif row.value == RunState.QUEUED:
                units = ", ".join(row.detail.get("waits_for", ()))
                spans.append(_Span(row.time, now, Reason.UPSTREAM, units))

    def _idle(self, pieces: Pieces, story: TaskStory, start: int, end: int, *, tried: bool) -> None:
        at = min(max(start, story.run.created), end)
        # the machine wakes up for a timer when it suits it
        pieces.add(start, at, Reason.SCHEDULE, "AccuracySec=, RandomizedDelaySec=")
        for span in self._spans.get(story.run.entity, ()):
            first, last = max(span.start, at), min(span.end, end)
            if first >= last:
                continue
            if at < first:
                super()._idle(pieces, story, at, first, tried=tried)
            pieces.add(first, last, span.reason, span.units)
            at = last
        if at < end:
            super()._idle(pieces, story, at, end, tried=tried)
