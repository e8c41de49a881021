"""Marks flow runs late that nobody has picked up.

Source: Prefect 3.8.8, server/services/late_runs.py: states named exactly Scheduled whose time was
`after_seconds` ago. Late is still SCHEDULED, and is still picked up. Invariant: a run is marked at
most once each time it is scheduled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.prefect.flow_run_index import until
from sim.orchestrators.prefect.service_loop import LATE_RUNS, ServiceLoop
from sim.orchestrators.prefect.settings import micros

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Kernel
    from sim.orchestrators.prefect.flow_run_index import FlowRunIndex, FlowRunRow
    from sim.orchestrators.prefect.settings import Settings

BATCH = 400
"""Most runs marked in one step (late_runs.py `batch_size`)."""


class LateRuns:
    """The service `monitor_late_runs`."""

    def __init__(
        self,
        kernel: Kernel,
        settings: Settings,
        index: FlowRunIndex,
        *,
        mark: Callable[[str], None],
    ) -> None:
        """`mark(flow_run)` brings a run into Late, or into what takes its place."""
        self._index, self._mark = index, mark
        self._after = micros(settings.late_runs_after_seconds)
        every = micros(settings.late_runs_loop_seconds)
        self.loop = ServiceLoop(kernel, every, self._look, rank=LATE_RUNS)
        index.listeners.append(self._changed)

    def _changed(self, _before: FlowRunRow | None, after: FlowRunRow | None) -> None:
        if after is not None and (after.state_type, after.state_name) == ("SCHEDULED", "Scheduled"):
            self.loop.wake_at(after.next_scheduled_start_time + self._after)

    def _look(self, now: int) -> int | None:
        for _, flow_run in until(self._index.named_scheduled(), now - self._after)[:BATCH]:
            self._mark(flow_run)
        left = self._index.named_scheduled()
        return left[0][0] + self._after if left else None
