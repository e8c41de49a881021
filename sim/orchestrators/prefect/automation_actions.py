"""What the actions of automations do to a server.

Source: Prefect 3.8.8, server/events/actions.py. An action without an id is about what its event is
about. Invariant: what is not in `DONE` is refused by `validate`, never passed over.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sim.kernel.calendar import SECOND
from sim.model.facts import Entity, Fact
from sim.orchestrators.prefect.states import TERMINAL, State, StateType

if TYPE_CHECKING:
    from sim.orchestrators.prefect.automations_config import Action
    from sim.orchestrators.prefect.delivery import Delivery
    from sim.orchestrators.prefect.engine_client import EngineClient
    from sim.orchestrators.prefect.event_trigger import Firing
    from sim.orchestrators.prefect.operations import Operations
    from sim.orchestrators.prefect.pauses import Pauses
    from sim.orchestrators.prefect.runs import FlowRun
    from sim.orchestrators.prefect.server import Server

PROPOSED = ("SCHEDULED", "COMPLETED", "FAILED", "CANCELLED", "CRASHED", "CANCELLING")
"""The types of states that `change-flow-run-state` can propose here."""
DONE = frozenset(
    {
        *("do-nothing", "run-deployment", "pause-deployment", "resume-deployment"),
        *("cancel-flow-run", "suspend-flow-run", "resume-flow-run"),
        *("change-flow-run-state", "pause-work-pool", "resume-work-pool"),
        *("pause-work-queue", "resume-work-queue"),
        *("send-notification", "call-webhook"),
    }
)
"""The actions that are simulated."""
SUSPEND_TIMEOUT = 3600 * SECOND
"""How long a run that an automation suspends waits for somebody to resume it."""
_FLOW_RUN = "prefect.flow-run."


class AutomationActions:
    """Does what automations say."""

    def __init__(
        self,
        server: Server,
        delivery: Delivery,
        operations: Operations,
        client: EngineClient,
        pauses: Pauses,
    ) -> None:
        self._server = server
        self._delivery = delivery
        self._operations = operations
        self._client = client
        self._pauses = pauses

    def act(self, automation: str, action: Action, firing: Firing) -> None:
        """Do one action because a trigger has fired."""
        run = self._flow_run(firing)
        cause = self._note(automation, action, run)
        if action.type.endswith(("-work-pool", "-work-queue")):
            self._pause_work(action)
        elif action.type.endswith(("-flow-run", "-flow-run-state")):
            if run is not None:
                self._of_flow_run(run, action, cause)
        elif action.type == "run-deployment":
            self._run_deployment(action, cause)
        elif action.type in {"pause-deployment", "resume-deployment"}:
            name = action.deployment_id or (None if run is None else run.deployment)
            if name is not None:
                self._delivery.pause(name, paused=action.type == "pause-deployment")
        elif action.alert is not None:
            self._client.notify(action.alert, run, automation, cause)

    def _pause_work(self, action: Action) -> None:
        """A pool, or one of its queues."""
        paused = action.type.startswith("pause-")
        name, _, queue = (action.work_queue_id or action.work_pool_id or "").partition("/")
        pool = self._delivery.pools.get(name)
        if pool is None:
            return
        if not queue:
            self._delivery.change_pool(name, replace(pool, is_paused=paused))
            return
        queues = [
            replace(one, is_paused=paused) if one.name == queue else one for one in pool.queues
        ]
        self._delivery.change_pool(name, replace(pool, queues=queues))

    def _of_flow_run(self, run: FlowRun, action: Action, cause: int) -> None:
        """What the server refuses is not done, as an `ActionFailed` of the tool."""
        match action.type:
            case "cancel-flow-run":
                if not run.state.terminal:
                    self._operations.cancel(run)
            case "suspend-flow-run":
                if not self._pauses.refuses(run):
                    self._pauses.propose(run, None, SUSPEND_TIMEOUT, suspends=True, cause=cause)
            case "resume-flow-run":
                if not self._pauses.refuses_resume(run):
                    self._pauses.resume(run, cause=cause)
            case _:
                self._change_state(run, action, cause)

    def _change_state(self, run: FlowRun, action: Action, cause: int) -> None:
        """The process of a run that is given a last state knows nothing of it and goes on."""
        wanted = StateType(action.state or "")
        over = run.state.terminal
        if wanted is StateType.CANCELLING and not over:
            self._operations.cancel(run)
        elif wanted is StateType.SCHEDULED:
            self._operations.retry(run, cause)
        elif wanted in TERMINAL and not (over and wanted is StateType.CRASHED):
            run.row = cause
            name = action.name or wanted.capitalize()
            self._server.set_state(run, State(wanted, name, None, "by_automation"))

    def _run_deployment(self, action: Action, cause: int) -> None:
        name = action.deployment_id
        if name is None:
            return
        deployment = self._server.config.deployments[name]
        self._server.create_run(
            self._server.flows[deployment.flow],
            scheduled=self._server.kernel.now,
            run_type="automation",
            deployment=name,
            parameters={**deployment.parameters, **(action.parameters or {})},
            cause=cause,
        )

    def _flow_run(self, firing: Firing) -> FlowRun | None:
        """The flow run that the event is about."""
        resource = {} if firing.event is None else firing.event.resource
        name = resource.get("prefect.resource.id", "")
        if not name.startswith(_FLOW_RUN):
            named = next((one for _, one in firing.labels if one.startswith(_FLOW_RUN)), "")
            name = named or name
        return self._server.runs.get(name.removeprefix(_FLOW_RUN))

    def _note(self, automation: str, action: Action, run: FlowRun | None) -> int:
        """An automation is an instigator, and its firing one of its ticks."""
        kernel = self._server.kernel
        entity = kernel.journal.entity(Entity.INSTIGATOR, automation)
        detail = {"kind": "AUTOMATION", "action": action.type}
        if run is not None:
            detail["run_id"] = run.run_id
        cause = -1 if run is None else run.row
        return kernel.fact(Fact.TICK, entity, 1, cause, **detail)
