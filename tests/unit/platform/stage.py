"""A stage without an orchestrator: tries begun by hand on the shop of `tests/unit/session/shop`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from sim.faults.plan import Crashes, Fault
from sim.kernel.calendar import DAY, format_instant
from sim.kernel.journal import Row
from sim.kernel.loop import Kernel
from sim.model.facts import Entity, Fact
from sim.model.interventions import Intervention
from sim.model.work import Attempt, Outcome, Running
from sim.platform.alerts import Alerts
from sim.platform.attempts import TaskWorkshop
from sim.platform.config import Alert, Check, TaskWiring
from sim.platform.readers import Readers
from sim.platform.site import Site
from sim.world.config import World
from sim.world.files import Files
from sim.world.outages import Outages
from sim.world.resolved import resolve
from sim.world.warehouse import Warehouse
from tests.unit.session.shop import FIRST, SQL, TABLE, at, world

DAY_ONE = "2024-03-11"
"""The data date of the first night, a Monday."""


@dataclass
class Stage:
    """World, workshop, alerts and readers on one kernel."""

    kernel: Kernel
    site: Site
    workshop: TaskWorkshop
    alerts: Alerts
    warehouse: Warehouse
    outcomes: list[tuple[str, str, Outcome]] = field(default_factory=list)
    """(time of day, task, outcome) of each try that reported."""
    operated: list[tuple[str, Intervention]] = field(default_factory=list)
    """(time of day, action) of what people did to the orchestrator."""

    def attempt(
        self, task: str, *, day: str = DAY_ONE, try_number: int = 1, **names: Any
    ) -> Attempt:
        """A try of a task for a day."""
        journal = self.kernel.journal
        run = journal.entity(Entity.RUN, day, journal.entity(Entity.PIPELINE, "sales"))
        instance = journal.entity(Entity.TASK_INSTANCE, task, run, -1)
        macros = {"fecha": day, "ds": day, **names}
        return Attempt(instance, "sales", task, day, try_number, dict, macros)

    def begin(
        self, task: str, time: str, *, day: str = DAY_ONE, try_number: int = 1, **names: Any
    ) -> list[Running]:
        """Begin a try at a time of the first night; the list holds it once it runs."""
        running: list[Running] = []
        attempt = self.attempt(task, day=day, try_number=try_number, **names)

        def start() -> None:
            running.append(self.workshop.begin(attempt, lambda outcome: self._ended(task, outcome)))

        self.kernel.at(at(time), start)
        return running

    def alert(self, name: str, time: str, *, task: str = "copy", day: str = DAY_ONE) -> None:
        """Send an alert about a task's try at a time."""
        attempt = self.attempt(task, day=day)
        self.kernel.at(at(time), lambda: self.alerts.send(name, attempt, cause=-1))

    def run(self, *, days: float = 1) -> Stage:
        """Let time pass, from the first night's midnight on."""
        self.kernel.run(until=self.kernel.start + round(days * DAY))
        return self

    def facts(self, *facts: Fact) -> list[Row]:
        """The facts of these kinds, in order."""
        return list(self.kernel.journal.rows(*facts))

    def told(self, fact: Fact, *keys: str) -> list[tuple[Any, ...]]:
        """(time of day, value, the detail's keys) of each fact of a kind."""
        return [
            (clock(row.time), row.value, *(row.detail[key] for key in keys))
            for row in self.facts(fact)
        ]

    def results(self) -> list[tuple[str, str, str]]:
        """(time of day, result, reason) of each try that reported."""
        return [(time, one.result.name, one.reason) for time, _, one in self.outcomes]

    def orders(self, day: str = DAY_ONE) -> int | None:
        """The orders that a reader of a day sees now; None for no row."""
        shown = self.warehouse.read(TABLE, "orders", date.fromisoformat(day)).shown
        return None if shown is None else int(shown)

    def true_orders(self, day: str = DAY_ONE) -> int:
        """The orders that there are."""
        return self.warehouse.true_rows("shop.orders", date.fromisoformat(day))

    def _ended(self, task: str, outcome: Outcome) -> None:
        self.outcomes.append((clock(self.kernel.now), task, outcome))


def stage(
    *,
    tasks: dict[str, Any] | None = None,
    checks: dict[str, Any] | None = None,
    alerts: dict[str, Any] | None = None,
    faults: Sequence[Fault] = (),
    readers_until: str | None = None,
    **changes: Any,
) -> Stage:
    """The shop at the first night's midnight; `changes` replace sections of its world."""
    resolved = resolve(msgspec.convert(world(**changes), World), "UTC")
    kernel = Kernel(seed=7, start=at("00:00"))
    warehouse = Warehouse(resolved, seed=7)
    warehouse.open(first_day=date.fromordinal(FIRST.toordinal() - 1))
    wiring = msgspec.convert(tasks or copy_and_publish(), dict[str, TaskWiring])
    site = Site(
        kernel,
        world=resolved,
        outages=Outages(resolved.outages),
        warehouse=warehouse,
        files=Files(),
        tasks=wiring,
        timezone="UTC",
    )
    workshop = TaskWorkshop(
        kernel,
        site,
        tasks=wiring,
        checks=msgspec.convert(checks or {}, dict[str, Check]),
        crashes=Crashes(faults),
    )
    sent = Alerts(kernel, site, msgspec.convert(alerts or {}, dict[str, Alert]))
    built = Stage(kernel, site, workshop, sent, warehouse)
    sent.operate = lambda action: built.operated.append((clock(kernel.now), action))
    if readers_until is not None:
        Readers(kernel, site).start(end=at(readers_until))
    return built


def copy_and_publish(*, mode: str = "replace_partition", **publish: Any) -> dict[str, Any]:
    """`copy` reads the source into a file, `publish` writes the table."""
    return {
        "copy": {"work": "copy", "output": "/data/orders.csv"},
        "publish": {
            "work": "publish",
            "input": "/data/orders.csv",
            "sql": SQL,
            "table": TABLE,
            "write_mode": mode,
            **publish,
        },
    }


def clock(instant: int) -> str:
    """Time of day."""
    return format_instant(instant)[11:19]
