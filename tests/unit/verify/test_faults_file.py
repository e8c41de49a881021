"""Fault files: what is written is read back, and mistakes are pointed at."""

from __future__ import annotations

import pytest

from sim.errors import ScenarioError
from sim.faults.plan import AttemptCrash, DatabaseOff, NetworkSplit, SourceOutage
from sim.model.interventions import Backfill, Clear, Mark, Pause, Rerun, SetPool, Trigger
from sim.scenario.faults_file import faults_text, load_faults
from sim.scenario.load import load_scenario
from sim.verify.library import broken_by

TROUBLES = (
    AttemptCrash(task="load", data_date="2024-03-11", before_statement=2),
    NetworkSplit(task="load", data_date="2024-03-11", try_number=2, after=3, lasts=60),
    SourceOutage(
        system="pg.replica", start="2024-03-12T02:20:00Z", end="2024-03-12T02:30:00Z", rows=3
    ),
    DatabaseOff(start="2024-03-12T02:20:00Z", end="2024-03-12T02:30:00Z"),
    Rerun(at=1710214020000000, data_date="2024-03-11"),
    Clear(at=1710214020000000, pipeline="p", data_date="2024-03-11", tasks=("load",)),
    Backfill(at=1710214020000000, pipeline="p", first="2024-03-11", last="2024-03-12"),
    Backfill(
        at=1710214020000000,
        pipeline="p",
        first="2024-03-11",
        last="2024-03-12",
        max_active_runs=3,
        reverse=True,
        reprocess="failed",
    ),
    Trigger(at=1710214020000000, pipeline="p"),
    Trigger(at=1710214020000000, pipeline="p", logical_date=1710214020000000, conf={"a": "b"}),
    SetPool(at=1710214020000000, pool="p", slots=-1),
    Pause(at=1710214020000000, pipeline="p"),
    Mark(at=1710214020000000, pipeline="p", data_date="2024-03-11", state="failed"),
)

BACKFILL = "actions:\n- {type: backfill, at: 2024-03-12T05:00Z, pipeline: p, "


def test_it_is_read_back() -> None:
    """Every kind of trouble survives writing and reading."""
    scenario = load_scenario("zombie-twins")
    text = faults_text(TROUBLES, scenario="zombie-twins", window="2024-03-12", breaks="x.y")
    loaded = load_faults(text, file="f.yaml", scenario=scenario)

    assert loaded.troubles == TROUBLES
    assert loaded.window == "2024-03-12"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "error[E-YAML-EMPTY]: f.yaml:1:1: the file is empty"),
        (
            "actions:\n- {type: rerun, at: noon, data_date: 2024-03-11}",
            'error[E-INSTANT]: f.yaml:2:21: "noon" is no instant',
        ),
        (
            "actions:\n- {type: rerun, at: 2024-03-12T05:00Z, data_date: soon}",
            'error[E-DATE]: f.yaml:2:51: "soon" is no date',
        ),
        (
            BACKFILL + "from_date: 2024-03-12, to_date: 2024-03-11}",
            "error[E-VALUE]: f.yaml:2:88: to_date 2024-03-11 is before from_date 2024-03-12",
        ),
        (
            BACKFILL + "from_date: 2024-03-11, to_date: 2024-03-12, max_active_runs: 0}",
            "error[E-VALUE]: f.yaml:2:117: max_active_runs is less than 1",
        ),
        (
            "actions:\n- {type: set_pool, at: 2024-03-12T05:00Z, pool: p, slots: -2}",
            "error[E-VALUE]: f.yaml:2:59: slots is less than -1, which means no bound",
        ),
        (
            "actions:\n- {type: trigger, at: 2024-03-12T05:00Z, pipeline: p, logical_date: now}",
            'error[E-INSTANT]: f.yaml:2:69: "now" is no instant',
        ),
        ("actions:\n- {type: reran}", "error[E-VALUE]: f.yaml:2:10: the text 'reran' is no type"),
        (
            "faults:\n- {type: host_off, start: 2024-03-12T05:00Z, end: 2024-03-12T04:00Z}",
            "error[E-FAULT]: f.yaml:2:51: the fault is over before it begins",
        ),
    ],
)
def test_mistakes_are_pointed_at(text: str, problem: str) -> None:
    """File, line and column of each."""
    with pytest.raises(ScenarioError) as caught:
        load_faults(text, file="f.yaml", scenario=load_scenario("zombie-twins"))

    assert problem in str(caught.value)


def test_a_scenario_is_judged_under_it() -> None:
    """The append of zombie-twins is broken by a rerun, and not by nothing."""
    text = faults_text(TROUBLES[4:5], scenario="", window="2024-03-12", breaks="")
    violation = broken_by("zombie-twins", text)

    assert violation is not None
    assert violation.code == "truth.doubled"
    assert broken_by("zombie-twins", "window: 2024-03-12") is None
