"""The call that a try makes outside: whether it is made, and what is written down about it.

The service acts when the call reaches it, the answer comes later; a try that dies in between has
called all the same. Invariant: one EFFECT fact for each call and for each one that was not made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sim.model.facts import Entity, Fact
from sim.world.templates import render
from sim.world.warehouse.receipts import Receipt

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sim.kernel.loop import Kernel
    from sim.model.work import Attempt
    from sim.platform.config import Effect
    from sim.platform.site import Site


class Calling:
    """The effect of one try."""

    def __init__(
        self,
        kernel: Kernel,
        site: Site,
        attempt: Attempt,
        effect: Effect,
        *,
        day: date,
        macros: Mapping[str, Any],
    ) -> None:
        self._kernel = kernel
        self._site = site
        self._attempt = attempt
        self.effect = effect
        self.receipt = Receipt(attempt.pipeline, day.isoformat(), effect.kind or effect.service)
        self.in_write = False
        """Whether receipt and call were part of the write's own transaction."""
        self._claimed = True
        key = effect.idempotency_key
        self._key = None if key is None else render(key, macros)

    def kept(self, rows: int) -> None:
        """The receipt was written; with no row, somebody had written it before."""
        self._claimed = rows > 0

    @property
    def wanted(self) -> bool:
        """Whether the call is still to be made, as far as receipts tell."""
        if self.effect.receipt == "after":
            return not self._site.warehouse.has_receipt(self.receipt)
        return self._claimed

    def make(self) -> int:
        """Call the service, unless a receipt says that it was; microseconds until its answer."""
        service = self.effect.service
        if not self.wanted:
            self._fact("receipt")
            return 0
        acted = self._site.services.call(service, self._key, self._kernel.now)
        self._fact("done" if acted else "known_key")
        return self._site.services.takes_us(service)

    def _fact(self, status: str) -> None:
        attempt = self._attempt
        self._kernel.fact(
            Fact.EFFECT,
            self._kernel.journal.entity(Entity.SYSTEM, self.effect.service),
            int(status == "done"),
            attempt.cause,
            task_instance=attempt.task_instance,
            status=status,
            kind=self.receipt.kind,
            key=self._key,
            data_date=self.receipt.data_date,
            try_number=attempt.try_number,
        )
