"""The registry of kinds of trouble: one line each, the simplest to explain first.

A new kind is a module with a `Kind` and a line here; search, shrinking and coverage follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.verify.kinds import attempt_crash, late, machines, operator, sources, worker

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sim.verify.plan import Kind

_ALL = (
    attempt_crash.KIND,
    operator.RERUN,
    late.INSIDE,
    worker.CRASH,
    worker.LOST,
    worker.SPLIT,
    worker.UNDELIVERED,
    operator.OVERLAP,
    operator.TWICE,
    operator.DISORDER,
    operator.CLEAR,
    operator.BACKFILL,
    late.REPORT,
    late.DELIVERY,
    late.CRON,
    late.SOURCE,
    sources.EMPTY,
    sources.PARTIAL,
    sources.REFUSE,
    sources.TIMEOUT,
    sources.SLOW,
    machines.HOST,
    machines.SCHEDULER,
    machines.DATABASE,
    machines.BROKER,
    machines.WORKER,
)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
"""Name -> kind, in the order in which they are tried."""
