"""systemd sets no limit that a counterfactual could lift: what waits, waits for another unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.views.ledger.reasons import Reason

CHANGES: Mapping[Reason, Callable[..., Any]] = {}
