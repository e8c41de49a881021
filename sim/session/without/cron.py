"""Cron sets no limit that a counterfactual could lift: what it waits for, a shell says."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sim.views.ledger.reasons import Reason

CHANGES: Mapping[Reason, Callable[..., Any]] = {}
