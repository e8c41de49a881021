"""The run launcher: from a run that may start to the process that executes it.

Source: Dagster 1.13.29, _core/launcher. The default one starts a child of the code server on the
instance's own host, and nobody can ask how it is; the others start containers of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.model.facts import Fact
from sim.orchestrators.dagster.macros import StepTry, attempt_of
from sim.orchestrators.dagster.run_worker import RunWorker
from sim.orchestrators.dagster.runs import Run, RunStatus

if TYPE_CHECKING:
    from sim.orchestrators.dagster.instance import Instance


class RunLauncher:
    """Starts the processes of runs."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        config = instance.config.run_launcher
        self.on_host = config.kind == "DefaultRunLauncher"
        """Whether its processes go down with the instance's host."""
        self.sees_health = not self.on_host
        """Dagster's `supports_check_run_worker_health`."""
        self.launch_us = round(config.launch_seconds * SECOND)
        """How long the daemon is busy with one launch."""
        self._start_us = round(config.start_seconds * SECOND)

    def launch(self, run: Run) -> None:
        """The run is STARTING; its process comes once it is launched and has loaded the code."""
        self._instance.set_status(run, RunStatus.STARTING)
        self._instance.kernel.after(self.launch_us, self._launched, run)

    def terminate(self, run: Run) -> None:
        """Cancel a run that is queued or started; nothing happens to one that is neither."""
        if run.status in {RunStatus.QUEUED, RunStatus.NOT_STARTED}:
            self._instance.set_status(run, RunStatus.CANCELED)
            return
        if run.status is not RunStatus.STARTED:
            return
        self._instance.set_status(run, RunStatus.CANCELING)
        if run.worker is not None:
            run.worker.cancel()
            self._instance.set_status(run, RunStatus.CANCELED)

    def _launched(self, run: Run) -> None:
        if run.status is not RunStatus.STARTING or self._vanishes(run):
            return
        worker = RunWorker(self._instance, run)
        run.worker = worker
        self._instance.kernel.after(self._start_us, self._loaded, worker)

    @staticmethod
    def _loaded(worker: RunWorker) -> None:
        """The process has loaded the code: it starts its run, unless that was given up."""
        if not worker.alive or worker.run.status is not RunStatus.STARTING:
            return
        if worker.unheard:
            worker.die("events_not_stored")
        else:
            worker.start()

    def _vanishes(self, run: Run) -> bool:
        """Whether a fault swallows the launch: it is asked of the first step's first try."""
        fates = self._instance.platform.fates
        if fates is None or not run.plan.steps:
            return False
        step = run.plan.steps[0]
        node = run.job.nodes[step.key]
        tried = StepTry(run, step, node, run.entity, 1, run.row, run.keys_for(node))
        if not fates.vanishes(attempt_of(tried)):
            return False
        self._instance.kernel.fact(Fact.FAULT, run.entity, 0, run.row, fault="dispatch_lost")
        return True
