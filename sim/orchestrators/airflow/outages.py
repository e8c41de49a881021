"""Workers, triggerers and the broker when their hosts go off and on, as the platform's faults say.

What died with a worker wrote no state: its task instances stay running or queued until something
else notices. A span that names nobody of this deployment does nothing.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from sim.kernel.loop import WORLD_FIRST
from sim.orchestrators.airflow.executors.celery import Celery

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Kernel
    from sim.orchestrators.airflow.deferral import Deferrals
    from sim.orchestrators.airflow.executors.several import ExecutorLoader
    from sim.platform.contract import Platform


def plan_outages(platform: Platform, loader: ExecutorLoader, deferrals: Deferrals) -> None:
    """Have workers and broker die and come back at their times."""
    kernel = platform.kernel
    celeries = [kind for kind in loader.kinds if isinstance(kind, Celery)]
    for name, off, on in platform.worker_outages:
        names = [name]
        _span(kernel, off, on, partial(deferrals.stop, names), partial(deferrals.start, names))
        for celery in celeries:
            stop, start = partial(celery.stop_workers, names), partial(celery.start_workers, names)
            _span(kernel, off, on, stop, start)
    for off, on in platform.broker_outages:
        for celery in celeries:
            _span(kernel, off, on, celery.break_broker, celery.mend_broker)


def _span(
    kernel: Kernel, off: int, on: int, stop: Callable[[], None], start: Callable[[], None]
) -> None:
    if on > kernel.now:
        kernel.at(max(off, kernel.now), stop, priority=WORLD_FIRST)
        kernel.at(on, start, priority=WORLD_FIRST)
