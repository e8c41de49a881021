"""What a replay costs at the scenario's prices, and the objective that it stays below a bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sim.kernel.calendar import HOUR
from sim.objectives.alerting import is_false
from sim.objectives.finding import about, against

if TYPE_CHECKING:
    from sim.objectives.config import CostAtMost
    from sim.objectives.finding import Finding
    from sim.views.nights import Nights
    from sim.views.replay import Replay


@dataclass(frozen=True, slots=True)
class Bill:
    """What was used within a window, and its price."""

    slot_hours: float
    """Hours that tries held a worker."""
    scheduler_hours: float
    """Hours of machines that schedulers stand on, whether they are alive or not."""
    worker_hours: float
    """Hours of slots on worker machines, used or not."""
    pages: int
    false_pages: int
    cost: float


def bill(replay: Replay, nights: Nights) -> Bill:
    """The bill of one replay."""
    pages = [page for page in nights.pages if page.at < replay.end]
    false = sum(is_false(page, replay, nights) for page in pages)
    slot_hours = round(nights.busy_us / HOUR, 2)
    scheduler_hours = round(replay.schedulers * (replay.end - replay.start) / HOUR, 2)
    worker_hours = round(replay.worker_slots * (replay.end - replay.start) / HOUR, 2)
    prices = replay.prices
    cost = (
        slot_hours * prices.slot_hour
        + scheduler_hours * prices.scheduler_hour
        + worker_hours * prices.worker_slot_hour
        + len(pages) * prices.page
        + false * prices.false_page
    )
    return Bill(slot_hours, scheduler_hours, worker_hours, len(pages), false, round(cost, 2))


def cost(asked: CostAtMost, replay: Replay, nights: Nights) -> Finding:
    """The cost of the window in all."""
    found = bill(replay, nights)
    if found.cost <= asked.max:
        return against(replay, [], checked=len(replay.nights))
    evidence = about(
        replay,
        "cost.high",
        cost=found.cost,
        max=asked.max,
        slot_hours=found.slot_hours,
        scheduler_hours=found.scheduler_hours,
        worker_hours=found.worker_hours,
        pages=found.pages,
    )
    return against(replay, [evidence], checked=0)
