"""Which workers are online and which work pools are ready: heartbeats, and the foreman's look.

Source: Prefect 3.8.8, workers/base.py (a sync every `heartbeat_seconds`, with the jitter of all
loops), server/services/foreman.py and server/models/workers.py. A worker is offline when its last
heartbeat is more than `inactivity_heartbeat_multiple` intervals old, and a pool without a worker
that is online is not ready. Neither keeps a run from being planned. Invariant: heartbeats of a
living worker are never stepped; when the last one was is computed when it matters.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.orchestrators.prefect.loop_times import WORKER_BACKOFF, LoopTimes
from sim.orchestrators.prefect.service_loop import FOREMAN, ServiceLoop
from sim.orchestrators.prefect.settings import micros

if TYPE_CHECKING:
    from collections.abc import Callable

    from sim.kernel.loop import Kernel
    from sim.orchestrators.prefect.settings import Settings


class WorkerHealth:
    """The service `monitor_worker_health`, and the heartbeats that it looks at."""

    def __init__(
        self, kernel: Kernel, settings: Settings, *, ready: Callable[[str, bool], None]
    ) -> None:
        """`ready(pool, is_ready)` is told when the status of a work pool changes."""
        self._kernel, self._ready = kernel, ready
        self._every = settings.worker_heartbeat_seconds
        self._patience = micros(
            int(settings.worker_heartbeat_seconds) * settings.foreman_inactivity_heartbeat_multiple
        )
        self._pool_of: dict[str, str] = {}
        self._beats: dict[str, LoopTimes] = {}
        """Heartbeats of living workers."""
        self._last: dict[str, int] = {}
        """The last heartbeat of those that are gone."""
        self._lives: dict[str, int] = {}
        self.online: dict[str, bool] = {}
        """Each worker that ever was, and whether it counts as online."""
        self.pool_ready: dict[str, bool] = {}
        """Each pool that ever had a worker, and whether its status is READY."""
        self._api_up = True
        every = micros(settings.foreman_loop_seconds)
        self.loop = ServiceLoop(kernel, every, self._look, rank=FOREMAN)

    def started(self, worker: str, pool: str) -> None:
        """A worker starts, and says so at once."""
        self._pool_of[worker] = pool
        life = self._lives[worker] = self._lives.get(worker, 0) + 1
        key = ("heartbeat", worker, str(life))
        now = self._kernel.now
        self._beats[worker] = LoopTimes(
            self._kernel.streams, key, self._every, now, backoff=WORKER_BACKOFF
        )
        if self._api_up:
            self._beats[worker].passed()
            self._heard(worker)

    def gone(self, worker: str) -> None:
        """The process of a worker ended, in whatever way."""
        beats = self._beats.pop(worker)
        if self._api_up:
            beats.skip_to(self._kernel.now)
        if beats.before is not None:
            self._last[worker] = beats.before
            self.loop.wake_at(beats.before + self._patience + 1)

    def api(self, *, up: bool) -> None:
        """The API answers from now on, or does not: heartbeats fail meanwhile."""
        now = self._kernel.now
        for beats in self._beats.values():
            if self._api_up:
                beats.skip_to(now)
            else:
                while beats.at < now and beats.failed():
                    pass
        self._api_up = up
        if up:
            self._hear_again()

    def _hear_again(self) -> None:
        """Those who were marked offline although they live are heard with their next heartbeat."""
        for worker, beats in self._beats.items():
            life = self._lives[worker]
            self._kernel.at(max(beats.at, self._kernel.now), self._beat, worker, life)

    def _beat(self, worker: str, life: int) -> None:
        if worker in self._beats and self._lives[worker] == life and self._api_up:
            self._beats[worker].skip_to(self._kernel.now + 1)
            self._heard(worker)

    def _heard(self, worker: str) -> None:
        self.online[worker] = True
        pool = self._pool_of[worker]
        if not self.pool_ready.get(pool, False):
            self.pool_ready[pool] = True
            self._ready(pool, True)  # noqa: FBT003 - the name of the callback says what it is

    def _last_heartbeat(self, worker: str, now: int) -> int:
        beats = self._beats.get(worker)
        if beats is None:
            return self._last[worker]
        if self._api_up:
            beats.skip_to(now + 1)
        return now if beats.before is None else beats.before

    def _look(self, now: int) -> int | None:
        for worker, online in self.online.items():
            if online and now - self._last_heartbeat(worker, now) > self._patience:
                self.online[worker] = False
        for pool, ready in self.pool_ready.items():
            if ready and not any(
                online and self._pool_of[worker] == pool for worker, online in self.online.items()
            ):
                self.pool_ready[pool] = False
                self._ready(pool, False)  # noqa: FBT003 - as above
        left = [
            self._last[worker] + self._patience + 1
            for worker, online in self.online.items()
            if online and worker not in self._beats
        ]
        return min(left, default=None)
