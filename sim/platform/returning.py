"""What an attempt returns to its orchestrator: how many entries, how many bytes.

Pure arithmetic over the world's `returns` and what the attempt read; who keeps it, and what is
made of it, is the orchestrator's business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sim.model.work import Returned

if TYPE_CHECKING:
    from sim.world.config import Returns


def returned(returns: Returns, rows: int) -> Returned:
    """What an attempt that read `rows` rows returns."""
    length = returns.entries
    if returns.rows_per_entry is not None:
        length = -(-rows // returns.rows_per_entry)
    return Returned(returns.bytes * (1 if length is None else length), length)
