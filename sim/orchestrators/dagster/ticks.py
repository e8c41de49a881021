"""Ticks: what a schedule or a sensor decided at an instant, written down.

Source: Dagster 1.13.29, _core/scheduler/instigation.py (`TickStatus`). A tick that was skipped for
the same reason as the one before is not written again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from sim.model.facts import Entity, Fact

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sim.kernel.loop import Kernel
    from sim.orchestrators.dagster.runs import Run

TickStatus = Literal["SUCCESS", "SKIPPED", "FAILURE"]
_VALUES: dict[TickStatus, int] = {"SUCCESS": 1, "SKIPPED": 0, "FAILURE": -1}


def instigator(kernel: Kernel, name: str) -> int:
    """The journal entity of a schedule or a sensor."""
    return kernel.journal.entity(Entity.INSTIGATOR, name)


def tick_fact(kernel: Kernel, name: str, status: TickStatus, *, kind: str, **detail: Any) -> int:
    """Write down a tick. `kind`: `SCHEDULE` or `SENSOR`."""
    return kernel.fact(
        Fact.TICK,
        instigator(kernel, name),
        _VALUES[status],
        detail.pop("cause", -1),
        kind=kind,
        **detail,
    )


def run_ids(runs: Sequence[Run]) -> list[str]:
    """What a tick that requested runs remembers of them."""
    return [run.run_id for run in runs]
