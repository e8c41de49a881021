"""Which scenarios take so long that what goes over all of them leaves them to the long searches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _pytest.mark import ParameterSet

LONG = {
    "backfill-march",
    "cache-is-not-idempotency",
    "catchup-flood",
    "dst-double-run",
    "late-run-pileup",
    "poisoned-backfill",
    "queue-backlog",
    "retry-duplicates",
    "rolling-window-backfill",
    "three-orchestrators-one-night",
    "zombie-twins",
}
"""Their proof takes over ten seconds."""


def marked(scenarios: Iterable[str]) -> list[ParameterSet]:
    """The scenarios as parameters of a test; it is slow for those that are long."""
    return [
        pytest.param(name, marks=[pytest.mark.slow] if name in LONG else []) for name in scenarios
    ]
