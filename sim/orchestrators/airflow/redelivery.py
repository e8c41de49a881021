"""Messages that a broker delivers twice: whether a fault has that in store for a try.

What becomes of the second delivery is the executor's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.airflow.macros import attempt_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.orchestrators.airflow.rows import TaskInstance
    from sim.platform.contract import Fates


def redelivery(fates: Fates | None) -> Callable[[TaskInstance], int | None]:
    """How long after its first delivery the message of a try comes again; None: it does not."""
    if fates is None:
        return lambda _ti: None

    def delivered_again(ti: TaskInstance) -> int | None:
        return fates.delivered_again(attempt_of(ti))

    return delivered_again
