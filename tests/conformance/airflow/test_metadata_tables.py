"""The simulated `task_instance` and `dag_run` hold what the real databases held at the end.

Each recorded workload is simulated, its journal alone is projected to rows, and the rows are
compared with the recorded ones.
"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from sim.conform import workload as workloads
from sim.conform.trace import read_trace
from sim.kernel.calendar import SECOND
from sim.orchestrators.airflow.config import AirflowConfig
from sim.views.metadata.runs import dag_run
from sim.views.metadata.sight import Sight
from sim.views.metadata.task_tables import task_instance
from tests.conformance.airflow.recorded import recorded
from tests.conformance.airflow.test_scheduler import LEVELS

DATES = {
    "start": "start_date",
    "end": "end_date",
    "queued": "queued_dttm",
    "scheduled": "scheduled_dttm",
}
AS_THEY_ARE = ("state", "try_number", "max_tries", "priority_weight")


def sight_of(
    workload: dict[str, Any], version: int, monkeypatch: pytest.MonkeyPatch
) -> tuple[Sight, int]:
    """What the simulation of a workload leaves behind, and the workload's epoch."""
    seen: list[tuple[Any, int]] = []

    def spy(airflow: Any, kernel: Any, epoch: int, *, tick: int) -> dict[str, Any]:
        seen.append((kernel.journal, epoch))
        return read_trace(airflow, kernel, epoch, tick=tick)

    monkeypatch.setattr(workloads, "read_trace", spy)
    workloads.replay(workload, version)
    ((journal, epoch),) = seen
    config = msgspec.convert(workloads.config_of(workload, version, epoch), AirflowConfig)
    return Sight(journal, config, epoch, epoch + workload["horizon_s"] * SECOND), epoch


def rows_of(sight: Sight, epoch: int) -> dict[tuple[Any, ...], dict[str, Any]]:
    """The simulated rows by the recording's names, dates in seconds."""
    ordinals = {(run.dag_id, run.run_id): run.ordinal for run in sight.runs.values()}
    return {
        (
            row["dag_id"],
            ordinals[row["dag_id"], row["run_id"]],
            row["task_id"],
            row["map_index"],
        ): {
            **{name: row[name] for name in AS_THEY_ARE},
            **{name: seconds(row[column], epoch) for name, column in DATES.items()},
        }
        for row in task_instance(sight)
    }


def seconds(instant: int | None, epoch: int) -> float | None:
    """An instant in seconds after the epoch."""
    return None if instant is None else (instant - epoch) / SECOND


def without_a_fact(row: dict[str, Any]) -> bool:
    """What is skipped once more gets new dates, and what is cleared without a state an end."""
    return row["state"] in {"skipped", None}


@pytest.mark.parametrize("version", [2, 3])
def test_task_instances(version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every column that is recorded agrees, but for what leaves no fact in a journal."""
    differing, compared = [], 0
    for case in recorded("scheduler", version):
        workload = case["workload"]
        if workload["level"] not in LEVELS[version]:
            continue
        rows = rows_of(*sight_of(workload, version, monkeypatch))
        for told in case["trace"]["task_instances"]:
            key = told["dag_id"], told["run_no"], told["task_id"], told["map_index"]
            for name in (*AS_THEY_ARE, *DATES):
                if name not in told or (name in {"start", "end"} and without_a_fact(told)):
                    continue
                compared += 1
                if told[name] != rows[key][name]:
                    differing.append((workload["id"], key, name, told[name], rows[key][name]))

    assert [] == differing
    assert compared > 5_000


@pytest.mark.parametrize("version", [2, 3])
def test_runs(version: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Type, state and dates of every run agree."""
    differing, compared = [], 0
    for case in recorded("scheduler", version):
        workload = case["workload"]
        if workload["level"] not in LEVELS[version]:
            continue
        sight, epoch = sight_of(workload, version, monkeypatch)
        ordinals = {run.number: run.ordinal for run in sight.runs.values()}
        rows = {(row["dag_id"], ordinals[row["id"]]): row for row in dag_run(sight)}
        for told in case["trace"]["dag_runs"]:
            row = rows[told["dag_id"], told["run_no"]]
            found = {
                "type": row["run_type"],
                "state": row["state"],
                "logical": seconds(row["logical_date"], epoch),
                "interval_start": seconds(row["data_interval_start"], epoch),
                "interval_end": seconds(row["data_interval_end"], epoch),
                "start": seconds(row["start_date"], epoch),
                "end": seconds(row["end_date"], epoch),
                "queued_at": seconds(row["queued_at"], epoch),
            }
            compared += 1
            differing += [
                (workload["id"], told["dag_id"], told["run_no"], name, told[name], value)
                for name, value in found.items()
                if name in told and told[name] != value
            ]

    assert [] == differing
    assert compared > 100
