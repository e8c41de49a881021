"""Checks: an observed figure against bounds, absolute or relative to the same weekday's median.

A check is a pure function of the rows handed on and of what was published before; it never looks
at the truth. The median resists one odd day among four, which a mean would not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import date

    from sim.platform.config import Baseline, Check
    from sim.platform.site import Site
    from sim.world.warehouse.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check saw and what it would have accepted; None is an open bound."""

    passed: bool
    metric: str
    observed: Decimal
    low: Decimal | None
    high: Decimal | None
    baseline: Decimal | None
    history: tuple[Decimal, ...]
    holiday: bool

    def figures(self) -> dict[str, Any]:
        """The figures as the journal keeps them: numbers that survive JSON exactly."""
        return {
            "metric": self.metric,
            "observed": _number(self.observed),
            "low": _number(self.low),
            "high": _number(self.high),
            "baseline": _number(self.baseline),
            "history": [_number(value) for value in self.history],
            "holiday": self.holiday,
        }


def evaluate(check: Check, data: Dataset, *, day: date, site: Site) -> Verdict:
    """Judge `data`, the rows of `day`, by `check`.

    With no earlier day to compare with, a relative bound is open: there is no expectation yet.
    """
    observed = _observed(check.metric, data, site)
    history = _history(check.baseline, day, site) if check.baseline else ()
    middle = Decimal(median(history)) if history else None
    holiday = day in site.holidays
    ratio = check.min_ratio
    if holiday and check.holiday_min_ratio is not None:
        ratio = check.holiday_min_ratio
    low = _tighter(max, check.min, ratio, middle)
    high = _tighter(min, check.max, check.max_ratio, middle)
    passed = (low is None or observed >= low) and (high is None or observed <= high)
    return Verdict(passed, check.metric, observed, low, high, middle, history, holiday)


def _observed(metric: str, data: Dataset, site: Site) -> Decimal:
    if metric == "rows":
        return Decimal(data.rows)
    return site.warehouse.total(data, metric.removeprefix("sum:"))


def _history(baseline: Baseline, day: date, site: Site) -> tuple[Decimal, ...]:
    days = [day - timedelta(weeks=weeks) for weeks in range(1, baseline.same_weekdays + 1)]
    totals = site.warehouse.day_totals(baseline.table, baseline.column, days)
    return tuple(total for total in totals if total is not None)


def _tighter(
    choose: Any, absolute: float | None, ratio: float | None, middle: Decimal | None
) -> Decimal | None:
    bounds = [] if absolute is None else [Decimal(str(absolute))]
    if ratio is not None and middle is not None:
        bounds.append(Decimal(str(ratio)) * middle)
    return choose(bounds) if bounds else None


def _number(value: Decimal | None) -> int | float | None:
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)
