"""Builders of small worlds for tests."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from sim.world.config import World
from sim.world.resolved import ResolvedWorld, resolve
from sim.world.warehouse import Warehouse

MONDAY = date(2024, 3, 11)


def world(**changes: Any) -> ResolvedWorld:
    """A shop with one source, one table with truth, one dimension."""
    section: dict[str, Any] = {
        "sources": {
            "pg.sales": {
                "system": "pg.replica",
                "rows_per_day": 200,
                "weekday": {"sat": 1.5},
                "jitter": 0.06,
                "mean_amount": 42.5,
                "regions": {"norte": 0.6, "sur": 0.4},
                "days": {"2024-03-29": {"rows": 40}},
            }
        },
        "work": {"extract": {"duration": "45m", "reads": "pg.sales"}},
        "tables": {
            "dw.ventas": {
                "partition": "fecha",
                "columns": {"fecha": "DATE", "order_id": "BIGINT", "amount": "DECIMAL(14,2)"},
                "key": ["fecha", "order_id"],
                "truth": "SELECT fecha, order_id, amount FROM pg.sales",
            },
            "dw.regions": {"columns": {"region": "VARCHAR"}, "rows": [["norte"], ["sur"]]},
        },
    }
    section.update(changes)
    return resolve(msgspec.convert(section, World), "UTC")


def warehouse(*, seed: int = 1, **changes: Any) -> Warehouse:
    """A warehouse of that world, open, before the data date of MONDAY."""
    opened = Warehouse(world(**changes), seed=seed)
    opened.open(first_day=MONDAY)
    return opened
