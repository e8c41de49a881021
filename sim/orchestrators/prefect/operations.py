"""What an operator does to a Prefect server: run, retry, cancel, pause, and resize.

Source: Prefect 3.8.8's API (create_flow_run_from_deployment, set_flow_run_state, work pools). What
the tool does not have is refused, with a fact that says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sim.model.facts import Entity, Fact
from sim.model.interventions import Backfill, Clear, Mark, Pause, Rerun, SetPool, Trigger
from sim.orchestrators.prefect import states
from sim.orchestrators.prefect.states import StateType

if TYPE_CHECKING:
    from sim.model.interventions import Intervention
    from sim.orchestrators.prefect.delivery import Delivery
    from sim.orchestrators.prefect.infrastructure import Infrastructure
    from sim.orchestrators.prefect.pauses import Pauses
    from sim.orchestrators.prefect.runs import FlowRun
    from sim.orchestrators.prefect.server import Server

BY_HAND = "by hand"
"""Who starts the process of a flow that is called as a script."""
_NO_DATE = "no run of that date"


class Operations:
    """Carries out interventions."""

    def __init__(
        self, server: Server, delivery: Delivery, infrastructure: Infrastructure, pauses: Pauses
    ) -> None:
        self._server = server
        self._pauses = pauses
        self._delivery = delivery
        self._infrastructure = infrastructure
        self._kernel = server.kernel
        self.off = False
        """Whether the API does not answer."""

    def intervene(self, action: Intervention) -> None:
        """Carry one out, now."""
        if self.off:
            name = type(action).__name__.lower()
            self._note(action, name, refused="the API does not answer")
            return
        match action:
            case Rerun():
                self._rerun(action)
            case Clear():
                self._clear(action)
            case Trigger():
                self._trigger(action)
            case SetPool():
                self._set_pool(action)
            case Pause():
                self._pause(action)
            case Mark():
                self._mark(action)
            case Backfill():
                refused = "there is no backfill: a run with parameters is made for each date"
                entity = self._pipeline(action.pipeline)
                dates = {"first": action.first, "last": action.last, "reverse": action.reverse}
                self._note(action, "backfill", entity, **dates, refused=refused)

    # -- runs -------------------------------------------------------------------------------

    def _rerun(self, action: Rerun) -> None:
        """Every flow with a schedule: its run of that date again, or one with the date.

        Our choice of what a person would do: `Retry` on a run that did not end well, and a new run
        with the date as its parameter where there is none, or where it was Completed.
        """
        row = self._note(action, "rerun", data_date=action.data_date)
        config = self._server.config
        for name, deployment in config.deployments.items():
            if not deployment.schedules:
                continue
            latest = self._latest(deployment.flow, action.data_date)
            if latest is not None and latest.state.type is not StateType.COMPLETED:
                self.retry(latest, row)
                continue
            self._server.create_run(
                self._server.flows[deployment.flow],
                scheduled=self._kernel.now,
                run_type="manual",
                deployment=name,
                parameters={**deployment.parameters, "fecha": action.data_date},
                cause=row,
            )

    def _clear(self, action: Clear) -> None:
        """Retry the run of a date: as a whole, for a flow run has no other unit."""
        pipeline = self._pipeline(action.pipeline)
        detail: dict[str, Any] = {"data_date": action.data_date, "tasks": list(action.tasks)}
        latest = self._latest(self._flow(action.pipeline), action.data_date)
        refused = _NO_DATE if latest is None else self._refuses(latest)
        if refused or latest is None:
            self._note(action, "clear", pipeline, **detail, refused=refused)
            return
        self.retry(latest, self._note(action, "clear", pipeline, **detail))

    def _refuses(self, run: FlowRun) -> str:
        """Why a run cannot be retried; empty: it can."""
        if not run.state.terminal and run.state != states.AWAITING_RETRY:
            return "its run is not over"
        return "" if run.deployment is not None else "only runs of deployments can be retried"

    def retry(self, run: FlowRun, row: int) -> None:
        """A run that is over is Scheduled again, for now."""
        if self._refuses(run):
            return
        run.row = row
        run.scheduled = self._kernel.now
        self._server.set_state(run, states.AWAITING_RETRY, at=self._kernel.now)

    def _trigger(self, action: Trigger) -> None:
        pipeline = self._pipeline(action.pipeline)
        name = self._flow(action.pipeline)
        if name not in self._server.flows:
            self._note(action, "trigger", pipeline, refused="there is no such flow")
            return
        row = self._note(action, "trigger", pipeline, conf=dict(action.conf))
        deployment = self._deployment(action.pipeline)
        given = {} if deployment is None else self._server.config.deployments[deployment].parameters
        parameters: dict[str, Any] = {**given, **action.conf}
        if "data_date" in parameters:
            parameters.setdefault("fecha", parameters.pop("data_date"))
        run = self._server.create_run(
            self._server.flows[name],
            scheduled=self._kernel.now if action.logical_date is None else action.logical_date,
            run_type="manual",
            deployment=deployment,
            parameters=parameters,
            cause=row,
        )
        if deployment is None:
            self._server.set_state(run, states.PENDING)
            self._infrastructure.start(run, BY_HAND)

    def _mark(self, action: Mark) -> None:
        """Cancel runs of a date, or set what is over to a state by hand."""
        pipeline = self._pipeline(action.pipeline)
        detail = {"data_date": action.data_date, "state": action.state}
        latest = self._latest(self._flow(action.pipeline), action.data_date)
        refused = ""
        if latest is None:
            refused = _NO_DATE
        elif action.tasks:
            refused = "states of task runs are not set by hand"
        elif action.state == "success" and not latest.state.terminal:
            refused = "its run is not over"
        if refused or latest is None:
            self._note(action, "mark", pipeline, **detail, refused=refused)
            return
        row = self._note(action, "mark", pipeline, **detail)
        latest.row = row
        if action.state == "success":
            if latest.state.type is not StateType.COMPLETED:
                self._server.set_state(latest, states.COMPLETED)
        elif latest.state.terminal:
            if latest.state.type is StateType.COMPLETED:
                self._server.set_state(latest, states.failed(None, "by_hand"))
        else:
            self.cancel(latest)

    def cancel(self, run: FlowRun) -> None:
        """Cancel a run: at once when nothing of it runs, else its process is ended."""
        gone = run.standstill is not None and run.standstill.suspends
        if gone or (run.state.type is StateType.SCHEDULED and run.process is None):
            self._server.set_state(run, states.CANCELLED)
            return
        self._server.set_state(run, states.CANCELLING)
        self._infrastructure.kill(run, states.CANCELLED)

    # -- schedules and limits ---------------------------------------------------------------

    def _pause(self, action: Pause) -> None:
        """Pause a deployment by its name, all of a flow, a work pool, or the run of a date."""
        if action.data_date is not None:
            self._pause_run(action, action.data_date)
            return
        if action.pipeline in self._delivery.pools:
            self._pause_pool(action)
            return
        pipeline, name = self._pipeline(action.pipeline), action.pipeline
        chosen = [
            key for key, one in self._server.config.deployments.items() if name in {key, one.flow}
        ]
        if not chosen:
            refused = "it has no deployment"
            self._note(action, "pause", pipeline, paused=action.paused, refused=refused)
            return
        row = self._note(action, "pause", pipeline, paused=action.paused)
        self._kernel.fact(Fact.PAUSED, pipeline, int(action.paused), row)
        for key in chosen:
            self._delivery.pause(key, paused=action.paused)

    def _pause_run(self, action: Pause, data_date: str) -> None:
        """`suspend_flow_run(id)`, and `resume_flow_run(id)` of what is paused or suspended."""
        pipeline = self._pipeline(action.pipeline)
        detail: dict[str, Any] = {"data_date": data_date, "paused": action.paused}
        run = self._latest(self._flow(action.pipeline), data_date)
        refused = _NO_DATE
        if run is not None and action.paused:
            refused = self._pauses.refuses(run)
        elif run is not None:
            refused = self._pauses.refuses_resume(run)
        if run is None or refused:
            self._note(action, "pause", pipeline, **detail, refused=refused)
            return
        row = self._note(action, "pause", pipeline, **detail)
        if action.paused:
            self._pauses.propose(run, None, None, suspends=True, cause=row)
        else:
            self._pauses.resume(run, cause=row)

    def _pause_pool(self, action: Pause) -> None:
        """`prefect work-pool pause`: its runs stay where they are, and become Late."""
        name = action.pipeline
        entity = self._kernel.journal.entity(Entity.POOL, name)
        row = self._note(action, "pause", entity, paused=action.paused)
        self._kernel.fact(Fact.PAUSED, entity, int(action.paused), row)
        changed = replace(self._delivery.pools[name], is_paused=action.paused)
        self._delivery.change_pool(name, changed)

    def _set_pool(self, action: SetPool) -> None:
        """The limit of a work pool, of a tag (`tag:NAME`) or a global one."""
        entity = self._kernel.journal.entity(Entity.POOL, action.pool)
        pool, limit = self._delivery.pools.get(action.pool), self._server.limits.get(action.pool)
        if pool is None and limit is None:
            refused = "there is no such pool or limit"
            self._note(action, "set_pool", entity, slots=action.slots, refused=refused)
            return
        row = self._note(action, "set_pool", entity, slots=action.slots)
        self._kernel.fact(Fact.POOL, entity, action.slots, row)
        if pool is not None:
            changed = replace(pool, concurrency_limit=action.slots)
            self._delivery.change_pool(action.pool, changed)
        if limit is not None:
            limit.limit = action.slots

    # -- looking up -------------------------------------------------------------------------

    def _flow(self, name: str) -> str:
        """The flow that a name means: its own, or that of a deployment."""
        deployment = self._server.config.deployments.get(name)
        return name if deployment is None or name in self._server.flows else deployment.flow

    def _deployment(self, name: str) -> str | None:
        deployments = self._server.config.deployments
        if name in deployments and name not in self._server.flows:
            return name
        return next((key for key, one in deployments.items() if one.flow == name), None)

    def _latest(self, flow: str, data_date: str) -> FlowRun | None:
        found = [
            run
            for run in self._server.runs.values()
            if run.flow.name == flow and run.data_date == data_date and run.told
        ]
        return found[-1] if found else None

    def _pipeline(self, name: str) -> int:
        return self._kernel.journal.entity(Entity.PIPELINE, self._flow(name))

    def _note(
        self, action: Intervention, name: str, entity: int | None = None, **detail: Any
    ) -> int:
        journal = self._kernel.journal
        world = journal.entity(Entity.WORLD, "world") if entity is None else entity
        return self._kernel.fact(Fact.INTERVENTION, world, action=name, by=action.by, **detail)
