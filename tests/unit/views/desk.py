"""A small deployment of Airflow and a desk at which its metadata can be asked in SQL."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import msgspec

from sim.kernel.calendar import parse_instant
from sim.model.interventions import Clear, Pause, SetPool, Trigger
from sim.model.work import Outcome, Result
from sim.orchestrators.airflow.config import AirflowConfig
from sim.views.metadata.airflow import books
from sim.world.warehouse.connection import connect
from sim.world.warehouse.questions import Questions
from tests.unit.airflow.builder import START, dag, fly

END = "2024-03-12"
DAGS: dict[str, Any] = {
    "sales": dag(
        {
            "extract": {"retries": 2, "retry_delay": "5m", "pool": "db", "outlets": ["orders"]},
            "transform": {"upstream": ["extract"], "pool": "db"},
            "load": {"upstream": ["transform"]},
        }
    ),
    "files": dag(
        {
            "wait": {
                "type": "sensor",
                "sensor": {
                    "system": "sftp",
                    "mode": "reschedule",
                    "poke_interval": 600,
                    "timeout": "3h",
                },
            },
            "read": {"upstream": ["wait"]},
        },
        schedule="0 4 * * *",
    ),
    "report": dag({"publish": {}}, schedule=["orders"]),
    "broken": dag({"boom": {}, "after": {"upstream": ["boom"]}}, schedule="0 5 * * *"),
}
"""`sales` succeeds at its second try and updates `orders`, on which `report` waits; `files` waits
in vain for three hours; `broken` fails until somebody clears it."""
OUTCOMES = {
    ("extract", 1): Outcome(Result.FAILED),
    ("boom", 1): Outcome(Result.FAILED),
    ("wait", 1): Outcome(Result.NOT_READY),
}


class Case(NamedTuple):
    """A question, the release and the instant it is asked of, and the answer."""

    version: int
    until: str
    sql: str
    answer: list[tuple[Any, ...]]


def _at(text: str) -> int:
    return parse_instant(text)


ACTIONS = (
    Clear(at=_at("2024-03-10T08:00"), pipeline="broken", data_date="2024-03-09"),
    Trigger(at=_at("2024-03-10T09:00"), pipeline="sales", by="ana"),
    Pause(at=_at("2024-03-10T10:00"), pipeline="files"),
    SetPool(at=_at("2024-03-10T10:00"), pool="db", slots=4),
)


@cache
def desk(version: int = 2, until: str = END) -> Questions:
    """The deployment as it stands at an instant; the database closes with the process."""
    section: dict[str, Any] = {
        "dags": DAGS,
        "pools": {"db": {"slots": 1}},
        "task_start_delay": 3,
    }
    flight = fly(
        version=version, days=2, outcomes=OUTCOMES, actions=ACTIONS, until=until, **section
    )
    config = msgspec.convert({"version": version, **section}, AirflowConfig)
    return ask_about(flight.kernel.journal, config, until)


def ask_about(journal: Any, config: AirflowConfig, until: str) -> Questions:
    """A desk for any journal that began at START and ends at `until`."""
    at = _at(until)
    relations = books(journal, config, start=_at(START), now=at)
    return Questions(connect(), (), schema="metadata", relations=relations, instant=at)


def rows(sql: str, version: int = 2, until: str = END) -> list[tuple[Any, ...]]:
    """What a SELECT gives at the desk."""
    return list(desk(version, until).ask(sql).rows)
