"""A small shop in memory: a scenario without files, its configs, and replays of them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from sim.engine.replay import replay
from sim.faults.plan import Fault
from sim.kernel.calendar import parse_instant
from sim.objectives.config import Objective
from sim.orchestrators.registry import ORCHESTRATORS
from sim.platform.config import Alert, Check, TaskWiring
from sim.scenario.schema import Clock, Config, Scenario
from sim.scenario.text import Text
from sim.views.replay import Replay
from sim.world.config import World

TABLE = "dw.daily"
FIRST = date(2024, 3, 12)
"""The first night of the window, a Tuesday; it processes Monday the 11th."""
SQL = (
    "SELECT fecha, region, sum(amount) AS revenue, count(*) AS orders "
    "FROM input GROUP BY fecha, region"
)
ZERO_SQL = (
    "SELECT DATE '{{ fecha }}' AS fecha, r.region, coalesce(sum(i.amount), 0) AS revenue, "
    "count(i.order_id) AS orders FROM dw.regions AS r LEFT JOIN input AS i "
    "ON i.region = r.region GROUP BY r.region"
)
"""Publishes a row a region even when nothing came: a revenue of zero."""


def outage(start: str, to: str, mode: str = "empty", **changes: Any) -> dict[str, Any]:
    """An outage of the shop's database."""
    return {"system": "db", "from": start, "to": to, "mode": mode, **changes}


def world(**changes: Any) -> dict[str, Any]:
    """One source of 100 rows a day, one table, a reader at 09:00 and somebody on call."""
    section: dict[str, Any] = {
        "sources": {
            "shop.orders": {
                "system": "db",
                "rows_per_day": 100,
                "jitter": 0.05,
                "mean_amount": 20.0,
                "regions": {"north": 0.6, "south": 0.4},
            }
        },
        "work": {
            "copy": {"reads": "shop.orders", "duration": "10m"},
            "publish": {"duration": "2m"},
            "check": {"duration": "10s"},
        },
        "tables": {
            TABLE: {
                "partition": "fecha",
                "columns": {
                    "fecha": "DATE",
                    "region": "VARCHAR",
                    "revenue": "DECIMAL(14,2)",
                    "orders": "BIGINT",
                },
                "key": ["fecha", "region"],
                "history": {"from": "2024-01-01"},
                "truth": (
                    "SELECT fecha, region, sum(amount) AS revenue, count(*) AS orders "
                    "FROM shop.orders GROUP BY fecha, region"
                ),
            },
            "dw.regions": {"columns": {"region": "VARCHAR"}, "rows": [["north"], ["south"]]},
        },
        "people": {
            "analyst": {
                "reads": {"table": TABLE, "figure": "revenue", "at": "09:00"},
                "notices": {"below": 0.5},
                "escalates": {"to": "boss", "after": "10m"},
            },
            "boss": {},
            "on_call": {
                "acknowledges": {
                    "pager": {"day": "5m", "night": "15m"},
                    "chat": {"day": "45m", "night_until": "08:30"},
                },
            },
        },
    }
    return {**section, **changes}


def scenario(
    *,
    nights: int = 2,
    objectives: list[dict[str, Any]] | None = None,
    hidden_seeds: tuple[int, ...] = (),
    **changes: Any,
) -> Scenario:
    """The shop from FIRST on for some nights; `changes` replace sections of the world.

    The player finds the config of `config()`.
    """
    last = date.fromordinal(FIRST.toordinal() + nights - 1)
    section = world(**changes)
    digest = msgspec.json.encode([section, nights], order="sorted").hex()
    made = Scenario(
        format=1,
        id="shop",
        title=Text.of("The shop"),
        seed=7,
        hidden_seeds=list(hidden_seeds),
        clock=msgspec.convert(
            {
                "shown": [FIRST.isoformat()],
                "windows": {"march": {"from": FIRST.isoformat(), "to": last.isoformat()}},
            },
            Clock,
        ),
        world=msgspec.convert(section, World),
        objectives=msgspec.convert(objectives or [], list[Objective]),
        folder=Path("shop"),
        file="shop/scenario.yaml",
        questions=(),
        solutions={},
        traps={},
        digest=digest,
    )
    found = {"orchestrator": "airflow", "airflow": airflow(), "tasks": tasks()}
    # JSON is YAML: the text of a file that there is not
    made.__dict__["config_text"] = json.dumps(found)
    return made


def tasks(*, sql: str = SQL, mode: str = "replace_partition", **copy: Any) -> dict[str, Any]:
    """`copy` reads the source into a file of the day, `publish` writes the table."""
    return {
        "copy": {"work": "copy", "output": "/data/orders_{{ fecha }}.csv", **copy},
        "publish": {
            "work": "publish",
            "input": "/data/orders_{{ fecha }}.csv",
            "sql": sql,
            "table": TABLE,
            "write_mode": mode,
        },
    }


def config(
    *,
    orchestrator: str = "airflow",
    section: dict[str, Any] | None = None,
    wiring: dict[str, Any] | None = None,
    checks: dict[str, Any] | None = None,
    alerts: dict[str, Any] | None = None,
    **dag: Any,
) -> Config:
    """A DAG `copy -> publish` at 03:00, unless told otherwise; `dag` are its further settings."""
    if section is None:
        section = airflow(**dag)
    kind = ORCHESTRATORS[orchestrator].struct
    parts = {"tasks": wiring or tasks(), "checks": checks or {}, "alerts": alerts or {}}
    return Config(
        orchestrator=orchestrator,  # type: ignore[arg-type]
        settings=msgspec.convert(section, kind),
        tasks=msgspec.convert(parts["tasks"], dict[str, TaskWiring]),
        checks=msgspec.convert(parts["checks"], dict[str, Check]),
        alerts=msgspec.convert(parts["alerts"], dict[str, Alert]),
        digest=msgspec.json.encode([orchestrator, section, parts], order="sorted").hex(),
    )


def airflow(**dag: Any) -> dict[str, Any]:
    """The section of one DAG, `sales`."""
    return {
        "version": 2,
        "dags": {
            "sales": {
                "schedule": "0 3 * * *",
                "start_date": "2024-01-01",
                "catchup": False,
                "tasks": {"copy": {}, "publish": {"upstream": ["copy"]}},
                **dag,
            }
        },
    }


def played(
    *,
    faults: tuple[Fault, ...] = (),
    reruns: bool = False,
    shop: Scenario | None = None,
    **settings: Any,
) -> Replay:
    """A replay of the shop under `config(**settings)`."""
    return replay(shop or scenario(), config(**settings), faults=faults, reruns=reruns)


def at(text: str) -> int:
    """An instant of the first night's day, `03:10`, or of any day in full."""
    return parse_instant(f"{FIRST}T{text}Z" if len(text) <= len("03:10:00") else text)
