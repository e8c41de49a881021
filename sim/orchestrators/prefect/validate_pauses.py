"""What types cannot say about pauses and suspensions in a flow.

What the server would refuse when the flow runs is a warning: the flow fails there, as it does in
real life. Nothing is raised and nothing is changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sim.orchestrators.prefect.config import Call, PrefectConfig

    Path = tuple[str | int, ...]
    Found = tuple[Path, str, str, str]

_GOES_WITH = frozenset({"wait_for", "transaction", "pause_flow_run", "suspend_flow_run"})


def validate_pause(call: Call, before: Sequence[str], path: Path) -> Iterator[Found]:
    """A call that is a pause; `before`: the calls of the flow before it."""
    if call.pause_flow_run is not None and call.suspend_flow_run is not None:
        message = "a call is one pause or one suspension"
        yield (*path, "suspend_flow_run"), "E-CALL", message, "take one of the two away"
    plain = type(call)()
    for field in call.__struct_fields__:
        if field not in _GOES_WITH and getattr(call, field) != getattr(plain, field):
            message = f"a pause has no {field}"
            yield (*path, field), "E-CALL", message, "only wait_for and transaction go with it"
    for number, name in enumerate(call.wait_for):
        if name not in before:
            message = f'there is no call "{name}" before this one'
            yield (*path, "wait_for", number), "E-CALL-UNKNOWN", message, "calls are in order"
    for kind in ("pause_flow_run", "suspend_flow_run"):
        said = getattr(call, kind)
        if said is None:
            continue
        for field in ("timeout", "poll_interval"):
            value = getattr(said, field, None)
            if value is not None and value <= 0:
                place = (*path, kind, field)
                yield place, "E-RANGE", f"{field} is {value}", "more than 0"


def validate_suspensions(config: PrefectConfig) -> Iterator[Found]:
    """Suspensions that the server will refuse: of subflows, and of flows without a deployment."""
    deployed = {one.flow for one in config.deployments.values()}
    called = {
        call.flow: (name, key)
        for name, flow in config.flows.items()
        for key, call in flow.calls.items()
        if call.flow is not None
    }
    for name, flow in config.flows.items():
        for key, call in flow.calls.items():
            if call.suspend_flow_run is None:
                continue
            path: Path = ("flows", name, "calls", key, "suspend_flow_run")
            if name in called:
                parent, by = called[name]
                message = f"flow {parent} calls this flow ({by}): subflows cannot be suspended"
                yield path, "W-SUSPEND", message, "suspend the flow that calls it"
            elif name not in deployed:
                message = "only runs of deployments can be suspended: the flow fails here"
                yield path, "W-SUSPEND", message, "add a deployment of the flow"
