"""Nights of a flow with transactions, and what is asked of them."""

from __future__ import annotations

from typing import Any

from sim.model.facts import Fact
from sim.model.work import Outcome
from tests.unit.prefect.builder import FAILS, Flight, fly

DATE = "2024-03-09"
HOOKED = {
    name: {"on_commit": f"keep_{name}", "on_rollback": f"undo_{name}"} for name in ("a", "b", "c")
}
SERIAL = {"isolation_level": "SERIALIZABLE", "lock_manager": "MemoryLockManager"}
FILES = {"isolation_level": "SERIALIZABLE", "lock_manager": "FileSystemLockManager"}


def calls(**blocks: str | list[str]) -> dict[str, Any]:
    """Direct calls, each in its blocks; `b=""` stands in none."""
    return {
        name: {"mode": "direct", **({"transaction": block} if block else {})}
        for name, block in blocks.items()
    }


def night(
    made: dict[str, Any], *fails: str | tuple[str, int], tasks: Any = None, **options: Any
) -> Flight:
    """One flow run; `fails`: tasks whose first try fails, or their number."""
    flight_options = {
        name: options.pop(name)
        for name in ("actions", "fates", "spans", "until", "work_pools", "workers", "deployments")
        if name in options
    }
    outcomes: dict[tuple[str, int], Outcome] = {
        (one, 1) if isinstance(one, str) else one: FAILS for one in fails
    }
    flight = fly(
        flows={"f": {"calls": made, **options}},
        tasks=HOOKED if tasks is None else tasks,
        outcomes=outcomes,
        **flight_options,
    )
    assert [] == flight.illegal()
    return flight


def done(flight: Flight) -> str:
    """What was begun, in order."""
    return " ".join(task for task, _, _ in flight.work.begun)


def rolled_back(flight: Flight) -> list[str]:
    """The task runs that are RolledBack, in the order in which they were."""
    journal = flight.kernel.journal
    return [
        journal.name(row.entity)
        for row in journal.rows(Fact.NATIVE_STATE)
        if row.detail["state"] == "RolledBack"
    ]
