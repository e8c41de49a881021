"""What the engine does grows with what happens: counted in calls and events, never in seconds."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import msgspec
import pytest

from sim.kernel.calendar import DAY, SECOND, parse_instant
from sim.kernel.loop import Kernel
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.deployment import Airflow
from sim.platform.contract import Platform
from tests.bench.engine import FixedWork

START = parse_instant("2024-01-01")


def simulated(days: int, *, version: int = 3, pool: int = 128, **dags: Any) -> tuple[int, Kernel]:
    """(calls made, kernel) of so many days of Airflow with tasks of a minute."""
    kernel = Kernel(seed=0, start=START)
    work = FixedWork(kernel, 60 * SECOND)
    end = START + days * DAY
    platform = Platform(kernel=kernel, workshop=work, announcer=work, timezone="UTC", end=end)
    section = {"version": version, "pools": {"narrow": {"slots": pool}}, "dags": dags}
    Airflow(msgspec.convert(section, AirflowConfig), platform).start()
    calls = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal calls
        calls += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        kernel.run(until=end)
    finally:
        sys.setprofile(None)
    return calls, kernel


def dag(count: int, *, wide: int = 5, at: int = 3, **more: Any) -> dict[str, Any]:
    """A daily DAG of so many tasks, `wide` beside each other; `at` spreads DAGs over the day."""
    tasks = {
        f"t{n:04}": {"upstream": [f"t{n - wide:04}"] if n >= wide else [], **more}
        for n in range(count)
    }
    schedule = f"{at % 60} {at % 24} * * *"
    return {"schedule": schedule, "start_date": "2023-12-01", "tasks": tasks}


@pytest.mark.parametrize("version", [2, 3])
@pytest.mark.parametrize(
    ("small", "large"),
    [
        ({"days": 3, "a": dag(20)}, {"days": 30, "a": dag(20)}),
        (
            {"days": 3, **{f"d{n}": dag(20, at=n) for n in range(4)}},
            {"days": 3, **{f"d{n}": dag(20, at=n) for n in range(40)}},
        ),
        ({"days": 2, "a": dag(40, wide=40)}, {"days": 2, "a": dag(400, wide=400)}),
        (
            {"days": 2, "pool": 1, "a": dag(40, wide=40, pool="narrow")},
            {"days": 2, "pool": 1, "a": dag(400, wide=400, pool="narrow")},
        ),
    ],
    ids=["days", "dags", "wide", "one-slot"],
)
def test_ten_times_the_tasks_cost_at_most_eleven_times(
    small: dict[str, Any], large: dict[str, Any], version: int
) -> None:
    """Calls and events, for more days, more DAGs, wider DAGs and a backlog before one slot."""
    few_calls, few = simulated(**small, version=version)
    many_calls, many = simulated(**large, version=version)

    assert many_calls <= 11 * few_calls
    assert many.events <= 11 * few.events


def test_a_quiet_year_costs_what_happens_in_it() -> None:
    """A daily DAG of one task: eight rows and at most eight events a day, however many loops."""
    calls, kernel = simulated(365, a=dag(1))

    assert len(kernel.journal) <= 365 * 8 + 8
    assert kernel.events <= 365 * 8
    assert calls <= 365 * 400
