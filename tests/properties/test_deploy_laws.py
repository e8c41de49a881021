"""Deploys that change DAGs while their runs exist: legal states, no slot lost, every run ends."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.kernel.calendar import DAY, HOUR, MINUTE, format_instant, parse_instant
from sim.kernel.loop import Kernel
from sim.model.facts import Fact
from sim.model.interventions import Clear
from sim.model.states import RunState
from sim.orchestrators.airflow.config import AirflowConfig
from sim.orchestrators.airflow.deployment import Airflow
from sim.platform.contract import Platform
from tests.properties.legal import illegal
from tests.properties.nights import seeds
from tests.properties.test_engine_laws import unordered
from tests.properties.test_shortcut_laws import DrawnWork

START = parse_instant("2024-01-01")
FILE = "dags/d.py"
NAMES = ("a", "b", "c", "d", "e")


@st.composite
def definitions(draw: st.DrawFn) -> dict[str, Any]:
    """A DAG of some of five tasks, in an order and with edges of its own."""
    order = draw(st.permutations(NAMES))[: draw(st.integers(1, len(NAMES)))]
    tasks: dict[str, Any] = {}
    for name in order:
        above = draw(st.lists(st.sampled_from(list(tasks)), unique=True)) if tasks else []
        tasks[name] = {"upstream": above, **draw(_arguments())}
    return {
        "schedule": draw(st.sampled_from(["0 3 * * *", "*/20 * * * *", "30 2 * * *"])),
        "start_date": "2023-12-01",
        "max_active_runs": draw(st.integers(1, 2)),
        "tasks": tasks,
    }


def _arguments() -> st.SearchStrategy[dict[str, Any]]:
    plain: dict[str, Any] = {}
    return st.sampled_from(
        [
            *[plain] * 4,
            {"pool": "small"},
            {"pool": "small", "pool_slots": 2},
            {"max_active_tis_per_dag": 1},
            {"retries": 1, "retry_delay": "3m"},
            {"expand": {"x": 2}},
            {"trigger_rule": "all_done"},
            {"priority_weight": 9},
        ]
    )


@given(
    version=st.sampled_from([2, 3]),
    first=definitions(),
    later=st.lists(st.tuples(st.integers(120, 300), definitions()), max_size=3),
    seed=seeds,
    cleared=st.lists(st.integers(3, 9), max_size=2),
)
@settings(max_examples=80)
def test_deploys_leave_nothing_behind(
    version: int,
    first: dict[str, Any],
    later: list[tuple[int, dict[str, Any]]],
    seed: int,
    cleared: list[int],
) -> None:
    """Any definitions at any minutes of a night, with clears by hand after some of them."""
    section = {
        "version": version,
        "pools": {"small": {"slots": 2}},
        "dags": {"d": first},
        "dag_files": {FILE: {"dags": ["d"], "parse": "1s"}},
        "deploys": [
            {
                "at": format_instant(START + minute * MINUTE + 17_000_000),
                "path": FILE,
                "change": "changed",
                "dags": {"d": dag},
            }
            for minute, dag in sorted(later, key=lambda one: one[0])
        ],
    }
    kernel = Kernel(seed=seed, start=START)
    work, end = DrawnWork(kernel), START + 12 * HOUR
    platform = Platform(kernel=kernel, workshop=work, announcer=work, timezone="UTC", end=end)
    airflow = Airflow(msgspec.convert(section, AirflowConfig), platform)
    airflow.start()
    for hour in cleared:
        at = START + hour * HOUR
        kernel.at(at, airflow.intervene, Clear(at=at, pipeline="d", data_date="2024-01-01"))
    kernel.run(until=START + 2 * DAY)
    metadata = airflow.metadata
    rows = kernel.journal.rows(Fact.RUN_STATE)
    states = {row.entity: RunState(row.value) for row in rows}

    assert illegal(kernel.journal) == []
    assert unordered(kernel.journal) == []
    assert {name: pool.used for name, pool in metadata.pools.items()} == {
        "small": 0,
        "default_pool": 0,
    }
    assert metadata.scheduled == 0
    assert set(states.values()) <= {RunState.SUCCESS, RunState.FAILED}
    assert all(run.active == 0 for dag in metadata.dags.values() for run in dag.runs)
