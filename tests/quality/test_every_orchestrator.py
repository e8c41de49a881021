"""The verifier works whoever conducts the night: a mistake is found, its repair holds."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from sim.orchestrators.registry import Name
from sim.scenario.schema import Config
from sim.verify.hunt import verify
from sim.verify.kinds.registry import KINDS
from tests.unit.session.shop import airflow, config, scenario, tasks

NIGHTS = "2024-03-12..2024-03-13"
BY_HAND = ("rerun", "rerun_twice", "out_of_order")
"""Troubles that people make, under each of them."""
DAG = {"tasks": {"copy": {}, "publish": {"upstream": ["copy"]}}}
UNITS = {
    "sales.timer": "[Timer]\nOnCalendar=03:00\nAccuracySec=1us\n",
    "sales.service": "[Service]\nType=oneshot\nExecStart=copy\nExecStart=publish\n",
}
CALLS = {"copy": {"mode": "direct"}, "publish": {"mode": "direct", "params": ["copy"]}}
SECTIONS: dict[str, dict[str, Any]] = {
    "airflow": airflow(**DAG),
    "cron": {"crontab": "0 3 * * * copy && publish"},
    "dagster": {
        "assets": {"copy": {}, "publish": {"deps": ["copy"]}},
        "jobs": {"sales": {"selection": "*"}},
        "schedules": {
            "nightly": {"job": "sales", "cron_schedule": "0 3 * * *", "default_status": "RUNNING"}
        },
    },
    "prefect": {
        "flows": {"sales": {"calls": CALLS}},
        "deployments": {"nightly": {"flow": "sales", "schedules": [{"cron": "0 3 * * *"}]}},
    },
    "systemd": {"units": UNITS},
}
every = pytest.mark.parametrize("orchestrator", sorted(SECTIONS))


def conducted(orchestrator: str, mode: str) -> Config:
    """`copy` and `publish` under an orchestrator, with a write mode."""
    wiring = tasks(mode=mode)
    return config(orchestrator=orchestrator, section=SECTIONS[orchestrator], wiring=wiring)


def test_every_registered_orchestrator_is_searched() -> None:
    """One that is added must be searched, too."""
    assert sorted(get_args(Name)) == sorted(SECTIONS)


@every
def test_an_append_that_is_repeated_is_found(orchestrator: str) -> None:
    """One person who runs a date again is enough."""
    without = tuple(kind for kind in KINDS if kind not in BY_HAND)
    shop = scenario(nights=2)
    report = verify(
        shop, conducted(orchestrator, "append"), window=NIGHTS, plans=40, without=without
    )

    assert report.finding is not None
    assert report.finding.violation.code == "truth.doubled"
    assert len(report.finding.trial.troubles) == 1


@every
def test_a_load_that_replaces_stands_what_people_do(orchestrator: str) -> None:
    """A date that is run again, each time when its last run is over.

    Twice at once it need not: under Dagster two runs of one date write one file side by side.
    """
    without = tuple(kind for kind in KINDS if kind != "rerun")
    shop, replaces = scenario(nights=2), conducted(orchestrator, "replace_partition")
    report = verify(shop, replaces, window=NIGHTS, plans=25, without=without)

    assert report.finding is None
