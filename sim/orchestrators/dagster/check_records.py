"""What an instance knows of its asset checks: which run planned one last, and what came of it.

Source: Dagster 1.13.29, _core/storage/asset_check_execution_record.py. Invariant: a check has one
latest execution, that of the run which was created last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.model.work import Result
from sim.orchestrators.dagster.automation.records import CheckKey, CheckState, CheckStatus
from sim.orchestrators.dagster.runs import RunStatus

if TYPE_CHECKING:
    from sim.model.work import Outcome
    from sim.orchestrators.dagster.asset_catalog import Materialization
    from sim.orchestrators.dagster.instance import Instance
    from sim.orchestrators.dagster.macros import StepTry
    from sim.orchestrators.dagster.runs import Run


@dataclass(slots=True)
class _Execution:
    """The latest execution of a check."""

    run: Run
    passed: bool | None = None
    """None: there is no result."""
    evaluated: int | None = None
    target: Materialization | None = None
    """The materialization of the asset that it looked at."""


class CheckRecords:
    """The latest execution of each check."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._latest: dict[CheckKey, _Execution] = {}
        self._planned: set[str] = set()
        instance.listeners.append(self._run_changed)
        instance.check_listeners.append(self._evaluated)

    def state(self, key: CheckKey) -> CheckState:
        """What is known of a check now."""
        found = self._latest.get(key)
        if found is None:
            return CheckState()
        status = _status(found)
        current = self._targets_latest(found, status, key.asset)
        return CheckState(status if current else None, found.evaluated)

    def _targets_latest(self, found: _Execution, status: CheckStatus, asset: str) -> bool:
        """Whether it was about what its asset is now."""
        latest = self._last_materialization(asset)
        if status == "IN_PROGRESS" or latest is None or latest.run is found.run:
            return True
        if found.passed is None:
            return found.run.created > latest.run.created
        if found.target is None:
            return latest.time < found.run.created
        return found.target is latest

    def _last_materialization(self, asset: str) -> Materialization | None:
        events = self._instance.catalog.events.get(asset)
        return events[-1] if events else None

    def _run_changed(self, run: Run) -> None:
        if run.run_id in self._planned:
            return
        self._planned.add(run.run_id)
        for step in run.plan.steps:
            if step.check is not None:
                self._latest[CheckKey(step.check.asset, step.check.name)] = _Execution(run)

    def _evaluated(self, tried: StepTry, passed: bool) -> None:  # noqa: FBT001 - a listener
        check = tried.step.check
        assert check is not None
        found = self._latest.get(CheckKey(check.asset, check.name))
        if found is not None and found.run is tried.run:
            found.passed, found.evaluated = passed, self._instance.kernel.now
            found.target = self._last_materialization(check.asset)


def check_evaluated(instance: Instance, tried: StepTry, outcome: Outcome) -> None:
    """Tell whoever listens that a check has a result, if the try that has ended is one's."""
    if tried.step.check is None:
        return
    if outcome.result is Result.SUCCESS or (
        outcome.result is not Result.SKIPPED and outcome.reason == "check_failed"
    ):
        for listener in instance.check_listeners:
            listener(tried, outcome.result is Result.SUCCESS)
        instance.note_news()


def _status(found: _Execution) -> CheckStatus:
    if found.passed is not None:
        return "SUCCEEDED" if found.passed else "FAILED"
    if not found.run.finished:
        return "IN_PROGRESS"
    return "EXECUTION_FAILED" if found.run.status is RunStatus.FAILURE else "SKIPPED"
