"""The server's books: flow runs, limits, results, and the one place where a flow run changes state.

It stores and tells; services, workers and engines decide. Invariant: each change of a flow run's
state that people could see is a fact in the journal, and the index always says the same.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from sim.kernel.calendar import to_civil
from sim.model.facts import Entity, Fact
from sim.model.states import RunState
from sim.orchestrators.prefect import states
from sim.orchestrators.prefect.caching import ResultStore
from sim.orchestrators.prefect.catalog import flows_of
from sim.orchestrators.prefect.concurrency import ConcurrencyLimit
from sim.orchestrators.prefect.flow_run_index import FlowRunIndex, FlowRunRow
from sim.orchestrators.prefect.runs import FlowRun
from sim.orchestrators.prefect.states import State, StateType

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.orchestrators.prefect.config import PrefectConfig
    from sim.orchestrators.prefect.flows import Flow
    from sim.platform.contract import Platform

RUN_ID_DIGITS = 8
"""How much of a flow run's id people see."""
_T = StateType
_OURS = {
    _T.SCHEDULED: RunState.QUEUED,
    _T.PENDING: RunState.QUEUED,
    _T.RUNNING: RunState.RUNNING,
    _T.COMPLETED: RunState.SUCCESS,
    _T.FAILED: RunState.FAILED,
    _T.CRASHED: RunState.FAILED,
    _T.CANCELLED: RunState.FAILED,
}
"""Which of our states a type is; the others are told as the tool's own."""
_PLAIN = frozenset({"Running", "Completed", "Failed"})


class Server:
    """What a Prefect server keeps."""

    def __init__(self, config: PrefectConfig, platform: Platform) -> None:
        self.config = config
        self.platform = platform
        self.kernel = platform.kernel
        self.flows = flows_of(config)
        self.index = FlowRunIndex()
        self.results = ResultStore()
        self.runs: dict[str, FlowRun] = {}
        """Every flow run that was not deleted, by id, in order of creation."""
        self.limits: dict[str, ConcurrencyLimit] = {
            name: ConcurrencyLimit(name, limit.limit, limit.slot_decay_per_second, limit.active)
            for name, limit in config.global_concurrency_limits.items()
        }
        """Global limits, and those of tags under `tag:NAME`."""
        for tag, most in config.tag_concurrency_limits.items():
            self.limits[f"tag:{tag}"] = ConcurrencyLimit(f"tag:{tag}", most)
        self.listeners: list[Callable[[FlowRun, State], None]] = []
        """Told of each change of a flow run's state, with the state before."""
        self._schedules: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._ours: dict[str, RunState] = {}

    def create_run(
        self,
        flow: Flow,
        *,
        scheduled: int,
        run_type: str,
        deployment: str | None = None,
        schedule: str | None = None,
        parameters: Mapping[str, Any] | None = None,
        data_date: str | None = None,
        cause: int = -1,
    ) -> FlowRun:
        """A flow run that is Scheduled; the journal knows it from its time or its pick-up on."""
        number = self._counts.get(flow.name, 0)
        self._counts[flow.name] = number + 1
        run_id = self._run_id(flow.name, number)
        given = dict(parameters or {})
        yesterday = to_civil(scheduled, self.platform.timezone).date() - timedelta(days=1)
        run = FlowRun(
            flow,
            run_id,
            number,
            scheduled,
            given,
            deployment=deployment,
            data_date=str(given.get("fecha") or data_date or yesterday.isoformat()),
            run_type=run_type,
            row=cause,
        )
        self.runs[run_id] = run
        if schedule is not None:
            self._schedules[run_id] = schedule
        self._put(run, scheduled)
        if scheduled <= self.kernel.now:
            self.tell(run)
        else:
            self.kernel.at(scheduled, self.tell, run)
        return run

    def delete(self, run_id: str) -> None:
        """A flow run that never ran is no more; nobody has heard of it."""
        run = self.runs.pop(run_id)
        if run.told:
            self._fact(run, RunState.FAILED, {"state": "Deleted", "reason": "schedule_changed"})
        run.told = True
        self.index.drop(run_id)

    def tell(self, run: FlowRun) -> None:
        """Its time has come, or somebody took it: from now on it is in the journal."""
        if run.told:
            return
        run.told = True
        self._tell_first(run)

    def set_state(
        self, run: FlowRun, state: State, *, at: int | None = None, **detail: Any
    ) -> None:
        """A flow run came into a state. `at`: of a SCHEDULED one, when it is due."""
        self.tell(run)
        before, run.state = run.state, state
        if state.reason:
            detail.setdefault("reason", state.reason)
        stuck = bool(detail.pop("stuck", False))
        self._write(run, state, detail, stuck=stuck)
        self._put(run, at if at is not None else run.scheduled, stuck=stuck)
        for listener in self.listeners:
            listener(run, before)

    def may_be_taken(self, run: FlowRun) -> None:
        """The process that it was suspended in is gone: whoever polls may start it again."""
        self._put(run, self.kernel.now)

    # -- facts ------------------------------------------------------------------------------

    def _tell_first(self, run: FlowRun) -> None:
        journal = self.kernel.journal
        parent = journal.entity(Entity.PIPELINE, run.flow.name)
        run.entity = journal.entity(Entity.RUN, run.run_id, parent, run.number)
        detail: dict[str, Any] = {
            "run_type": run.run_type,
            "logical_date": None,
            "data_interval_start": None,
            "data_interval_end": None,
            "run_after": run.scheduled,
            "state": run.state.name,
        }
        if run.deployment is not None:
            detail["deployment"] = run.deployment
        self._fact(run, RunState.QUEUED, detail)

    def _write(self, run: FlowRun, state: State, detail: dict[str, Any], *, stuck: bool) -> None:
        ours = _OURS.get(state.type)
        retrying = state == states.AWAITING_RETRY and run.process is not None and not stuck
        same = ours is None or ours is self._ours.get(run.run_id) or retrying
        if ours is None or same:
            detail["state"] = state.name
            run.row = self.kernel.fact(Fact.NATIVE_STATE, run.entity, 0, run.row, **detail)
            return
        if state.name not in _PLAIN:
            detail["state"] = state.name
        self._fact(run, ours, detail)

    def _fact(self, run: FlowRun, ours: RunState, detail: dict[str, Any]) -> None:
        self._ours[run.run_id] = ours
        run.row = self.kernel.fact(Fact.RUN_STATE, run.entity, ours, run.row, **detail)

    def _put(self, run: FlowRun, at: int, *, stuck: bool = False) -> None:
        state = run.state
        queue = None
        if run.deployment is not None:
            deployment = self.config.deployments[run.deployment]
            if deployment.work_pool is not None:
                queue = (deployment.work_pool, deployment.work_queue)
        # a run that is resumed before its process has gone waits for that: our choice
        alive = run.process is not None and state in {states.AWAITING_RETRY, states.RESUMING}
        in_process = stuck or alive
        self.index.put(
            FlowRunRow(
                run.run_id,
                state.type.value,
                state.name,
                at,
                None if in_process else run.deployment,
                self._schedules.get(run.run_id),
                queue,
                in_process,
                run.run_count,
            )
        )

    def _run_id(self, flow: str, number: int) -> str:
        """The beginning of a UUID."""
        again = 0
        while True:
            bits = self.kernel.streams.bits("prefect_run_id", flow, number, again)
            run_id = f"{bits:016x}"[:RUN_ID_DIGITS]
            if run_id not in self.runs:
                return run_id
            again += 1
