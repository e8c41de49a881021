"""What a config says about the metadata database: a deployment's property, without real names."""

from __future__ import annotations

from typing import Literal

from sim.orchestrators.airflow.config_section import Section, Span


class Database(Section, frozen=True, kw_only=True):
    """The metadata database as Airflow meets it."""

    latency: Span = 0
    """What one query takes."""
    queries_per_loop: int = 12
    """Of a scheduler loop, whatever it finds."""
    queries_per_run: int = 6
    """More of them for each run that it examines; and one for each row that it writes."""
    max_connections: int | None = None
    """Connections that the server allows. None: without bound."""
    connections_of_services: int = 20
    """What scheduler, webserver, triggerer and DAG processor hold: four pools of 5."""
    engine: Literal["postgresql", "mysql", "sqlite"] = "postgresql"
    """What it is; it bounds the size of an XCom."""
    xcom_bytes_per_second: int | None = None
    """How fast it takes what tasks return, before these have ended. None: in no time."""
    connections_per_task: int = 1
    """What a running task process of 2.x holds."""
