"""Messages that a broker delivers twice: whether a fault has that in store for a try.

What becomes of the second delivery is the executor's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.work import Attempt
from sim.orchestrators.airflow.macros import task_macros

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.airflow.rows import TaskInstance
    from sim.platform.contract import Fates


def redelivery(fates: Fates | None) -> Callable[[TaskInstance], int | None]:
    """How long after its first delivery the message of a try comes again; None: it does not."""
    if fates is None:
        return lambda _ti: None

    def delivered_again(ti: TaskInstance) -> int | None:
        attempt = Attempt(
            ti.entity,
            ti.task.dag_id,
            ti.task.task_id,
            ti.run.run_id,
            ti.try_number,
            task_macros,
            ti,
            ti.row,
        )
        return fates.delivered_again(attempt)

    return delivered_again
