"""A session of one try with the warehouse, for as long as the warehouse is there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.model.facts import Fact
from sim.world.warehouse.errors import SqlError

if TYPE_CHECKING:
    from collections.abc import Generator

    from sim.kernel.loop import Kernel
    from sim.model.work import Attempt
    from sim.platform.site import Site


def hold_session(
    kernel: Kernel, site: Site, attempt: Attempt, span_us: int
) -> Generator[Any, Any, None]:
    """Nothing, when the session lasts for this span; else fail at the instant at which it ends.

    Raises `SqlError` then.
    """
    cut = site.session_cut(kernel.now + span_us)
    if cut is not None:
        yield kernel.timeout(cut - kernel.now)
        kernel.fact(Fact.FAULT, attempt.task_instance, 0, attempt.cause, fault="warehouse_restart")
        message = "the warehouse closed the connection"
        raise SqlError(message)
