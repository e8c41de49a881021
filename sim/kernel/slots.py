"""A slot queue on a heap: capacity, weights of requests, priorities, resizing.

SimPy's PriorityResource sorts its whole queue at each request; this one costs O(log n). Waiting
requests are served in the order (priority, order of asking); one that does not fit blocks those
behind it, so nobody starves. Law: held slots are never more than the capacity at the time of the
grant, and never leak.
"""

from __future__ import annotations

from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Request:
    """One claim on slots: waiting, then held, then released (or given up while waiting)."""

    __slots__ = ("granted", "on_grant", "released", "slots")

    def __init__(self, slots: int, on_grant: Callable[[], None]) -> None:
        self.slots = slots
        self.on_grant = on_grant
        self.granted = False
        self.released = False


class Slots:
    """`capacity` slots shared by requests."""

    __slots__ = ("_heap", "_order", "capacity", "held", "waiting")

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.held = 0
        """Slots held now; more than `capacity` only after a resize below it."""
        self.waiting = 0
        """Requests that wait now."""
        self._heap: list[tuple[int, int, Request]] = []
        self._order = 0

    def request(
        self, on_grant: Callable[[], None], *, slots: int = 1, priority: int = 0
    ) -> Request:
        """Ask for `slots`; `on_grant` is called at once or when they are free.

        Lower `priority` is served first. Raises `ValueError` for fewer than one slot.
        """
        if slots < 1:
            message = f"a request needs at least one slot, not {slots}"
            raise ValueError(message)
        request = Request(slots, on_grant)
        self._order += 1
        heappush(self._heap, (priority, self._order, request))
        self.waiting += 1
        self._serve()
        return request

    def release(self, request: Request) -> None:
        """Give the slots back, or give up waiting. A second release has no effect."""
        if request.released:
            return
        request.released = True
        if request.granted:
            self.held -= request.slots
        else:
            self.waiting -= 1
        self._serve()

    def resize(self, capacity: int) -> None:
        """Change the capacity; holders keep what they hold."""
        self.capacity = capacity
        self._serve()

    def _serve(self) -> None:
        heap = self._heap
        while heap:
            request = heap[0][2]
            if request.released:
                heappop(heap)
                continue
            if self.held + request.slots > self.capacity:
                return
            heappop(heap)
            request.granted = True
            self.held += request.slots
            self.waiting -= 1
            request.on_grant()
